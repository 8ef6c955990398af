// AES-256-GCM with a key that both sides have (NIST SP 800-38D): hides and protects bytes at rest.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "plugin/base/Result.h"
#include "plugin/crypto/Hash.h"
#include "plugin/crypto/Secret.h"

namespace souffleur::crypto {

inline constexpr std::size_t kAeadMaxBytes = 256 * 1024; ///< plain text of one piece
/// Never twice with one key: random, 12 bytes.
using Nonce = std::array<std::uint8_t, 12>;

/// Nonce, then what `plain` became, then the tag of 16 bytes. `about` is protected and not hidden:
/// who opens has to name the same. Errors: tooLarge.
Result<std::string> sealWith(const Hash& key, const Nonce& nonce, std::string_view about,
                             std::string_view plain);
/// Errors: corrupt (another key, another `about`, a changed bit), tooLarge.
Result<Secret> openWith(const Hash& key, std::string_view about, std::string_view sealed);

} // namespace souffleur::crypto
