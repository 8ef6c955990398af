#include "drivers/escpos/Picture.h"

#include <algorithm>
#include <array>
#include <cairo.h>
#include <cstring>
#include <memory>

#include "drivers/escpos/Raster.h"

namespace souffleur::escpos {
namespace {

struct Unref {
    void operator()(cairo_surface_t* surface) const noexcept { cairo_surface_destroy(surface); }
};
using Surface = std::unique_ptr<cairo_surface_t, Unref>;

constexpr std::array<std::uint8_t, 8> kSignature = {0x89, 'P', 'N', 'G', 0x0D, 0x0A, 0x1A, 0x0A};
constexpr int kWhite = 255;

std::uint32_t bigEndian(std::span<const std::uint8_t> bytes) {
    std::uint32_t value = 0;
    for (const std::uint8_t byte : bytes.first(4)) value = value << 8U | byte;
    return value;
}

cairo_status_t readSome(void* closure, unsigned char* into, unsigned int length) {
    auto& left = *static_cast<std::span<const std::uint8_t>*>(closure);
    if (left.size() < length) return CAIRO_STATUS_READ_ERROR;
    std::memcpy(into, left.data(), length);
    left = left.subspan(length);
    return CAIRO_STATUS_SUCCESS;
}

cairo_status_t append(void* closure, const unsigned char* data, unsigned int length) {
    auto& png = *static_cast<std::vector<std::uint8_t>*>(closure);
    png.insert(png.end(), data, data + length);
    return CAIRO_STATUS_SUCCESS;
}

/// A picture in greys, 0 = black.
struct Grey {
    int width = 0;
    int height = 0;
    std::vector<std::uint8_t> dots;

    [[nodiscard]] std::size_t at(int x, int y) const {
        return static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
               static_cast<std::size_t>(x);
    }
};

/// A premultiplied pixel on white paper, as bright as the eye sees it.
std::uint8_t brightness(std::uint32_t pixel, bool alpha) {
    const std::uint32_t paper = alpha ? 255 - (pixel >> 24U) : 0;
    const auto channel = [&](unsigned shift) {
        return std::min<std::uint32_t>(255, (pixel >> shift & 255U) + paper);
    };
    return static_cast<std::uint8_t>(
        (299 * channel(16) + 587 * channel(8) + 114 * channel(0) + 500) / 1000);
}

Result<Grey> decode(std::span<const std::uint8_t> png) {
    auto left = png;
    Surface read(cairo_image_surface_create_from_png_stream(readSome, &left));
    if (cairo_surface_status(read.get()) != CAIRO_STATUS_SUCCESS)
        return fail(Fault::invalid, "this PNG is damaged, or not one that can be read");
    auto format = cairo_image_surface_get_format(read.get());
    Grey grey{
        cairo_image_surface_get_width(read.get()), cairo_image_surface_get_height(read.get()), {}};
    if (format != CAIRO_FORMAT_ARGB32 && format != CAIRO_FORMAT_RGB24) {
        Surface plain(cairo_image_surface_create(CAIRO_FORMAT_ARGB32, grey.width, grey.height));
        cairo_t* const onto = cairo_create(plain.get());
        cairo_set_source_surface(onto, read.get(), 0, 0);
        cairo_paint(onto);
        const bool fine = cairo_status(onto) == CAIRO_STATUS_SUCCESS;
        cairo_destroy(onto);
        if (!fine) return fail(Fault::internal, "the picture could not be drawn");
        read = std::move(plain);
        format = CAIRO_FORMAT_ARGB32;
    }
    cairo_surface_flush(read.get());
    const unsigned char* const data = cairo_image_surface_get_data(read.get());
    const auto stride = static_cast<std::size_t>(cairo_image_surface_get_stride(read.get()));
    grey.dots.resize(static_cast<std::size_t>(grey.width) * static_cast<std::size_t>(grey.height));
    for (int y = 0; y < grey.height; ++y) {
        for (int x = 0; x < grey.width; ++x) {
            std::uint32_t pixel = 0;
            std::memcpy(&pixel,
                        data + static_cast<std::size_t>(y) * stride +
                            static_cast<std::size_t>(x) * sizeof pixel,
                        sizeof pixel);
            grey.dots[grey.at(x, y)] = brightness(pixel, format == CAIRO_FORMAT_ARGB32);
        }
    }
    return grey;
}

/// The part of `from` cells that cell `i` of `to` cells covers, one at least.
std::pair<int, int> covered(int i, int to, int from) {
    const auto first = static_cast<int>(static_cast<std::int64_t>(i) * from / to);
    const auto last = static_cast<int>((static_cast<std::int64_t>(i + 1) * from + to - 1) / to);
    return {first, std::max(first + 1, last)};
}

Grey scale(const Grey& from, int width, int height) {
    Grey to{width, height, {}};
    to.dots.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
    for (int y = 0; y < height; ++y) {
        const auto [top, bottom] = covered(y, height, from.height);
        for (int x = 0; x < width; ++x) {
            const auto [left, right] = covered(x, width, from.width);
            std::uint64_t sum = 0;
            for (int sy = top; sy < bottom; ++sy) {
                for (int sx = left; sx < right; ++sx) sum += from.dots[from.at(sx, sy)];
            }
            const auto count =
                static_cast<std::uint64_t>(bottom - top) * static_cast<std::uint64_t>(right - left);
            to.dots[to.at(x, y)] = static_cast<std::uint8_t>((sum + count / 2) / count);
        }
    }
    return to;
}

/// Floyd and Steinberg, 1976: the error of a dot goes 7, 3, 5 and 1 sixteenths to its neighbours.
Bitmap dither(const Grey& grey, int shift) {
    Bitmap out;
    out.width = (shift + grey.width + 7) / 8 * 8;
    out.height = grey.height;
    out.bits.assign(static_cast<std::size_t>(out.stride()) * static_cast<std::size_t>(out.height),
                    0);
    const auto width = static_cast<std::size_t>(grey.width);
    std::vector<int> here(width + 2, 0); // errors; a cell more on each side
    std::vector<int> below(width + 2, 0);
    for (int y = 0; y < grey.height; ++y) {
        std::fill(below.begin(), below.end(), 0);
        for (std::size_t x = 0; x < width; ++x) {
            const int wanted = grey.dots[grey.at(static_cast<int>(x), y)] + here[x + 1] / 16;
            const bool black = wanted < 128;
            const int error = wanted - (black ? 0 : kWhite);
            here[x + 2] += error * 7;
            below[x] += error * 3;
            below[x + 1] += error * 5;
            below[x + 2] += error;
            if (!black) continue;
            const auto column = x + static_cast<std::size_t>(shift);
            auto& byte =
                out.bits[static_cast<std::size_t>(y) * static_cast<std::size_t>(out.stride()) +
                         column / 8];
            byte = static_cast<std::uint8_t>(byte | 0x80U >> (column % 8));
        }
        here.swap(below);
    }
    return out;
}

} // namespace

Result<PictureSize> pngSize(std::span<const std::uint8_t> png) {
    constexpr std::size_t kHead = 24;
    constexpr std::size_t kSizeAt = 16;
    if (png.size() > kMaxPngBytes)
        return fail(Fault::tooLarge, "a picture is at most 8 MiB; make it smaller");
    if (png.size() < kHead || !std::equal(kSignature.begin(), kSignature.end(), png.begin()) ||
        std::memcmp(png.data() + 12, "IHDR", 4) != 0) {
        return fail(Fault::invalid, "is not a PNG picture; save it as one");
    }
    const PictureSize size{bigEndian(png.subspan(kSizeAt)), bigEndian(png.subspan(kSizeAt + 4))};
    if (size.width == 0 || size.height == 0) return fail(Fault::invalid, "has no pixels");
    if (std::uint64_t{size.width} * size.height > kMaxPngPixels) {
        return fail(Fault::tooLarge, "has " + std::to_string(size.width) + " x " +
                                         std::to_string(size.height) +
                                         " pixels; 16 million are allowed, make it smaller");
    }
    return size;
}

Result<Bitmap> ditherPng(std::span<const std::uint8_t> png, const PictureShape& shape) {
    const auto size = pngSize(png);
    if (!size) return tl::make_unexpected(size.error());
    const auto paper = std::max(8, shape.paperDots);
    int width = shape.widthDots;
    if (width <= 0)
        width =
            static_cast<int>(std::min<std::uint32_t>(size->width, static_cast<unsigned>(paper)));
    if (width > paper) {
        return fail(Fault::invalid, "is wider than the paper's " + std::to_string(paper) + " dots");
    }
    const std::uint64_t rows =
        (std::uint64_t{size->height} * static_cast<unsigned>(width) + size->width / 2) /
        size->width;
    const int height =
        static_cast<int>(std::min<std::uint64_t>(std::max<std::uint64_t>(rows, 1), 1'000'000));
    if (height > shape.maxRows) {
        return fail(Fault::tooLarge, "would be " + std::to_string(height) + " dots high; " +
                                         std::to_string(shape.maxRows) +
                                         " are allowed, make it narrower");
    }
    const auto grey = decode(png);
    if (!grey) return tl::make_unexpected(grey.error());
    int shift = 0;
    if (shape.align == Align::centre) shift = (paper - width) / 2;
    if (shape.align == Align::right) shift = paper - width;
    Bitmap out = dither(scale(*grey, width, height), shift);
    defuse(out.bits);
    return out;
}

Result<std::vector<std::uint8_t>> pngOf(const Bitmap& bitmap) {
    const auto bytes = static_cast<std::uint64_t>(bitmap.stride()) *
                       static_cast<std::uint64_t>(std::max(bitmap.height, 0));
    if (bitmap.width <= 0 || bitmap.height <= 0 || bitmap.bits.size() != bytes)
        return fail(Fault::invalid, "the picture's size and its dots do not agree");
    const Surface surface(
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, bitmap.width, bitmap.height));
    if (cairo_surface_status(surface.get()) != CAIRO_STATUS_SUCCESS)
        return fail(Fault::internal, "the picture could not be made");
    unsigned char* const data = cairo_image_surface_get_data(surface.get());
    const auto stride = static_cast<std::size_t>(cairo_image_surface_get_stride(surface.get()));
    for (int y = 0; y < bitmap.height; ++y) {
        for (int x = 0; x < bitmap.width; ++x) {
            const std::uint32_t pixel = bitmap.at(x, y) ? 0x000000 : 0xFFFFFF;
            std::memcpy(data + static_cast<std::size_t>(y) * stride +
                            static_cast<std::size_t>(x) * sizeof pixel,
                        &pixel, sizeof pixel);
        }
    }
    cairo_surface_mark_dirty(surface.get());
    std::vector<std::uint8_t> png;
    if (cairo_surface_write_to_png_stream(surface.get(), append, &png) != CAIRO_STATUS_SUCCESS)
        return fail(Fault::internal, "the picture could not be written");
    return png;
}

} // namespace souffleur::escpos
