// Reads QR codes from a PNG as a telephone would. Header only: its users link zbar and cairo
// themselves.
#pragma once

#include <cairo.h>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>
#include <zbar.h>

namespace souffleur::test {

/// Every QR text in the picture, in zbar's order.
inline std::vector<std::string> readQr(const std::vector<std::uint8_t>& png) {
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
    cairo_surface_t* surface = cairo_image_surface_create_from_png_stream(read, &source);
    const int width = cairo_image_surface_get_width(surface);
    const int height = cairo_image_surface_get_height(surface);
    std::vector<std::uint8_t> grey(static_cast<std::size_t>(width) *
                                   static_cast<std::size_t>(height));
    for (int y = 0; y < height; ++y) {
        const unsigned char* row =
            cairo_image_surface_get_data(surface) + y * cairo_image_surface_get_stride(surface);
        for (int x = 0; x < width; ++x) {
            grey[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                 static_cast<std::size_t>(x)] = row[4 * x + 1];
        }
    }
    cairo_surface_destroy(surface);

    zbar::ImageScanner scanner;
    scanner.set_config(zbar::ZBAR_NONE, zbar::ZBAR_CFG_ENABLE, 0);
    scanner.set_config(zbar::ZBAR_QRCODE, zbar::ZBAR_CFG_ENABLE, 1);
    zbar::Image image(static_cast<unsigned>(width), static_cast<unsigned>(height), "Y800",
                      grey.data(), grey.size());
    scanner.scan(image);
    std::vector<std::string> texts;
    for (auto symbol = image.symbol_begin(); symbol != image.symbol_end(); ++symbol) {
        texts.push_back(symbol->get_data());
    }
    image.set_data(nullptr, 0);
    return texts;
}

} // namespace souffleur::test
