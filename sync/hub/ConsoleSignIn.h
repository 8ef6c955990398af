// Staff sign in by name and password. After kFreeFailures wrong ones the name is locked for a time
// that doubles with each further one; count and end stand in the staff row, so that a restart
// forgives nothing.
#pragma once

#include <mutex>
#include <string>
#include <string_view>

#include "plugin/base/Clock.h"
#include "plugin/base/Random.h"
#include "plugin/crypto/Pin.h"
#include "sync/store/Store.h"

namespace souffleur::hub {

inline constexpr int kFreeFailures = 5;
inline constexpr TimeMs kFirstLockMs = 30 * kSecondMs;
inline constexpr TimeMs kLongestLockMs = kHourMs;

/// How long a name is locked after this many failures in a row; 0 = not at all.
TimeMs lockMs(int failures) noexcept;

/// Thread-safe; attempts go one by one, so that guesses in parallel gain nothing and cost one
/// hash's memory.
class ConsoleSignIn {
public:
    /// Borrows all three.
    ConsoleSignIn(store::Store& store, const Clock& clock, Random& random, crypto::Secret pepper);
    /// The staff row. Errors: refused (unknown name or wrong password: not told apart), locked
    /// (`where`: milliseconds left), storage. Every outcome is audited.
    Result<store::StaffRow> check(const std::string& name, std::string_view password);

private:
    Result<void> note(const std::string& name, std::string_view action);

    store::Store& _store;
    const Clock& _clock;
    crypto::PinHasher _hasher;
    std::string _nobody; ///< a hash that no password has: an unknown name takes as long
    std::mutex _mutex;
};

} // namespace souffleur::hub
