#include "drivers/escpos/Text.h"

#include <algorithm>
#include <array>
#include <glib.h>
#include <memory>

namespace souffleur::escpos {
namespace {

struct GFree {
    void operator()(void* memory) const noexcept { g_free(memory); }
};

bool isLineBreak(char32_t c) {
    return c == U'\n' || c == 0x0B || c == 0x0C || c == 0x85 || c == 0x2028 || c == 0x2029;
}

bool isOddSpace(char32_t c) {
    return c == U'\t' || (c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x205F || c == 0x3000;
}

/// Marks that steer layout and print nothing: direction marks, embeddings, overrides and isolates,
/// BOM, soft hyphen, joiners' cousins, variation selectors, tags.
bool isDropped(char32_t c) {
    return c == 0xAD || c == 0x61C || (c >= 0x200B && c <= 0x200F && c != 0x200C && c != 0x200D) ||
           (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF ||
           (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xFFF9 && c <= 0xFFFC) ||
           (c >= 0xE0000 && c <= 0xE0FFF);
}

bool isControl(char32_t c) {
    return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0xFFFD;
}

bool isAscii(std::string_view text) {
    for (const char c : text) {
        if (static_cast<unsigned char>(c) >= 0x80) return false;
    }
    return true;
}

void take(char32_t c, char32_t before, std::u32string& out) {
    if (c == U'\r') {
        out += U'\n';
    } else if (isLineBreak(c)) {
        if (c != U'\n' || before != U'\r') out += U'\n';
    } else if (isOddSpace(c)) {
        out += U' ';
    } else if (isControl(c)) {
        out += U'?';
    } else if (!isDropped(c)) {
        out += c;
    }
}

using Line = std::vector<Glyph>;

void trimEnd(Line& line) {
    while (!line.empty() && line.back().c == U' ') line.pop_back();
}

/// Lays the glyphs of one hard line; a small state machine over words.
class Wrapper {
public:
    Wrapper(int columns, std::vector<Line>& lines) : _columns(columns), _lines(lines) {}

    void take(const Glyph& glyph) {
        const int width = columnsOf(glyph);
        if (_used + width > _columns) {
            if (glyph.c == U' ') { // a space at the edge is the break itself
                breakAll();
                _swallow = true;
                return;
            }
            breakLine(width);
        }
        if (glyph.c == U' ') {
            if (_swallow && _line.empty()) return;
            _line.push_back(glyph);
            _used += width;
            _wordAt = _line.size();
            return;
        }
        _swallow = false;
        _line.push_back(glyph);
        _used += width;
        // "e-mail" stays whole.
        constexpr std::size_t kLettersBeforeBreak = 3;
        if (glyph.c == U'-' && _line.size() > _wordAt + kLettersBeforeBreak) {
            _wordAt = _line.size();
        }
    }

    void finish() {
        breakAll();
        _swallow = false;
    }

private:
    void breakAll() {
        trimEnd(_line);
        _lines.push_back(std::move(_line));
        _line.clear();
        _used = 0;
        _wordAt = 0;
    }

    /// Moves the unfinished word to the next line; a word as long as the line is cut.
    void breakLine(int width) {
        Line word(_line.begin() + static_cast<std::ptrdiff_t>(_wordAt), _line.end());
        const int wordColumns = columnsOf(word);
        if (_wordAt == 0 || wordColumns + width > _columns) {
            breakAll();
            return;
        }
        _line.resize(_wordAt);
        breakAll();
        _line = std::move(word);
        _used = wordColumns;
    }

    int _columns;
    std::vector<Line>& _lines;
    Line _line;
    int _used = 0;
    std::size_t _wordAt = 0; ///< where the unfinished word starts in _line
    bool _swallow = false;   ///< spaces at the start of a wrapped line are the break
};

} // namespace

std::u32string clean(std::string_view utf8) {
    std::u32string out;
    out.reserve(utf8.size());
    char32_t before = 0;
    if (isAscii(utf8)) {
        for (const char c : utf8) {
            take(static_cast<unsigned char>(c), before, out);
            before = static_cast<unsigned char>(c);
        }
        return out;
    }
    const std::unique_ptr<char, GFree> valid(
        g_utf8_make_valid(utf8.data(), static_cast<gssize>(utf8.size())));
    const std::unique_ptr<char, GFree> composed(
        g_utf8_normalize(valid.get(), -1, G_NORMALIZE_DEFAULT_COMPOSE));
    for (const char* at = composed.get(); *at != '\0'; at = g_utf8_next_char(at)) {
        const char32_t c = g_utf8_get_char(at);
        take(c, before, out);
        before = c;
    }
    return out;
}

std::string toUtf8(std::u32string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char32_t c : text) {
        if (c < 0x80) {
            out += static_cast<char>(c);
            continue;
        }
        std::array<char, 6> buffer{};
        const int count = g_unichar_to_utf8(c, buffer.data());
        out.append(buffer.data(), static_cast<std::size_t>(count));
    }
    return out;
}

int columnsOf(const std::vector<Glyph>& glyphs) {
    int columns = 0;
    for (const Glyph& glyph : glyphs) columns += columnsOf(glyph);
    return columns;
}

std::vector<std::vector<Glyph>> wrap(const std::vector<Glyph>& glyphs, int columns) {
    std::vector<Line> lines;
    Wrapper wrapper(std::max(columns, 2), lines);
    for (const Glyph& glyph : glyphs) {
        if (glyph.c == U'\n') {
            wrapper.finish();
        } else {
            wrapper.take(glyph);
        }
    }
    wrapper.finish();
    return lines;
}

bool isRightToLeft(char32_t c) noexcept {
    return (c >= 0x590 && c <= 0x8FF) || (c >= 0xFB1D && c <= 0xFDFF) ||
           (c >= 0xFE70 && c <= 0xFEFF) || (c >= 0x10800 && c <= 0x10FFF) ||
           (c >= 0x1E800 && c <= 0x1EFFF);
}

std::u32string_view plainer(char32_t c) noexcept {
    switch (c) {
    case 0xA0:
        return U" ";
    case 0x2010:
    case 0x2011:
    case 0x2012:
    case 0x2013:
    case 0x2014:
    case 0x2015:
    case 0x2212:
        return U"-";
    case 0x2018:
    case 0x2019:
    case 0x201A:
    case 0x201B:
    case 0x2032:
        return U"'";
    case 0x201C:
    case 0x201D:
    case 0x201E:
    case 0x201F:
    case 0x2033:
        return U"\"";
    case 0x2022:
    case 0x2023:
        return U"*";
    case 0x2026:
        return U"...";
    case 0x2039:
        return U"<";
    case 0x203A:
        return U">";
    case 0x20AC:
        return U"EUR";
    case 0x2116:
        return U"No";
    case 0x2122:
        return U"(TM)";
    case 0x13F:
        return U"L·"; // Catalan L with middle dot
    case 0x140:
        return U"l·";
    case 0xB7:
        return U".";
    default:
        return {};
    }
}

} // namespace souffleur::escpos
