#include "drivers/escpos/Raster.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <pango/pangocairo.h>
#include <qrencode.h>
#include <span>

#include "drivers/escpos/Encoder.h"
#include "drivers/escpos/Text.h"

namespace souffleur::escpos {
namespace {

template <auto Free>
struct Deleter {
    template <typename T>
    void operator()(T* thing) const noexcept {
        Free(thing);
    }
};

using Surface = std::unique_ptr<cairo_surface_t, Deleter<cairo_surface_destroy>>;
using Cairo = std::unique_ptr<cairo_t, Deleter<cairo_destroy>>;
using Context = std::unique_ptr<PangoContext, Deleter<g_object_unref>>;
using Layout = std::unique_ptr<PangoLayout, Deleter<g_object_unref>>;
using Font = std::unique_ptr<PangoFontDescription, Deleter<pango_font_description_free>>;
using Attributes = std::unique_ptr<PangoAttrList, Deleter<pango_attr_list_unref>>;
using Code = std::unique_ptr<QRcode, Deleter<QRcode_free>>;

void add(PangoAttrList* list, PangoAttribute* attribute, std::size_t from, std::size_t to) {
    attribute->start_index = static_cast<guint>(from);
    attribute->end_index = static_cast<guint>(to);
    pango_attr_list_insert(list, attribute);
}

void addStyle(PangoAttrList* list, const Style& style, int sizePx, std::size_t from,
              std::size_t to) {
    if (style.bold) add(list, pango_attr_weight_new(PANGO_WEIGHT_BOLD), from, to);
    if (style.underline) add(list, pango_attr_underline_new(PANGO_UNDERLINE_SINGLE), from, to);
    if (style.big) add(list, pango_attr_size_new_absolute(sizePx * 2 * PANGO_SCALE), from, to);
}

PangoAlignment pangoAlign(Align align) {
    switch (align) {
    case Align::centre:
        return PANGO_ALIGN_CENTER;
    case Align::right:
        return PANGO_ALIGN_RIGHT;
    case Align::left:
        break;
    }
    return PANGO_ALIGN_LEFT;
}

bool allBig(const std::vector<Span>& spans) {
    return !spans.empty() &&
           std::all_of(spans.begin(), spans.end(), [](const Span& span) { return span.style.big; });
}

Layout makeLayout(PangoContext* context, const std::vector<Span>& spans, const RasterText& how) {
    Layout layout(pango_layout_new(context));
    const int sizePx = std::max(8, how.fontHeight * 17 / 20);
    const Font font(pango_font_description_from_string("Noto Sans, DejaVu Sans"));
    pango_font_description_set_absolute_size(font.get(), sizePx * PANGO_SCALE);
    pango_layout_set_font_description(layout.get(), font.get());

    std::string text;
    const Attributes attributes(pango_attr_list_new());
    for (const Span& span : spans) {
        const std::size_t from = text.size();
        text += toUtf8(clean(span.text));
        addStyle(attributes.get(), span.style, sizePx, from, text.size());
    }
    pango_layout_set_text(layout.get(), text.data(), static_cast<int>(text.size()));
    pango_layout_set_attributes(layout.get(), attributes.get());
    pango_layout_set_width(layout.get(), how.widthDots * PANGO_SCALE);
    pango_layout_set_wrap(layout.get(), PANGO_WRAP_WORD_CHAR);
    pango_layout_set_alignment(layout.get(), pangoAlign(how.align));
    // Lines as far apart as the printer's own: 30 dots for 24 high letters, 50 for 48.
    pango_layout_set_line_spacing(layout.get(), allBig(spans) ? 0.93F : 1.1F);
    return layout;
}

/// The surface is a whole number of bytes of dots wide.
Bitmap threshold(cairo_surface_t* surface, int width, int height) {
    Bitmap bitmap{width, height, {}};
    const auto stride = static_cast<std::size_t>(bitmap.stride());
    bitmap.bits.assign(stride * static_cast<std::size_t>(height), 0);
    cairo_surface_flush(surface);
    const unsigned char* pixels = cairo_image_surface_get_data(surface);
    const auto rowBytes = static_cast<std::size_t>(cairo_image_surface_get_stride(surface));
    for (std::size_t y = 0; y < static_cast<std::size_t>(height); ++y) {
        const unsigned char* row = pixels + y * rowBytes;
        for (std::size_t group = 0; group < stride; ++group, row += 8) {
            std::uint64_t eight = 0;
            std::memcpy(&eight, row, sizeof eight);
            if (eight == 0) continue; // paper is mostly white
            unsigned dots = 0;
            for (std::size_t i = 0; i < 8; ++i) dots = dots << 1 | (row[i] >= 0x70 ? 1U : 0U);
            bitmap.bits[y * stride + group] = static_cast<std::uint8_t>(dots);
        }
    }
    return bitmap;
}

Result<Code> makeQr(std::string_view text) {
    if (text.empty()) return fail(Fault::invalid, "a QR code needs a text");
    if (text.size() > kMaxQrBytes) return fail(Fault::tooLarge, "a QR text is at most 1000 bytes");
    const auto printable = [](char c) { return c >= 0x20 && c <= 0x7E; };
    if (!std::all_of(text.begin(), text.end(), printable)) {
        return fail(Fault::invalid,
                    "a QR text is printable ASCII; encode the rest (percent, base64)");
    }
    const std::string copy(text);
    Code code(QRcode_encodeString8bit(copy.c_str(), 0, QR_ECLEVEL_M));
    if (!code) return fail(Fault::internal, "libqrencode could not make the code");
    return code;
}

void setDots(std::span<std::uint8_t> row, int from, int count) {
    for (int x = from; x < from + count; ++x) {
        auto& byte = row[static_cast<std::size_t>(x / 8)];
        byte = static_cast<std::uint8_t>(byte | 0x80U >> (x % 8));
    }
}

} // namespace

Result<Bitmap> drawText(const std::vector<Span>& spans, const RasterText& how) {
    const Context context(pango_font_map_create_context(pango_cairo_font_map_get_default()));
    if (!how.language.empty()) {
        pango_context_set_language(context.get(), pango_language_from_string(how.language.c_str()));
    }
    const Layout layout = makeLayout(context.get(), spans, how);
    PangoRectangle ink{};
    pango_layout_get_pixel_extents(layout.get(), &ink, nullptr);
    const bool big = allBig(spans);
    const int cell = how.fontHeight * (big ? 2 : 1);
    // Drawn letters stand where the printer's own would: its baseline is at 0.77 of the cell. Marks
    // that reach higher push them down.
    const int baseline = PANGO_PIXELS(pango_layout_get_baseline(layout.get()));
    const int shift = std::max(cell * 77 / 100 - baseline, -ink.y);
    const int lines = std::max(1, pango_layout_get_line_count(layout.get()));
    const int height =
        std::max(shift + ink.y + ink.height + 1, lines * (big ? cell + 2 : how.fontHeight * 5 / 4));
    if (height > kMaxImageRows) {
        return fail(Fault::tooLarge, "a paragraph that must be drawn is at most 2400 rows high");
    }
    const Surface surface(
        cairo_image_surface_create(CAIRO_FORMAT_A8, (how.widthDots + 7) / 8 * 8, height));
    const Cairo cairo(cairo_create(surface.get()));
    cairo_move_to(cairo.get(), 0, shift);
    pango_cairo_show_layout(cairo.get(), layout.get());
    if (cairo_status(cairo.get()) != CAIRO_STATUS_SUCCESS) {
        return fail(Fault::internal, "the text could not be drawn; are fonts installed?");
    }
    return threshold(surface.get(), how.widthDots, height);
}

Result<int> qrModules(std::string_view text) {
    return makeQr(text).map([](const Code& code) { return code->width; });
}

Result<Bitmap> drawQr(std::string_view text, int moduleDots) {
    if (moduleDots < 1 || moduleDots > 16) {
        return fail(Fault::invalid, "QR modules are 1 to 16 dots");
    }
    auto code = makeQr(text);
    if (!code) return tl::make_unexpected(code.error());
    constexpr int kQuiet = 4;
    const int modules = (*code)->width;
    const int side = (modules + 2 * kQuiet) * moduleDots;
    Bitmap bitmap{side, side, {}};
    const auto stride = static_cast<std::size_t>(bitmap.stride());
    bitmap.bits.assign(stride * static_cast<std::size_t>(side), 0);
    std::vector<std::uint8_t> row(stride);
    for (int y = 0; y < modules; ++y) {
        std::fill(row.begin(), row.end(), std::uint8_t{0});
        for (int x = 0; x < modules; ++x) {
            if (((*code)->data[y * modules + x] & 1) == 0) continue;
            setDots(row, (x + kQuiet) * moduleDots, moduleDots);
        }
        for (int i = 0; i < moduleDots; ++i) { // each row of modules is as many rows of dots
            const std::ptrdiff_t line = (y + kQuiet) * moduleDots + i;
            std::copy(row.begin(), row.end(), bitmap.bits.begin() + line * bitmap.stride());
        }
    }
    return bitmap;
}

void defuse(std::vector<std::uint8_t>& imageData) {
    if (imageData.empty()) return;
    const auto last = imageData.end() - 1;
    for (auto at = std::find(imageData.begin(), last, 0x10); at != last;
         at = std::find(at + 1, last, 0x10)) {
        const std::uint8_t next = at[1];
        if (next == 0x04 || next == 0x05 || next == 0x14) {
            *at = 0x30; // one dot more beside one that is there
        }
    }
}

} // namespace souffleur::escpos
