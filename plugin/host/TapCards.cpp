#include "plugin/host/TapCards.h"

#include <algorithm>
#include <array>
#include <string.h>

namespace souffleur::host {
namespace {

constexpr std::size_t kShortest = 13;
constexpr std::size_t kLongest = 19;
constexpr std::size_t kMaxGap = 8; ///< separators between two groups of one number
constexpr std::size_t kTightGap = 3;
/// Numbers of so many digits are cards by their check digit alone, whoever issued them.
constexpr std::size_t kTelling = 15;

bool isDigit(std::uint8_t c) {
    return c >= '0' && c <= '9';
}
/// Blanks and hyphens; 0xA0 and 0xFF are no-break spaces of code pages, C2 A0 is UTF-8's.
bool isTight(std::uint8_t c) {
    return c == ' ' || c == '-' || c == '\t' || c == '\n' || c == 0xA0 || c == 0xC2 || c == 0xFF;
}
/// Stand between the digits of prices and dates as well.
bool isLoose(std::uint8_t c) {
    return c == '.' || c == '/' || c == '_' || c == '(' || c == ')';
}
bool isGap(std::uint8_t c) {
    return isTight(c) || isLoose(c);
}
bool isMask(std::uint8_t c) {
    return c == '*' || c == 'x' || c == 'X' || c == '#' || c == 0x95 || c == 0xF9 || c == 0xFA;
}

/// Digits of one number, maybe in groups; on the stack, zeroed at the end.
struct Digits {
    struct One {
        std::uint8_t value;
        bool first; ///< of its group
        bool last;
        bool loose; ///< the gap before it may stand between any two numbers
    };
    std::array<One, kCardTextMax> of{};
    std::size_t count = 0;

    Digits() = default;
    Digits(const Digits&) = delete;
    Digits& operator=(const Digits&) = delete;
    ~Digits() { ::explicit_bzero(of.data(), count * sizeof(One)); }

    void clear() {
        ::explicit_bzero(of.data(), count * sizeof(One));
        count = 0;
    }
    void add(std::uint8_t c, bool first, bool loose) {
        if (first && count > 0) of[count - 1].last = true;
        of[count++] = {static_cast<std::uint8_t>(c - '0'), first, false, loose};
    }

    /// Issuer ranges, ISO/IEC 7812: American Express, Diners, JCB, Visa, Mastercard, Discover,
    /// UnionPay, Maestro, Mir; UATP, RuPay and Troy, which have one length each.
    [[nodiscard]] bool beginsLikeCard(std::size_t at, std::size_t length) const {
        const unsigned one = of[at].value;
        if (one == 1) return length == 15;
        if (one == 8) return length == 16 && (of[at + 1].value == 1 || of[at + 1].value == 2);
        if (one == 9) {
            return length == 16 && of[at + 1].value == 7 && of[at + 2].value == 9 &&
                   of[at + 3].value == 2;
        }
        if (one == 2) { // 2200-2204 Mir, 2221-2720 Mastercard
            const unsigned four =
                2000U + of[at + 1].value * 100U + of[at + 2].value * 10U + of[at + 3].value;
            return (four >= 2200 && four <= 2204) || (four >= 2221 && four <= 2720);
        }
        return one >= 3 && one <= 6;
    }
    [[nodiscard]] bool luhn(std::size_t at, std::size_t length) const {
        unsigned sum = 0;
        for (std::size_t i = 0; i < length; ++i) {
            const unsigned value = of[at + length - 1 - i].value;
            const unsigned twice = value * 2;
            sum += i % 2 == 0 ? value : (twice > 9 ? twice - 9 : twice);
        }
        return sum % 10 == 0;
    }
    /// Groups as on cards: 4-4-4-4 and what is over, 4-6-5 and 4-6-4, 4-5-6.
    [[nodiscard]] bool grouped(std::size_t at, std::size_t length) const {
        std::array<std::size_t, 5> groups{};
        std::size_t filled = 0;
        for (std::size_t i = at; i < at + length; ++i) {
            if (of[i].first && ++filled > groups.size()) return false;
            if (filled > 0) ++groups[filled - 1];
        }
        if (filled == 3) {
            return groups[0] == 4 && ((groups[1] == 6 && (groups[2] == 4 || groups[2] == 5)) ||
                                      (groups[1] == 5 && groups[2] == 6));
        }
        return filled >= 4 && groups[0] == 4 && groups[1] == 4 && groups[2] == 4 && groups[3] <= 4;
    }
    /// With an issuer's beginning: any stretch within one long group, or whole groups with blanks
    /// between them (of the most usual issuers: `12-11-2026 4711085` begins like UATP's). By the
    /// check digit alone: a whole number. Else groups as on cards.
    [[nodiscard]] bool plausible(std::size_t at, std::size_t length) const {
        const bool issued = beginsLikeCard(at, length);
        if (!issued && length < kTelling) return false;
        bool one = true;
        bool tight = of[at].value >= 2 && of[at].value <= 6;
        for (std::size_t i = at + 1; i < at + length; ++i) {
            one = one && !of[i].first;
            tight = tight && !(of[i].first && of[i].loose);
        }
        if (one && issued) return true;
        if (!of[at].first || !of[at + length - 1].last) return false;
        return one || (issued && tight) || grouped(at, length);
    }
    [[nodiscard]] bool card() {
        if (count == 0) return false;
        of[count - 1].last = true;
        for (std::size_t at = 0; at + kShortest <= count; ++at) {
            const std::size_t most = std::min(kLongest, count - at);
            for (std::size_t length = kShortest; length <= most; ++length) {
                if (luhn(at, length) && plausible(at, length)) return true;
            }
        }
        return false;
    }
};

bool holdsNumber(std::span<const std::uint8_t> text) {
    Digits digits;
    std::size_t gap = 0;
    std::size_t run = 0; ///< digits without a gap
    bool loose = false;  ///< the gap
    for (const std::uint8_t c : text) {
        if (isDigit(c)) {
            digits.add(c, digits.count == 0 || gap > 0, loose || gap > kTightGap);
            gap = 0;
            loose = false;
            ++run;
            continue;
        }
        if ((c == '=' || c == '^') && run >= kShortest - 1) return true; // a magnetic track
        run = 0;
        if (isGap(c) && digits.count > 0 && ++gap <= kMaxGap) {
            loose = loose || isLoose(c);
            continue;
        }
        if (digits.card()) return true;
        digits.clear();
        gap = 0;
        loose = false;
    }
    return digits.card();
}

/// "**** 1234", "XXXXXXXXXXXX1234", "4111 11** **** 1111".
bool holdsMasked(std::span<const std::uint8_t> text) {
    std::size_t masks = 0;
    std::size_t gap = 0;
    std::size_t digits = 0; ///< behind the masks
    for (const std::uint8_t c : text) {
        if (isMask(c)) {
            masks = digits == 0 && gap <= kTightGap ? masks + 1 : 1;
            digits = 0;
            gap = 0;
        } else if (isDigit(c) && masks >= 4 && gap <= kTightGap) {
            if (++digits >= 3) return true;
        } else if (isGap(c) && masks > 0 && digits == 0) {
            ++gap;
        } else {
            masks = digits = gap = 0;
        }
    }
    return false;
}

} // namespace

bool holdsCard(std::span<const std::uint8_t> text) noexcept {
    text = text.first(std::min(text.size(), kCardTextMax));
    return holdsNumber(text) || holdsMasked(text);
}

} // namespace souffleur::host
