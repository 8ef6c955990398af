// The keys that sign-ups are sealed for: one after another, destroyed when no kiosk needs them.
#pragma once

#include "plugin/base/Random.h"
#include "sync/hub/Home.h"
#include "sync/protocol/Sealed.h"

namespace souffleur::hub {

/// The next key is made this long after the one before.
inline constexpr TimeMs kIntakeLifeMs = 28 * kDayMs;
/// And handed out this long after it was made, so that a nightly backup holds it: what is sealed
/// for a key that head office lost, nobody reads.
inline constexpr TimeMs kIntakeRestMs = 2 * kDayMs;

/// Thread-safe. Borrows all.
class IntakeKeys {
public:
    IntakeKeys(const Home& home, const Clock& clock, Random& random)
        : _home(home), _clock(clock), _random(random) {}

    /// What kiosks seal for now, signed; makes the first key, and the next when it is time.
    Result<protocol::Intake> current();
    /// Errors: notFound (destroyed, or of another head office), corrupt.
    [[nodiscard]] Result<crypto::Secret> open(std::uint64_t number, std::string_view sealed) const;
    /// Now and then: destroys the keys that no kiosk needs any more.
    Result<void> tidy();

private:
    Result<void> make(std::uint64_t number, TimeMs now);

    const Home& _home;
    const Clock& _clock;
    Random& _random;
    std::mutex _mutex;
};

} // namespace souffleur::hub
