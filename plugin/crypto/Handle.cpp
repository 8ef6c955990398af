#include "plugin/crypto/Handle.h"

#include <algorithm>
#include <stdexcept>

#include "plugin/crypto/Encoding.h"
#include "plugin/crypto/Secret.h"

namespace souffleur::crypto {

namespace {

constexpr std::size_t kCodeGroup = 4;
constexpr std::size_t kCodeMaxChars = 64;
constexpr std::size_t kAddressMaxChars = 512;
constexpr std::size_t kCodeSymbols = 27;

/// Letters in words that are no groups of a code: a name, as long as it may be.
bool looksLikeName(std::string_view text) {
    std::size_t longest = 0;
    std::size_t words = 0;
    while (!text.empty()) {
        const auto end = std::min(text.find_first_of(" -"), text.size());
        words += end > 0 ? 1 : 0;
        longest = std::max(longest, end);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words > 1 && longest > kCodeGroup;
}

/// A code in which symbols were mistyped, left out or doubled: neither a name, nor a number, nor an
/// address.
bool looksLikeCode(std::string_view text) {
    constexpr std::size_t kMaySlip = 2;
    constexpr std::size_t kOfEach = 3; // hardly a code has fewer digits or letters
    std::size_t digits = 0;
    std::size_t letters = 0;
    for (const char c : text) {
        if (c >= '0' && c <= '9') {
            ++digits;
        } else if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')) {
            ++letters;
        } else if (c != ' ' && c != '-') {
            return false;
        }
    }
    const std::size_t symbols = digits + letters;
    // As long as a code: one, however few digits it has; only a name has none and words.
    if (symbols == kCodeSymbols) return digits > 0 || !looksLikeName(text);
    return symbols + kMaySlip >= kCodeSymbols && symbols <= kCodeSymbols + kMaySlip &&
           digits >= kOfEach && letters >= kOfEach;
}

Result<Handle> handleOf(const Result<std::string>& bytes) {
    if (!bytes) return passOn(bytes);
    Handle handle{};
    if (bytes->size() != handle.size()) return fail(Code::invalid, "a handle has 16 bytes");
    std::copy(bytes->begin(), bytes->end(), handle.begin());
    return handle;
}

} // namespace

Handle randomHandle(Random& random) {
    Handle handle{};
    random.fill(std::as_writable_bytes(std::span{handle}));
    return handle;
}

std::string handleText(const Handle& handle) {
    return toBase64Url(bytesOf(handle));
}

Result<Handle> parseHandle(std::string_view text) {
    if (text.size() > kCodeMaxChars) return fail(Code::invalid, "a handle has 22 characters");
    return handleOf(fromBase64Url(text));
}

std::string slipCode(const Handle& handle) {
    std::string symbols = toBase32(bytesOf(handle));
    symbols.push_back(base32Check(symbols));
    std::string code;
    for (std::size_t i = 0; i < symbols.size(); ++i) {
        if (i > 0 && i % kCodeGroup == 0) code.push_back('-');
        code.push_back(symbols[i]);
    }
    return code;
}

Result<Handle> parseSlipCode(std::string_view text) {
    if (text.size() > kCodeMaxChars) return fail(Code::invalid, "the code is too long");
    while (!text.empty() && (text.back() == ' ' || text.back() == '-')) text.remove_suffix(1);
    if (text.empty()) return fail(Code::invalid, "the code is empty");
    char check = text.back();
    if (check >= 'a' && check <= 'z') check = static_cast<char>(check - 'a' + 'A');
    if (check == 'O') check = '0';
    if (check == 'I' || check == 'L') check = '1';
    auto handle = handleOf(fromBase32(text.substr(0, text.size() - 1), Handle{}.size()));
    if (handle && base32Check(toBase32(bytesOf(*handle))) != check) {
        return fail(Code::invalid, "the code's check character does not fit: a typing mistake");
    }
    return handle;
}

SlipText readSlip(std::string_view text) {
    if (text.size() > kAddressMaxChars) return {};
    const auto fragment = text.rfind('#');
    if (fragment != std::string_view::npos &&
        text.substr(0, fragment).find("://") != std::string_view::npos) {
        text.remove_prefix(fragment + 1);
    }
    if (const auto handle = parseSlipCode(text)) return {SlipText::Kind::code, *handle};
    return {looksLikeCode(text) ? SlipText::Kind::mistyped : SlipText::Kind::other, {}};
}

Hash handleHash(const Handle& handle) noexcept {
    return sha256(bytesOf(handle));
}

std::string randomToken(Random& random, std::size_t bytes) {
    if (bytes < 16 || bytes > 64) throw std::logic_error("randomToken: 16 to 64 bytes");
    std::string raw(bytes, '\0');
    random.fill(std::as_writable_bytes(std::span{raw}));
    std::string text = toBase64Url(raw);
    wipe(raw);
    return text;
}

} // namespace souffleur::crypto
