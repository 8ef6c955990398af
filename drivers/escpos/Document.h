// What a slip says, not which bytes say it: the encoder decides those from the model's profile. A
// plain value without threads or I/O; texts are UTF-8 and may hold anything (the encoder makes them
// harmless).
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace souffleur::escpos {

enum class Align { left, centre, right };

/// How a text looks. `big` is twice as wide and high.
struct Style {
    bool bold = false;
    bool big = false;
    bool underline = false;
    bool operator==(const Style&) const = default;
};

/// A stretch of text in one style. '\n' breaks the line; other control characters are shown as '?'.
struct Span {
    std::string text;
    Style style;
};

/// A paragraph, wrapped by words to the paper's width.
struct Paragraph {
    std::vector<Span> spans;
    Align align = Align::left;
};

/// Left and right text on one line ("E-mail ....... yes"); the left one wraps, the right one stays
/// whole.
struct Row {
    std::string left;
    std::string right;
    Style style;
};

/// A line across the paper.
struct Rule {
    bool dashed = false;
};

/// Blank lines, 1..20.
struct Feed {
    int lines = 1;
};

/// Less than a line between things that belong together, 1..255 dots. A printer may count finer
/// than its dots and feed half of it (`ESC J` is in motion units).
struct Space {
    int dots = 14;
};

/// A QR code. `text` is printable ASCII, 1..1000 bytes. `moduleDots` 2..12; lowered until it fits.
struct Qr {
    std::string text;
    int moduleDots = 6;
    Align align = Align::centre;
};

/// A one-bit picture: rows of (width + 7) / 8 bytes, most significant bit left, 1 = black.
struct Bitmap {
    int width = 0;
    int height = 0;
    std::vector<std::uint8_t> bits;

    [[nodiscard]] int stride() const { return (width + 7) / 8; }
    [[nodiscard]] bool at(int x, int y) const {
        const auto index = static_cast<std::size_t>(y) * static_cast<std::size_t>(stride()) +
                           static_cast<std::size_t>(x / 8);
        return (bits[index] >> (7 - x % 8) & 1) != 0;
    }
};

/// A picture, at most the paper's width and 2,400 rows.
struct Image {
    Bitmap bitmap;
    Align align = Align::centre;
};

using Block = std::variant<Paragraph, Row, Rule, Feed, Space, Qr, Image>;

/// A slip from top to cut. Every adder returns *this so that a slip reads as it prints.
class Document {
public:
    Document& text(std::string text, Align align = Align::left, Style style = {});
    Document& spans(std::vector<Span> spans, Align align = Align::left);
    Document& title(std::string text); ///< big, bold, centred
    Document& row(std::string left, std::string right, Style style = {});
    Document& rule(bool dashed = false);
    Document& feed(int lines = 1);
    Document& space(int dots = 14);
    Document& qr(std::string text, int moduleDots = 6, Align align = Align::centre);
    Document& image(Bitmap bitmap, Align align = Align::centre);
    /// BCP 47 tag of the texts ("ru", "ca"): picks glyph shapes when text is drawn as a picture.
    Document& language(std::string tag);

    [[nodiscard]] const std::vector<Block>& blocks() const { return _blocks; }
    [[nodiscard]] const std::string& language() const { return _language; }

private:
    std::vector<Block> _blocks;
    std::string _language;
};

} // namespace souffleur::escpos
