#include "plugin/base/Id.h"

#include <array>
#include <cstring>

namespace souffleur {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

/// Where in the text each byte's two digits stand.
constexpr std::array<std::uint8_t, 16> kPlaces{0,  2,  4,  6,  9,  11, 14, 16,
                                               19, 21, 24, 26, 28, 30, 32, 34};

constexpr std::uint8_t kNoDigit = 0xff;

/// The value of a hexadecimal digit of either case, else kNoDigit. A table: ids are read by the
/// million.
constexpr std::array<std::uint8_t, 256> kValues = [] {
    std::array<std::uint8_t, 256> out{};
    out.fill(kNoDigit);
    for (std::uint8_t i = 0; i < 10; ++i) out['0' + i] = i;
    for (std::uint8_t i = 0; i < 6; ++i) {
        out['a' + i] = static_cast<std::uint8_t>(10 + i);
        out['A' + i] = static_cast<std::uint8_t>(10 + i);
    }
    return out;
}();

void stamp(Uuid& id, std::uint8_t version) {
    id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0fU) | (version << 4U));
    id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3fU) | 0x80U);
}

} // namespace

std::string Uuid::text() const {
    std::string out(36, '-');
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        out[kPlaces[i]] = kHex[bytes[i] >> 4U];
        out[kPlaces[i] + 1U] = kHex[bytes[i] & 0x0fU];
    }
    return out;
}

Result<Uuid> Uuid::parse(std::string_view text) {
    const auto bad = [] { return fail(Code::invalid, "not a UUID"); };
    if (text.size() != 36) return bad();
    if (text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-') return bad();
    Uuid id;
    std::uint8_t worst = 0;
    for (std::size_t i = 0; i < id.bytes.size(); ++i) {
        const std::uint8_t high = kValues[static_cast<std::uint8_t>(text[kPlaces[i]])];
        const std::uint8_t low = kValues[static_cast<std::uint8_t>(text[kPlaces[i] + 1U])];
        worst |= high | low;
        id.bytes[i] = static_cast<std::uint8_t>(high << 4U | low);
    }
    if (worst > 0x0f) return bad();
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
