// Time as the domain sees it: UTC milliseconds with an uncertainty, and a monotonic count for
// timeouts.
#pragma once

#include <cstdint>
#include <limits>
#include <mutex>
#include <string>
#include <string_view>

#include "plugin/base/Result.h"

namespace souffleur {

/// Milliseconds since 1970-01-01T00:00:00Z. Range accepted from outside: kMinTime to kMaxTime.
using TimeMs = std::int64_t;

inline constexpr TimeMs kSecondMs = 1000;
inline constexpr TimeMs kMinuteMs = 60 * kSecondMs;
inline constexpr TimeMs kHourMs = 60 * kMinuteMs;
inline constexpr TimeMs kDayMs = 24 * kHourMs;
/// 1970-01-01 and 9999-12-31T23:59:59.999Z: what a wire time may hold at all.
inline constexpr TimeMs kMinTime = 0;
inline constexpr TimeMs kMaxTime = 253402300799999;
/// An uncertainty that no clock comparison survives: the clock was never synchronised.
inline constexpr TimeMs kUncInfinite = std::numeric_limits<std::int64_t>::max();

/// A reading: UTC time, its uncertainty (+-, ms, kUncInfinite when never synced) and the local
/// zone's offset in minutes east of UTC (-1440..1440).
struct Reading {
    TimeMs at = 0;
    TimeMs unc = kUncInfinite;
    int offsetMin = 0;
};

/// Clocks come in through constructors. Thread-safe.
class Clock {
public:
    virtual ~Clock() = default;
    /// The wall clock with its present uncertainty.
    [[nodiscard]] virtual Reading now() const = 0;
    /// Milliseconds that never run backwards; for timeouts and intervals only.
    [[nodiscard]] virtual TimeMs monotonicMs() const = 0;
};

/// What a synchronisation is still worth: infinite until `synced`, then what it said plus 200 ppm
/// of the time since, plus every step of the wall clock since. `boot` counts ms with sleep in it.
class ClockTrust {
public:
    void synced(TimeMs uncMs, TimeMs wall, TimeMs boot) noexcept;
    [[nodiscard]] TimeMs unc(TimeMs wall, TimeMs boot) const noexcept;

private:
    TimeMs _unc = kUncInfinite;
    TimeMs _wall = 0;
    TimeMs _boot = 0;
};

/// The machine's clock, with its ClockTrust. Thread-safe.
class SystemClock final : public Clock {
public:
    [[nodiscard]] Reading now() const override;
    [[nodiscard]] TimeMs monotonicMs() const override;
    /// A trusted source (the hub, the system's NTP state) saw this clock right within `uncMs`.
    void synced(TimeMs uncMs);

private:
    mutable std::mutex _mutex;
    ClockTrust _trust;
};

/// RFC 3339 in UTC with milliseconds, "2026-11-22T19:41:00.000Z".
std::string formatTime(TimeMs at);
/// Parses RFC 3339 (any offset, optional fraction) or a plain date (00:00 UTC). Errors: invalid.
Result<TimeMs> parseTime(std::string_view text);
/// Adds calendar months in UTC; the day is clamped to the month's last. Months may be negative.
TimeMs addMonths(TimeMs at, int months);
/// a + b without overflow: saturates at kUncInfinite.
TimeMs addSaturated(TimeMs a, TimeMs b) noexcept;

} // namespace souffleur
