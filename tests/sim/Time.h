// The time that is, and what devices believe it to be. Header only.
#pragma once

#include <algorithm>

#include "plugin/base/Clock.h"

namespace souffleur::sim {

/// Noon of the day on which every run begins.
inline constexpr TimeMs kBegin = 1795521600000;

/// The time that is. It passes when somebody says so.
class TrueTime {
public:
    [[nodiscard]] TimeMs now() const { return _now; }
    void pass(TimeMs ms) { _now += ms; }

private:
    TimeMs _now = kBegin;
};

/// How a device comes by its time.
enum class Timekeeping : std::uint8_t {
    exact,    ///< right within what it says
    learning, ///< knows nothing until the hub told it, as a terminal does; drifts, can be stepped
    lying,    ///< sure of a time that is wrong
};

/// A device's clock, off by something.
class DeviceClock final : public Clock {
public:
    /// `driftPpm`: of a learning clock, 100 at most.
    DeviceClock(const TrueTime& time, Timekeeping kind, TimeMs off, TimeMs unc, int driftPpm)
        : _time(time), _kind(kind), _off(off), _unc(unc), _driftPpm(driftPpm) {}

    [[nodiscard]] Reading now() const override {
        const TimeMs at = wall();
        return {at, _kind == Timekeeping::learning ? _trust.unc(at, monotonicMs()) : _unc, 60};
    }
    [[nodiscard]] TimeMs monotonicMs() const override { return _time.now() - kBegin; }

    /// As the terminal learns from each answer of its hub.
    void learn(TimeMs hub, TimeMs roundTrip) {
        const TimeMs off = std::abs(wall() - hub - roundTrip / 2);
        _trust.synced(off + roundTrip, wall(), monotonicMs());
    }
    /// Somebody set it.
    void step(TimeMs by) { _off += by; }
    /// The machine started anew: what it had learnt is gone.
    void restart() { _trust = {}; }
    [[nodiscard]] Timekeeping kind() const { return _kind; }
    [[nodiscard]] TimeMs off() const { return wall() - _time.now(); }

private:
    [[nodiscard]] TimeMs wall() const {
        const TimeMs drift = monotonicMs() / 1'000'000 * _driftPpm;
        return std::clamp(_time.now() + _off + drift, TimeMs{1}, kMaxTime);
    }

    const TrueTime& _time;
    Timekeeping _kind;
    TimeMs _off;
    TimeMs _unc;
    int _driftPpm;
    ClockTrust _trust;
};

/// Head office's clock is the one that the others are judged by.
class HubClock final : public Clock {
public:
    explicit HubClock(const TrueTime& time) : _time(time) {}
    [[nodiscard]] Reading now() const override { return {_time.now(), 50, 60}; }
    [[nodiscard]] TimeMs monotonicMs() const override { return _time.now() - kBegin; }

private:
    const TrueTime& _time;
};

} // namespace souffleur::sim
