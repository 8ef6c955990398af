// What a printer's head does to the roll. Inside the emulator only.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "drivers/escpos/Document.h"
#include "drivers/escpos/Profile.h"

namespace souffleur::emulator {

/// Coordinates are printer dots from the top left of the printable area.
class Canvas {
public:
    Canvas() = default;
    virtual ~Canvas() = default;
    Canvas(const Canvas&) = delete;
    Canvas& operator=(const Canvas&) = delete;

    struct Cell {
        int x = 0;
        int y = 0;
        int width = 12;
        int height = 24;
        bool bold = false;
        bool underline = false;
        bool inverse = false;
    };
    /// One character of the printer's own font, stretched to its cell.
    virtual void glyph(char32_t c, const Cell& cell) = 0;
    /// Dots of a picture, each `scale` dots wide and high.
    virtual void dots(const escpos::Bitmap& bitmap, int x, int y, int scaleX, int scaleY) = 0;

    struct Picture {
        std::vector<std::uint8_t> png;
        int widthPx = 0;
        int heightPx = 0;
    };
    /// The paper down to `heightDots`, with margins and cut edges; what follows is drawn on blank
    /// paper.
    [[nodiscard]] virtual Picture cut(int heightDots) = 0;
};

/// Drawn by Cairo and Pango: the roll grows as it is printed on, becomes a PNG when cut.
[[nodiscard]] std::unique_ptr<Canvas> drawnCanvas(const escpos::Profile& profile);
/// Takes everything and draws nothing; its pictures are empty.
[[nodiscard]] std::unique_ptr<Canvas> blankCanvas();

} // namespace souffleur::emulator
