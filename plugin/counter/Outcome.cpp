#include "plugin/counter/Outcome.h"

#include <array>

#include "plugin/counter/Requests.h"

namespace souffleur::counter {

tl::unexpected<Refusal> refuseFields(std::vector<FieldError> fields) {
    Refusal refusal;
    refusal.code = Code::invalid;
    refusal.problem = "invalid";
    refusal.message = "some members of the request will not do";
    refusal.fields = std::move(fields);
    return tl::make_unexpected(std::move(refusal));
}

tl::unexpected<Refusal> refuse(const Error& error) {
    std::string_view problem = "internal";
    switch (error.code) {
    case Code::invalid:
        problem = "invalid";
        break;
    case Code::tooLarge:
        problem = "too-large";
        break;
    case Code::notFound:
        problem = "not-found";
        break;
    case Code::conflict:
        problem = "idempotency-conflict";
        break;
    case Code::storage:
    case Code::corrupt:
    case Code::unavailable:
    case Code::locked:
        problem = "storage-unavailable";
        break;
    case Code::refused:
    case Code::unsupported:
    case Code::internal:
        break;
    }
    return refuse(error.code, problem, error.message);
}

namespace {

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

constexpr std::array<std::string_view, 4> kStages{"signed-out", "signed-in", "locked",
                                                  "unidentified"};
constexpr std::array<std::string_view, 3> kKinds{"email", "phone", "post"};
constexpr std::array<std::string_view, 6> kJobs{"queued",        "printing", "printed",
                                                "indeterminate", "failed",   "expired"};
constexpr std::array<std::string_view, 5> kOutcomes{"save", "refuse", "not-now", "unclear",
                                                    "stop-everything"};

} // namespace

std::string_view name(Stage stage) noexcept {
    return nameIn(kStages, stage);
}
std::string_view name(ContactKind kind) noexcept {
    return nameIn(kKinds, kind);
}
std::optional<ContactKind> contactKindFrom(std::string_view text) noexcept {
    return valueIn<ContactKind>(kKinds, text);
}
std::string_view name(JobState state) noexcept {
    return nameIn(kJobs, state);
}
std::string_view name(ScreenState state) noexcept {
    constexpr std::array<std::string_view, 3> kNames{"away", "ready", "customer"};
    return kNames[static_cast<std::size_t>(state)];
}

std::string_view name(ScreenEnd end) noexcept {
    constexpr std::array<std::string_view, 7> kNames{"none", "answered", "given-back", "taken-back",
                                                     "idle", "changed",  "gone"};
    return kNames[static_cast<std::size_t>(end)];
}

std::string_view name(ActOutcome outcome) noexcept {
    return nameIn(kOutcomes, outcome);
}
std::optional<ActOutcome> actOutcomeFrom(std::string_view text) noexcept {
    return valueIn<ActOutcome>(kOutcomes, text);
}

} // namespace souffleur::counter
