#include "drivers/emulator/Canvas.h"

namespace souffleur::emulator {
namespace {

class BlankCanvas final : public Canvas {
public:
    void glyph(char32_t /*c*/, const Cell& /*cell*/) override {}
    void dots(const escpos::Bitmap& /*bitmap*/, int /*x*/, int /*y*/, int /*scaleX*/,
              int /*scaleY*/) override {}
    [[nodiscard]] Picture cut(int /*heightDots*/) override { return {}; }
};

} // namespace

std::unique_ptr<Canvas> blankCanvas() {
    return std::make_unique<BlankCanvas>();
}

} // namespace souffleur::emulator
