// Untrusted text made printable: decoded, composed, harmless, broken into lines.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "drivers/escpos/Document.h"

namespace souffleur::escpos {

/// A character with its style, ready for layout.
struct Glyph {
    char32_t c = U' ';
    Style style;
    bool operator==(const Glyph&) const = default;
};

/// UTF-8 to code points in composed form (NFC). Invalid bytes become '?', tabs and odd spaces ' ',
/// CR LF and the Unicode line separators '\n', other controls '?'; direction overrides and
/// zero-width marks are dropped (a name must not reorder the line it stands in).
std::u32string clean(std::string_view utf8);
std::string toUtf8(std::u32string_view text);

/// Columns of a glyph in a printer's own font: 1, or 2 when big.
inline int columnsOf(const Glyph& glyph) {
    return glyph.style.big ? 2 : 1;
}
int columnsOf(const std::vector<Glyph>& glyphs);

/// Breaks at '\n' and, where a line is too long, at spaces, else within the word. Never empty; no
/// line is wider than `columns` (at least 2).
std::vector<std::vector<Glyph>> wrap(const std::vector<Glyph>& glyphs, int columns);

/// True for letters that run right to left.
bool isRightToLeft(char32_t c) noexcept;
/// A plainer spelling for typographic signs that a code page may lack ("–" -> "-"); empty when
/// there is none.
std::u32string_view plainer(char32_t c) noexcept;

} // namespace souffleur::escpos
