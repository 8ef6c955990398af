// Parts of a pack that it may be without: what it prints on receipts, what it asks in
// questionnaires. Internal to this room.
#pragma once

#include "plugin/consent/Policy.h"
#include "plugin/policy/Questionnaire.h"
#include "plugin/policy/TomlReader.h"

namespace souffleur::policy {

/// `[receipt-hint]`; errors go into `in`.
void readReceiptHint(TomlReader& in, const toml::table& root, consent::Policy& policy);
/// Every `[[questionnaire]]`; errors go into `in`. `policy` has its languages and purposes.
std::vector<Questionnaire> readQuestionnaires(TomlReader& in, const toml::table& root,
                                              const consent::Policy& policy);

} // namespace souffleur::policy
