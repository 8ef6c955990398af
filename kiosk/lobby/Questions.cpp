#include "kiosk/lobby/Questions.h"

#include <algorithm>
#include <array>

#include "plugin/crypto/Encoding.h"
#include "plugin/crypto/Hash.h"
#include "plugin/crypto/PrivateFile.h"
#include "plugin/policy/Likes.h"
#include "plugin/wire/JsonWriter.h"

namespace souffleur::lobby {
namespace {

constexpr std::array<std::string_view, 7> kSpoken{"nl", "ca", "es", "ru", "en", "de", "fr"};
constexpr std::size_t kQuestionsMax = 32;

bool kioskMayAsk(const consent::ChannelRule& rule) {
    return rule.basis.contains(consent::Basis::consent) &&
           rule.evidence.contains(consent::Method::kiosk);
}

void addQuestion(std::vector<Question>& out, const consent::Policy& policy,
                 const consent::Purpose& purpose, const consent::Token& channel, TimeMs at) {
    const consent::ChannelRule* rule = policy.rule(purpose.id, channel, at);
    if (rule == nullptr || !kioskMayAsk(*rule) || out.size() >= kQuestionsMax) return;
    const bool there = std::any_of(out.begin(), out.end(), [&](const Question& one) {
        return one.purpose == purpose.id && one.channel == channel;
    });
    if (there || policy.notice(purpose, channel, policy.languages.front()) == nullptr) return;
    const auto needed = policy.prerequisite(purpose.id, channel, at);
    if (needed) {
        const consent::Purpose* before = policy.purpose(needed->first);
        // A consent that nobody can give here: the question would be for nothing.
        if (before == nullptr || needed->second.empty()) return;
        if (before->id != purpose.id) addQuestion(out, policy, *before, needed->second, at);
    }
    out.push_back({purpose.id, channel, contactOf(channel), needed ? needed->first : "",
                   consent::addressed(channel) || rule->doubleOptIn});
}

void writeTexts(wire::JsonWriter& out, const std::vector<std::string>& languages,
                const std::function<std::string_view(const std::string&)>& text) {
    out.beginObject();
    for (const std::string& language : languages) out.field(language, text(language));
    out.endObject();
}

void writeLikes(wire::JsonWriter& out, std::string_view name, std::span<const policy::Like> likes,
                const std::vector<std::string>& languages) {
    out.key(name).beginArray();
    for (const policy::Like& like : likes) {
        out.beginObject().field("id", like.id).key("labels");
        writeTexts(out, languages, [&](const std::string& in) { return like.label(in); });
        out.endObject();
    }
    out.endArray();
}

void writeQuestion(wire::JsonWriter& out, const Question& question, const consent::Policy& policy,
                   const std::vector<std::string>& languages) {
    out.beginObject().field("purpose", question.purpose).field("channel", question.channel);
    for (const auto& [name, text] :
         {std::pair<std::string_view, std::string_view>{"contact", question.contact},
          {"needs", question.needs}}) {
        if (text.empty()) {
            out.key(name).null();
        } else {
            out.field(name, text);
        }
    }
    out.field("confirm", question.confirm).key("wordings").beginObject();
    for (const std::string& language : languages) {
        const consent::Notice* notice = policy.notice(question.purpose, question.channel, language);
        if (notice == nullptr) continue;
        out.key(language).beginObject().key("notice").beginObject();
        out.field("id", notice->ref.id)
            .field("version", notice->ref.version)
            .field("language", notice->ref.language)
            .field("sha256", notice->ref.sha256)
            .endObject();
        out.field("label", notice->label).field("detail", notice->detail);
        out.field("line", notice->line).field("text", notice->text).endObject();
    }
    out.endObject().endObject();
}

} // namespace

std::string contactOf(std::string_view channel) {
    if (channel == "email" || channel == "post") return std::string(channel);
    if (channel == "sms" || channel == "phone" || channel == "messaging") return "phone";
    return {};
}

std::vector<Question> questionsOf(const consent::Policy& policy, TimeMs at,
                                  const policy::Questionnaire* survey) {
    const auto wanted = [&](const consent::Purpose& purpose) {
        return survey != nullptr && std::any_of(survey->questions.begin(), survey->questions.end(),
                                                [&](const policy::SurveyQuestion& one) {
                                                    return one.purpose == purpose.id;
                                                });
    };
    std::vector<const consent::Purpose*> purposes;
    for (const consent::Purpose& purpose : policy.purposes) {
        if ((purpose.askedAtCounter && purpose.partner.empty()) || wanted(purpose))
            purposes.push_back(&purpose);
    }
    std::stable_sort(purposes.begin(), purposes.end(),
                     [](const auto* a, const auto* b) { return a->priority < b->priority; });
    std::vector<Question> out;
    if (policy.languages.empty()) return out;
    for (const consent::Purpose* purpose : purposes) {
        for (const consent::Token& channel : purpose->channels)
            addQuestion(out, policy, *purpose, channel, at);
    }
    return out;
}

int ageOf(const consent::Policy& policy, const std::vector<Question>& questions, TimeMs at) {
    int age = 0;
    for (const Question& question : questions) {
        const auto* rule = policy.rule(question.purpose, question.channel, at);
        if (rule != nullptr) age = std::max(age, rule->minAge);
    }
    return age;
}

std::string countryOf(const consent::Policy& policy) {
    return policy.jurisdiction.size() < 2 ? "NL" : policy.jurisdiction.substr(0, 2);
}

std::vector<std::string> languagesOf(const consent::Policy& policy) {
    std::vector<std::string> out;
    for (const std::string& language : policy.languages) {
        const std::string two = language.substr(0, 2);
        const bool spoken = std::find(kSpoken.begin(), kSpoken.end(), two) != kSpoken.end();
        if (spoken && std::find(out.begin(), out.end(), two) == out.end()) out.push_back(two);
    }
    return out;
}

std::string houseJson(const HouseView& view) {
    const consent::Policy& policy = view.inForce.policy;
    const auto languages = languagesOf(policy);
    std::vector<std::string> contacts;
    for (const char* each : {"email", "phone", "post"}) {
        if (std::any_of(view.questions.begin(), view.questions.end(),
                        [&](const Question& one) { return one.contact == each; }))
            contacts.emplace_back(each);
    }
    wire::JsonWriter out;
    out.beginObject().key("names");
    writeTexts(out, languages, [&](const std::string& in) -> std::string_view {
        return view.inForce.house.nameIn(in);
    });
    out.list("languages", languages).key("theme").beginObject();
    out.field("accent", view.theme.accent)
        .field("onAccent", view.theme.onAccent)
        .field("paper", view.theme.paper)
        .field("ink", view.theme.ink);
    if (view.theme.logo.empty()) {
        out.key("logo").null();
    } else {
        out.field("logo", view.theme.logo);
    }
    out.endObject().key("questions").beginArray();
    for (const Question& question : view.questions) writeQuestion(out, question, policy, languages);
    out.endArray().key("age");
    if (const int age = ageOf(policy, view.questions, view.at); age > 0) {
        out.beginObject().field("atLeast", age).endObject();
    } else {
        out.null();
    }
    out.key("likes").beginObject();
    writeLikes(out, "genres", policy::genres(), languages);
    writeLikes(out, "frequencies", policy::frequencies(), languages);
    out.endObject().key("surveys").beginObject();
    for (const auto& [name, form] :
         {std::pair{"anonymous", view.anonymous}, std::pair{"beside", view.beside}}) {
        out.key(name);
        if (form == nullptr) {
            out.null();
        } else {
            policy::write(out, *form, languages);
        }
    }
    out.endObject().field("country", countryOf(policy)).list("contacts", contacts);
    out.field("printer", view.printer).field("staffMenu", view.staffMenu);
    out.field("withdrawUrl", policy.controller.withdrawUrl);
    out.field("privacyUrl", policy.controller.privacyUrl).key("idle").beginObject();
    out.field("firstMs", view.idle.firstMs)
        .field("typingMs", view.idle.typingMs)
        .field("warnMs", view.idle.warnMs)
        .endObject();
    out.endObject();
    return out.take();
}

} // namespace souffleur::lobby
