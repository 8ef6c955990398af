// The small forms that texts on the wire take; shared by the codecs of this room.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "plugin/base/Result.h"
#include "plugin/consent/Event.h"

namespace souffleur::wire {

inline constexpr int kOffsetMaxMin = 1440;
inline constexpr std::size_t kSha256HexChars = 64;
inline constexpr std::size_t kSourceMaxChars = 200;
inline constexpr std::size_t kCodeMaxChars = 64;
inline constexpr std::size_t kLanguageMaxChars = 35; ///< RFC 5646, the longest well-formed tag

/// 64 lower-case hex digits.
bool isSha256Hex(std::string_view text) noexcept;
/// An even number of lower-case hex digits, 2 to 128: a keyed hash, perhaps shortened.
bool isKeyHex(std::string_view text) noexcept;
/// 1..maxChars letters, digits and `-_.:/+@#`: an id or code, never a sentence.
bool isCode(std::string_view text, std::size_t maxChars = kCodeMaxChars) noexcept;
/// A BCP 47 tag by shape: letters, digits, hyphens, 2..35.
bool isLanguage(std::string_view text) noexcept;
/// UTF-8 without control characters, at most maxBytes.
bool isLine(std::string_view text, std::size_t maxBytes) noexcept;

/// "newsletter-email@3:nl#<sha256>", empty for no notice.
std::string noticeText(const consent::NoticeRef& notice);
/// Errors: invalid.
Result<consent::NoticeRef> parseNotice(std::string_view text);
bool isSound(const consent::NoticeRef& notice) noexcept;

} // namespace souffleur::wire
