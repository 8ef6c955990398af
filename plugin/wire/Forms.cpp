#include "plugin/wire/Forms.h"

#include <charconv>

#include "plugin/contact/Text.h"

namespace souffleur::wire {
namespace {

bool isDigit(char c) noexcept {
    return c >= '0' && c <= '9';
}
bool isLetter(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool isHex(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return isDigit(c) || (c >= 'a' && c <= 'f'); });
}

} // namespace

bool isSha256Hex(std::string_view text) noexcept {
    return text.size() == kSha256HexChars && isHex(text);
}

bool isKeyHex(std::string_view text) noexcept {
    return text.size() >= 2 && text.size() <= 128 && text.size() % 2 == 0 && isHex(text);
}

bool isCode(std::string_view text, std::size_t maxChars) noexcept {
    return !text.empty() && text.size() <= maxChars &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return isDigit(c) || isLetter(c) ||
                      std::string_view("-_.:/+@#").find(c) != std::string_view::npos;
           });
}

bool isLanguage(std::string_view text) noexcept {
    return text.size() >= 2 && text.size() <= kLanguageMaxChars && isLetter(text.front()) &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return isDigit(c) || isLetter(c) || c == '-'; });
}

bool isLine(std::string_view text, std::size_t maxBytes) noexcept {
    return text.size() <= maxBytes &&
           std::none_of(text.begin(), text.end(),
                        [](char c) {
                            const auto byte = static_cast<unsigned char>(c);
                            return byte < 0x20 || byte == 0x7f;
                        }) &&
           contact::isUtf8(text);
}

bool isSound(const consent::NoticeRef& notice) noexcept {
    if (notice.id.empty()) return notice == consent::NoticeRef{};
    return consent::isToken(notice.id) && isLanguage(notice.language) && isSha256Hex(notice.sha256);
}

std::string noticeText(const consent::NoticeRef& notice) {
    if (notice.id.empty()) return {};
    return notice.id + '@' + std::to_string(notice.version) + ':' + notice.language + '#' +
           notice.sha256;
}

Result<consent::NoticeRef> parseNotice(std::string_view text) {
    consent::NoticeRef out;
    if (text.empty()) return out;
    const auto bad = [] { return fail(Code::invalid, "not a notice reference"); };
    const std::size_t hash = text.rfind('#');
    const std::size_t at = text.find('@');
    if (hash == std::string_view::npos || at == std::string_view::npos || at > hash) return bad();
    const std::size_t colon = text.find(':', at);
    if (colon == std::string_view::npos || colon > hash) return bad();
    const std::string_view version = text.substr(at + 1, colon - at - 1);
    const auto end = version.data() + version.size();
    const auto read = std::from_chars(version.data(), end, out.version);
    if (read.ec != std::errc{} || read.ptr != end) return bad();
    out.id = text.substr(0, at);
    out.language = text.substr(colon + 1, hash - colon - 1);
    out.sha256 = text.substr(hash + 1);
    // One text for each reference: "@03" and "@3" must not both be read.
    if (version.size() > 1 && version.front() == '0') return bad();
    if (out.id.empty() || !isSound(out)) return bad();
    return out;
}

} // namespace souffleur::wire
