// A clock that a test moves. One class for all that share a test program: two of a name would be
// one.
#pragma once

#include <atomic>

#include "plugin/base/Clock.h"

namespace souffleur::test {

/// Thread-safe, but for `creep`, which is set before anybody reads.
class HandClock final : public Clock {
public:
    explicit HandClock(TimeMs begins) : at(begins) {}
    [[nodiscard]] Reading now() const override { return {at.fetch_add(creep), 50, 60}; }
    [[nodiscard]] TimeMs monotonicMs() const override { return mono.load(); }
    void pass(TimeMs ms) {
        at += ms;
        mono += ms;
    }
    mutable std::atomic<TimeMs> at;
    TimeMs creep = 0; ///< that each reading takes: a disk that syncs, another thread's turn
    std::atomic<TimeMs> mono{1000};
};

} // namespace souffleur::test
