// The PIN of the staff menu: in a file of its own, guesses counted there too, so that a restart
// gives nobody new ones.
#pragma once

#include <filesystem>
#include <mutex>
#include <string>

#include "kiosk/lobby/Problems.h"
#include "plugin/base/Random.h"
#include "plugin/crypto/Hash.h"

namespace souffleur::lobby {

inline constexpr int kPinTries = 5;
inline constexpr TimeMs kPinLockMs = kMinuteMs; ///< doubles with every wrong one after that
inline constexpr TimeMs kPinLockMaxMs = kHourMs;

/// Thread-safe; a check takes some tens of ms.
class Staff {
public:
    /// `pepper`: the device's own. Borrows the clock.
    Staff(const std::filesystem::path& folder, const crypto::Hash& pepper, const Clock& clock);

    /// Writes `folder`/staff.json. Errors: invalid (not four to sixteen digits), storage.
    static Result<void> setPin(const std::filesystem::path& folder, const crypto::Hash& pepper,
                               std::string_view pin, Random& random);
    [[nodiscard]] bool exists() const;
    /// Problems: no-staff-menu, pin-wrong (attemptsLeft), staff-locked-out (retryAfterMs), no-room.
    Outcome<void> check(std::string_view pin);

private:
    std::filesystem::path _file;
    crypto::Hash _pepper;
    const Clock& _clock;
    mutable std::mutex _mutex;
    TimeMs _lockedSinceMono; ///< of the last wrong one, or of the start
};

} // namespace souffleur::lobby
