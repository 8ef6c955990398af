// The words of the field: choices, bases, methods, states. Stable kebab-case names go on the wire.
// Sources: W3C DPV 2.1 (consent states), GDPR Art. 6, 7, 21, ISO/IEC TS 27560.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace souffleur::consent {

/// A purpose, channel, controller, partner or place id: kebab-case ASCII, 1..64 characters, e.g.
/// "newsletter", "partner:museum-zuid", "email". In a negative, kAny stands for all, later ones
/// too.
using Token = std::string;
inline constexpr std::string_view kAny = "*";

/// What a person said about one purpose on one channel.
enum class Choice : std::uint8_t {
    given,     ///< an opt-in
    refused,   ///< a negative: "no" when asked
    withdrawn, ///< a negative: takes an earlier yes back (GDPR 7(3))
    deferred,  ///< neutral: "not now", "unclear"
    objected, ///< the strongest negative (GDPR 21(2)); also stops profiling, audiences and webhooks
};
[[nodiscard]] constexpr bool negative(Choice c) noexcept {
    return c == Choice::refused || c == Choice::withdrawn || c == Choice::objected;
}

/// The lawful basis that a `given` rests on.
enum class Basis : std::uint8_t {
    consent,   ///< GDPR 6(1)(a)
    softOptIn, ///< existing customer, similar products (e.g. Tw 11.7, PECR 22(3)); needs its source
    legacy,    ///< a permission without date or wording from an older system; needs its source
    legitimateInterest, ///< GDPR 6(1)(f) where a pack allows it (e.g. post in some countries)
};

/// How the choice was expressed (DPV indication method).
enum class Method : std::uint8_t { spoken, screen, paper, phone, kiosk, web, import, connector };
/// Live acts are made by the person at that moment; imports, connectors (and orders) are not.
[[nodiscard]] constexpr bool live(Method m) noexcept {
    return m != Method::import && m != Method::connector;
}

/// What the set of events says for one (controller, person, purpose, channel). DPV's states plus
/// the two opt-out bases as states of their own.
enum class State : std::uint8_t {
    unknown,   ///< never asked
    deferred,  ///< asked, put off
    requested, ///< an opt-in that waits for its confirmation
    given,
    expired, ///< was given; lapsed by its validUntil (computed when read)
    softOptIn,
    legacy,
    refused,
    withdrawn,
    objected,
};
[[nodiscard]] constexpr bool negative(State s) noexcept {
    return s >= State::refused;
}
/// A permission, of whatever basis.
[[nodiscard]] constexpr bool permits(State s) noexcept {
    return s == State::given || s == State::softOptIn || s == State::legacy;
}

/// Where the sale takes place; decides what is asked of whom.
enum class Situation : std::uint8_t { counter, phone, group, school };

/// Stable names ("soft-opt-in") and their inverse; nullopt for an unknown word.
std::string_view name(Choice) noexcept;
std::string_view name(Basis) noexcept;
std::string_view name(Method) noexcept;
std::string_view name(State) noexcept;
std::string_view name(Situation) noexcept;
std::optional<Choice> choiceFrom(std::string_view) noexcept;
std::optional<Basis> basisFrom(std::string_view) noexcept;
std::optional<Method> methodFrom(std::string_view) noexcept;
std::optional<State> stateFrom(std::string_view) noexcept;
std::optional<Situation> situationFrom(std::string_view) noexcept;

/// Is `text` a well-formed Token (kAny not included)?
bool isToken(std::string_view text) noexcept;

} // namespace souffleur::consent
