#include "plugin/crypto/Encoding.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace souffleur::crypto {

namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64Url =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kBase32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

using Table = std::array<std::int16_t, 256>;

constexpr Table reverse(std::string_view alphabet) {
    Table table{};
    for (auto& entry : table) entry = -1;
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int16_t>(i);
    }
    return table;
}

constexpr Table crockford() {
    Table table = reverse(kBase32);
    for (char c = 'A'; c <= 'Z'; ++c) {
        table[static_cast<unsigned char>(c - 'A' + 'a')] = table[static_cast<unsigned char>(c)];
    }
    for (const char c : {'O', 'o'}) table[static_cast<unsigned char>(c)] = 0;
    for (const char c : {'I', 'i', 'L', 'l'}) table[static_cast<unsigned char>(c)] = 1;
    return table;
}

constexpr Table kFromBase64 = reverse(kBase64);
constexpr Table kFromBase64Url = reverse(kBase64Url);
constexpr Table kFromBase32 = crockford();

/// Multiplies in GF(32) = GF(2)[x] / (x^5 + x^2 + 1) by its generator x, whose order is 31.
constexpr unsigned timesGenerator(unsigned value) {
    const unsigned twice = value << 1U;
    return twice > 0x1fU ? twice ^ 0x25U : twice;
}

std::uint32_t byteAt(std::string_view bytes, std::size_t i) {
    return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U;
}

std::string encode64(std::string_view bytes, std::string_view alphabet, bool pad) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::uint32_t group =
            byteAt(bytes, i) << 16U | byteAt(bytes, i + 1) << 8U | byteAt(bytes, i + 2);
        const std::size_t symbols = std::min<std::size_t>(3, bytes.size() - i) + 1;
        for (std::size_t s = 0; s < symbols; ++s) {
            out.push_back(alphabet[group >> (18U - 6U * s) & 0x3fU]);
        }
        if (pad) out.append(4 - symbols, '=');
    }
    return out;
}

Result<std::string> decode64(std::string_view text, const Table& table) {
    if (text.size() % 4 == 1)
        return fail(Code::invalid, "the base64 text has an impossible length");
    std::string out;
    out.reserve(text.size() / 4 * 3 + 2);
    std::uint32_t buffer = 0;
    unsigned bits = 0;
    for (const char c : text) {
        const int value = table[static_cast<unsigned char>(c)];
        if (value < 0) return fail(Code::invalid, "a character is not base64");
        buffer = (buffer << 6U | static_cast<std::uint32_t>(value)) & 0xffffU;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out.push_back(static_cast<char>(buffer >> bits & 0xffU));
        }
    }
    if ((buffer & ((1U << bits) - 1U)) != 0) {
        return fail(Code::invalid, "the base64 text has stray bits at its end");
    }
    return out;
}

} // namespace

std::string toHex(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        out.push_back(kHex[static_cast<unsigned char>(c) >> 4U]);
        out.push_back(kHex[static_cast<unsigned char>(c) & 0xfU]);
    }
    return out;
}

Result<std::string> fromHex(std::string_view text) {
    if (text.size() % 2 != 0) return fail(Code::invalid, "the hex text has an odd length");
    const auto digit = [](char c) -> int {
        if (c >= '0' && c <= '9') return c - '0';
        if (c >= 'a' && c <= 'f') return c - 'a' + 10;
        if (c >= 'A' && c <= 'F') return c - 'A' + 10;
        return -1;
    };
    std::string out;
    out.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = digit(text[i]);
        const int low = digit(text[i + 1]);
        if (high < 0 || low < 0) return fail(Code::invalid, "a character is not a hex digit");
        out.push_back(static_cast<char>(high * 16 + low));
    }
    return out;
}

std::string toBase64(std::string_view bytes) {
    return encode64(bytes, kBase64, true);
}

Result<std::string> fromBase64(std::string_view text) {
    if (text.size() % 4 != 0) return fail(Code::invalid, "the base64 text lacks its padding");
    if (text.ends_with("==")) {
        text.remove_suffix(2);
    } else if (text.ends_with('=')) {
        text.remove_suffix(1);
    }
    return decode64(text, kFromBase64);
}

std::string toBase64Url(std::string_view bytes) {
    return encode64(bytes, kBase64Url, false);
}

Result<std::string> fromBase64Url(std::string_view text) {
    return decode64(text, kFromBase64Url);
}

std::string toBase32(std::string_view bytes) {
    const std::size_t symbols = (bytes.size() * 8 + 4) / 5;
    std::string out;
    out.reserve(symbols);
    std::uint32_t buffer = 0;
    auto bits = static_cast<unsigned>(symbols * 5 - bytes.size() * 8); // leading zero bits
    for (const char c : bytes) {
        buffer = (buffer << 8U | static_cast<unsigned char>(c)) & 0xffffU;
        bits += 8;
        while (bits >= 5) {
            bits -= 5;
            out.push_back(kBase32[buffer >> bits & 0x1fU]);
        }
    }
    return out;
}

Result<std::string> fromBase32(std::string_view text, std::size_t bytes) {
    const std::size_t symbols = (bytes * 8 + 4) / 5;
    std::string out;
    std::uint32_t buffer = 0;
    std::size_t seen = 0;
    const auto lead = static_cast<unsigned>(symbols * 5 - bytes * 8);
    unsigned bits = 0;
    for (const char c : text) {
        if (c == '-' || c == ' ') continue;
        const int value = kFromBase32[static_cast<unsigned char>(c)];
        if (value < 0) return fail(Code::invalid, "a character does not belong to such a code");
        if (++seen > symbols) return fail(Code::invalid, "the code is too long");
        buffer = (buffer << 5U | static_cast<std::uint32_t>(value)) & 0xffffU;
        bits += 5;
        if (seen == 1) {
            if (lead > 0 && (static_cast<unsigned>(value) >> (5U - lead)) != 0) {
                return fail(Code::invalid, "the code does not fit its length");
            }
            bits -= lead;
        }
        if (bits >= 8) {
            bits -= 8;
            out.push_back(static_cast<char>(buffer >> bits & 0xffU));
        }
    }
    if (seen != symbols) return fail(Code::invalid, "the code is too short");
    return out;
}

char base32Check(std::string_view symbols) {
    unsigned sum = 0;
    for (const char c : symbols) {
        const int value = kFromBase32[static_cast<unsigned char>(c)];
        sum = timesGenerator(sum ^ (value < 0 ? 0U : static_cast<unsigned>(value)));
    }
    return kBase32[sum];
}

} // namespace souffleur::crypto
