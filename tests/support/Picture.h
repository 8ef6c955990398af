// Pictures of paper as grey values, one pixel a printer dot: small enough to keep, and comparable.
// Header only: its users link cairo themselves.
#pragma once

#include <cairo.h>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace souffleur::test {

struct Grey {
    int width = 0;
    int height = 0;
    std::vector<std::uint8_t> pixels; ///< row by row, 0 = black; sixteen levels

    [[nodiscard]] std::uint8_t at(int x, int y) const {
        return pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                      static_cast<std::size_t>(x)];
    }
};

namespace picture {

inline Grey fromSurface(cairo_surface_t* surface, int scale) {
    Grey grey;
    grey.width = cairo_image_surface_get_width(surface) / scale;
    grey.height = cairo_image_surface_get_height(surface) / scale;
    const int stride = cairo_image_surface_get_stride(surface);
    const unsigned char* data = cairo_image_surface_get_data(surface);
    for (int y = 0; y < grey.height * scale; y += scale) {
        for (int x = 0; x < grey.width * scale; x += scale) {
            int sum = 0;
            for (int dy = 0; dy < scale; ++dy) {
                for (int dx = 0; dx < scale; ++dx) {
                    const unsigned char* pixel = data + (y + dy) * stride + 4 * (x + dx);
                    // The teeth of the knife leave transparent corners: white.
                    sum += scale > 1 ? pixel[1] + 255 - pixel[3] : pixel[1];
                }
            }
            const int level = (sum / (scale * scale) + 8) / 17;
            grey.pixels.push_back(static_cast<std::uint8_t>(level * 17));
        }
    }
    cairo_surface_destroy(surface);
    return grey;
}

} // namespace picture

/// What the emulator drew, two pixels a dot, at one.
inline Grey greyOf(const std::vector<std::uint8_t>& png) {
    struct Source {
        const std::vector<std::uint8_t>& bytes;
        std::size_t at = 0;
    } source{png};
    const auto read = [](void* closure, unsigned char* into, unsigned int count) {
        auto& from = *static_cast<Source*>(closure);
        if (from.bytes.size() - from.at < count) return CAIRO_STATUS_READ_ERROR;
        std::memcpy(into, from.bytes.data() + from.at, count);
        from.at += count;
        return CAIRO_STATUS_SUCCESS;
    };
    return picture::fromSurface(cairo_image_surface_create_from_png_stream(read, &source), 2);
}

inline Grey readGrey(const std::string& path) {
    return picture::fromSurface(cairo_image_surface_create_from_png(path.c_str()), 1);
}

inline void writeGrey(const Grey& grey, const std::string& path) {
    cairo_surface_t* surface = cairo_image_surface_create(CAIRO_FORMAT_A8, grey.width, grey.height);
    const int stride = cairo_image_surface_get_stride(surface);
    unsigned char* data = cairo_image_surface_get_data(surface);
    for (int y = 0; y < grey.height; ++y) {
        for (int x = 0; x < grey.width; ++x) data[y * stride + x] = grey.at(x, y);
    }
    cairo_surface_mark_dirty(surface);
    cairo_surface_write_to_png(surface, path.c_str());
    cairo_surface_destroy(surface);
}

/// The share of pixels that differ clearly, 0..1; 1 when the sizes do.
inline double difference(const Grey& a, const Grey& b) {
    if (a.width != b.width || a.height != b.height || a.pixels.empty()) return 1;
    std::size_t other = 0;
    for (std::size_t i = 0; i < a.pixels.size(); ++i) {
        if (std::abs(a.pixels[i] - b.pixels[i]) > 64) ++other;
    }
    return static_cast<double>(other) / static_cast<double>(a.pixels.size());
}

} // namespace souffleur::test
