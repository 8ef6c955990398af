// Why the counter did not do something, in the words of the loopback API's contract.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "plugin/base/Clock.h"
#include "plugin/base/Result.h"

namespace souffleur::counter {

/// One member of a request that will not do. `pointer`: JSON pointer into the request. `suggestion`
/// is the only place where an address goes back to the page.
struct FieldError {
    std::string pointer; ///< "/contacts/0/value"
    std::string code;    ///< "email-mistyped", "missing", "not-in-question-set", …
    std::optional<std::string> suggestion;

    bool operator==(const FieldError&) const = default;
};

/// A refusal. `problem` is the contract's `code` ("stale-questions"); `message` is for engineers
/// and without personal data.
struct Refusal {
    Code code = Code::internal;
    std::string problem = "internal";
    std::string message;
    std::vector<FieldError> fields;
    int attemptsLeft = -1; ///< with pin-wrong; -1 = not said
    TimeMs retryAfterMs = 0;
};

template <typename T>
using Outcome = tl::expected<T, Refusal>;

inline tl::unexpected<Refusal> refuse(Code code, std::string_view problem, std::string message) {
    Refusal refusal;
    refusal.code = code;
    refusal.problem = std::string(problem);
    refusal.message = std::move(message);
    return tl::make_unexpected(std::move(refusal));
}
/// 422 with the members at fault.
tl::unexpected<Refusal> refuseFields(std::vector<FieldError> fields);
/// A ledger's or policy's error in the contract's words ("storage-unavailable", "not-found" …).
tl::unexpected<Refusal> refuse(const Error& error);

} // namespace souffleur::counter
