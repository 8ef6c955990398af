#include "drivers/escpos/Encoder.h"

#include <algorithm>
#include <utility>

#include "drivers/escpos/PageMap.h"
#include "drivers/escpos/Raster.h"
#include "drivers/escpos/Text.h"
#include "drivers/escpos/Writer.h"

namespace souffleur::escpos {
namespace {

using Glyphs = std::vector<Glyph>;

/// Modules per side of the smallest QR code of level M that holds so many bytes (ISO/IEC 18004,
/// table 7).
int modulesFor(std::size_t bytes) {
    constexpr std::array<std::size_t, 26> kCapacity = {14,  26,  42,  62,  84,  106, 122, 152, 180,
                                                       213, 251, 287, 331, 362, 412, 450, 504, 560,
                                                       624, 666, 711, 779, 857, 911, 997, 1059};
    const auto* const version = std::lower_bound(kCapacity.begin(), kCapacity.end(), bytes);
    return 21 + 4 * static_cast<int>(version - kCapacity.begin());
}

std::size_t textBytes(const Block& block) {
    struct Count {
        std::size_t operator()(const Paragraph& paragraph) const {
            std::size_t bytes = 0;
            for (const Span& span : paragraph.spans) bytes += span.text.size();
            return bytes;
        }
        std::size_t operator()(const Row& row) const { return row.left.size() + row.right.size(); }
        std::size_t operator()(const Qr& qr) const { return qr.text.size(); }
        std::size_t operator()(const Rule&) const { return 0; }
        std::size_t operator()(const Feed&) const { return 0; }
        std::size_t operator()(const Space&) const { return 0; }
        std::size_t operator()(const Image&) const { return 0; }
    };
    return std::visit(Count{}, block);
}

/// ORs `from` into `into`, `fromByte` bytes from its left edge.
void overlay(Bitmap& into, const Bitmap& from, std::size_t fromByte) {
    if (from.height > into.height) {
        into.height = from.height;
        into.bits.resize(static_cast<std::size_t>(into.stride()) *
                         static_cast<std::size_t>(into.height));
    }
    const auto stride = static_cast<std::size_t>(into.stride());
    const auto fromStride = static_cast<std::size_t>(from.stride());
    for (std::size_t y = 0; y < static_cast<std::size_t>(from.height); ++y) {
        for (std::size_t x = 0; x < fromStride && x + fromByte < stride; ++x) {
            auto& byte = into.bits[y * stride + x + fromByte];
            byte = static_cast<std::uint8_t>(byte | from.bits[y * fromStride + x]);
        }
    }
}

struct Extent {
    int first = 0; ///< black column, or the width when all is white
    int last = -1;
};

Extent blackColumns(const Bitmap& bitmap) {
    Extent extent{bitmap.width, -1};
    // All rows over each other, then the ends of that one.
    const auto stride = static_cast<std::size_t>(bitmap.stride());
    Bitmap shadow{bitmap.width, 1, std::vector<std::uint8_t>(stride, 0)};
    for (std::size_t row = 0; row + stride <= bitmap.bits.size(); row += stride) {
        for (std::size_t i = 0; i < stride; ++i) {
            shadow.bits[i] = static_cast<std::uint8_t>(shadow.bits[i] | bitmap.bits[row + i]);
        }
    }
    for (int x = 0; x < bitmap.width; ++x) {
        if (!shadow.at(x, 0)) continue;
        extent.first = std::min(extent.first, x);
        extent.last = x;
    }
    return extent;
}

/// One document on its way to bytes.
class Job {
public:
    Job(const Profile& profile, const PageMap& pages, const Document& document)
        : _profile(profile), _document(document), _out(profile, pages) {}

    Result<Bytes> run(std::optional<ProcessId> id) {
        _out.begin();
        for (const Block& block : _document.blocks()) {
            const auto done = std::visit([this](const auto& one) { return add(one); }, block);
            if (!done) return tl::make_unexpected(done.error());
        }
        _out.end(id);
        return _out.take();
    }

private:
    /// The glyphs, or nothing when they must be drawn as a picture.
    [[nodiscard]] std::optional<Glyphs> glyphsOf(const std::vector<Span>& spans) const {
        Glyphs glyphs;
        for (const Span& span : spans) {
            for (const char32_t c : clean(span.text)) {
                if (isRightToLeft(c)) return std::nullopt;
                if (c == U'\n' || _out.carries(c)) {
                    glyphs.push_back({c, span.style});
                    continue;
                }
                const auto plain = plainer(c);
                if (plain.empty()) return std::nullopt;
                for (const char32_t p : plain) {
                    // A plainer sign may itself be one that not every page has.
                    glyphs.push_back({_out.carries(p) ? p : U'.', span.style});
                }
            }
        }
        return glyphs;
    }

    [[nodiscard]] RasterText how(Align align) const {
        return {_profile.widthDots, _profile.fontHeight, align, _document.language()};
    }

    Result<void> drawn(const std::vector<Span>& spans, Align align) {
        const auto bitmap = drawText(spans, how(align));
        if (!bitmap) return tl::make_unexpected(bitmap.error());
        _out.align(Align::left);
        _out.bitmap(*bitmap);
        return {};
    }

    Result<void> add(const Paragraph& paragraph) {
        const auto glyphs = glyphsOf(paragraph.spans);
        if (!glyphs) return drawn(paragraph.spans, paragraph.align);
        _out.align(paragraph.align);
        for (const Glyphs& line : wrap(*glyphs, _profile.columns)) _out.line(line);
        return {};
    }

    Result<void> add(const Row& row) {
        const auto left = glyphsOf({{row.left, row.style}});
        const auto right = glyphsOf({{row.right, row.style}});
        if (!left || !right) return drawnRow(row);
        const int rightColumns = columnsOf(*right);
        const int room = _profile.columns - rightColumns - 1;
        const bool oneLine = std::none_of(right->begin(), right->end(),
                                          [](const Glyph& glyph) { return glyph.c == U'\n'; });
        // A long answer beside a broken label is hard to read: below, flush right.
        const bool crowded =
            rightColumns > _profile.columns / 3 && columnsOf(*left) > std::max(room, 0);
        if (room < 8 || crowded || !oneLine) {
            if (auto done = add(Paragraph{{{row.left, row.style}}, Align::left}); !done)
                return done;
            return add(Paragraph{{{row.right, row.style}}, Align::right});
        }
        auto lines = wrap(*left, room);
        Glyphs& first = lines.front();
        const int gap = _profile.columns - columnsOf(first) - rightColumns;
        first.insert(first.end(), static_cast<std::size_t>(gap),
                     Glyph{U' ', {.bold = row.style.bold}});
        first.insert(first.end(), right->begin(), right->end());
        _out.align(Align::left);
        for (const Glyphs& line : lines) _out.line(line);
        return {};
    }

    /// Pango mirrors what is written from right to left: there the answer stands left and its label
    /// right.
    Result<void> drawnRow(const Row& row) {
        auto answer = drawText({{row.right, row.style}}, how(Align::right));
        if (!answer) return tl::make_unexpected(answer.error());
        const Extent black = blackColumns(*answer);
        const bool mirrored = black.last >= 0 && black.first < _profile.widthDots / 2 &&
                              black.last < _profile.widthDots * 3 / 4;
        const int used = mirrored ? black.last + 1 : _profile.widthDots - black.first;
        RasterText labelHow = how(Align::left);
        labelHow.widthDots = (_profile.widthDots - used - _profile.fontWidth) / 8 * 8;
        if (labelHow.widthDots < _profile.widthDots / 4) {
            if (auto done = drawn({{row.left, row.style}}, Align::left); !done) return done;
            return drawn({{row.right, row.style}}, Align::right);
        }
        const auto label = drawText({{row.left, row.style}}, labelHow);
        if (!label) return tl::make_unexpected(label.error());
        const int labelAt = mirrored ? _profile.widthDots - labelHow.widthDots : 0;
        overlay(*answer, *label, static_cast<std::size_t>(labelAt / 8));
        _out.align(Align::left);
        _out.bitmap(*answer);
        return {};
    }

    Result<void> add(const Rule& rule) {
        const char32_t line = !rule.dashed && _out.carries(U'─') ? U'─' : U'-';
        _out.align(Align::left);
        _out.line(Glyphs(static_cast<std::size_t>(_profile.columns), Glyph{line, {}}));
        return {};
    }

    Result<void> add(const Feed& feed) {
        if (feed.lines < 1 || feed.lines > 20) return fail(Fault::invalid, "feed 1 to 20 lines");
        _out.feed(feed.lines);
        return {};
    }

    Result<void> add(const Space& space) {
        if (space.dots < 1 || space.dots > 255) return fail(Fault::invalid, "space is 1 to 255");
        _out.space(space.dots);
        return {};
    }

    Result<void> add(const Qr& qr) {
        if (qr.moduleDots < 2 || qr.moduleDots > 12) {
            return fail(Fault::invalid, "QR modules are 2 to 12 dots");
        }
        if (qr.text.empty() || qr.text.size() > kMaxQrBytes) {
            return fail(Fault::invalid, "a QR text has 1 to 1000 bytes");
        }
        const auto printable = [](char c) { return c >= 0x20 && c <= 0x7E; };
        if (!std::all_of(qr.text.begin(), qr.text.end(), printable)) {
            return fail(Fault::invalid, "a QR text is printable ASCII; encode the rest");
        }
        constexpr int kQuiet = 8;
        const int modules = modulesFor(qr.text.size()) + kQuiet;
        const int dots = std::min(qr.moduleDots, _profile.widthDots / modules);
        if (dots < 2) return fail(Fault::tooLarge, "the QR text is too long for the paper's width");
        if (_profile.qr) {
            _out.align(qr.align);
            _out.qr(qr.text, dots);
            return {};
        }
        const auto bitmap = drawQr(qr.text, dots);
        if (!bitmap) return tl::make_unexpected(bitmap.error());
        _out.align(qr.align);
        _out.bitmap(*bitmap);
        return {};
    }

    Result<void> add(const Image& image) {
        const Bitmap& bitmap = image.bitmap;
        if (bitmap.width < 1 || bitmap.height < 1 ||
            bitmap.bits.size() != static_cast<std::size_t>(bitmap.stride()) *
                                      static_cast<std::size_t>(bitmap.height)) {
            return fail(Fault::invalid,
                        "a picture needs (width + 7) / 8 bytes for each of its rows");
        }
        if (bitmap.width > _profile.widthDots) {
            return fail(Fault::tooLarge, "the picture is wider than the paper");
        }
        if (bitmap.height > kMaxImageRows) {
            return fail(Fault::tooLarge, "a picture has at most 2400 rows");
        }
        _out.align(image.align);
        _out.bitmap(bitmap);
        return {};
    }

    const Profile& _profile;
    const Document& _document;
    Writer _out;
};

} // namespace

ProcessId processId(std::uint32_t n) noexcept {
    // None of them can pass for the first byte of a status, nor for a reply's header (Status.h).
    constexpr std::string_view kDigits = "1359ABCDEFGHIJKLMNOQSUWYabcdefghijklmnoqsuwy";
    ProcessId id{};
    for (auto digit = id.rbegin(); digit != id.rend(); ++digit) {
        *digit = kDigits[n % kDigits.size()];
        n /= static_cast<std::uint32_t>(kDigits.size());
    }
    return id;
}

Bytes processIdRequest(const ProcessId& id) {
    Bytes bytes{0x1D, '(', 'H', 6, 0, 48, 48};
    for (const char c : id) bytes.push_back(static_cast<std::uint8_t>(c));
    return bytes;
}

Bytes drawerKick(int pin, int onMs, int offMs) {
    const auto halves = [](int ms) {
        return static_cast<std::uint8_t>(std::clamp(ms, 2, 510) / 2);
    };
    const auto connector = static_cast<std::uint8_t>(pin == 5 ? 1 : 0);
    return {0x1B, 'p', connector, halves(onMs), halves(offMs)};
}

Result<Bytes> pictureLine(const Profile& profile, std::string_view text,
                          const std::string& language) {
    const auto low = [](int value) { return static_cast<std::uint8_t>(value); };
    const bool control = std::any_of(text.begin(), text.end(),
                                     [](char c) { return c >= 0 && (c < 0x20 || c == 0x7F); });
    if (text.empty() || control || profile.graphics == Graphics::columnsEscStar) {
        return fail(Fault::invalid, "a line of printable text, on a model that prints pictures");
    }
    auto drawn = drawText({{std::string(text), {}}},
                          {profile.widthDots, profile.fontHeight, Align::left, language});
    if (!drawn) return tl::make_unexpected(drawn.error());
    if (drawn->height > profile.fontHeight * 2) {
        return fail(Fault::tooLarge, "the text is wider than a line of this paper");
    }
    defuse(drawn->bits);
    const int stride = drawn->stride();
    const int height = drawn->height;
    Bytes bytes{0x1D, 'v', '0', 0, low(stride), low(stride >> 8), low(height), low(height >> 8)};
    bytes.insert(bytes.end(), drawn->bits.begin(), drawn->bits.end());
    return bytes;
}

Encoder::Encoder(Profile profile)
    : _profile(std::move(profile)), _pages(std::make_shared<PageMap>(_profile.codePages)) {}

Result<Bytes> Encoder::encode(const Document& document, std::optional<ProcessId> id) const {
    if (const auto valid = validate(_profile); !valid) return tl::make_unexpected(valid.error());
    if (document.blocks().size() > kMaxDocumentBlocks) {
        return fail(Fault::tooLarge, "a document has at most 500 blocks");
    }
    std::size_t bytes = 0;
    for (const Block& block : document.blocks()) bytes += textBytes(block);
    if (bytes > kMaxDocumentTextBytes) {
        return fail(Fault::tooLarge, "a document holds at most 64 KiB of text");
    }
    if (id && !std::all_of(id->begin(), id->end(), [](char c) { return c >= 0x20 && c <= 0x7E; })) {
        return fail(Fault::invalid, "a process id is four printable characters");
    }
    return Job(_profile, *_pages, document).run(id);
}

} // namespace souffleur::escpos
