// The paper roll as Cairo sees it: grows as it is printed on, becomes a PNG when cut. Inside the
// emulator only.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "drivers/escpos/Document.h"
#include "drivers/escpos/Profile.h"

namespace souffleur::emulator {

/// Coordinates are printer dots from the top left of the printable area.
class Canvas {
public:
    explicit Canvas(const escpos::Profile& profile);
    ~Canvas();
    Canvas(Canvas&&) noexcept;
    Canvas& operator=(Canvas&&) noexcept;

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
    void glyph(char32_t c, const Cell& cell);
    /// Dots of a picture, each `scale` dots wide and high.
    void dots(const escpos::Bitmap& bitmap, int x, int y, int scaleX = 1, int scaleY = 1);

    struct Picture {
        std::vector<std::uint8_t> png;
        int widthPx = 0;
        int heightPx = 0;
    };
    /// The paper down to `heightDots`, with margins and cut edges.
    [[nodiscard]] Picture png(int heightDots) const;

private:
    struct State;
    std::unique_ptr<State> _state;
};

} // namespace souffleur::emulator
