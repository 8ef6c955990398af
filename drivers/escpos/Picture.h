// Pictures as people have them (PNG) as one-bit pictures for paper, and back for a preview. Pure:
// bytes in, bytes out; the same file gives the same dots on every machine.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "drivers/escpos/Document.h"
#include "drivers/escpos/Error.h"

namespace souffleur::escpos {

inline constexpr std::size_t kMaxPngBytes = 8 * 1024 * 1024;
inline constexpr std::uint64_t kMaxPngPixels = 16'000'000; ///< 64 MB once decoded

struct PictureSize {
    std::uint32_t width = 0;
    std::uint32_t height = 0;
};

/// What a PNG says of its size, from its first 24 bytes: nothing is decoded. Errors: invalid (no
/// PNG), tooLarge (over the bounds above).
[[nodiscard]] Result<PictureSize> pngSize(std::span<const std::uint8_t> png);

struct PictureShape {
    int widthDots = 0;         ///< of the picture; 0 = one dot a pixel, at most the paper's width
    int paperDots = 576;       ///< a multiple of 8
    int maxRows = 2304;        ///< `GS ( L` fn 67
    Align align = Align::left; ///< empty dots on its left bring it there; none on its right
};

/// Scales by averages, lays it on white, dithers (Floyd-Steinberg), makes it as wide as a multiple
/// of 8 and free of real-time commands (defuse). Errors: as pngSize; invalid (cannot be decoded,
/// wider than the paper); tooLarge (over maxRows).
[[nodiscard]] Result<Bitmap> ditherPng(std::span<const std::uint8_t> png,
                                       const PictureShape& shape);

/// Black on white. Errors: invalid (a malformed bitmap), internal.
[[nodiscard]] Result<std::vector<std::uint8_t>> pngOf(const Bitmap& bitmap);

} // namespace souffleur::escpos
