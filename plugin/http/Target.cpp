// Request targets: percent-decoding and the rules a path has to keep before anything looks at it.
#include "plugin/http/Router.h"

namespace souffleur::http {

namespace {

constexpr std::size_t kTargetMaxBytes = 2048;
constexpr std::size_t kParametersMax = 64;

int hexDigit(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// Length of the UTF-8 sequence at `at` (RFC 3629: no overlong forms, surrogates, or beyond
/// U+10FFFF); 0: bad.
std::size_t sequenceLength(std::string_view text, std::size_t at) noexcept {
    const auto byte = [&](std::size_t i) -> unsigned {
        return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
    };
    const auto tail = [&](std::size_t i) { return (byte(i) & 0xc0U) == 0x80U; };
    const unsigned lead = byte(0);
    if (lead < 0x80) return 1;
    if (lead >= 0xc2 && lead <= 0xdf) return tail(1) ? 2 : 0;
    if (lead >= 0xe0 && lead <= 0xef) {
        const bool fits = (lead != 0xe0 || byte(1) >= 0xa0) && (lead != 0xed || byte(1) < 0xa0);
        return fits && tail(1) && tail(2) ? 3 : 0;
    }
    if (lead >= 0xf0 && lead <= 0xf4) {
        const bool fits = (lead != 0xf0 || byte(1) >= 0x90) && (lead != 0xf4 || byte(1) < 0x90);
        return fits && tail(1) && tail(2) && tail(3) ? 4 : 0;
    }
    return 0;
}

bool cleanText(std::string_view text) noexcept {
    for (std::size_t i = 0; i < text.size();) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const std::size_t length = sequenceLength(text, i);
        if (length == 0 || byte < 0x20 || byte == 0x7f) return false;
        i += length;
    }
    return true;
}

bool cleanSegment(std::string_view segment) noexcept {
    return segment != "." && segment != ".." && segment.find('/') == std::string_view::npos &&
           segment.find('\\') == std::string_view::npos;
}

Result<std::string> decodePath(std::string_view raw) {
    std::string path;
    std::string_view rest = raw.substr(1);
    for (;;) {
        const std::size_t slash = rest.find('/');
        auto segment = percentDecode(rest.substr(0, slash));
        if (!segment) return segment;
        const bool last = slash == std::string_view::npos;
        if (!cleanSegment(*segment) || (segment->empty() && !last)) {
            return fail(Code::invalid, "the path has a segment that is not allowed");
        }
        path += '/';
        path += *segment;
        if (last) return path;
        rest.remove_prefix(slash + 1);
    }
}

Result<std::map<std::string, std::string>> decodeQuery(std::string_view raw) {
    std::map<std::string, std::string> query;
    while (!raw.empty()) {
        const std::size_t end = raw.find('&');
        const std::string_view pair = raw.substr(0, end);
        raw.remove_prefix(end == std::string_view::npos ? raw.size() : end + 1);
        if (pair.empty()) continue;
        const std::size_t equals = pair.find('=');
        const auto name = percentDecode(pair.substr(0, equals), true);
        const auto value = percentDecode(
            equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1), true);
        if (!name) return passOn(name);
        if (!value) return passOn(value);
        if (query.size() >= kParametersMax) return fail(Code::invalid, "too many parameters");
        query.try_emplace(*name, *value);
    }
    return query;
}

} // namespace

Result<std::string> percentDecode(std::string_view text, bool plus) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%') {
            const int high = i + 2 < text.size() ? hexDigit(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? hexDigit(text[i + 2]) : -1;
            if (high < 0 || low < 0) return fail(Code::invalid, "a percent escape is broken");
            out.push_back(static_cast<char>(high * 16 + low));
            i += 2;
        } else {
            out.push_back(plus && text[i] == '+' ? ' ' : text[i]);
        }
    }
    if (!cleanText(out)) {
        return fail(Code::invalid, "the address holds control characters or is not UTF-8");
    }
    return out;
}

std::string percentEncode(std::string_view text) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const bool unreserved = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                                (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
                                c == '~';
        if (unreserved) {
            out.push_back(c);
        } else {
            out.push_back('%');
            out.push_back(kHex[static_cast<unsigned char>(c) >> 4U]);
            out.push_back(kHex[static_cast<unsigned char>(c) & 0xfU]);
        }
    }
    return out;
}

Result<Target> parseTarget(std::string_view target) {
    if (target.empty() || target.front() != '/' || target.size() > kTargetMaxBytes) {
        return fail(Code::invalid, "the request target must be a path of at most 2048 bytes");
    }
    for (const char c : target) {
        if (c <= 0x20 || c >= 0x7f || c == '#') {
            return fail(Code::invalid,
                        "the request target holds a raw character that must be escaped");
        }
    }
    const std::size_t mark = target.find('?');
    auto path = decodePath(target.substr(0, mark));
    if (!path) return passOn(path);
    auto query =
        decodeQuery(mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1));
    if (!query) return passOn(query);
    return Target{std::move(*path), std::move(*query)};
}

} // namespace souffleur::http
