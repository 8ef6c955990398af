#include "drivers/escpos/CommandTable.h"

#include <string_view>

namespace souffleur::escpos {
namespace {

using Bytes = std::span<const std::uint8_t>;

Plan more(std::uint64_t length) {
    return {Plan::Kind::more, length, 0};
}
Plan total(std::uint64_t length, std::size_t dataAt) {
    return {Plan::Kind::total, length, dataAt};
}
Plan fixed(std::uint64_t length) {
    return {Plan::Kind::total, length, length < 2 ? 1U : 2U};
}

std::uint64_t word(Bytes bytes, std::size_t at) {
    return bytes[at] + 256ULL * bytes[at + 1];
}

bool among(std::uint8_t byte, std::string_view set) {
    return set.find(static_cast<char>(byte)) != std::string_view::npos;
}

/// A header of `header` bytes with the data's length in it.
template <typename Length>
Plan counted(Bytes bytes, std::size_t header, Length length) {
    if (bytes.size() < header) return more(header);
    return total(header + length(), header);
}

/// `xx ( x pL pH ...`: the self-describing families.
Plan family(Bytes bytes) {
    return counted(bytes, 5, [&] { return word(bytes, 3); });
}

/// `ESC & y c1 c2 (x d1...d(y*x))...`: as many characters as c1..c2 names.
Plan userCharacters(Bytes bytes) {
    if (bytes.size() < 5) return more(5);
    if (bytes[4] < bytes[3]) return total(5, 2);
    std::uint64_t at = 5;
    for (unsigned left = 1U + bytes[4] - bytes[3]; left > 0; --left) {
        if (bytes.size() <= at) return more(at + 1);
        at += 1ULL + static_cast<std::uint64_t>(bytes[2]) * bytes[at];
    }
    return total(at, 5);
}

/// `FS q n (xL xH yL yH d...)...`: n pictures into NV memory.
Plan nvPictures(Bytes bytes) {
    if (bytes.size() < 3) return more(3);
    std::uint64_t at = 3;
    for (unsigned left = bytes[2]; left > 0; --left) {
        if (bytes.size() < at + 4) return more(at + 4);
        at += 4 + word(bytes, at) * word(bytes, at + 2) * 8;
    }
    return total(at, 3);
}

Plan planEsc(Bytes bytes) {
    const std::uint8_t c = bytes[1];
    if (among(c, "2@LSimv<\x0C")) return fixed(2);
    if (among(c, " !%-3=?EGJKMRTUVadertu{")) return fixed(3);
    if (among(c, "$\\cB")) return fixed(4);
    switch (c) {
    case 'p':
        return fixed(5);
    case 'W':
        return fixed(10);
    case '(':
        return family(bytes);
    case '&':
        return userCharacters(bytes);
    case 'D':
        return {Plan::Kind::untilNul, 2, 2};
    case '*':
        return counted(bytes, 5, [&] { return word(bytes, 3) * (bytes[2] >= 32 ? 3U : 1U); });
    default:
        return {};
    }
}

Plan planFs(Bytes bytes) {
    const std::uint8_t c = bytes[1];
    if (among(c, "&.")) return fixed(2);
    if (among(c, "!-CW")) return fixed(3);
    if (among(c, "?Sp")) return fixed(4);
    switch (c) {
    case '(':
        return family(bytes);
    case '2':
        return fixed(4 + 72);
    case 'q':
        return nvPictures(bytes);
    case 'g':
        if (bytes.size() < 3) return more(3);
        if (bytes[2] != '1') return fixed(10);
        return counted(bytes, 10, [&] { return word(bytes, 8); });
    default:
        return {};
    }
}

Plan planBarcode(Bytes bytes) {
    if (bytes.size() < 3) return more(3);
    if (bytes[2] <= 6) return {Plan::Kind::untilNul, 3, 3};
    return counted(bytes, 4, [&] { return static_cast<std::uint64_t>(bytes[3]); });
}

Plan planCut(Bytes bytes) {
    if (bytes.size() < 3) return more(3);
    return fixed(bytes[2] >= 65 ? 4 : 3);
}

Plan planCounter(Bytes bytes) {
    if (bytes.size() < 3) return more(3);
    switch (bytes[2]) {
    case 0:
    case '0':
        return fixed(5);
    case 1:
    case '1':
        return fixed(9);
    case 2:
    case '2':
        return fixed(5);
    default:
        return fixed(3);
    }
}

std::uint64_t area(Bytes bytes) {
    return word(bytes, 4) * word(bytes, 6);
}

Plan planGs(Bytes bytes) {
    const std::uint8_t c = bytes[1];
    if (among(c, ":c")) return fixed(2);
    if (among(c, "!/BEHITabfhjrw")) return fixed(3);
    if (among(c, "$LPW\\")) return fixed(4);
    switch (c) {
    case '^':
    case 'z':
        return fixed(5);
    case 'g':
        return fixed(6);
    case 'C':
        return planCounter(bytes);
    case 'V':
        return planCut(bytes);
    case 'k':
        return planBarcode(bytes);
    case '(':
        return family(bytes);
    case '8':
        return counted(bytes, 7, [&] { return word(bytes, 3) + 65536 * word(bytes, 5); });
    case '*':
        return counted(bytes, 4, [&] { return 8ULL * bytes[2] * bytes[3]; });
    case 'v':
        return counted(bytes, 8, [&] { return area(bytes); });
    case 'Q': // rows come as bytes of eight: x columns, y / 8 rows
        return counted(bytes, 8, [&] { return word(bytes, 4) * ((word(bytes, 6) + 7) / 8); });
    default:
        return {};
    }
}

Plan planDle(Bytes bytes) {
    switch (bytes[1]) {
    case 0x04:
        if (bytes.size() < 3) return more(3);
        return fixed(bytes[2] == 7 || bytes[2] == 8 || bytes[2] == 18 ? 4 : 3);
    case 0x05:
        return fixed(3);
    case 0x14:
        if (bytes.size() < 3) return more(3);
        if (bytes[2] == 8) return fixed(10);
        return fixed(bytes[2] == 7 ? 4 : 5);
    default:
        return {};
    }
}

} // namespace

Plan plan(std::span<const std::uint8_t> bytes) {
    if (bytes.size() < 2) return more(2);
    switch (bytes[0]) {
    case kEsc:
        return planEsc(bytes);
    case kFs:
        return planFs(bytes);
    case kGs:
        return planGs(bytes);
    case kDle:
        return planDle(bytes);
    default:
        return {};
    }
}

} // namespace souffleur::escpos
