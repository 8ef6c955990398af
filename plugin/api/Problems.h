// Refusals in the contract's words: problem+json (RFC 9457) with a stable `code`. Only for this
// room.
#pragma once

#include <string_view>

#include "plugin/counter/Outcome.h"
#include "plugin/http/Message.h"

namespace souffleur::api {

/// Status of a code of the contract; 500 for a word that is not in it.
int statusOfProblem(std::string_view problem) noexcept;

/// `desk`: the current desk as JSON, or empty; sent along with stale-questions.
http::Response problemResponse(const counter::Refusal& refusal, std::string_view desk = {});

} // namespace souffleur::api
