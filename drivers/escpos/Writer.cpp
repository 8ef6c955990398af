#include "drivers/escpos/Writer.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "drivers/escpos/Raster.h"

namespace souffleur::escpos {
namespace {

constexpr int kDle = 0x10;
constexpr int kEsc = 0x1B;
constexpr int kFs = 0x1C;
constexpr int kGs = 0x1D;
/// `ESC * 33`: 24 dots high, three bytes a column.
constexpr int kStripRows = 24;

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

/// Three bytes a column, the top dot in the highest bit.
std::vector<std::uint8_t> columnsOf(const Bitmap& bitmap, int top, int rows) {
    std::vector<std::uint8_t> columns(static_cast<std::size_t>(bitmap.width) * 3, 0);
    for (int y = 0; y < rows; ++y) {
        const auto byte = static_cast<std::size_t>(y) / 8;
        const unsigned bit = 0x80U >> (y % 8);
        for (int x = 0; x < bitmap.width; ++x) {
            if (!bitmap.at(x, top + y)) continue;
            auto& dots = columns[static_cast<std::size_t>(x) * 3 + byte];
            dots = static_cast<std::uint8_t>(dots | bit);
        }
    }
    return columns;
}

} // namespace

void Writer::put(std::initializer_list<int> bytes) {
    for (const int byte : bytes) _bytes.push_back(static_cast<std::uint8_t>(byte));
}

void Writer::begin() {
    // FS . leaves Kanji mode, in which bytes over 0x7F pair up; ESC R 0 makes 0x20-0x7E plain ASCII
    // whatever the memory switches say.
    put({kEsc, '@', kFs, '.', kEsc, 'R', 0});
    _firstPageAt = _bytes.size();
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

void Writer::line(const std::vector<Glyph>& glyphs) {
    bool startsWord = true;
    for (const Glyph& glyph : glyphs) {
        style(glyph.style);
        _text.push_back({glyph.c, _bytes.size(), startsWord, 0});
        startsWord = glyph.c == U' ';
    }
    put({'\n'});
}

/// Each run is as long as any one page carries it: no choice needs fewer switches. Of the pages
/// that carry a whole run, the profile's first.
void Writer::choosePages() {
    for (std::size_t from = 0; from < _text.size();) {
        PageSet pages = ~PageSet{0};
        std::size_t to = from;
        for (; to < _text.size(); ++to) {
            const PageSet both = pages & _pages.of(_text[to].c);
            if (both == 0) break;
            pages = both;
        }
        if (to == from) { // no page at all: prints as '?'
            _text[to].c = U'?';
            continue;
        }
        const auto page = static_cast<std::uint8_t>(std::countr_zero(pages));
        for (std::size_t i = from; i < to; ++i) _text[i].page = page;
        startAtWord(from, to);
        from = to;
    }
}

/// The run that starts at `from` takes over the beginning of its first word where its page can, so
/// that no word changes page in its middle.
void Writer::startAtWord(std::size_t from, std::size_t to) {
    if (from == 0 || from == to || _text[from].startsWord) return;
    const std::uint8_t page = _text[from].page;
    const std::uint8_t before = _text[from - 1].page;
    std::size_t start = from;
    while (start > 0 && !_text[start].startsWord) {
        --start;
        const bool carried = (_pages.of(_text[start].c) >> page & 1) != 0;
        if (!carried || _text[start].page != before) return;
    }
    for (std::size_t i = start; i < from; ++i) _text[i].page = page;
}

Bytes Writer::take() {
    choosePages();
    const auto& pages = _profile.codePages;
    std::uint8_t page = _text.empty() ? std::uint8_t{0} : _text.front().page;
    Bytes out;
    out.reserve(_bytes.size() + _text.size() + 64);
    const auto select = [&] {
        out.insert(out.end(), {std::uint8_t{kEsc}, std::uint8_t{'t'}, pages[page].slot});
    };
    std::size_t copied = 0;
    const auto copyTo = [&](std::size_t end) {
        out.insert(out.end(), _bytes.begin() + static_cast<std::ptrdiff_t>(copied),
                   _bytes.begin() + static_cast<std::ptrdiff_t>(end));
        copied = end;
    };
    copyTo(_firstPageAt);
    select();
    for (const Letter& letter : _text) {
        copyTo(letter.at);
        if (letter.page != page) {
            page = letter.page;
            select();
        }
        out.push_back(byteOf(pages[page].page, letter.c).value_or('?'));
    }
    copyTo(_bytes.size());
    _bytes.clear();
    _text.clear();
    return out;
}

void Writer::feed(int lines) {
    style({}); // a line of big print would feed twice as far
    put({kEsc, 'd', std::clamp(lines, 1, 20)});
}

void Writer::space(int dots) {
    put({kEsc, 'J', std::clamp(dots, 1, 255)});
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

/// The oldest way: strips of 24 rows, sent column by column. The line feed is set below a strip's
/// height, which makes the printer feed just that.
void Writer::strips(const Bitmap& bitmap) {
    put({kEsc, '3', 16});
    for (int top = 0; top < bitmap.height; top += kStripRows) {
        const int rows = std::min(kStripRows, bitmap.height - top);
        auto columns = columnsOf(bitmap, top, rows);
        if (std::all_of(columns.begin(), columns.end(), [](auto dots) { return dots == 0; })) {
            space(rows); // a strip that is not full would feed too far
            continue;
        }
        defuse(columns);
        const auto width = static_cast<std::size_t>(bitmap.width);
        put({kEsc, '*', 33, low(width), high(width)});
        _bytes.insert(_bytes.end(), columns.begin(), columns.end());
        put({'\n'});
    }
    put({kEsc, '2'});
}

void Writer::bitmap(const Bitmap& bitmap) {
    style({});
    if (_profile.graphics == Graphics::columnsEscStar) {
        strips(bitmap);
        return;
    }
    for (int top = 0; top < bitmap.height;) {
        int rows = std::min(_profile.bandRows, bitmap.height - top);
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
