#include "plugin/consent/Terms.h"

#include <array>
#include <cstddef>

#include "plugin/base/Limits.h"

namespace souffleur::consent {
namespace {

// Each table is in its enum's order.
constexpr std::array<std::string_view, 5> kChoices{"given", "refused", "withdrawn", "deferred",
                                                   "objected"};
constexpr std::array<std::string_view, 4> kBases{"consent", "soft-opt-in", "legacy",
                                                 "legitimate-interest"};
constexpr std::array<std::string_view, 8> kMethods{"spoken", "screen", "paper",  "phone",
                                                   "kiosk",  "web",    "import", "connector"};
constexpr std::array<std::string_view, 10> kStates{
    "unknown",     "deferred", "requested", "given",     "expired",
    "soft-opt-in", "legacy",   "refused",   "withdrawn", "objected"};
constexpr std::array<std::string_view, 4> kSituations{"counter", "phone", "group", "school"};

template <typename Enum, std::size_t N>
std::string_view nameIn(const std::array<std::string_view, N>& names, Enum value) noexcept {
    const auto index = static_cast<std::size_t>(value);
    return index < N ? names[index] : std::string_view{};
}

template <typename Enum, std::size_t N>
std::optional<Enum> valueIn(const std::array<std::string_view, N>& names,
                            std::string_view text) noexcept {
    for (std::size_t i = 0; i < N; ++i) {
        if (names[i] == text) {
            return static_cast<Enum>(i);
        }
    }
    return std::nullopt;
}

constexpr bool alnum(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

} // namespace

std::string_view name(Choice value) noexcept {
    return nameIn(kChoices, value);
}
std::string_view name(Basis value) noexcept {
    return nameIn(kBases, value);
}
std::string_view name(Method value) noexcept {
    return nameIn(kMethods, value);
}
std::string_view name(State value) noexcept {
    return nameIn(kStates, value);
}
std::string_view name(Situation value) noexcept {
    return nameIn(kSituations, value);
}
std::optional<Choice> choiceFrom(std::string_view text) noexcept {
    return valueIn<Choice>(kChoices, text);
}
std::optional<Basis> basisFrom(std::string_view text) noexcept {
    return valueIn<Basis>(kBases, text);
}
std::optional<Method> methodFrom(std::string_view text) noexcept {
    return valueIn<Method>(kMethods, text);
}
std::optional<State> stateFrom(std::string_view text) noexcept {
    return valueIn<State>(kStates, text);
}
std::optional<Situation> situationFrom(std::string_view text) noexcept {
    return valueIn<Situation>(kSituations, text);
}

bool isToken(std::string_view text) noexcept {
    if (text.empty() || text.size() > limits::kTokenMaxChars || !alnum(text.front()) ||
        !alnum(text.back())) {
        return false;
    }
    for (const char c : text) {
        if (!alnum(c) && c != '-' && c != ':') {
            return false;
        }
    }
    return true;
}

} // namespace souffleur::consent
