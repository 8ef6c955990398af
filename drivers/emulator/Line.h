// One line of print being collected, as a printer's line buffer. Inside the emulator only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "drivers/emulator/Canvas.h"

namespace souffleur::emulator {

/// The modes that commands set.
struct Mode {
    escpos::Align align = escpos::Align::left;
    bool bold = false;
    bool underline = false;
    bool inverse = false;
    bool fontB = false;
    int scaleX = 1;
    int scaleY = 1;
    int leftMargin = 0;
    int width = 0; ///< printing area, dots
    int lineDots = 30;
};

class Line {
public:
    explicit Line(const escpos::Profile& profile) : _profile(profile) {}

    /// False when the character does not fit any more: print the line, then add it again.
    [[nodiscard]] bool add(char32_t c, const Mode& mode);
    /// A strip of dots in the line (`ESC *`); one that begins outside of the paper is lost.
    void add(escpos::Bitmap strip, int scaleX, int scaleY, const Mode& mode);
    void tab(const Mode& mode);
    void moveTo(int x) { _x = x; }
    [[nodiscard]] bool empty() const { return _items.empty(); }

    struct Printed {
        std::string text; ///< with the alignment as spaces, trailing ones cut
        int height = 0;
        bool dots = false; ///< holds strips: they join without a gap
    };
    /// Draws at `y` and empties the line.
    Printed print(Canvas& canvas, int y, const Mode& mode);

private:
    struct Item {
        char32_t c = 0;
        Canvas::Cell cell;
        std::optional<escpos::Bitmap> strip;
        int scaleX = 1;
        int scaleY = 1;
    };

    const escpos::Profile& _profile;
    std::vector<Item> _items;
    int _x = 0;
};

} // namespace souffleur::emulator
