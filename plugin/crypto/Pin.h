// PINs of six digits fall to a guesser who holds the hashes, whatever the hash: argon2id (RFC 9106)
// makes each guess dear and the pepper, a key that stays on the device, makes stolen hashes useless
// elsewhere.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "plugin/base/Random.h"
#include "plugin/base/Result.h"
#include "plugin/crypto/Secret.h"

namespace souffleur::crypto {

inline constexpr std::uint32_t kPinMemoryKib = 19 * 1024;
inline constexpr std::uint32_t kPinPasses = 2;
inline constexpr std::uint32_t kPinLanes = 1;
inline constexpr std::size_t kPinMaxBytes = 128; ///< badge numbers and passwords fit as well
inline constexpr std::size_t kBadgeMinBytes = 8; ///< a card's serial number in hex

/// Hashes and checks PINs. Thread-safe; each call takes some tens of milliseconds and 19 MiB.
class PinHasher {
public:
    /// `pepper`: 16 bytes at least, kept in a private file of the device. Throws when shorter.
    explicit PinHasher(Secret pepper);

    /// A PHC string, "$argon2id$v=19$m=19456,t=2,p=1$salt$hash". Errors: invalid (empty), tooLarge.
    [[nodiscard]] Result<std::string> hash(std::string_view pin, Random& random) const;
    /// False for a wrong PIN. Errors: corrupt (not such a string, or parameters out of bounds).
    [[nodiscard]] Result<bool> verify(std::string_view pin, std::string_view phc) const;
    /// A badge names its holder, so its hash must be found and not only compared: the salt is one
    /// for this device, made from the pepper, and the same code gives the same PHC string. White
    /// space around the code is no part of it. Errors: invalid (under kBadgeMinBytes, control
    /// characters), tooLarge.
    [[nodiscard]] Result<std::string> badge(std::string_view code) const;

private:
    Secret _pepper;
};

} // namespace souffleur::crypto
