#include "plugin/host/TapCards.h"

#include <algorithm>
#include <array>
#include <string.h>

namespace souffleur::host {
namespace {

constexpr std::size_t kShortest = 13;
constexpr std::size_t kLongest = 19;
constexpr std::size_t kMaxGap = 3; ///< separators between two groups of one number

bool isDigit(std::uint8_t c) {
    return c >= '0' && c <= '9';
}
bool isGap(std::uint8_t c) {
    return c == ' ' || c == '-' || c == '\t' || c == '\n' || c == 0xA0 || c == 0xFF;
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
    void add(std::uint8_t c, bool first) {
        if (first && count > 0) of[count - 1].last = true;
        of[count++] = {static_cast<std::uint8_t>(c - '0'), first, false};
    }

    /// Issuer ranges, ISO/IEC 7812: American Express, Diners, JCB, Visa, Mastercard, Discover,
    /// UnionPay, Maestro, Mir.
    [[nodiscard]] bool beginsLikeCard(std::size_t at) const {
        const unsigned one = of[at].value;
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
    /// Whole groups, or any stretch within one long group.
    [[nodiscard]] bool plausible(std::size_t at, std::size_t length) const {
        if (of[at].first && of[at + length - 1].last) return true;
        for (std::size_t i = at + 1; i < at + length; ++i) {
            if (of[i].first) return false;
        }
        return true;
    }
    [[nodiscard]] bool card() {
        if (count == 0) return false;
        of[count - 1].last = true;
        for (std::size_t at = 0; at + kShortest <= count; ++at) {
            if (!beginsLikeCard(at)) continue;
            const std::size_t most = std::min(kLongest, count - at);
            for (std::size_t length = kShortest; length <= most; ++length) {
                if (plausible(at, length) && luhn(at, length)) return true;
            }
        }
        return false;
    }
};

bool holdsNumber(std::span<const std::uint8_t> text) {
    Digits digits;
    std::size_t gap = 0;
    std::size_t run = 0; ///< digits without a gap
    for (const std::uint8_t c : text) {
        if (isDigit(c)) {
            digits.add(c, digits.count == 0 || gap > 0);
            gap = 0;
            ++run;
            continue;
        }
        if ((c == '=' || c == '^') && run >= kShortest - 1) return true; // a magnetic track
        run = 0;
        if (isGap(c) && digits.count > 0 && ++gap <= kMaxGap) continue;
        if (digits.card()) return true;
        digits.clear();
        gap = 0;
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
            masks = digits == 0 && gap <= kMaxGap ? masks + 1 : 1;
            digits = 0;
            gap = 0;
        } else if (isDigit(c) && masks >= 4 && gap <= kMaxGap) {
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
