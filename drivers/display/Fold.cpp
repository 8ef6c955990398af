#include "drivers/display/Fold.h"

#include <algorithm>

namespace souffleur::display {
namespace {

constexpr char32_t kUnreadable = 0xFFFD;

/// The next character of `utf8`, taken off its front; U+FFFD for a byte that starts none.
char32_t take(std::string_view& utf8) {
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(utf8[i]); };
    const unsigned char first = at(0);
    const std::size_t length = first < 0x80             ? 1
                               : (first & 0xE0) == 0xC0 ? 2
                               : (first & 0xF0) == 0xE0 ? 3
                               : (first & 0xF8) == 0xF0 ? 4
                                                        : 0;
    if (length == 0 || utf8.size() < length) {
        utf8.remove_prefix(1);
        return kUnreadable;
    }
    if (length == 1) {
        utf8.remove_prefix(1);
        return first;
    }
    char32_t c = first & (0x7FU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if ((at(i) & 0xC0) != 0x80) {
            utf8.remove_prefix(1);
            return kUnreadable;
        }
        c = (c << 6U) | (at(i) & 0x3FU);
    }
    utf8.remove_prefix(length);
    return c;
}

struct Range {
    char32_t first;
    char32_t last;
    const char* const* words;
};

// U+00A0..U+00FF
constexpr const char* kLatin1[] = {
    " ", "",  "c", "GBP", "?", "JPY", "|",  "S", "",  "(c)", "a", "\"", "?",   "",    "(r)", "",
    "",  "?", "2", "3",   "'", "u",   "",   ".", "",  "1",   "o", "\"", "1/4", "1/2", "3/4", "",
    "A", "A", "A", "A",   "A", "A",   "AE", "C", "E", "E",   "E", "E",  "I",   "I",   "I",   "I",
    "D", "N", "O", "O",   "O", "O",   "O",  "x", "O", "U",   "U", "U",  "U",   "Y",   "Th",  "ss",
    "a", "a", "a", "a",   "a", "a",   "ae", "c", "e", "e",   "e", "e",  "i",   "i",   "i",   "i",
    "d", "n", "o", "o",   "o", "o",   "o",  "/", "o", "u",   "u", "u",  "u",   "y",   "th",  "y"};
// U+0100..U+017F
constexpr const char* kLatinA[] = {
    "A", "a", "A",  "a",  "A", "a", "C", "c", "C", "c", "C", "c", "C", "c", "D", "d",
    "D", "d", "E",  "e",  "E", "e", "E", "e", "E", "e", "E", "e", "G", "g", "G", "g",
    "G", "g", "G",  "g",  "H", "h", "H", "h", "I", "i", "I", "i", "I", "i", "I", "i",
    "I", "i", "IJ", "ij", "J", "j", "K", "k", "k", "L", "l", "L", "l", "L", "l", "L",
    "l", "L", "l",  "N",  "n", "N", "n", "N", "n", "n", "N", "n", "O", "o", "O", "o",
    "O", "o", "OE", "oe", "R", "r", "R", "r", "R", "r", "S", "s", "S", "s", "S", "s",
    "S", "s", "T",  "t",  "T", "t", "T", "t", "U", "u", "U", "u", "U", "u", "U", "u",
    "U", "u", "U",  "u",  "W", "w", "Y", "y", "Y", "Z", "z", "Z", "z", "Z", "z", "s"};
// U+0410..U+044F
constexpr const char* kCyrillic[] = {
    "A", "B", "V", "G", "D", "E",  "Zh", "Z",  "I",  "Y",    "K", "L", "M", "N", "O",  "P",
    "R", "S", "T", "U", "F", "Kh", "Ts", "Ch", "Sh", "Shch", "",  "Y", "",  "E", "Yu", "Ya",
    "a", "b", "v", "g", "d", "e",  "zh", "z",  "i",  "y",    "k", "l", "m", "n", "o",  "p",
    "r", "s", "t", "u", "f", "kh", "ts", "ch", "sh", "shch", "",  "y", "",  "e", "yu", "ya"};
// U+0391..U+03C9
constexpr const char* kGreek[] = {"A", "V", "G", "D",  "E", "Z", "I",  "Th", "I", "K", "L",  "M",
                                  "N", "X", "O", "P",  "R", "?", "S",  "T",  "Y", "F", "Ch", "Ps",
                                  "O", "I", "Y", "a",  "e", "i", "i",  "y",  "a", "v", "g",  "d",
                                  "e", "z", "i", "th", "i", "k", "l",  "m",  "n", "x", "o",  "p",
                                  "r", "s", "s", "t",  "y", "f", "ch", "ps", "o"};
// U+2010..U+2027
constexpr const char* kMarks[] = {"-", "-", "-", "-", "-",  "-",  "|",   "_",
                                  "'", "'", ",", "'", "\"", "\"", "\"",  "\"",
                                  "+", "+", "*", ">", ".",  "..", "...", "."};

constexpr Range kRanges[] = {{0xA0, 0xFF, kLatin1},
                             {0x100, 0x17F, kLatinA},
                             {0x410, 0x44F, kCyrillic},
                             {0x391, 0x3C9, kGreek},
                             {0x2010, 0x2027, kMarks}};
static_assert(std::size(kLatin1) == 0x60 && std::size(kLatinA) == 0x80);
static_assert(std::size(kCyrillic) == 0x40 && std::size(kGreek) == 0x39);
static_assert(std::size(kMarks) == 0x18);

struct Single {
    char32_t c;
    const char* words;
};
constexpr Single kSingles[] = {
    {0x20AC, "EUR"}, {0x20BD, "RUB"}, {0x2122, "(tm)"}, {0x2116, "No."}, {0x401, "Yo"},
    {0x451, "yo"},   {0x404, "Ye"},   {0x454, "ye"},    {0x406, "I"},    {0x456, "i"},
    {0x407, "Yi"},   {0x457, "yi"},   {0x40E, "U"},     {0x45E, "u"},    {0x490, "G"},
    {0x491, "g"},    {0x386, "A"},    {0x388, "E"},     {0x389, "I"},    {0x38A, "I"},
    {0x38C, "O"},    {0x38E, "Y"},    {0x38F, "O"},     {0x3CC, "o"},    {0x3CD, "y"},
    {0x3CE, "o"},    {0x3CA, "i"},    {0x3CB, "y"},     {0x218, "S"},    {0x219, "s"},
    {0x21A, "T"},    {0x21B, "t"},    {0x1E9E, "SS"},   {0x2039, "'"},   {0x203A, "'"},
    {0x2032, "'"},   {0x2033, "\""},  {0x2212, "-"},    {0xFFFD, "?"}};

bool soundless(char32_t c) {
    return (c >= 0x300 && c <= 0x36F) || (c >= 0x200B && c <= 0x200F) ||
           (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF ||
           (c >= 0xFE00 && c <= 0xFE0F);
}

bool isSpace(char32_t c) {
    return c == ' ' || c == '\t' || c == 0xA0 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F;
}

} // namespace

std::string_view latinFor(char32_t c) noexcept {
    static constexpr std::string_view kAscii =
        " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvw"
        "xyz{|}~";
    if (c >= 0x20 && c < 0x7F) return kAscii.substr(c - 0x20, 1);
    if (c < 0xA0 || soundless(c)) return {}; // never a control character
    for (const Range& range : kRanges)
        if (c >= range.first && c <= range.last) return range.words[c - range.first];
    for (const Single& single : kSingles)
        if (single.c == c) return single.words;
    return "?";
}

Line lineFor(std::string_view utf8, std::optional<escpos::CodePage> page) {
    utf8 = utf8.substr(0, kLineMaxBytes);
    std::string text;
    while (!utf8.empty()) {
        const char32_t c = take(utf8);
        const auto byte = page && c >= 0x80 ? escpos::byteOf(*page, c) : std::nullopt;
        if (isSpace(c)) {
            if (!text.empty() && text.back() != ' ') text += ' ';
        } else if (byte) {
            text += static_cast<char>(*byte);
        } else {
            text += latinFor(c);
        }
    }
    if (text.size() > kColumns) {
        // Half a word says little; but a cut that would lose most of the line is worse.
        const auto space = text.rfind(' ', kColumns);
        text.resize(space != std::string::npos && space > kColumns / 2 ? space : kColumns);
    }
    Line line;
    line.fill(' ');
    std::transform(text.begin(), text.end(), line.begin(),
                   [](char c) { return static_cast<std::uint8_t>(c); });
    return line;
}

} // namespace souffleur::display
