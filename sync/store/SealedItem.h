// What the store knows of what kiosks sent (plugin/doc/adr/0013). Values; made by Store.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "plugin/base/Clock.h"
#include "plugin/base/Id.h"
#include "plugin/crypto/Hash.h"

namespace souffleur::store {

/// What names a sealed item of a kiosk.
struct SealedKey {
    OriginId origin;
    std::uint64_t number = 0;
    crypto::Hash digest{}; ///< SHA-256 of the sealed bytes
    std::uint64_t key = 0; ///< the intake key that it is sealed for
    /// Where the kiosk's chain ended when the clock of what is to be placed was judged; nothing: it
    /// was not.
    std::optional<std::uint64_t> judgedAt = {};
};

struct SealedResult {
    bool had = false;      ///< it came before: nothing was done
    bool twoOfOne = false; ///< another item has its number: the kiosk's disk was copied
    bool unplaced = false; ///< an event of it went to quarantine
    bool flagged = false;  ///< placed, but to a question that the house never asked
};

/// A sealed item that could not be placed, as it came.
struct KeptSealed {
    SealedKey item;
    std::string why;
    std::string raw;
};
/// How many of a device's are kept, and why.
struct KeptCount {
    OriginId origin;
    std::string why;
    std::uint64_t count = 0;
    std::uint64_t oldestKey = 0; ///< that one of them is sealed for
};

/// Of whom a sealed item is placed.
enum class SealedOf : std::uint8_t {
    active,
    shutOut, ///< of a revoked or frozen device as well
};

inline constexpr std::uint64_t kSealedKeptMax = 1'000;
inline constexpr std::uint64_t kSealedKeptBytesMax = 16ULL * 1024 * 1024;

/// A key that sign-ups are sealed for.
struct IntakeKey {
    std::uint64_t number = 0;
    std::string certificatePem;
    std::string sealedKey; ///< the private one, encrypted by the hub; the store cannot read it
    TimeMs madeAt = 0;
};

} // namespace souffleur::store
