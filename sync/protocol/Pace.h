// How often and how much at a time a device asks of its hub. Values; one thread.
#pragma once

#include <cstddef>

#include "plugin/base/Clock.h"
#include "plugin/base/Random.h"

namespace souffleur::protocol {

struct SyncConfig {
    /// Between rounds when nothing is pending; a tenth more or less, so that a house full of
    /// devices does not come at once.
    TimeMs intervalMs = 15 * kSecondMs;
    TimeMs backoffMinMs = 500;
    TimeMs backoffMaxMs = 5 * kMinuteMs;
    TimeMs retryAfterMaxMs = kHourMs; ///< no longer wait is granted to whoever asks for one
    std::size_t pullLimit = 1000;
};

/// The time from one round to the next.
class Backoff {
public:
    /// Borrows `random`.
    Backoff(const SyncConfig& config, Random& random)
        : _config(config), _random(random), _ceiling(config.backoffMinMs) {}
    TimeMs afterSuccess();
    /// Full jitter: anywhere between nothing and a ceiling that doubles; after what the hub asked
    /// for (0 = it did not ask).
    TimeMs afterFailure(TimeMs retryAfterMs);

private:
    TimeMs upTo(TimeMs ms);

    SyncConfig _config;
    Random& _random;
    TimeMs _ceiling;
};

/// How much goes through a link at a time: what took long, or did not get through, is halved until
/// it does; after a while of quick ones more is tried again.
class Pace {
public:
    Pace(std::size_t floor, std::size_t ceiling)
        : _floor(floor < ceiling ? floor : ceiling), _ceiling(ceiling), _now(ceiling) {}
    [[nodiscard]] std::size_t now() const noexcept { return _now; }
    void took(TimeMs ms) noexcept;
    void failed() noexcept;

private:
    std::size_t _floor;
    std::size_t _ceiling;
    std::size_t _now;
    int _hold = 0; ///< quick answers to come before more is tried
};

} // namespace souffleur::protocol
