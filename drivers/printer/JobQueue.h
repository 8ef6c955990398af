// What waits for a printer, what is in doubt, and what has ended and was not told yet. Inside the
// printer room only.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "drivers/escpos/Encoder.h"
#include "drivers/printer/JobStore.h"
#include "drivers/printer/Printer.h"

namespace souffleur::printer {

struct QueuedJob {
    JobId id = 0;
    std::shared_ptr<const escpos::Document> document; ///< none of an earlier process' job
    std::shared_ptr<const escpos::Bytes> bytes;       ///< as encoded, without process id
    std::string profile;                              ///< the model that `bytes` are for
    std::string tag;
    std::int64_t submittedAt = 0;
    std::int64_t expiresAt = 0;
    bool drawer = false;  ///< a kick: never stored, never again
    bool carried = false; ///< the store was given it
};

/// The printer's thread calls everything; submit, reprint, discard and the questions any thread.
class JobQueue {
public:
    /// `open`: the model may turn out to be another one (useProfile); until then nothing that an
    /// earlier process left is for the wrong one.
    JobQueue(const escpos::Profile& profile, bool open, const Options& options,
             Printer::Clock clock, std::unique_ptr<JobStore> store);

    // --- any thread
    tl::expected<JobId, Refusal> submit(QueuedJob job);
    tl::expected<JobId, Refusal> reprint(JobId indeterminate);
    tl::expected<void, Refusal> discard(JobId job);
    [[nodiscard]] std::size_t count() const; ///< waiting and in progress

    // --- the printer's thread
    /// What it is, as far as that can be known now: what waits is encoded for it anew, and what an
    /// earlier process encoded for another model ends `failed`.
    void useProfile(const escpos::Profile& profile);
    /// What an earlier process left; once.
    std::vector<RestoredJob> takeRestored() { return std::move(_restored); }
    [[nodiscard]] bool empty() const;
    /// Is anything here that a later moment changes or erases?
    [[nodiscard]] bool restless() const;
    /// Encodes what was submitted and keeps it where it outlives us; erases what is over.
    void carry();
    /// Ends what waited, or was in doubt, for too long. `state` goes into the message.
    void expire(const std::string& state);
    /// The next job, in progress from now on. Marked in the store as sent.
    std::optional<QueuedJob> take();
    /// It sent nothing: it waits on, as the first.
    void giveBack(QueuedJob job);
    void settle(const QueuedJob& job, const JobReport& report);
    std::vector<JobReport> takeEnded();
    [[nodiscard]] bool hasEnded() const;
    /// No more jobs. Without a store what waits ends `failed`; with one it waits for the next
    /// start.
    void stop();

private:
    void restore();
    [[nodiscard]] bool isFor(const QueuedJob& job) const;
    void end(const QueuedJob& job, JobEnd how, std::string message);
    void forget(const QueuedJob& job);
    void encode(JobId id, const escpos::Document& document);
    void keep(const QueuedJob& job);

    const Options& _options;
    Printer::Clock _clock;
    escpos::Encoder _encoder;
    bool _settled; ///< the model is what the encoder says, as far as that can be known
    std::unique_ptr<JobStore> _store;
    std::vector<RestoredJob> _restored;

    mutable std::mutex _mutex;
    std::deque<QueuedJob> _waiting;
    std::deque<QueuedJob> _doubtful;
    std::vector<JobReport> _ended;
    std::vector<JobId> _over; ///< to be erased from the store
    bool _busy = false;
    bool _stopping = false;
    JobId _next = 1;
};

} // namespace souffleur::printer
