// Random 128-bit handles: session tokens, enrolment codes, the code on a slip.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "plugin/base/Random.h"
#include "plugin/base/Result.h"
#include "plugin/crypto/Hash.h"

namespace souffleur::crypto {

using Handle = std::array<std::uint8_t, 16>;

Handle randomHandle(Random& random);
/// 22 characters of base64url: for machines.
std::string handleText(const Handle& handle);
Result<Handle> parseHandle(std::string_view text);

/// For paper and telephone: 26 symbols of Crockford base32 and a check symbol of the same alphabet
/// (letters without I L O U, and digits), in groups of four joined by hyphens ("7ZZZ-…").
std::string slipCode(const Handle& handle);
/// As typed by a person: either case, O for 0, I and L for 1, hyphens and spaces anywhere. A wrong
/// check symbol, as one mistyped or two exchanged symbols give, is Code::invalid.
Result<Handle> parseSlipCode(std::string_view text);
/// What somebody scanned, pasted or typed, as far as it is a slip's: its code, or the address in
/// its QR code (of any house and year: the code is what stands behind its '#').
struct SlipText {
    enum class Kind : std::uint8_t {
        other,    ///< nothing of a slip's
        mistyped, ///< looks like a code, but is not a whole one or its check symbol does not fit
        code,
    };
    Kind kind = Kind::other;
    Handle handle{}; ///< of a code
};
SlipText readSlip(std::string_view text);
/// What is stored instead of the handle: sha256 of its bytes.
Hash handleHash(const Handle& handle) noexcept;

/// `bytes` random bytes as base64url, 16 to 64.
std::string randomToken(Random& random, std::size_t bytes = 32);

} // namespace souffleur::crypto
