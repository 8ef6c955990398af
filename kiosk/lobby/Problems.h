// What goes wrong, as the page is told it (openapi.yaml): a stable code, never what was typed.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "plugin/base/Clock.h"
#include "plugin/base/Result.h"
#include "plugin/http/Message.h"

namespace souffleur::lobby {

struct FieldError {
    std::string pointer; ///< "/email"
    std::string code;    ///< "email-invalid"
};

struct Problem {
    std::string code;               ///< "stale-questions"
    std::vector<FieldError> errors; ///< of "invalid"
    std::optional<int> attemptsLeft{};
    std::optional<TimeMs> retryAfterMs{};
};

template <typename T>
using Outcome = tl::expected<T, Problem>;

inline tl::unexpected<Problem> refuse(std::string code) {
    return tl::make_unexpected(Problem{std::move(code), {}, {}, {}});
}
/// A failure below as the page knows it: "no-room" where the disk takes nothing.
Problem problemOf(const Error& error);
http::Response response(const Problem& problem);

} // namespace souffleur::lobby
