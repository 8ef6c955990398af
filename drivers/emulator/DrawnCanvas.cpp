#include "drivers/emulator/Canvas.h"

#include <algorithm>
#include <pango/pangocairo.h>
#include <string>

#include "drivers/emulator/Paper.h"
#include "drivers/escpos/Text.h"

namespace souffleur::emulator {
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
using Layout = std::unique_ptr<PangoLayout, Deleter<g_object_unref>>;
using Context = std::unique_ptr<PangoContext, Deleter<g_object_unref>>;
using Font = std::unique_ptr<PangoFontDescription, Deleter<pango_font_description_free>>;

constexpr int kScale = 2;       ///< pixels a dot: sharp on screens of today
constexpr int kGrowDots = 1024; ///< the roll grows in steps
constexpr double kFontPx = 40;  ///< size at which the font is asked for
constexpr double kTooth = 9;    ///< the knife's teeth, dots
constexpr double kPaper[3] = {0.992, 0.990, 0.982};
constexpr double kInk = 0.11; ///< thermal black is a dark grey

/// The lines of a box-drawing character: left, right, up, down; nothing for other characters.
struct Strokes {
    bool left = false;
    bool right = false;
    bool up = false;
    bool down = false;
    bool doubled = false;
};

bool strokesOf(char32_t c, Strokes& out) {
    switch (c) {
    case U'─':
        out = {true, true, false, false, false};
        return true;
    case U'│':
        out = {false, false, true, true, false};
        return true;
    case U'┌':
        out = {false, true, false, true, false};
        return true;
    case U'┐':
        out = {true, false, false, true, false};
        return true;
    case U'└':
        out = {false, true, true, false, false};
        return true;
    case U'┘':
        out = {true, false, true, false, false};
        return true;
    case U'├':
        out = {false, true, true, true, false};
        return true;
    case U'┤':
        out = {true, false, true, true, false};
        return true;
    case U'┬':
        out = {true, true, false, true, false};
        return true;
    case U'┴':
        out = {true, true, true, false, false};
        return true;
    case U'┼':
        out = {true, true, true, true, false};
        return true;
    case U'═':
        out = {true, true, false, false, true};
        return true;
    default:
        return false;
    }
}

/// The knife leaves small teeth above and below; between them the paper is straight.
void outline(cairo_t* cairo, int width, int height) {
    const double right = width - 0.5;
    const int teeth = static_cast<int>(width / kTooth) + 1;
    cairo_move_to(cairo, 0.5, kTooth / 2);
    for (int i = 0; i < teeth; ++i) {
        cairo_line_to(cairo, std::min((i + 0.5) * kTooth, right), 0.5);
        cairo_line_to(cairo, std::min((i + 1) * kTooth, right), kTooth / 2);
    }
    for (int i = 0; i < teeth; ++i) {
        cairo_line_to(cairo, std::max(width - i * kTooth, 0.5), height - kTooth / 2);
        cairo_line_to(cairo, std::max(width - (i + 0.5) * kTooth, 0.5), height - 0.5);
    }
    cairo_line_to(cairo, 0.5, height - kTooth / 2);
    cairo_close_path(cairo);
}

cairo_status_t appendPng(void* closure, const unsigned char* data, unsigned int length) {
    auto& png = *static_cast<std::vector<std::uint8_t>*>(closure);
    png.insert(png.end(), data, data + length);
    return CAIRO_STATUS_SUCCESS;
}

/// The roll since it was cut.
struct Roll {
    escpos::Profile profile;
    Surface surface;
    Cairo cairo;
    Context context;
    Layout regular;
    Layout bold;
    double advance = 1; ///< of the fixed-width font at its own size
    int heightDots = 0;

    explicit Roll(const escpos::Profile& model) : profile(model) {
        context.reset(pango_font_map_create_context(pango_cairo_font_map_get_default()));
        regular = makeLayout(PANGO_WEIGHT_MEDIUM);
        bold = makeLayout(PANGO_WEIGHT_BOLD);
        pango_layout_set_text(regular.get(), "M", 1);
        PangoRectangle logical{};
        pango_layout_get_extents(regular.get(), nullptr, &logical);
        advance = std::max(1.0, pango_units_to_double(logical.width));
        grow(kGrowDots);
    }

    [[nodiscard]] Layout makeLayout(PangoWeight weight) const {
        Layout layout(pango_layout_new(context.get()));
        const Font font(pango_font_description_from_string("Noto Sans Mono, DejaVu Sans Mono"));
        pango_font_description_set_weight(font.get(), weight);
        pango_font_description_set_absolute_size(font.get(), kFontPx * PANGO_SCALE);
        pango_layout_set_font_description(layout.get(), font.get());
        return layout;
    }

    void grow(int toDots) {
        if (toDots <= heightDots) return;
        const int wanted = std::min(kMaxReceiptDots, (toDots / kGrowDots + 1) * kGrowDots);
        Surface larger(cairo_image_surface_create(CAIRO_FORMAT_A8, profile.widthDots * kScale,
                                                  wanted * kScale));
        Cairo onto(cairo_create(larger.get()));
        if (surface) {
            cairo_set_source_surface(onto.get(), surface.get(), 0, 0);
            cairo_paint(onto.get());
        }
        cairo_set_source_rgba(onto.get(), 0, 0, 0, 1);
        cairo_scale(onto.get(), kScale, kScale);
        surface = std::move(larger);
        cairo = std::move(onto);
        heightDots = wanted;
    }

    void strokes(const Strokes& lines, const Canvas::Cell& cell) const {
        const double middleX = cell.x + cell.width / 2.0;
        const double middleY = cell.y + cell.height / 2.0;
        const double thick = 2;
        const auto bar = [&](double x, double y, double w, double h) {
            cairo_rectangle(cairo.get(), x, y, w, h);
        };
        const double left = lines.left ? cell.x : middleX - thick / 2;
        const double right = lines.right ? cell.x + cell.width : middleX + thick / 2;
        if (lines.left || lines.right) {
            const double apart = lines.doubled ? 3 : 0;
            bar(left, middleY - thick / 2 - apart, right - left, thick);
            if (lines.doubled) bar(left, middleY - thick / 2 + apart, right - left, thick);
        }
        const double top = lines.up ? cell.y : middleY;
        const double bottom = lines.down ? cell.y + cell.height : middleY;
        if (lines.up || lines.down) bar(middleX - thick / 2, top, thick, bottom - top);
        cairo_fill(cairo.get());
    }

    void character(char32_t c, const Canvas::Cell& cell) const {
        PangoLayout* layout = cell.bold ? bold.get() : regular.get();
        const std::string text = escpos::toUtf8(std::u32string(1, c));
        pango_layout_set_text(layout, text.data(), static_cast<int>(text.size()));
        PangoRectangle logical{};
        pango_layout_get_extents(layout, nullptr, &logical);
        const double width = std::max(1.0, pango_units_to_double(logical.width));
        // Capitals about 17 of 24 dots high, as in a printer's own font A.
        const double scaleY = cell.height / kFontPx;
        const double scaleX = std::min(cell.width / advance, cell.width / width);
        const double baseline = cell.y + cell.height * 0.77;
        cairo_save(cairo.get());
        cairo_translate(cairo.get(), cell.x + (cell.width - width * scaleX) / 2, baseline);
        cairo_scale(cairo.get(), scaleX, scaleY);
        cairo_move_to(cairo.get(), 0, -pango_units_to_double(pango_layout_get_baseline(layout)));
        pango_cairo_show_layout(cairo.get(), layout);
        cairo_restore(cairo.get());
    }
};

class DrawnCanvas final : public Canvas {
public:
    explicit DrawnCanvas(const escpos::Profile& profile) : _roll(std::make_unique<Roll>(profile)) {}

    void glyph(char32_t c, const Cell& cell) override;
    void dots(const escpos::Bitmap& bitmap, int x, int y, int scaleX, int scaleY) override;
    [[nodiscard]] Picture cut(int heightDots) override {
        Picture picture = png(heightDots);
        _roll = std::make_unique<Roll>(_roll->profile);
        return picture;
    }

private:
    [[nodiscard]] Picture png(int heightDots) const;

    std::unique_ptr<Roll> _roll;
};

void DrawnCanvas::glyph(char32_t c, const Cell& cell) {
    if (cell.y + cell.height > kMaxReceiptDots) return;
    _roll->grow(cell.y + cell.height + 2);
    cairo_t* cairo = _roll->cairo.get();
    if (cell.inverse) {
        cairo_rectangle(cairo, cell.x, cell.y, cell.width, cell.height);
        cairo_fill(cairo);
        cairo_set_operator(cairo, CAIRO_OPERATOR_DEST_OUT);
    }
    Strokes lines;
    if (strokesOf(c, lines)) {
        _roll->strokes(lines, cell);
    } else if (c != U' ') {
        _roll->character(c, cell);
    }
    if (cell.underline) {
        cairo_rectangle(cairo, cell.x, cell.y + cell.height - 1, cell.width, 2);
        cairo_fill(cairo);
    }
    cairo_set_operator(cairo, CAIRO_OPERATOR_OVER);
}

void DrawnCanvas::dots(const escpos::Bitmap& bitmap, int x, int y, int scaleX, int scaleY) {
    const int rows = std::min(bitmap.height, (kMaxReceiptDots - y) / scaleY);
    if (rows <= 0) return;
    _roll->grow(y + rows * scaleY + 2);
    cairo_t* cairo = _roll->cairo.get();
    for (int row = 0; row < rows; ++row) {
        for (int from = 0; from < bitmap.width;) {
            int to = from;
            while (to < bitmap.width && bitmap.at(to, row)) ++to;
            if (to > from) {
                cairo_rectangle(cairo, x + from * scaleX, y + row * scaleY, (to - from) * scaleX,
                                scaleY);
            }
            from = std::max(to, from + 1);
        }
        cairo_fill(cairo);
    }
}

Canvas::Picture DrawnCanvas::png(int heightDots) const {
    const escpos::Profile& profile = _roll->profile;
    const int height = std::clamp(heightDots, 1, kMaxReceiptDots);
    const int paper = profile.paperWidthMm * profile.dotsPerMm;
    const int side = std::max(8, (paper - profile.widthDots) / 2);
    const int width = profile.widthDots + 2 * side;
    Picture picture;
    picture.widthPx = width * kScale;
    picture.heightPx = height * kScale;
    const Surface surface(
        cairo_image_surface_create(CAIRO_FORMAT_ARGB32, picture.widthPx, picture.heightPx));
    const Cairo cairo(cairo_create(surface.get()));
    cairo_scale(cairo.get(), kScale, kScale);

    outline(cairo.get(), width, height);
    cairo_set_source_rgb(cairo.get(), kPaper[0], kPaper[1], kPaper[2]);
    cairo_fill_preserve(cairo.get());
    cairo_set_source_rgba(cairo.get(), 0, 0, 0, 0.16);
    cairo_set_line_width(cairo.get(), 0.75);
    cairo_stroke(cairo.get());

    cairo_scale(cairo.get(), 1.0 / kScale, 1.0 / kScale);
    cairo_set_source_rgb(cairo.get(), kInk, kInk, kInk + 0.01);
    cairo_mask_surface(cairo.get(), _roll->surface.get(), side * kScale, 0);
    cairo_surface_write_to_png_stream(surface.get(), appendPng, &picture.png);
    return picture;
}

} // namespace

std::unique_ptr<Canvas> drawnCanvas(const escpos::Profile& profile) {
    return std::make_unique<DrawnCanvas>(profile);
}

} // namespace souffleur::emulator
