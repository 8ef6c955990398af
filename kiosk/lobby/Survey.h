// What a visitor answered to a questionnaire of the house, read and checked: by itself and without
// a name, or as part of a sign-up.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "kiosk/lobby/Form.h"
#include "plugin/policy/Questionnaire.h"
#include "sync/protocol/Ballot.h"

namespace souffleur::lobby {

/// POST /surveys.
struct FilledIn {
    Uuid requestId;
    protocol::Ballot ballot; ///< its day is not set
};
/// `form`: the anonymous one that is asked now; null = none. Problems: malformed, too-large,
/// invalid, stale-questions.
Outcome<FilledIn> readSurvey(std::string_view body, const policy::Questionnaire* form);

/// The member `survey` of a sign-up as preferences; absent: none. Answers to questions for whose
/// purpose no choice was a yes are rejected. False: another questionnaire than the one asked now.
bool readSurvey(Form& signUp, const policy::Questionnaire* form,
                const std::vector<consent::ChoiceItem>& choices,
                std::map<std::string, std::string>& preferences);

} // namespace souffleur::lobby
