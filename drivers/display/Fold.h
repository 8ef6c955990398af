// Text as a display can show it. Pure. Inside the display room, and its tests.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "drivers/display/Display.h"

namespace souffleur::display {

using Line = std::array<std::uint8_t, kColumns>;

/// A whole line: exactly twenty bytes, each 0x20-0x7E or, with a page, one that prints a character
/// there; never a control byte. Left-aligned, filled up with spaces.
[[nodiscard]] Line lineFor(std::string_view utf8, std::optional<escpos::CodePage> page);

/// The character in plain Latin letters ("ß" is "ss", "ж" is "zh"); empty for what has no sound of
/// its own (combining accents, soft signs, invisible characters) and "?" for what cannot be said.
[[nodiscard]] std::string_view latinFor(char32_t c) noexcept;

} // namespace souffleur::display
