// Text and QR codes as one-bit pictures, for what a printer's own fonts and commands cannot do.
#pragma once

#include <string>
#include <string_view>

#include "drivers/escpos/Document.h"
#include "drivers/escpos/Error.h"

namespace souffleur::escpos {

struct RasterText {
    int widthDots = 576;
    int fontHeight = 24; ///< the line height to match, dots
    Align align = Align::left;
    std::string language; ///< BCP 47, may be empty
};

/// Draws a paragraph with Pango (any script, bidirectional), wrapped by words, as wide as the
/// paper. Blocks for font loading on first use. Errors: tooLarge (over kMaxImageRows), internal.
[[nodiscard]] Result<Bitmap> drawText(const std::vector<Span>& spans, const RasterText& how);

/// Draws a QR code (level M, quiet zone of four modules included) with modules of `moduleDots`.
/// Errors: invalid (empty, controls), tooLarge.
[[nodiscard]] Result<Bitmap> drawQr(std::string_view text, int moduleDots);
/// Modules per side without quiet zone; the same errors.
[[nodiscard]] Result<int> qrModules(std::string_view text);

/// Removes every byte sequence that a printer would obey inside image data by adding single dots.
void defuse(std::vector<std::uint8_t>& imageData);

} // namespace souffleur::escpos
