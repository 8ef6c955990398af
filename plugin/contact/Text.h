// Text as strangers type it, made safe to store, show, print and compare.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace souffleur::contact {

/// True when `text` is well-formed UTF-8. Thread-safe.
[[nodiscard]] bool isUtf8(std::string_view text) noexcept;

/// Number of code points in well-formed UTF-8; every stray byte counts as one.
[[nodiscard]] std::size_t charCount(std::string_view text) noexcept;

/// The first `maxChars` code points of `text`, never cutting one in half.
[[nodiscard]] std::string_view firstChars(std::string_view text, std::size_t maxChars) noexcept;

/// One line fit for storing: well-formed UTF-8 in NFC; control characters, bidi controls and
/// overrides (UAX #9), zero-width and other invisible format characters and unassigned private-use
/// code points are gone (ZWJ and ZWNJ stay between letters, where scripts need them); every run of
/// white space (also no-break) is one space; trimmed. Bytes that are not UTF-8 are dropped.
/// Idempotent. Thread-safe.
[[nodiscard]] std::string cleanLine(std::string_view text);

/// ASCII only: 'A'-'Z' to lower case, the rest untouched.
[[nodiscard]] std::string asciiLower(std::string_view text);

/// Without leading and trailing ASCII white space.
[[nodiscard]] std::string_view trimmed(std::string_view text) noexcept;

/// Unicode case mapping of the root locale. Thread-safe.
[[nodiscard]] std::string upperCase(std::string_view text);
[[nodiscard]] std::string lowerCase(std::string_view text);
/// First letter of every word (also after a hyphen or apostrophe) upper, the rest lower case.
[[nodiscard]] std::string titleCase(std::string_view text);

} // namespace souffleur::contact
