// A printer as jobs and state. A job ends printed, failed, indeterminate or expired, with the
// evidence for it; what may be half on paper is never printed again by itself: the cashier is asked
// (reprint). With a store the queue outlives the process; nothing outlives two minutes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <tl/expected.hpp>

#include "drivers/escpos/Document.h"
#include "drivers/escpos/Profile.h"
#include "drivers/printer/JobStore.h"
#include "drivers/printer/Model.h"
#include "drivers/transport/Transport.h"

namespace souffleur::printer {

/// State reasons, a bit set as in IPP's printer-state-reasons.
enum Reason : std::uint32_t {
    kReady = 0,
    kOffline = 1U << 0,
    kCoverOpen = 1U << 1,
    kPaperNearEnd = 1U << 2, ///< a warning; printing goes on
    kPaperEnd = 1U << 3,
    kCutterError = 1U << 4,
    kMechanicalError = 1U << 5, ///< recoverable: by the operator, or the head cools down
    kFatalError = 1U << 6,      ///< unrecoverable: power off, or service
    kUnreachable = 1U << 7,     ///< could not be opened
    kNotDraining = 1U << 8,     ///< takes no bytes, or gives no confirmation
    kUnknown = 1U << 9,         ///< not asked yet, or it gives no status
    /// Pin 3 of the drawer connector is high: with most drawers it is open. Holds nothing back.
    kDrawerSignal = 1U << 10,
};
using Reasons = std::uint32_t;
/// Reasons that hold a job back before its first byte.
inline constexpr Reasons kBlocking = kOffline | kCoverOpen | kPaperEnd | kCutterError |
                                     kMechanicalError | kFatalError | kUnreachable;
/// "ready", or "paper-end,cover-open": stable kebab-case words for APIs and logs.
std::string reasonsText(Reasons reasons);

enum class JobEnd {
    printed,       ///< on paper, see Evidence
    failed,        ///< certainly not on paper: refused before its first byte
    indeterminate, ///< some or all bytes went out and nothing confirmed it: ask before reprinting
    expired, ///< older than Options::expireAfterMs: dropped, not printed for strangers. A second
             ///< report of an indeterminate job: nobody said in time whether it came out
};
std::string_view jobEndName(JobEnd end) noexcept;

enum class Evidence {
    none,
    processId, ///< the printer sent the job's id back
    status,    ///< it answered a status request that stood behind the job
    written,   ///< a one-way line took every byte; nothing better can be known
};

struct JobReport {
    JobId id = 0;
    JobEnd end = JobEnd::failed;
    Evidence evidence = Evidence::none;
    std::string message; ///< for people; no printed text in it
};

/// A job of an earlier process, found in the store.
struct RestoredJob {
    JobId id = 0;
    std::string tag;
    bool indeterminate = false; ///< it was being sent when that process died; else it still waits
    std::int64_t ageMs = 0;     ///< since it was submitted
};

/// Called on the printer's own thread; must return soon and may call submit() and state().
class Listener {
public:
    virtual ~Listener() = default;
    /// Once for each, before anything else is told.
    virtual void jobRestored(const RestoredJob& /*job*/) {}
    /// True: its first byte is about to be sent. False: nothing could be sent, it waits again.
    virtual void jobPrinting(JobId /*job*/, bool /*printing*/) {}
    virtual void jobEnded(const JobReport& report) = 0;
    virtual void stateChanged(Reasons reasons) = 0;
};

enum class Refusal {
    queueFull,  ///< Options::maxQueued jobs wait
    stopping,   ///< the printer is shutting down
    unknownJob, ///< reprint/discard: no such job, or it is not in a state for it
    badTag,     ///< not one line of at most kMaxTagBytes
    noDrawer,   ///< the model opens none
};
std::string_view refusalText(Refusal refusal) noexcept;

struct Options {
    std::size_t maxQueued = 16;
    std::int64_t expireAfterMs = 2 * 60 * 1000;
    int openTimeoutMs = 2000;
    int writeTimeoutMs = 10000;       ///< without progress for a whole chunk of 4 KiB
    int confirmTimeoutMs = 15000;     ///< from the last byte to the confirmation
    int retryMs = 1000;               ///< between looks at a printer that holds jobs back
    int refreshMs = 15000;            ///< between looks at an idle printer; 0 = never
    int troubledMs = 2000;            ///< instead, while somebody has a hand in it: paper, cover
    std::size_t maxIndeterminate = 8; ///< remembered for reprint(), newest kept
};

/// Which model a printer is taken for.
struct Choice {
    /// What it is until it says otherwise.
    Model model;
    /// What it may turn out to be. None: `model` was named by somebody, and nothing is asked. Else
    /// the printer is asked for its name and maker (`GS I`) whenever it is opened, a second each at
    /// most, and with that and what the line knows (USB ids, device id) the best one is taken. One
    /// that says nothing, or what no model has, is `model` again, whatever stood there before. One
    /// that does not speak ESC/POS gets nothing: its state is kFatalError.
    std::vector<Model> others{};
    /// Which one it is and why, one line for a log, whenever that changes. The printer's thread.
    std::function<void(const Model& model, const std::string& line)> tell{};
};

/// One printer, one thread of its own; all calls return at once, whatever the device and the disk
/// do. Destruction ends the queue within a second: a job in progress ends `indeterminate`, waiting
/// ones `failed`, or, with a store, nothing is told of them and they wait for the next start.
class Printer {
public:
    /// Milliseconds that never run backwards; any origin. Called from any thread.
    using Clock = std::function<std::int64_t()>;

    /// Owns the transport. The listener must outlive the printer. With a store, slips are kept in
    /// it until they end, and what an earlier process left is taken up here (blocks on the disk):
    /// what was being sent is indeterminate, what is too old or for another model is erased.
    Printer(escpos::Profile profile, std::unique_ptr<transport::Transport> transport, Clock clock,
            Listener& listener, Options options = {}, std::unique_ptr<JobStore> store = nullptr);
    Printer(Choice choice, std::unique_ptr<transport::Transport> transport, Clock clock,
            Listener& listener, Options options = {}, std::unique_ptr<JobStore> store = nullptr);
    ~Printer();
    Printer(const Printer&) = delete;
    Printer& operator=(const Printer&) = delete;

    /// Queues a slip. `tag`: what the caller wants to find in RestoredJob, without personal data.
    [[nodiscard]] tl::expected<JobId, Refusal> submit(escpos::Document document,
                                                      std::string tag = {});
    /// Opens the cash drawer as a job: at connector pin 2 or 5, with a pulse of 2..510 ms. Never
    /// stored, never repeated, dropped after ten seconds.
    [[nodiscard]] tl::expected<JobId, Refusal> kickDrawer(int pin, int onMs, int offMs);
    /// At pin 2, with the model's own pulse.
    [[nodiscard]] tl::expected<JobId, Refusal> kickDrawer();
    /// The cashier said so: queues an indeterminate job once more, as a new job with the time that
    /// the old one had left.
    [[nodiscard]] tl::expected<JobId, Refusal> reprint(JobId indeterminate);
    /// The cashier looked: forgets an indeterminate job, or takes back one that still waits (it
    /// ends `failed`).
    [[nodiscard]] tl::expected<void, Refusal> discard(JobId job);

    /// Something was plugged in or pulled (transport::UsbWatch): looks at an idle printer now
    /// rather than at Options::refreshMs. Any thread.
    void lookAgain();

    [[nodiscard]] Reasons state() const;
    [[nodiscard]] std::size_t queued() const;      ///< waiting and in progress
    [[nodiscard]] escpos::Profile profile() const; ///< of the model it is taken for now
    [[nodiscard]] std::string describe() const;    ///< the transport's words

private:
    struct Worker;
    std::unique_ptr<Worker> _worker;
};

} // namespace souffleur::printer
