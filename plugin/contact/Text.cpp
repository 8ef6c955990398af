#include "plugin/contact/Text.h"

#include <unicode/locid.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

#include "plugin/contact/Unicode.h"

namespace souffleur::contact {
namespace {

/// More than any script stacks on a letter; a pile of marks would spill over neighbours on paper.
constexpr int kMarksMax = 4;

bool asciiClean(std::string_view text) noexcept {
    bool space = true; // a leading space is not clean
    for (const char c : text) {
        if (c < ' ' || c > '~' || (space && c == ' ')) return false;
        space = c == ' ';
    }
    return text.empty() || !space;
}

bool isSpace(UChar32 c) noexcept {
    return u_isUWhiteSpace(c) != 0;
}

bool isJoiner(UChar32 c) noexcept {
    return c == 0x200C || c == 0x200D;
}

bool isLetterOrMark(UChar32 c) noexcept {
    return (U_GET_GC_MASK(c) & (U_GC_L_MASK | U_GC_M_MASK)) != 0;
}

bool isMark(UChar32 c) noexcept {
    return (U_GET_GC_MASK(c) & U_GC_M_MASK) != 0;
}

bool isDropped(UChar32 c) noexcept {
    if (isJoiner(c)) return false; // judged by its neighbours
    constexpr auto kUnwanted = U_GC_CC_MASK | U_GC_CF_MASK | U_GC_CS_MASK | U_GC_CO_MASK;
    return (U_GET_GC_MASK(c) & kUnwanted) != 0 || U_IS_UNICODE_NONCHAR(c) || c == 0xFFFD ||
           u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT);
}

/// Drops what is unwanted, one space for every run of white space, no pile of marks.
icu::UnicodeString filtered(const icu::UnicodeString& text) {
    icu::UnicodeString out;
    bool space = false;
    int marks = 0;
    for (int32_t i = 0; i < text.length();) {
        const UChar32 c = text.char32At(i);
        i += U16_LENGTH(c);
        if (isSpace(c)) {
            space = true;
            continue;
        }
        if (isDropped(c)) continue;
        marks = isMark(c) ? marks + 1 : 0;
        if (marks > kMarksMax) continue;
        if (space && !out.isEmpty()) out.append(u' ');
        space = false;
        out.append(c);
    }
    return out;
}

/// Joiners stay only between letters.
icu::UnicodeString withoutLooseJoiners(const icu::UnicodeString& text) {
    if (text.indexOf(u'\u200C') < 0 && text.indexOf(u'\u200D') < 0) return text;
    icu::UnicodeString out;
    for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
        const UChar32 c = text.char32At(i);
        if (isJoiner(c)) {
            const int32_t next = text.moveIndex32(i, 1);
            const bool inside = i > 0 && next < text.length() &&
                                isLetterOrMark(text.char32At(text.moveIndex32(i, -1))) &&
                                isLetterOrMark(text.char32At(next));
            if (!inside) continue;
        }
        out.append(c);
    }
    return out;
}

std::string mapCase(std::string_view text, icu::UnicodeString& (*map)(icu::UnicodeString&) ) {
    icu::UnicodeString wide = fromUtf8(text);
    return toUtf8(map(wide));
}

} // namespace

icu::UnicodeString fromUtf8(std::string_view text) {
    return icu::UnicodeString::fromUTF8(
        icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
}

std::string toUtf8(const icu::UnicodeString& text) {
    std::string out;
    text.toUTF8String(out);
    return out;
}

UChar32 nextChar(std::string_view text, std::size_t& at) noexcept {
    auto i = static_cast<int32_t>(at);
    const auto length = static_cast<int32_t>(text.size());
    UChar32 c = 0;
// The macro narrows in ways that -Wconversion dislikes.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
    U8_NEXT(text.data(), i, length, c);
#pragma GCC diagnostic pop
    at = static_cast<std::size_t>(i);
    return c;
}

bool isUtf8(std::string_view text) noexcept {
    for (std::size_t i = 0; i < text.size();) {
        if (nextChar(text, i) < 0) return false;
    }
    return true;
}

std::size_t charCount(std::string_view text) noexcept {
    std::size_t count = 0;
    for (std::size_t i = 0; i < text.size(); ++count) nextChar(text, i);
    return count;
}

std::string_view firstChars(std::string_view text, std::size_t maxChars) noexcept {
    std::size_t i = 0;
    for (std::size_t count = 0; i < text.size() && count < maxChars; ++count) nextChar(text, i);
    return text.substr(0, i);
}

std::string cleanLine(std::string_view text) {
    if (asciiClean(text)) return std::string(text);
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(status);
    requireIcu(status);
    // Composed first, so that the filter sees what stays; again after, because dropping lets
    // letters meet.
    const icu::UnicodeString composed = nfc->normalize(fromUtf8(text), status);
    const icu::UnicodeString kept = withoutLooseJoiners(filtered(composed));
    const icu::UnicodeString out = nfc->normalize(kept, status);
    requireIcu(status);
    return toUtf8(out);
}

std::string asciiLower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

std::string_view trimmed(std::string_view text) noexcept {
    constexpr std::string_view kSpace = " \t\r\n\v\f";
    const std::size_t begin = text.find_first_not_of(kSpace);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::string upperCase(std::string_view text) {
    if (asciiClean(text)) {
        std::string out(text);
        for (char& c : out) {
            if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        }
        return out;
    }
    return mapCase(text, [](icu::UnicodeString& s) -> icu::UnicodeString& {
        return s.toUpper(icu::Locale::getRoot());
    });
}

std::string lowerCase(std::string_view text) {
    if (asciiClean(text)) return asciiLower(text);
    return mapCase(text, [](icu::UnicodeString& s) -> icu::UnicodeString& {
        return s.toLower(icu::Locale::getRoot());
    });
}

std::string titleCase(std::string_view text) {
    const icu::UnicodeString wide = fromUtf8(text);
    icu::UnicodeString out;
    bool inWord = false;
    for (int32_t i = 0; i < wide.length(); i = wide.moveIndex32(i, 1)) {
        const UChar32 c = wide.char32At(i);
        out.append(inWord ? u_tolower(c) : u_totitle(c));
        // The middle dot of Catalan "l·l" is inside a word.
        inWord = isLetterOrMark(c) || u_isdigit(c) != 0 || (inWord && c == 0xB7);
    }
    return toUtf8(out);
}

} // namespace souffleur::contact
