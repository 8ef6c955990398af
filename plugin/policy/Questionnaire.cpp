#include "plugin/policy/Questionnaire.h"

#include <algorithm>
#include <array>
#include <set>

#include "plugin/contact/Text.h"
#include "plugin/wire/Forms.h"
#include "plugin/wire/JsonWriter.h"

namespace souffleur::policy {
namespace {

constexpr std::array<std::string_view, 4> kKinds{"choice", "multi", "scale", "text"};
constexpr std::string_view kChosen = "yes";

const SurveyAnswer* answerTo(std::string_view question, std::span<const SurveyAnswer> answers) {
    const auto found =
        std::find_if(answers.begin(), answers.end(),
                     [&](const SurveyAnswer& answer) { return answer.question == question; });
    return found == answers.end() ? nullptr : &*found;
}

bool holds(const std::vector<std::string>& all, const std::string& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

const char* faultOf(const SurveyQuestion& question, const SurveyAnswer& answer) {
    const auto& values = answer.values;
    if (values.empty()) return "out-of-range";
    if (question.kind == QuestionKind::text) {
        if (values.size() != 1) return "out-of-range";
        const std::string& text = values.front();
        if (text.empty() || !wire::isLine(text, text.size())) return "out-of-range";
        return contact::charCount(text) > question.maxChars ? "too-long" : nullptr;
    }
    const std::size_t most = question.kind == QuestionKind::multi ? question.atMost : 1;
    if (values.size() > most) return "too-long";
    if (std::set<std::string>(values.begin(), values.end()).size() != values.size()) return "twice";
    const auto known = question.answers();
    const bool all = std::all_of(values.begin(), values.end(),
                                 [&](const std::string& value) { return holds(known, value); });
    return all ? nullptr : "out-of-range";
}

void writeTexts(wire::JsonWriter& out, std::string_view name, const Texts& texts,
                const std::vector<std::string>& languages) {
    out.key(name).beginObject();
    for (const std::string& language : languages) {
        const auto found = texts.find(language);
        out.field(language,
                  found == texts.end() ? std::string_view{} : std::string_view(found->second));
    }
    out.endObject();
}

void writeQuestion(wire::JsonWriter& out, const SurveyQuestion& question,
                   const std::vector<std::string>& languages) {
    out.beginObject().field("id", question.id).field("kind", name(question.kind));
    out.field("purpose", question.purpose);
    writeTexts(out, "text", question.text, languages);
    out.key("options").beginArray();
    for (const SurveyOption& option : question.options) {
        out.beginObject().field("id", option.id);
        writeTexts(out, "labels", option.labels, languages);
        out.endObject();
    }
    out.endArray().field("atMost", question.atMost);
    out.key("scale");
    if (question.kind == QuestionKind::scale) {
        out.beginObject().field("from", question.from).field("to", question.to);
        writeTexts(out, "low", question.low, languages);
        writeTexts(out, "high", question.high, languages);
        out.endObject();
    } else {
        out.null();
    }
    out.field("maxChars", question.maxChars).key("showIf");
    if (question.showIf) {
        out.beginObject().field("question", question.showIf->question);
        out.list("answers", question.showIf->answers).endObject();
    } else {
        out.null();
    }
    out.endObject();
}

} // namespace

std::string_view name(QuestionKind kind) noexcept {
    return kKinds[static_cast<std::size_t>(kind)];
}

std::vector<std::string> SurveyQuestion::answers() const {
    std::vector<std::string> out;
    for (const SurveyOption& option : options) out.push_back(option.id);
    if (kind == QuestionKind::scale) {
        for (int step = from; step <= to; ++step) out.push_back(std::to_string(step));
    }
    return out;
}

const SurveyQuestion* Questionnaire::question(std::string_view wanted) const {
    const auto found = std::find_if(questions.begin(), questions.end(),
                                    [&](const SurveyQuestion& one) { return one.id == wanted; });
    return found == questions.end() ? nullptr : &*found;
}

bool isAsked(const Questionnaire& form, const SurveyQuestion& question,
             std::span<const SurveyAnswer> answers) {
    // A condition names an earlier question only, so that this ends.
    const SurveyQuestion* asked = &question;
    while (asked->showIf) {
        const SurveyAnswer* given = answerTo(asked->showIf->question, answers);
        if (given == nullptr) return false;
        const bool met =
            std::any_of(given->values.begin(), given->values.end(), [&](const std::string& value) {
                return holds(asked->showIf->answers, value);
            });
        if (!met) return false;
        asked = form.question(asked->showIf->question);
        if (asked == nullptr) return false;
    }
    return true;
}

std::optional<SurveyFault> faultOf(const Questionnaire& form,
                                   std::span<const SurveyAnswer> answers) {
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < answers.size(); ++i) {
        const SurveyQuestion* question = form.question(answers[i].question);
        if (question == nullptr) return SurveyFault{i, "out-of-range"};
        if (!seen.insert(question->id).second) return SurveyFault{i, "twice"};
        if (const char* code = faultOf(*question, answers[i])) return SurveyFault{i, code};
        if (!isAsked(form, *question, answers)) return SurveyFault{i, "not-asked"};
    }
    return std::nullopt;
}

const Questionnaire* activeAt(std::span<const Questionnaire> all, bool anonymous, TimeMs at) {
    const Questionnaire* found = nullptr;
    for (const Questionnaire& form : all) {
        if (form.anonymous != anonymous || at < form.from || at >= form.until) continue;
        if (found == nullptr || form.from > found->from) found = &form;
    }
    return found;
}

const Questionnaire* find(std::span<const Questionnaire> all, std::string_view id,
                          std::uint32_t version) {
    const auto found = std::find_if(all.begin(), all.end(), [&](const Questionnaire& form) {
        return form.id == id && form.version == version;
    });
    return found == all.end() ? nullptr : &*found;
}

std::string preferenceOf(const Questionnaire& form, const SurveyAnswer& answer) {
    return "survey:" + form.id + "@" + std::to_string(form.version) + ":" + answer.question;
}

std::map<std::string, std::string> preferencesOf(const Questionnaire& form,
                                                 std::span<const SurveyAnswer> answers) {
    std::map<std::string, std::string> out;
    for (const SurveyAnswer& answer : answers) {
        const SurveyQuestion* question = form.question(answer.question);
        if (question == nullptr || answer.values.empty()) continue;
        const std::string key = preferenceOf(form, answer);
        if (question->kind != QuestionKind::multi) {
            out[key] = answer.values.front();
            continue;
        }
        for (const std::string& value : answer.values) out[key + ":" + value] = kChosen;
    }
    return out;
}

void write(wire::JsonWriter& out, const Questionnaire& form,
           const std::vector<std::string>& languages) {
    out.beginObject().field("id", form.id).field("version", form.version);
    out.field("anonymous", form.anonymous);
    writeTexts(out, "title", form.title, languages);
    writeTexts(out, "intro", form.intro, languages);
    out.key("questions").beginArray();
    for (const SurveyQuestion& question : form.questions) writeQuestion(out, question, languages);
    out.endArray().endObject();
}

} // namespace souffleur::policy
