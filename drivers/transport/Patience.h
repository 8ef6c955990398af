// One call's patience: its deadline, and cancel() from elsewhere. Inside the transport room only.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>

#include "drivers/transport/Transport.h"

namespace souffleur::transport {

/// `while (patience.next()) { wait for patience.slice(); if (ready) return …; }` then `ended()`.
/// Even a deadline of zero gives one turn; once over it stays over.
class Patience {
public:
    Patience(std::atomic<bool>& cancelled, Milliseconds timeout)
        : _cancelled(cancelled),
          _deadline(Clock::now() + std::clamp(timeout, Milliseconds{0}, kLongest)) {}
    /// A part of `whole` for one step: over with it, or after `timeout`. `whole` must outlive it.
    Patience(Patience& whole, Milliseconds timeout) : Patience(whole._cancelled, timeout) {
        _whole = &whole;
    }

    /// False when it is over: cancelled, or the deadline passed before the last turn.
    [[nodiscard]] bool next() {
        if (_over) return false;
        if (_whole != nullptr && !_whole->next()) return end(_whole->ended());
        if (_cancelled.exchange(false)) return end(Fault::cancelled);
        if (_last) return end(Fault::timedOut);
        const auto left = std::chrono::ceil<Milliseconds>(_deadline - Clock::now());
        _slice = std::clamp(left, Milliseconds{0}, kSlice);
        _last = left <= Milliseconds{0};
        return true;
    }
    /// How long this turn may wait.
    [[nodiscard]] Milliseconds slice() const { return _slice; }
    /// After next() said no: timedOut or cancelled.
    [[nodiscard]] Fault ended() const { return _ended; }

private:
    using Clock = std::chrono::steady_clock;
    /// Half of what Transport::cancel promises.
    static constexpr Milliseconds kSlice{25};
    static constexpr Milliseconds kLongest{24 * 60 * 60 * 1000};

    bool end(Fault fault) {
        _over = true;
        _ended = fault;
        return false;
    }

    std::atomic<bool>& _cancelled;
    Patience* _whole = nullptr;
    Clock::time_point _deadline;
    Milliseconds _slice{0};
    bool _last = false;
    bool _over = false;
    Fault _ended = Fault::timedOut;
};

} // namespace souffleur::transport
