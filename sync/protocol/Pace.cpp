#include "sync/protocol/Pace.h"

#include <algorithm>

namespace souffleur::protocol {
namespace {

/// An answer that took longer asks for less the next time; a quick one for more.
constexpr TimeMs kSlowMs = 8 * kSecondMs;
constexpr TimeMs kQuickMs = 2 * kSecondMs;
/// A link with a bound is asked for more than it carries once in so many times.
constexpr int kHold = 32;

} // namespace

TimeMs Backoff::upTo(TimeMs ms) {
    return static_cast<TimeMs>(_random.below(static_cast<std::uint64_t>(ms) + 1));
}

TimeMs Backoff::afterSuccess() {
    _ceiling = _config.backoffMinMs;
    const TimeMs tenth = _config.intervalMs / 10;
    return _config.intervalMs - tenth + upTo(2 * tenth);
}

TimeMs Backoff::afterFailure(TimeMs retryAfterMs) {
    const TimeMs wait = upTo(_ceiling);
    _ceiling = std::min(_ceiling * 2, _config.backoffMaxMs);
    return std::clamp<TimeMs>(retryAfterMs, 0, _config.retryAfterMaxMs) + wait;
}

void Pace::took(TimeMs ms) noexcept {
    if (ms > kSlowMs) return failed();
    if (ms > kQuickMs) return;
    if (_hold > 0) {
        --_hold;
    } else {
        _now = std::min(_now * 2, _ceiling);
    }
}

void Pace::failed() noexcept {
    _now = std::max(_now / 2, _floor);
    _hold = kHold;
}

} // namespace souffleur::protocol
