// Staff sign in by name and password. After kFreeFailures wrong ones that name is locked, for the
// place the guesses came from, for a time that doubles with each further one; after kNameFailures
// from anywhere it is locked for every place alike. Names that nobody has
// are counted and locked alike, so that no answer tells who works here. The counts are kept in the
// store: a restart forgives nothing. `souffleur-hub staff unlock` ends all lock-outs.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "plugin/base/Clock.h"
#include "plugin/base/Random.h"
#include "plugin/crypto/Hash.h"
#include "plugin/crypto/Pin.h"
#include "sync/store/Store.h"

namespace souffleur::hub {

inline constexpr int kFreeFailures = 5;
inline constexpr TimeMs kFirstLockMs = 30 * kSecondMs;
inline constexpr TimeMs kLongestLockMs = kHourMs;
/// Wrong passwords for one name in a row, from all places together, before it is locked everywhere.
inline constexpr int kNameFailures = 50;
/// Names that nobody has, counted at a time; the newest stay.
inline constexpr std::size_t kStrangersMax = 64;
/// Places from which names of staff were guessed, counted at a time; the newest stay.
inline constexpr std::size_t kPlacesMax = 256;

/// How long a name is locked after this many failures in a row; 0 = not at all.
TimeMs lockMs(int failures) noexcept;

/// Thread-safe; attempts go one by one, so that guesses in parallel gain nothing and cost one
/// hash's memory.
class ConsoleSignIn {
public:
    /// Borrows all three.
    ConsoleSignIn(store::Store& store, const Clock& clock, Random& random, crypto::Secret pepper);
    /// The staff row. `source`: the address that asks. Errors: refused (unknown name or wrong
    /// password: not told apart), locked (`where`: milliseconds left; known or not), storage. Every
    /// outcome is audited.
    Result<store::StaffRow> check(const std::string& name, std::string_view password,
                                  const std::string& source);

    /// Ends every lock-out; also while a hub is serving. Errors: storage.
    static Result<void> unlockAll(store::Store& store);

private:
    struct Tally {
        int failures = 0;
        TimeMs lockedUntil = 0;
        TimeMs at = 0;
        bool known = false; ///< is there a row of staff?
    };
    using Tallies = std::map<std::string, Tally>;
    [[nodiscard]] std::string keyOf(const std::string& name, const std::string& source) const;
    [[nodiscard]] Result<Tallies> load() const;
    Result<void> keep(Tallies tallies);
    Result<void> countFailure(Tallies tallies, const std::string& name, const std::string& source,
                              bool known);
    Result<void> note(const std::string& name, std::string_view action);

    store::Store& _store;
    const Clock& _clock;
    crypto::Hash _key; ///< of the tallies' keys: what was typed as a name is not kept
    crypto::PinHasher _hasher;
    std::string _nobody; ///< a hash that no password has: an unknown name takes as long
    std::mutex _mutex;
};

} // namespace souffleur::hub
