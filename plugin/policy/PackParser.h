// From a pack's TOML to consent::Policy. Internal to this room; PackLoader is the door.
#pragma once

#include <string_view>

#include "plugin/base/Result.h"
#include "plugin/consent/Policy.h"
#include "plugin/policy/House.h"
#include "plugin/policy/Questionnaire.h"

namespace souffleur::policy {

/// A pack whole: the rules and wordings, and all that it has to ask beside them.
struct ParsedPack {
    consent::Policy policy;
    std::vector<Questionnaire> questionnaires;
};

/// Parses, fills in and validates; knows nothing of signatures and frozen wordings. Pure.
Result<consent::Policy> parsePack(std::string_view toml, std::string_view file, const House& house);
Result<ParsedPack> parsePackWhole(std::string_view toml, std::string_view file, const House& house);

/// Holes and contradictions in a policy that is complete otherwise: a purpose without a rule at
/// some moment, rules that overlap. `file` is named in errors. Errors: invalid.
Result<void> checkRules(const consent::Policy& policy, std::string_view file);

} // namespace souffleur::policy
