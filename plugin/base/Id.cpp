#include "plugin/base/Id.h"

#include <cstring>

namespace souffleur {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

int hexValue(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

constexpr bool dashBefore(std::size_t byte) {
    return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

void stamp(Uuid& id, std::uint8_t version) {
    id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0fU) | (version << 4U));
    id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3fU) | 0x80U);
}

} // namespace

std::string Uuid::text() const {
    std::string out;
    out.reserve(36);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (dashBefore(i)) out += '-';
        out += kHex[bytes[i] >> 4U];
        out += kHex[bytes[i] & 0x0fU];
    }
    return out;
}

Result<Uuid> Uuid::parse(std::string_view text) {
    const auto bad = [] { return fail(Code::invalid, "not a UUID"); };
    if (text.size() != 36) return bad();
    Uuid id;
    std::size_t at = 0;
    for (std::size_t i = 0; i < id.bytes.size(); ++i) {
        if (dashBefore(i) && text[at++] != '-') return bad();
        const int high = hexValue(text[at]);
        const int low = hexValue(text[at + 1]);
        if (high < 0 || low < 0) return bad();
        id.bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
        at += 2;
    }
    return id;
}

Uuid Uuid::random(Random& random) {
    Uuid id;
    random.fill(std::as_writable_bytes(std::span{id.bytes}));
    stamp(id, 4);
    return id;
}

Uuid Uuid::timed(TimeMs at, Random& random) {
    Uuid id = Uuid::random(random);
    for (std::size_t i = 0; i < 6; ++i) {
        id.bytes[i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(at) >> (40U - 8U * i));
    }
    stamp(id, 7);
    return id;
}

std::size_t UuidHash::operator()(const Uuid& id) const noexcept {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    std::memcpy(&low, id.bytes.data(), 8);
    std::memcpy(&high, id.bytes.data() + 8, 8);
    return static_cast<std::size_t>(low ^ (high * 0x9e3779b97f4a7c15ULL));
}

} // namespace souffleur
