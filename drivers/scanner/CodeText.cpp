#include "drivers/scanner/CodeText.h"

#include <algorithm>

namespace souffleur::scanner {
namespace {

constexpr char kStx = 0x02;
constexpr char kEtx = 0x03;
constexpr char kGs = 0x1D;
constexpr std::size_t kRawMaxBytes = kCodeMaxBytes + 64; ///< with prefix, identifier and suffix

/// How many bytes a character takes that begins so; 0: none does.
std::size_t lengthFrom(unsigned char first) {
    if (first < 0x80) return 1;
    if (first < 0xC2) return 0;
    if (first < 0xE0) return 2;
    if (first < 0xF0) return 3;
    return first < 0xF5 ? 4 : 0;
}

/// Of three or four bytes: is it too long for what it says, a surrogate, or beyond U+10FFFF?
bool misspelt(unsigned char first, unsigned char second) {
    switch (first) {
    case 0xE0:
        return second < 0xA0;
    case 0xED:
        return second > 0x9F;
    case 0xF0:
        return second < 0x90;
    case 0xF4:
        return second > 0x8F;
    default:
        return false;
    }
}

bool isUtf8(std::string_view text) {
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    while (!text.empty()) {
        const std::size_t length = lengthFrom(at(0));
        if (length == 0 || text.size() < length) return false;
        for (std::size_t i = 1; i < length; ++i)
            if ((at(i) & 0xC0U) != 0x80U) return false;
        if (length > 1 && misspelt(at(0), at(1))) return false;
        text.remove_prefix(length);
    }
    return true;
}

std::string fromLatin1(std::string_view bytes) {
    std::string text;
    for (const char byte : bytes) {
        const auto c = static_cast<unsigned char>(byte);
        if (c < 0x80) {
            text += byte;
        } else {
            text += static_cast<char>(0xC0U | (c >> 6U));
            text += static_cast<char>(0x80U | (c & 0x3FU));
        }
    }
    return text;
}

bool isLetter(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/// C1 controls in UTF-8 are C2 80 to C2 9F.
void dropControls(std::string& text) {
    std::string kept;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0) {
            ++i;
        } else if ((c >= 0x20 && c != 0x7F) || text[i] == kGs) {
            kept += text[i];
        }
    }
    text = std::move(kept);
}

} // namespace

std::optional<Found> cleanCode(std::string_view bytes) {
    if (bytes.size() > kRawMaxBytes) return std::nullopt;
    Found found;
    found.text = isUtf8(bytes) ? std::string(bytes) : fromLatin1(bytes);
    dropControls(found.text);
    constexpr std::size_t kIdentifier = 3; // ISO/IEC 15424: ], a letter, a modifier
    std::string& text = found.text;
    if (text.size() > kIdentifier && text[0] == ']' && isLetter(text[1]) &&
        (isLetter(text[2]) || (text[2] >= '0' && text[2] <= '9'))) {
        found.symbology = text.substr(0, kIdentifier);
        text.erase(0, kIdentifier);
    }
    // GS in front means nothing; behind it is what some scanners send for the end.
    while (!text.empty() && (text.front() == ' ' || text.front() == kGs)) text.erase(0, 1);
    while (!text.empty() && (text.back() == ' ' || text.back() == kGs)) text.pop_back();
    if (text.empty() || text.size() > kCodeMaxBytes) return std::nullopt;
    return found;
}

Assembler::End Assembler::feed(std::span<const std::uint8_t>& bytes, Found& found) {
    while (!bytes.empty()) {
        const auto byte = static_cast<char>(bytes.front());
        bytes = bytes.subspan(1);
        if (byte == '\r' || byte == '\n' || byte == '\t' || byte == kEtx) {
            if (const End end = finish(found); end != End::none) return end;
        } else if (byte == kStx) {
            _bytes.clear(); // a new one begins
            _overflow = false;
        } else if (_bytes.size() >= kRawMaxBytes) {
            _overflow = true;
        } else {
            _bytes += byte;
        }
    }
    return End::none;
}

Assembler::End Assembler::silence(Found& found) {
    return finish(found);
}

Assembler::End Assembler::finish(Found& found) {
    const bool overflow = std::exchange(_overflow, false);
    const std::string bytes = std::exchange(_bytes, {});
    if (bytes.empty()) return End::none;
    auto code = overflow ? std::nullopt : cleanCode(bytes);
    if (!code) return End::broken;
    found = std::move(*code);
    return End::code;
}

} // namespace souffleur::scanner
