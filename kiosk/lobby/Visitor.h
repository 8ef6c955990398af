// What one visitor typed and answered, read and checked. Personal data; lives for one request.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kiosk/lobby/Problems.h"
#include "kiosk/lobby/Questions.h"
#include "plugin/contact/Folder.h"
#include "plugin/wire/Payload.h"

namespace souffleur::lobby {

/// What the house asks now.
struct Asked {
    const consent::Policy& policy;
    const std::vector<Question>& questions;
    int age = 0; ///< 0 = none is asked
    /// What is asked beside it of who agrees; null = nothing.
    const policy::Questionnaire* survey = nullptr;
};

struct Visitor {
    Uuid requestId;
    std::string language;
    std::vector<consent::ChoiceItem> choices; ///< with the notice that was shown; not frozen yet
    wire::PersonData person;
};

/// Problems: malformed, too-large, invalid, stale-questions, too-young. `folder`: not thread-safe.
Outcome<Visitor> readVisitor(std::string_view body, const Asked& asked, contact::Folder& folder);

/// Looks at addresses while they are typed (POST /checks): the answer's JSON. Problems: malformed,
/// too-large, invalid.
Outcome<std::string> checkTyped(std::string_view body, const std::string& country);

} // namespace souffleur::lobby
