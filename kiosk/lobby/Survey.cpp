#include "kiosk/lobby/Survey.h"

#include <algorithm>

#include "plugin/contact/Text.h"

namespace souffleur::lobby {
namespace {

constexpr std::size_t kIdMaxChars = 32;
constexpr std::size_t kValueMaxChars = 200; // longer ones are refused as what they are

/// Id, version and answers; those that are wrong are rejected. False: of another questionnaire.
bool readAnswers(Form& form, const policy::Questionnaire* asked,
                 std::vector<policy::SurveyAnswer>& out) {
    const std::string id = form.text("id", kIdMaxChars);
    const std::int64_t version = form.whole("version", 1, policy::kSurveyVersionMax);
    std::vector<Form> rows = form.objects("answers", policy::kSurveyQuestionsMax);
    bool whole = true;
    for (Form& row : rows) {
        row.only({"question", "values"});
        policy::SurveyAnswer answer;
        answer.question = row.text("question", kIdMaxChars);
        answer.values = row.textsOr("values", policy::kSurveyOptionsMax, kValueMaxChars);
        if (answer.values.empty()) row.reject("values", "missing");
        whole = whole && !answer.values.empty();
        for (std::string& value : answer.values) value = contact::cleanLine(value);
        out.push_back(std::move(answer));
    }
    if (out.empty()) form.reject("answers", "too-short");
    if (asked == nullptr || asked->id != id || asked->version != version) return false;
    if (!whole) return true;
    if (const auto fault = policy::faultOf(*asked, out))
        rows.at(fault->answer).reject("values", fault->code);
    return true;
}

} // namespace

Outcome<FilledIn> readSurvey(std::string_view body, const policy::Questionnaire* asked) {
    auto form = Form::parse(body);
    if (!form) return tl::make_unexpected(std::move(form.error()));
    form->only({"requestId", "id", "version", "answers"});
    FilledIn out;
    if (const auto id = Uuid::parse(form->text("requestId", 36)); id && !id->none()) {
        out.requestId = *id;
    } else {
        form->reject("requestId", "out-of-range");
    }
    std::vector<policy::SurveyAnswer> answers;
    const bool current = readAnswers(*form, asked, answers);
    if (auto sound = form->done(); !sound) return tl::make_unexpected(std::move(sound.error()));
    if (!current) return refuse("stale-questions");
    out.ballot.questionnaire = asked->id;
    out.ballot.version = asked->version;
    for (policy::SurveyAnswer& one : answers)
        out.ballot.answers.push_back({std::move(one.question), std::move(one.values)});
    return out;
}

bool readSurvey(Form& signUp, const policy::Questionnaire* asked,
                const std::vector<consent::ChoiceItem>& choices,
                std::map<std::string, std::string>& preferences) {
    auto form = signUp.objectOr("survey");
    if (!form) return true;
    form->only({"id", "version", "answers"});
    std::vector<policy::SurveyAnswer> answers;
    if (!readAnswers(*form, asked, answers)) return false;
    for (const policy::SurveyAnswer& answer : answers) {
        const policy::SurveyQuestion* question = asked->question(answer.question);
        const bool agreed =
            question != nullptr &&
            std::any_of(choices.begin(), choices.end(), [&](const auto& item) {
                return item.purpose == question->purpose && item.choice == consent::Choice::given;
            });
        if (!agreed) form->reject("answers", "prerequisite-missing");
    }
    preferences.merge(policy::preferencesOf(*asked, answers));
    return true;
}

} // namespace souffleur::lobby
