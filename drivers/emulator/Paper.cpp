#include "drivers/emulator/Paper.h"

#include <algorithm>
#include <utility>

#include "drivers/emulator/Canvas.h"
#include "drivers/emulator/Line.h"
#include "drivers/escpos/Raster.h"

namespace souffleur::emulator {
namespace {

constexpr int kTopDots = 48; ///< blank from the knife to the first line
constexpr int kBottomDots = 56;
constexpr std::size_t kMaxTextBytes = 256 * 1024;

using Data = std::span<const std::uint8_t>;

std::size_t word(Data data, std::size_t at) {
    return at + 1 < data.size() ? static_cast<std::size_t>(data[at]) + 256U * data[at + 1] : 0;
}
std::uint8_t byteAt(Data data, std::size_t at) {
    return at < data.size() ? data[at] : 0;
}

/// Rows of dots from a raster command; too little data is a blank rest.
escpos::Bitmap rows(std::size_t widthDots, std::size_t height, Data data) {
    const std::size_t stride = (widthDots + 7) / 8;
    if (stride == 0) return {};
    height = std::min(height, data.size() / stride);
    escpos::Bitmap bitmap{static_cast<int>(widthDots), static_cast<int>(height), {}};
    bitmap.bits.assign(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(stride * height));
    return bitmap;
}

/// `ESC *` sends columns, top dot in the highest bit.
escpos::Bitmap columns(std::size_t width, std::size_t bytesEach, Data data) {
    width = std::min(width, data.size() / bytesEach);
    escpos::Bitmap bitmap{static_cast<int>(width), static_cast<int>(bytesEach * 8), {}};
    bitmap.bits.assign(static_cast<std::size_t>(bitmap.stride()) * bytesEach * 8, 0);
    for (std::size_t x = 0; x < width; ++x) {
        for (std::size_t y = 0; y < bytesEach * 8; ++y) {
            if ((data[x * bytesEach + y / 8] >> (7 - y % 8) & 1) == 0) continue;
            auto& byte = bitmap.bits[y * static_cast<std::size_t>(bitmap.stride()) + x / 8];
            byte = static_cast<std::uint8_t>(byte | 0x80U >> (x % 8));
        }
    }
    return bitmap;
}

} // namespace

struct Paper::State {
    escpos::Profile profile;
    std::unique_ptr<Canvas> canvas;
    Line line;
    Mode mode;
    escpos::CodePage page;
    int y = kTopDots;
    std::string text;
    std::string qr;
    int qrModule = 3;
    std::optional<escpos::Bitmap> stored; ///< by GS ( L fn 112
    int storedScaleX = 1;
    int storedScaleY = 1;
    bool marked = false; ///< something is on the paper
    bool full = false;
    std::uint64_t number = 0;
    std::vector<Receipt> cut;

    State(escpos::Profile model, Pictures pictures)
        : profile(std::move(model)),
          canvas(pictures == Pictures::drawn ? drawnCanvas(profile) : blankCanvas()), line(profile),
          page(profile.codePages.front().page) {
        reset();
    }

    void reset() {
        mode = {};
        mode.width = profile.widthDots;
        mode.lineDots = profile.fontHeight * 5 / 4;
        page = profile.codePages.front().page;
        qrModule = 3;
    }

    void advance(int dots) {
        y = std::min(kMaxReceiptDots, y + dots);
        if (y == kMaxReceiptDots && !std::exchange(full, true)) note("[end of the paper]");
    }

    void note(const std::string& words) {
        if (text.size() + words.size() > kMaxTextBytes) return;
        text += words + '\n';
    }

    void newLine() {
        marked = marked || !line.empty();
        const auto printed = line.print(*canvas, y, mode);
        note(printed.text);
        const int gap = printed.height > 0 && !printed.dots ? 2 : 0;
        advance(std::max(mode.lineDots, printed.height + gap));
    }

    void endLine() {
        if (!line.empty()) newLine();
    }

    void print(Data bytes) {
        for (const std::uint8_t byte : bytes) {
            if (full) return;
            const char32_t c = escpos::charOf(page, byte);
            if (!line.add(c, mode)) {
                newLine();
                (void) line.add(c, mode);
            }
        }
    }

    void picture(const escpos::Bitmap& bitmap, int scaleX, int scaleY, const std::string& words) {
        endLine();
        if (bitmap.width < 1 || bitmap.height < 1) return;
        const int width = bitmap.width * scaleX;
        int x = mode.leftMargin;
        if (mode.align == escpos::Align::centre) x += std::max(0, (mode.width - width) / 2);
        if (mode.align == escpos::Align::right) x += std::max(0, mode.width - width);
        canvas->dots(bitmap, x, y, scaleX, scaleY);
        advance(bitmap.height * scaleY);
        marked = true;
        note(words);
    }

    void image(const escpos::Bitmap& bitmap, int scaleX, int scaleY) {
        picture(bitmap, scaleX, scaleY,
                "[image " + std::to_string(bitmap.width) + "x" + std::to_string(bitmap.height) +
                    "]");
    }

    void printQr() {
        const auto bitmap = escpos::drawQr(qr, std::clamp(qrModule, 1, 16));
        if (!bitmap) {
            note("[qr that cannot be drawn]");
            return;
        }
        endLine();
        // Printers leave the quiet zone to the paper; two modules of it above are enough.
        y = std::max(0, y - 2 * qrModule);
        picture(*bitmap, 1, 1, "[qr " + qr + "]");
    }

    void cutHere() {
        endLine();
        if (marked) keepCut();
        text.clear(); // a blank piece is thrown away
        line.moveTo(0);
        y = kTopDots;
        marked = false;
        full = false;
    }

    void keepCut() {
        Receipt receipt;
        receipt.number = ++number;
        receipt.text = std::move(text);
        auto picture = canvas->cut(y + kBottomDots);
        receipt.png = std::move(picture.png);
        receipt.widthPx = picture.widthPx;
        receipt.heightPx = picture.heightPx;
        constexpr std::size_t kMaxWaiting = 64; // whoever feeds takes after each feed
        if (cut.size() < kMaxWaiting) cut.push_back(std::move(receipt));
    }

    void powerCut() {
        cutHere();
        reset();
        qr.clear();
        stored.reset();
    }

    void control(std::uint8_t byte) {
        if (byte == 0x0A) newLine();
        if (byte == 0x09) line.tab(mode);
    }

    void size(std::uint8_t n) {
        mode.scaleX = 1 + (n >> 4 & 7);
        mode.scaleY = 1 + (n & 7);
    }

    void printMode(std::uint8_t n) {
        mode.fontB = (n & 0x01) != 0;
        mode.bold = (n & 0x08) != 0;
        mode.scaleY = (n & 0x10) != 0 ? 2 : 1;
        mode.scaleX = (n & 0x20) != 0 ? 2 : 1;
        mode.underline = (n & 0x80) != 0;
    }

    void selectPage(std::uint8_t slot) {
        for (const escpos::CodePageSlot& one : profile.codePages) {
            if (one.slot == slot) page = one.page;
        }
    }

    void selectAlign(std::uint8_t n) {
        if (!line.empty()) return; // only at the start of a line
        switch (n % 48) {
        case 1:
            mode.align = escpos::Align::centre;
            break;
        case 2:
            mode.align = escpos::Align::right;
            break;
        default:
            mode.align = escpos::Align::left;
            break;
        }
    }

    void strip(Data bytes) {
        const std::uint8_t m = byteAt(bytes, 2);
        const bool tall = m >= 32;
        const auto bitmap = columns(word(bytes, 3), tall ? 3 : 1, bytes.subspan(5));
        line.add(bitmap, m % 32 == 0 ? 2 : 1, tall ? 1 : 3, mode);
    }

    void escape(Data bytes) {
        const std::uint8_t n = byteAt(bytes, 2);
        switch (bytes[1]) {
        case '@':
            reset();
            break;
        case '!':
            printMode(n);
            break;
        case '-':
            mode.underline = n % 48 != 0;
            break;
        case 'E':
        case 'G':
            mode.bold = (n & 1) != 0;
            break;
        case 'M':
            mode.fontB = n % 48 == 1;
            break;
        case 'a':
            selectAlign(n);
            break;
        case 't':
            selectPage(n);
            break;
        case '2':
            mode.lineDots = profile.fontHeight * 5 / 4;
            break;
        case '3':
            mode.lineDots = n;
            break;
        case '$':
            line.moveTo(static_cast<int>(word(bytes, 2)));
            break;
        case '*':
            strip(bytes);
            break;
        case 'J':
            endLine();
            advance(n);
            break;
        case 'd':
            endLine();
            advance(n * mode.lineDots);
            for (int i = 0; i < n; ++i) note("");
            break;
        case 'i':
        case 'm':
            cutHere();
            break;
        default:
            break;
        }
    }

    void group(Data bytes) {
        const std::uint8_t n = byteAt(bytes, 2);
        switch (bytes[1]) {
        case '!':
            size(n);
            break;
        case 'B':
            mode.inverse = (n & 1) != 0;
            break;
        case 'L':
            mode.leftMargin = std::min(static_cast<int>(word(bytes, 2)), profile.widthDots - 8);
            break;
        case 'W':
            mode.width = std::clamp(static_cast<int>(word(bytes, 2)), 8, profile.widthDots);
            break;
        case 'V':
            cutHere();
            break;
        case 'v':
            image(rows(word(bytes, 4) * 8, word(bytes, 6), bytes.subspan(8)), 1 + (n & 1),
                  1 + (n >> 1 & 1));
            break;
        case 'k':
            endLine();
            marked = true;
            note("[barcode]");
            break;
        default:
            break;
        }
    }

    void symbol(Data data) { // GS ( k, cn = 49: QR
        if (byteAt(data, 0) != 49) return;
        switch (byteAt(data, 1)) {
        case 67:
            qrModule = std::clamp<int>(byteAt(data, 2), 1, 16);
            break;
        case 80:
            qr.assign(data.begin() + 3, data.end());
            break;
        case 81:
            printQr();
            break;
        default:
            break;
        }
    }

    void graphics(Data data) { // GS ( L and GS 8 L
        const std::uint8_t function = byteAt(data, 1);
        if (function == 112 && data.size() >= 10) {
            storedScaleX = byteAt(data, 3) == 2 ? 2 : 1;
            storedScaleY = byteAt(data, 4) == 2 ? 2 : 1;
            stored = rows(word(data, 6), word(data, 8), data.subspan(10));
        } else if ((function == 50 || function == 2) && stored) {
            image(*stored, storedScaleX, storedScaleY);
            stored.reset();
        }
    }
};

Paper::Paper(escpos::Profile profile, Pictures pictures)
    : _state(std::make_unique<State>(std::move(profile), pictures)) {}
Paper::~Paper() = default;
Paper::Paper(Paper&&) noexcept = default;

void Paper::apply(const escpos::Command& command) {
    using Kind = escpos::Command::Kind;
    const auto bytes = command.bytes;
    if (command.kind == Kind::text) _state->print(bytes);
    if (command.kind == Kind::control) _state->control(bytes[0]);
    if (command.kind != Kind::command || bytes.size() < 2) return;
    if (command.is(0x1D, '(') && bytes[2] == 'k' && command.data().size() >= 3) {
        _state->symbol(command.data());
    } else if ((command.is(0x1D, '(') || command.is(0x1D, '8')) && bytes[2] == 'L') {
        _state->graphics(command.data());
    } else if (bytes[0] == 0x1D) {
        _state->group(bytes);
    } else if (bytes[0] == 0x1B) {
        _state->escape(bytes);
    }
}

std::vector<Receipt> Paper::takeCut() {
    return std::exchange(_state->cut, {});
}

void Paper::tear() {
    _state->cutHere();
}

void Paper::powerCut() {
    _state->powerCut();
}

} // namespace souffleur::emulator
