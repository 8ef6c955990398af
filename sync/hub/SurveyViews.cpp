#include "sync/hub/SurveyViews.h"

#include <algorithm>

#include "plugin/wire/JsonWriter.h"
#include "sync/hub/ConsoleRoutes.h"

namespace souffleur::hub {
namespace {

std::uint64_t countOf(const store::SurveyCounts& counts, std::string_view question,
                      std::string_view answer) {
    const auto found = std::find_if(counts.counts.begin(), counts.counts.end(),
                                    [&](const store::SurveyCount& one) {
                                        return one.question == question && one.answer == answer;
                                    });
    return found == counts.counts.end() ? 0 : found->count;
}

void writeTexts(wire::JsonWriter& out, std::string_view name, const policy::Texts& texts) {
    out.key(name).beginObject();
    for (const auto& [language, text] : texts) out.field(language, text);
    out.endObject();
}

void writeCount(wire::JsonWriter& out, std::string_view name,
                const std::optional<std::uint64_t>& count) {
    out.key(name);
    if (count) {
        out.value(*count);
    } else {
        out.null();
    }
}

void writeDay(wire::JsonWriter& out, std::string_view name, std::int64_t day, bool known) {
    out.key(name);
    if (known) {
        out.value(formatTime(day * kDayMs).substr(0, 10));
    } else {
        out.null();
    }
}

/// A step of a scale is its number; the ends say in words what they are.
policy::Texts labelsOf(const policy::SurveyQuestion& question, const std::string& answer) {
    for (const policy::SurveyOption& option : question.options) {
        if (option.id == answer) return option.labels;
    }
    policy::Texts out;
    for (const auto& [language, text] : question.text) {
        std::string label = answer;
        if (answer == std::to_string(question.from)) label += " – " + question.low.at(language);
        if (answer == std::to_string(question.to)) label += " – " + question.high.at(language);
        out[language] = std::move(label);
    }
    return out;
}

void writeQuestion(wire::JsonWriter& out, const policy::SurveyQuestion& question,
                   const store::SurveyCounts& counts) {
    const ShownQuestion figures = shown(question, counts);
    out.beginObject().field("id", question.id).field("kind", policy::name(question.kind));
    writeTexts(out, "text", question.text);
    out.field("conditional", question.showIf.has_value());
    writeCount(out, "answered", figures.answered);
    out.key("answers").beginArray();
    for (const ShownAnswer& one : figures.answers) {
        out.beginObject().field("id", one.answer);
        writeTexts(out, "labels", labelsOf(question, one.answer));
        writeCount(out, "count", one.count);
        out.endObject();
    }
    out.endArray().endObject();
}

} // namespace

std::optional<std::uint64_t> shown(std::uint64_t count) noexcept {
    return count < kSmallestShown ? std::nullopt : std::optional(count);
}

ShownQuestion shown(const policy::SurveyQuestion& question, const store::SurveyCounts& counts) {
    ShownQuestion out;
    std::uint64_t sum = 0;
    bool hidden = false;
    for (const std::string& answer : question.answers()) {
        const std::uint64_t count = countOf(counts, question.id, answer);
        sum += count;
        out.answers.push_back({answer, shown(count)});
        hidden = hidden || !out.answers.back().count;
    }
    // Where one is chosen the answers add up to all who answered: what is left would be the hidden.
    if (question.kind == policy::QuestionKind::multi) {
        out.answered = shown(countOf(counts, question.id, ""));
    } else if (!hidden) {
        out.answered = shown(sum);
    }
    return out;
}

void writeSurvey(wire::JsonWriter& out, const policy::Questionnaire& form,
                 const store::SurveyCounts& counts) {
    const auto tookPart = shown(countOf(counts, "", ""));
    out.beginObject().field("id", form.id).field("version", form.version);
    writeTexts(out, "title", form.title);
    writeCount(out, "tookPart", tookPart);
    writeDay(out, "firstDay", counts.firstDay, tookPart.has_value());
    writeDay(out, "lastDay", counts.lastDay, tookPart.has_value());
    out.field("smallestShown", kSmallestShown).key("questions").beginArray();
    for (const policy::SurveyQuestion& question : form.questions)
        writeQuestion(out, question, counts);
    out.endArray().endObject();
}

ConsoleRoutes::Answer ConsoleRoutes::surveys(const http::Request&) {
    wire::JsonWriter out;
    out.beginObject().key("surveys").beginArray();
    for (const policy::Questionnaire& form : _parts.questionnaires) {
        // What people answered under their name stands with them, and is counted nowhere.
        if (!form.anonymous) continue;
        const auto counts = store::surveysOf(_parts.store).surveyCounts(form.id, form.version);
        if (!counts) return passOn(counts);
        writeSurvey(out, form, *counts);
    }
    out.endArray().endObject();
    return http::Response::json(out.take());
}

} // namespace souffleur::hub
