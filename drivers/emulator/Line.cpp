#include "drivers/emulator/Line.h"

#include <algorithm>
#include <utility>

#include "drivers/escpos/Text.h"

namespace souffleur::emulator {

bool Line::add(char32_t c, const Mode& mode) {
    Canvas::Cell cell;
    cell.width = (mode.fontB ? _profile.fontWidth * 3 / 4 : _profile.fontWidth) * mode.scaleX;
    cell.height = (mode.fontB ? _profile.fontHeight * 17 / 24 : _profile.fontHeight) * mode.scaleY;
    cell.bold = mode.bold;
    cell.underline = mode.underline;
    cell.inverse = mode.inverse;
    if (_x + cell.width > mode.width && !_items.empty()) return false;
    cell.x = _x;
    _x += cell.width;
    _items.push_back({c, cell, std::nullopt, 1, 1});
    return true;
}

void Line::add(escpos::Bitmap strip, int scaleX, int scaleY, const Mode& mode) {
    if (strip.width < 1 || _x >= mode.width) return;
    Canvas::Cell cell;
    cell.x = _x;
    cell.width = strip.width * scaleX;
    cell.height = strip.height * scaleY;
    _x += cell.width;
    _items.push_back({0, cell, std::move(strip), scaleX, scaleY});
}

void Line::tab(const Mode& mode) {
    const int stop = 8 * _profile.fontWidth;
    const int next = (_x / stop + 1) * stop;
    if (next < mode.width) _x = next;
}

Line::Printed Line::print(Canvas& canvas, int y, const Mode& mode) {
    Printed printed;
    int right = 0;
    for (const Item& item : _items) {
        printed.height = std::max(printed.height, item.cell.height);
        right = std::max(right, item.cell.x + item.cell.width);
        printed.dots = printed.dots || item.strip.has_value();
    }
    int shift = mode.leftMargin;
    if (mode.align == escpos::Align::centre) shift += std::max(0, (mode.width - right) / 2);
    if (mode.align == escpos::Align::right) shift += std::max(0, mode.width - right);

    std::u32string text;
    for (Item& item : _items) {
        item.cell.x += shift;
        item.cell.y = y + printed.height - item.cell.height;
        const auto column = static_cast<std::size_t>(item.cell.x / _profile.fontWidth);
        if (item.strip) {
            canvas.dots(*item.strip, item.cell.x, item.cell.y, item.scaleX, item.scaleY);
            continue;
        }
        canvas.glyph(item.c, item.cell);
        // Only the gaps of position and alignment become spaces; a big letter is still one letter.
        if (&item == _items.data() && text.size() < column) text.resize(column, U' ');
        text += item.c;
    }
    while (!text.empty() && text.back() == U' ') text.pop_back();
    printed.text = escpos::toUtf8(text);
    _items.clear();
    _x = 0;
    return printed;
}

} // namespace souffleur::emulator
