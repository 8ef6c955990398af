// Does head office's log go on from the one that this device saw (DESIGN 6, plugin/doc/adr/0007)?
#pragma once

#include <atomic>
#include <functional>

#include "plugin/base/Clock.h"
#include "sync/agent/LogRecord.h"

namespace souffleur::agent {

/// Head office as far as its log goes. Errors: as protocol::Hub.
class LogSource {
public:
    virtual ~LogSource() = default;
    /// Now, and the proofs since these sizes.
    virtual Result<protocol::LogAnswer> log(const protocol::LogSizes& from) = 0;
    /// What this device found; none: an alarm is over.
    virtual Result<void> logAlarm(protocol::LogFault fault) = 0;
};

/// So long head office may go without showing a head while it does answer; and so often it was
/// asked since this program started.
inline constexpr TimeMs kSilentMs = 7 * kDayMs;
inline constexpr int kSilentTimes = 3;

/// Asks from time to time, judges, and keeps the head of a log that goes on. One that does not is
/// kept as evidence beside the last good head, told once on standard error, in the ledger's audit
/// trail and to head office, and stands until a person accepts it (`souffleur ledger log
/// --accept`): nothing else here waits for it.
class LogWatch {
public:
    struct Parts {
        LogSource& hub;
        ledger::Ledger& ledger;
        const Clock& clock;
    };
    /// Borrows the parts. `announced`: head office's key as it told at enrolment, asked for while
    /// no head was kept yet; none where it is too old to have one.
    LogWatch(Parts parts, std::function<std::optional<crypto::PublicKey>()> announced,
             TimeMs everyMs);
    /// After a round in step with the hub; the sync loop's thread. Does nothing before its time.
    void check();
    /// The fault that stands. Any thread.
    [[nodiscard]] protocol::LogFault fault() const noexcept { return _fault; }

private:
    void follow();
    void raise(protocol::LogFault fault, const std::optional<protocol::LogState>& shown);
    /// It was in step a moment ago, and shows no head.
    void noteSilence();
    /// What head office has not heard yet; tried again until it has.
    void tell();
    void save();

    Parts _parts;
    std::function<std::optional<crypto::PublicKey>()> _announced;
    TimeMs _everyMs;
    TimeMs _nextAt = 0;
    bool _unsaved = false; ///< the record on disk is an earlier one
    int _silentTimes = 0;
    LogRecord _record;
    std::atomic<protocol::LogFault> _fault{protocol::LogFault::none};
};

} // namespace souffleur::agent
