// Text forms of bytes: hex, base64 and base64url (RFC 4648), Crockford base32 with its check
// character. Decoding is strict: one text for each value, or Code::invalid; messages never repeat
// the input.
#pragma once

#include <string>
#include <string_view>

#include "plugin/base/Result.h"

namespace souffleur::crypto {

/// Lower-case hex.
std::string toHex(std::string_view bytes);
/// Either case; an even number of digits.
Result<std::string> fromHex(std::string_view text);

/// With padding, no line breaks.
std::string toBase64(std::string_view bytes);
/// Padding required, unused bits must be zero.
Result<std::string> fromBase64(std::string_view text);

/// URL-safe alphabet, no padding.
std::string toBase64Url(std::string_view bytes);
/// No padding accepted, unused bits must be zero.
Result<std::string> fromBase64Url(std::string_view text);

/// Crockford base32, most significant bit first, upper case, no check character. The first symbol
/// holds the odd bits, so that the text is the number in base 32: 16 bytes give 26 symbols.
std::string toBase32(std::string_view bytes);
/// `bytes` is the length wanted. Lower case, I L O as 1 1 0, hyphens and spaces are accepted.
Result<std::string> fromBase32(std::string_view text, std::size_t bytes);
/// A check symbol of the same alphabet for at most 30 base32 symbols as toBase32 gives them: the
/// symbols are weighted with the powers of a generator of GF(32), so that one mistyped symbol and
/// any two exchanged ones are found, whichever stand between them.
char base32Check(std::string_view symbols);

} // namespace souffleur::crypto
