#include "drivers/escpos/Writer.h"

#include <algorithm>

#include "drivers/escpos/Raster.h"

namespace souffleur::escpos {
namespace {

constexpr int kDle = 0x10;
constexpr int kEsc = 0x1B;
constexpr int kFs = 0x1C;
constexpr int kGs = 0x1D;
/// Small printers have a few KiB for pictures: bands of this many rows fit all of them.
constexpr int kBandRows = 128;

int low(std::size_t n) {
    return static_cast<int>(n & 0xFF);
}
int high(std::size_t n) {
    return static_cast<int>(n >> 8 & 0xFF);
}

/// `10 04` must not arise in a length either.
bool looksRealTime(std::size_t length) {
    return low(length) == kDle &&
           (high(length) == 0x04 || high(length) == 0x05 || high(length) == 0x14);
}

} // namespace

void Writer::put(std::initializer_list<int> bytes) {
    for (const int byte : bytes) _bytes.push_back(static_cast<std::uint8_t>(byte));
}

void Writer::begin() {
    _page = _profile.codePages.front();
    // FS . leaves Kanji mode, in which bytes over 0x7F pair up; ESC R 0 makes 0x20-0x7E plain ASCII
    // whatever the memory switches say.
    put({kEsc, '@', kFs, '.', kEsc, 'R', 0, kEsc, 't', _page.slot});
    _style = {};
    _align = Align::left;
}

void Writer::align(Align align) {
    if (align == _align) return;
    _align = align;
    put({kEsc, 'a', static_cast<int>(align)});
}

void Writer::style(const Style& style) {
    if (style.bold != _style.bold) put({kEsc, 'E', style.bold ? 1 : 0});
    if (style.underline != _style.underline) put({kEsc, '-', style.underline ? 1 : 0});
    if (style.big != _style.big) put({kGs, '!', style.big ? 0x11 : 0x00});
    _style = style;
}

std::optional<Writer::Place> Writer::place(char32_t c) const {
    if (const auto byte = byteOf(_page.page, c)) return Place{_page, *byte};
    for (const CodePageSlot& slot : _profile.codePages) {
        if (const auto byte = byteOf(slot.page, c)) return Place{slot, *byte};
    }
    return std::nullopt;
}

/// Switches, when it must, to the page that carries the most of what follows; at the start of a
/// line also when another page carries more of it, so that no word changes page in its middle.
void Writer::usePageFor(const std::vector<Glyph>& glyphs, std::size_t from) {
    const auto reach = [&](CodePage page) {
        std::size_t to = from;
        while (to < glyphs.size() && byteOf(page, glyphs[to].c)) ++to;
        return to - from;
    };
    std::size_t best = reach(_page.page);
    if (best > 0 && (from > 0 || best == glyphs.size())) return;
    const CodePageSlot before = _page;
    for (const CodePageSlot& slot : _profile.codePages) {
        if (const std::size_t length = reach(slot.page); length > best) {
            best = length;
            _page = slot;
        }
    }
    if (_page != before) put({kEsc, 't', _page.slot});
}

void Writer::line(const std::vector<Glyph>& glyphs) {
    for (std::size_t i = 0; i < glyphs.size(); ++i) {
        style(glyphs[i].style);
        usePageFor(glyphs, i);
        _bytes.push_back(byteOf(_page.page, glyphs[i].c).value_or('?'));
    }
    put({'\n'});
}

void Writer::feed(int lines) {
    style({}); // a line of big print would feed twice as far
    put({kEsc, 'd', std::clamp(lines, 1, 20)});
}

void Writer::band(const Bitmap& bitmap, int top, int rows) {
    const auto stride = static_cast<std::size_t>(bitmap.stride());
    const auto first = bitmap.bits.begin() + static_cast<std::ptrdiff_t>(stride) * top;
    std::vector<std::uint8_t> picture(first, first + static_cast<std::ptrdiff_t>(stride) * rows);
    defuse(picture);
    const auto height = static_cast<std::size_t>(rows);
    if (_profile.graphics == Graphics::rasterGsV0) {
        put({kGs, 'v', '0', 0, low(stride), high(stride), low(height), high(height)});
        _bytes.insert(_bytes.end(), picture.begin(), picture.end());
        return;
    }
    const std::size_t length = picture.size() + 10;
    const auto width = static_cast<std::size_t>(bitmap.width);
    put({kGs, '(', 'L', low(length), high(length), 48, 112, 48, 1, 1, 49});
    put({low(width), high(width), low(height), high(height)});
    _bytes.insert(_bytes.end(), picture.begin(), picture.end());
    put({kGs, '(', 'L', 2, 0, 48, 50});
}

void Writer::bitmap(const Bitmap& bitmap) {
    style({});
    for (int top = 0; top < bitmap.height;) {
        int rows = std::min(kBandRows, bitmap.height - top);
        const auto size = [&] { return static_cast<std::size_t>(bitmap.stride() * rows) + 10; };
        if (rows > 1 && looksRealTime(size())) --rows;
        band(bitmap, top, rows);
        top += rows;
    }
}

void Writer::qr(std::string_view text, int moduleDots) {
    style({});
    const std::size_t length = text.size() + 3;
    put({kGs, '(', 'k', 4, 0, 49, 65, 50, 0}); // model 2
    put({kGs, '(', 'k', 3, 0, 49, 67, moduleDots});
    put({kGs, '(', 'k', 3, 0, 49, 69, 49}); // error correction M
    put({kGs, '(', 'k', low(length), high(length), 49, 80, 48});
    _bytes.insert(_bytes.end(), text.begin(), text.end());
    put({kGs, '(', 'k', 3, 0, 49, 81, 48});
}

void Writer::end(std::optional<ProcessId> id) {
    style({});
    align(Align::left);
    switch (_profile.cutter) {
    case Cutter::none: {
        const int lineDots = _profile.fontHeight * 5 / 4;
        feed(std::max(1, (_profile.feedBeforeCutDots + lineDots - 1) / lineDots));
        break;
    }
    case Cutter::full:
        put({kGs, 'V', 65, 0});
        break; // feeds to the knife by itself
    case Cutter::partial:
        put({kGs, 'V', 66, 0});
        break;
    }
    if (id && _profile.processId) {
        put({kGs, '(', 'H', 6, 0, 48, 48, (*id)[0], (*id)[1], (*id)[2], (*id)[3]});
    }
}

} // namespace souffleur::escpos
