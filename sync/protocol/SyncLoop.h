// The device's side of the conversation: pushes what is not acknowledged, pulls what others
// captured, waits with full jitter when the hub is away. Storage comes in through two interfaces.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "plugin/base/Clock.h"
#include "plugin/base/Random.h"
#include "plugin/base/Result.h"
#include "sync/protocol/Batch.h"
#include "sync/protocol/Pace.h"
#include "sync/protocol/Pull.h"

namespace souffleur::protocol {

/// A look into a backlog for what may not wait behind it.
struct Ahead {
    std::vector<Batch> runs;   ///< each can be sealed and sent ahead of the rest
    std::uint64_t through = 0; ///< up to here nothing else is urgent: the next look starts here
};

/// What is not yet acknowledged. Called from the loop's thread only.
class Outbox {
public:
    virtual ~Outbox() = default;
    /// The next contiguous run after the last acknowledged event, within both bounds (at least one
    /// event if there is any); no value when there is nothing. `head` and `signature` need not be
    /// filled.
    virtual Result<std::optional<Batch>> next(std::size_t maxEvents, std::size_t maxBytes) = 0;
    /// Everything up to `seq` is durable at the hub, with this chain head.
    virtual Result<void> acknowledged(std::uint64_t seq, const crypto::Hash& head) = 0;
    /// The hub has less than it acknowledged (it was restored from a backup): next() starts after
    /// `seq` again. Does nothing where it has as much. Errors: conflict (the head is not ours
    /// there: a fork).
    virtual Result<void> rewind(std::uint64_t seq, const crypto::Hash& head) = 0;
    virtual Result<std::uint64_t> pending() = 0;
    /// Unacknowledged negatives and undos after `seq`, at most about `limit`. May look at a part of
    /// the backlog only: nothing is left once `through` no longer grows.
    virtual Result<Ahead> urgent(std::uint64_t seq, std::size_t limit) = 0;
};

/// Where pulled events go. Called from the loop's thread only.
class Replica {
public:
    virtual ~Replica() = default;
    virtual Result<std::string> cursor() = 0;
    /// Durable together with its cursor, or not at all.
    virtual Result<void> apply(const PullPage& page) = 0;
};

/// The hub as a device sees it. Errors: unavailable (try again), refused (certificate, status:
/// `where`), conflict
/// (`where` = the hub's sequence, a slash and its head in hex; or "fork"), corrupt.
class Hub {
public:
    virtual ~Hub() = default;
    virtual Result<PushAnswer> push(const Batch& batch) = 0;
    /// Advance copies of negatives: applied at once, not counted, pushed again in their turn. Of a
    /// device whose history forked: kept beside the log as far as there is room; conflict with
    /// "fork" says that some of these did not fit, each of them was tried.
    virtual Result<void> urgent(const Batch& batch) = 0;
    virtual Result<PullPage> pull(const std::string& cursor, std::size_t limit) = 0;
    /// Ends a running call from another thread.
    virtual void cancel() = 0;
    /// So long the hub asked to be left alone when it last refused; 0 = it did not ask.
    [[nodiscard]] virtual TimeMs retryAfterMs() const { return 0; }
};

struct SyncStatus {
    enum class State : std::uint8_t { never, inStep, behind, offline, refused, forked };
    State state = State::never;
    TimeMs lastOkAt = 0;       ///< wall clock of the last full round; 0 = never
    std::uint64_t pending = 0; ///< events not acknowledged
    std::string problem;       ///< one line for a screen; empty when all is well
    std::string reason;        ///< of refused: the device's status at the hub ("revoked" "pending"
                               ///< "unknown"); empty where it gave none

    bool operator==(const SyncStatus&) const = default;
};

/// Runs rounds on a thread of its own from start() to stop(). nudge() (any thread) starts a round
/// at once unless the hub is being given time to recover. `onStatus` is called from the loop's
/// thread after each round.
class SyncLoop {
public:
    SyncLoop(Outbox& outbox, Replica& replica, Hub& hub, const crypto::SigningKey& key,
             const Clock& clock, Random& random, SyncConfig config,
             std::function<void(const SyncStatus&)> onStatus);
    ~SyncLoop();
    void start();
    void stop();
    void nudge();
    [[nodiscard]] SyncStatus status() const;

    /// One full round: copies of the negatives in a backlog, push until nothing is pending, then
    /// pull until nothing is new. Public for
    /// tests and the simulator, which call it instead of start().
    Result<void> round();

private:
    /// A no does not wait behind a backlog. Never fails: what did not arrive comes with the push.
    /// True: some were sent on their way, and there may be more.
    bool pushUrgent();
    /// In pieces that a batch may be.
    bool sendAhead(const Batch& run);
    /// A frozen chain grows no more at the hub, which still keeps what is a no.
    void pushForked();
    Result<void> pushAll();
    Result<void> pushOne(Batch& batch);
    /// Nothing wrong that another attempt would not mend? Then prepares it, else passes the error
    /// on.
    Result<void> recover(const Error& error, std::uint64_t firstSeq);
    Result<void> pullAll();
    /// A hub that went back to a backup is told so by nobody who has nothing new to say: what it
    /// lacks goes out again with the next round.
    void compare(const Held& held);
    void run();
    /// Does `call`, and heeds how long it took.
    template <typename F>
    auto paced(Pace& pace, F&& call) -> decltype(call());
    [[nodiscard]] bool stopping() const;
    void setStatus(const SyncStatus& status);

    struct Thread;
    Outbox& _outbox;
    Replica& _replica;
    Hub& _hub;
    const crypto::SigningKey& _key;
    const Clock& _clock;
    Random& _random;
    SyncConfig _config;
    std::function<void(const SyncStatus&)> _onStatus;
    std::unique_ptr<Thread> _thread;
    Backoff _backoff;
    Pace _pushBytes;
    Pace _pullEvents;
    std::size_t _batchEvents = limits::kBatchMaxEvents;
    std::size_t _aheadEvents = limits::kBatchMaxEvents;
    std::uint64_t _urgentSeq = 0; ///< up to here copies were sent of all that is urgent
};

} // namespace souffleur::protocol
