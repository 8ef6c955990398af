// The single-byte code pages that receipt printers carry. Pure tables: nothing is read from the
// system.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace souffleur::escpos {

/// A code page by its usual name. 0x20-0x7E is ASCII in all of them (with `ESC R 0`).
enum class CodePage : std::uint8_t {
    cp437, ///< USA
    cp737, ///< Greek
    cp850, ///< Western
    cp852, ///< Central European
    cp858, ///< Western with the euro sign
    cp860, ///< Portuguese
    cp862, ///< Hebrew
    cp863, ///< Canadian French
    cp865, ///< Nordic
    cp866, ///< Cyrillic
    cp1250,
    cp1251,
    cp1252,
    cp1253,
    cp1254,
    cp1255,
    cp1257,
    iso8859_15,
    cp775,  ///< Baltic
    cp855,  ///< Cyrillic
    cp857,  ///< Turkish
    cp861,  ///< Icelandic
    cp869,  ///< Greek
    cp1125, ///< Ukrainian
    iso8859_2,
    iso8859_7, ///< Greek
};

inline constexpr int kCodePageCount = 26;

/// "cp866", "iso8859-15": the spelling of profiles.
std::string_view codePageName(CodePage page) noexcept;
std::optional<CodePage> codePageByName(std::string_view name) noexcept;

/// The byte that prints `c`, or nothing. Control characters (C0, DEL, C1) never have one.
std::optional<std::uint8_t> byteOf(CodePage page, char32_t c) noexcept;
/// The character that byte 0x20-0xFF prints; U+FFFD where the page has a hole and for controls.
char32_t charOf(CodePage page, std::uint8_t byte) noexcept;

} // namespace souffleur::escpos
