#include "plugin/contact/Folder.h"

#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/uchar.h>

#include <algorithm>
#include <iterator>

#include "plugin/contact/Text.h"
#include "plugin/contact/Unicode.h"

namespace souffleur::contact {
namespace {

struct Spelling {
    UChar32 letter;
    std::string_view latin;
};

// The English way of writing Greek and Cyrillic (BGN/PCGN without its context rules, so that a
// prefix folds like the whole word), and the Latin letters that have no decomposition. Sorted by
// letter.
constexpr Spelling kSpellings[] = {
    {0xDF, "ss"},  {0xE6, "ae"},  {0xF0, "d"},   {0xF8, "o"},     {0xFE, "th"},  {0x111, "d"},
    {0x127, "h"},  {0x131, "i"},  {0x138, "k"},  {0x142, "l"},    {0x14B, "n"},  {0x153, "oe"},
    {0x167, "t"},  {0x180, "b"},  {0x192, "f"},  {0x19A, "l"},    {0x1DD, "e"},  {0x259, "e"},
    {0x268, "i"},  {0x3B1, "a"},  {0x3B2, "v"},  {0x3B3, "g"},    {0x3B4, "d"},  {0x3B5, "e"},
    {0x3B6, "z"},  {0x3B7, "i"},  {0x3B8, "th"}, {0x3B9, "i"},    {0x3BA, "k"},  {0x3BB, "l"},
    {0x3BC, "m"},  {0x3BD, "n"},  {0x3BE, "x"},  {0x3BF, "o"},    {0x3C0, "p"},  {0x3C1, "r"},
    {0x3C2, "s"},  {0x3C3, "s"},  {0x3C4, "t"},  {0x3C5, "y"},    {0x3C6, "f"},  {0x3C7, "ch"},
    {0x3C8, "ps"}, {0x3C9, "o"},  {0x430, "a"},  {0x431, "b"},    {0x432, "v"},  {0x433, "g"},
    {0x434, "d"},  {0x435, "e"},  {0x436, "zh"}, {0x437, "z"},    {0x438, "i"},  {0x439, "y"},
    {0x43A, "k"},  {0x43B, "l"},  {0x43C, "m"},  {0x43D, "n"},    {0x43E, "o"},  {0x43F, "p"},
    {0x440, "r"},  {0x441, "s"},  {0x442, "t"},  {0x443, "u"},    {0x444, "f"},  {0x445, "kh"},
    {0x446, "ts"}, {0x447, "ch"}, {0x448, "sh"}, {0x449, "shch"}, {0x44A, ""},   {0x44B, "y"},
    {0x44C, ""},   {0x44D, "e"},  {0x44E, "yu"}, {0x44F, "ya"},   {0x450, "e"},  {0x451, "e"},
    {0x452, "dj"}, {0x453, "gj"}, {0x454, "ye"}, {0x455, "dz"},   {0x456, "i"},  {0x457, "yi"},
    {0x458, "j"},  {0x459, "lj"}, {0x45A, "nj"}, {0x45B, "c"},    {0x45C, "kj"}, {0x45D, "i"},
    {0x45E, "u"},  {0x45F, "dz"}, {0x463, "e"},  {0x491, "g"},
};

const Spelling* spelling(UChar32 c) noexcept {
    const auto* it =
        std::lower_bound(std::begin(kSpellings), std::end(kSpellings), c,
                         [](const Spelling& s, UChar32 letter) { return s.letter < letter; });
    return it != std::end(kSpellings) && it->letter == c ? it : nullptr;
}

bool isAsciiLetter(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool isDigit(char c) noexcept {
    return c >= '0' && c <= '9';
}

/// ASCII to words: lower case, one space between, an apostrophe between letters joins.
std::string asciiWords(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    bool gap = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (isAsciiLetter(c) || isDigit(c)) {
            if (gap && !out.empty()) out += ' ';
            gap = false;
            out += isDigit(c) ? c : static_cast<char>(c | 0x20);
        } else if (c != '\'' || i == 0 || i + 1 == text.size() || !isAsciiLetter(text[i - 1]) ||
                   !isAsciiLetter(text[i + 1])) {
            gap = true;
        }
    }
    return out;
}

bool isAscii(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<signed char>(c) >= 0; });
}

/// The apostrophes and middle dots people type, as the ASCII apostrophe, before NFKC splits some of
/// them.
UChar32 joining(UChar32 c) noexcept {
    switch (c) {
    case 0x60:
    case 0xB4:
    case 0xB7:
    case 0x2BC:
    case 0x2018:
    case 0x2019:
    case 0x2027:
    case 0x2032:
    case 0x2219:
    case 0x22C5:
        return '\'';
    default:
        return c;
    }
}

} // namespace

class Folder::Icu {
public:
    Icu() {
        UErrorCode status = U_ZERO_ERROR;
        _caseFold = icu::Normalizer2::getNFKCCasefoldInstance(status);
        _decompose = icu::Normalizer2::getNFKDInstance(status);
        requireIcu(status);
    }

    std::string fold(std::string_view text) {
        const icu::UnicodeString lower = caseFolded(text);
        icu::UnicodeString out;
        bool foreign = false;
        for (int32_t i = 0; i < lower.length(); i = lower.moveIndex32(i, 1))
            foreign |= !append(out, lower.char32At(i));
        if (foreign) latin().transliterate(out);
        return ascii(out);
    }

    std::string caseless(std::string_view text) const {
        UErrorCode status = U_ZERO_ERROR;
        const icu::UnicodeString lower = _caseFold->normalize(fromUtf8(text), status);
        requireIcu(status);
        icu::UnicodeString out;
        bool gap = false;
        for (int32_t i = 0; i < lower.length(); i = lower.moveIndex32(i, 1)) {
            const UChar32 c = lower.char32At(i);
            if (u_ispunct(c) != 0 || u_isUWhiteSpace(c) != 0) {
                gap = true;
                continue;
            }
            if (gap && !out.isEmpty()) out.append(u' ');
            gap = false;
            out.append(c);
        }
        return toUtf8(out);
    }

private:
    icu::UnicodeString caseFolded(std::string_view text) const {
        icu::UnicodeString wide = fromUtf8(text);
        icu::UnicodeString joined;
        for (int32_t i = 0; i < wide.length(); i = wide.moveIndex32(i, 1)) {
            const UChar32 c = wide.char32At(i);
            joined.append(c == 0x140 ? UChar32('l') : joining(c));
            if (c == 0x140 || c == 0x13F) joined.append(u'\'');
        }
        UErrorCode status = U_ZERO_ERROR;
        icu::UnicodeString out = _caseFold->normalize(joined, status);
        requireIcu(status);
        return out;
    }

    /// Appends one case-folded letter in ASCII; false when it has to be transliterated.
    bool append(icu::UnicodeString& out, UChar32 c) const {
        if (c < 0x80) {
            out.append(c);
            return true;
        }
        if (appendSpelling(out, c)) return true;
        const int32_t digit = u_charDigitValue(c);
        if (digit >= 0) {
            out.append(static_cast<UChar32>('0' + digit));
            return true;
        }
        if ((U_GET_GC_MASK(c) & U_GC_M_MASK) != 0 && u_getCombiningClass(c) > 0)
            return true; // an accent that composed with nothing
        icu::UnicodeString parts;
        if (_decompose->getDecomposition(c, parts)) {
            const UChar32 base = parts.char32At(0);
            if (base < 0x80) {
                out.append(base);
                return true;
            }
            if (appendSpelling(out, base)) return true;
        }
        if (u_isalpha(c) == 0) {
            out.append(u' ');
            return true;
        }
        out.append(c);
        return false;
    }

    static bool appendSpelling(icu::UnicodeString& out, UChar32 c) {
        const Spelling* found = spelling(c);
        if (found == nullptr) return false;
        constexpr UChar32 kUpsilon = 0x3C5;
        const char16_t last = out.isEmpty() ? u' ' : out.charAt(out.length() - 1);
        if (c == kUpsilon && (last == u'o' || last == u'a' || last == u'e')) {
            out.append(u'u'); // "ου" is "ou"
            return true;
        }
        for (const char letter : found->latin) out.append(static_cast<char16_t>(letter));
        return true;
    }

    static std::string ascii(const icu::UnicodeString& text) {
        std::string plain;
        for (int32_t i = 0; i < text.length(); ++i) {
            const char16_t unit = text.charAt(i);
            plain += unit < 0x80 ? static_cast<char>(unit) : ' ';
        }
        return asciiWords(plain);
    }

    /// Made when a name in a third script first comes by: it takes ICU some ms and some 100 KB.
    icu::Transliterator& latin() {
        if (!_latin) {
            UErrorCode status = U_ZERO_ERROR;
            _latin.reset(icu::Transliterator::createInstance(
                u"Any-Latin; NFKD; [:Mn:] Remove; Latin-ASCII; Lower", UTRANS_FORWARD, status));
            requireIcu(status);
        }
        return *_latin;
    }

    const icu::Normalizer2* _caseFold = nullptr;
    const icu::Normalizer2* _decompose = nullptr;
    std::unique_ptr<icu::Transliterator> _latin;
};

Folder::Folder() : _icu(std::make_unique<Icu>()) {}
Folder::~Folder() = default;
Folder::Folder(Folder&&) noexcept = default;
Folder& Folder::operator=(Folder&&) noexcept = default;

std::string Folder::fold(std::string_view text) {
    text = text.substr(0, kMaxBytes);
    return isAscii(text) && text.find('`') == std::string_view::npos ? asciiWords(text)
                                                                     : _icu->fold(text);
}

std::string Folder::caseless(std::string_view text) {
    return _icu->caseless(text.substr(0, kMaxBytes));
}

std::vector<std::string> Folder::tokens(std::string_view text) {
    const std::string folded = fold(text);
    std::vector<std::string> out;
    for (std::size_t begin = 0; begin < folded.size();) {
        std::size_t end = folded.find(' ', begin);
        if (end == std::string::npos) end = folded.size();
        out.push_back(folded.substr(begin, end - begin));
        begin = end + 1;
    }
    return out;
}

} // namespace souffleur::contact
