#include "kiosk/lobby/Visitor.h"

#include <algorithm>
#include <set>

#include "kiosk/lobby/Form.h"
#include "kiosk/lobby/Survey.h"
#include "plugin/contact/Email.h"
#include "plugin/contact/Phone.h"
#include "plugin/contact/PostalAddress.h"
#include "plugin/contact/Text.h"
#include "plugin/policy/Likes.h"
#include "plugin/wire/JsonWriter.h"

namespace souffleur::lobby {
namespace {

constexpr std::size_t kNameMaxChars = 200;
constexpr std::size_t kEmailMaxChars = 1000; // longer ones are refused as what they are
constexpr std::size_t kPhoneMaxChars = 200;
constexpr std::size_t kLineMaxChars = 120;
constexpr std::size_t kCodeMaxChars = 16;
constexpr std::size_t kCountryMaxChars = 60;
constexpr std::size_t kChoicesMax = 32;
constexpr std::size_t kGenresMax = 24;
constexpr std::size_t kIdMaxChars = 32;

struct TypedPost {
    std::vector<std::string> lines;
    std::string postalCode, city, country;
};

TypedPost readPost(Form form) {
    form.only({"lines", "postalCode", "city", "country"});
    return {form.textsOr("lines", contact::PostalAddress::kLinesMax, kLineMaxChars),
            form.textOr("postalCode", kCodeMaxChars), form.textOr("city", kLineMaxChars),
            form.textOr("country", kCountryMaxChars)};
}

/// Why an address is none: the code and the member to look at.
struct Fault {
    const char* code = nullptr;
    const char* field = nullptr;
};

Fault faultOf(const TypedPost& typed, const std::string& country) {
    const auto blank = [](const std::string& text) { return contact::trimmed(text).empty(); };
    const bool street = std::any_of(typed.lines.begin(), typed.lines.end(),
                                    [&](const std::string& line) { return !blank(line); });
    if (!street) return {"address-incomplete", "lines"};
    if (blank(typed.city)) return {"address-incomplete", "city"};
    const std::string code = blank(typed.country) ? country : contact::countryCode(typed.country);
    if (code.empty()) return {"address-incomplete", "country"};
    if (blank(typed.postalCode)) return {"address-incomplete", "postalCode"};
    if (!contact::normalPostalCode(typed.postalCode, code))
        return {"postal-code-invalid", "postalCode"};
    return {};
}

Result<contact::PostalAddress> addressOf(const TypedPost& typed, const std::string& country) {
    return contact::PostalAddress::make(typed.lines, typed.postalCode, typed.city, typed.country,
                                        country);
}

bool anyOf(const std::vector<consent::ChoiceItem>& choices, std::string_view contact,
           bool givenOnly) {
    return std::any_of(choices.begin(), choices.end(), [&](const consent::ChoiceItem& item) {
        return contactOf(item.channel) == contact &&
               (!givenOnly || item.choice == consent::Choice::given);
    });
}

/// Reads one choice. False: it was made under another wording than the one in force.
bool readChoice(Form form, const Asked& asked, std::vector<consent::ChoiceItem>& out) {
    form.only({"purpose", "channel", "choice", "notice"});
    consent::ChoiceItem item;
    item.purpose = form.text("purpose", limits::kTokenMaxChars);
    item.channel = form.text("channel", limits::kTokenMaxChars);
    const std::string word = form.text("choice", kIdMaxChars);
    if (word != "given" && word != "refused") form.reject("choice", "out-of-range");
    item.choice = word == "given" ? consent::Choice::given : consent::Choice::refused;
    if (auto notice = form.object("notice")) {
        notice->only({"id", "version", "language", "sha256"});
        item.notice.id = notice->text("id", limits::kTokenMaxChars);
        item.notice.version =
            static_cast<std::uint32_t>(notice->whole("version", 1, 4'294'967'295));
        item.notice.language = notice->text("language", kIdMaxChars);
        item.notice.sha256 = notice->text("sha256", 64);
    }
    const bool twice = std::any_of(out.begin(), out.end(), [&](const consent::ChoiceItem& one) {
        return one.purpose == item.purpose && one.channel == item.channel;
    });
    if (twice) form.reject("purpose", "twice");
    const bool posed =
        std::any_of(asked.questions.begin(), asked.questions.end(), [&](const Question& question) {
            return question.purpose == item.purpose && question.channel == item.channel;
        });
    const consent::Notice* shown =
        asked.policy.notice(item.purpose, item.channel, item.notice.language);
    const bool current = posed && shown != nullptr && shown->ref == item.notice;
    out.push_back(std::move(item));
    return current;
}

void checkNeeds(Form& form, const Asked& asked, const std::vector<consent::ChoiceItem>& choices) {
    for (const Question& question : asked.questions) {
        if (question.needs.empty()) continue;
        const auto said = [&](const consent::Token& purpose, std::string_view channel) {
            return std::any_of(choices.begin(), choices.end(), [&](const auto& item) {
                return item.purpose == purpose && (channel.empty() || item.channel == channel) &&
                       item.choice == consent::Choice::given;
            });
        };
        if (said(question.purpose, question.channel) && !said(question.needs, ""))
            return form.reject("choices", "prerequisite-missing");
    }
}

void readEmail(Form& form, Visitor& visitor) {
    const std::string typed = form.textOr("email", kEmailMaxChars);
    if (contact::trimmed(typed).empty()) {
        if (anyOf(visitor.choices, "email", true)) form.reject("email", "contact-missing");
        return;
    }
    const auto email = contact::Email::parse(typed);
    if (!email)
        return form.reject("email",
                           email.error().code == Code::tooLarge ? "too-long" : "email-invalid");
    // What no answer is about is not kept.
    if (!anyOf(visitor.choices, "email", false)) return;
    visitor.person.contacts.push_back({"email", email->display, email->canonicalKey()});
}

void readPhone(Form& form, Visitor& visitor, const std::string& country) {
    const std::string typed = form.textOr("phone", kPhoneMaxChars);
    if (contact::trimmed(typed).empty()) {
        if (anyOf(visitor.choices, "phone", true)) form.reject("phone", "contact-missing");
        return;
    }
    const auto phone = contact::Phone::parse(typed, country);
    if (!phone) return form.reject("phone", "phone-invalid");
    for (const char* channel : {"phone", "sms", "messaging"}) {
        const auto answered =
            std::find_if(visitor.choices.begin(), visitor.choices.end(),
                         [&](const consent::ChoiceItem& item) { return item.channel == channel; });
        if (answered == visitor.choices.end()) continue;
        if (channel != std::string_view("phone") && !phone->takesSms()) {
            if (answered->choice == consent::Choice::given)
                return form.reject("phone", "phone-not-sms");
            continue;
        }
        visitor.person.contacts.push_back({channel, phone->display, phone->canonicalKey()});
    }
}

void readAddress(Form& form, Visitor& visitor, const std::string& country,
                 contact::Folder& folder) {
    auto typed = form.objectOr("post");
    if (!typed) {
        if (anyOf(visitor.choices, "post", true)) form.reject("post", "contact-missing");
        return;
    }
    const TypedPost post = readPost(std::move(*typed));
    if (const Fault fault = faultOf(post, country); fault.code != nullptr)
        return form.reject("post", fault.code);
    auto address = addressOf(post, country);
    if (!address) return form.reject("post", "address-incomplete");
    if (!anyOf(visitor.choices, "post", false)) return;
    visitor.person.contacts.push_back({"post", address->display(), address->canonicalKey(folder)});
    visitor.person.address = std::move(*address);
}

/// Any letters, signs and pictures that people give as their name; in parts where it has some.
void readName(Form& form, Visitor& visitor) {
    const std::string name = contact::cleanLine(form.textOr("name", kNameMaxChars));
    // Without an address a name is nobody's.
    if (name.empty() || visitor.person.contacts.empty()) return;
    if (auto parts = contact::PersonName::parse(name, visitor.language))
        visitor.person.name = std::move(*parts);
    visitor.person.displayName = name;
}

void readLikes(Form& form, Visitor& visitor) {
    const auto known = [](std::span<const policy::Like> likes, const std::string& id) {
        return std::any_of(likes.begin(), likes.end(),
                           [&](const policy::Like& like) { return like.id == id; });
    };
    for (const std::string& genre : form.textsOr("genres", kGenresMax, kIdMaxChars)) {
        if (!known(policy::genres(), genre)) {
            form.reject("genres", "out-of-range");
        } else {
            visitor.person.preferences["genre:" + genre] = "yes";
        }
    }
    const std::string often = form.textOr("frequency", kIdMaxChars);
    if (often.empty()) return;
    if (!known(policy::frequencies(), often)) return form.reject("frequency", "out-of-range");
    visitor.person.preferences["frequency"] = often;
}

struct Verdict {
    std::string code, field, shown, suggestion;
};

void writeVerdict(wire::JsonWriter& out, std::string_view name,
                  const std::optional<Verdict>& verdict) {
    out.key(name);
    if (!verdict) {
        out.null();
        return;
    }
    out.beginObject().field("ok", verdict->code.empty());
    for (const auto& [key, text] :
         {std::pair<const char*, const std::string&>{"code", verdict->code},
          {"field", verdict->field},
          {"shown", verdict->shown},
          {"suggestion", verdict->suggestion}}) {
        if (text.empty()) {
            out.key(key).null();
        } else {
            out.field(key, text);
        }
    }
    out.endObject();
}

Verdict emailVerdict(const std::string& typed) {
    const auto email = contact::Email::parse(typed);
    if (!email)
        return {email.error().code == Code::tooLarge ? "too-long" : "email-invalid", "", "", ""};
    return {"", "", email->display, email->suggestion().value_or("")};
}

Verdict phoneVerdict(const std::string& typed, const std::string& country, bool forSms) {
    const auto phone = contact::Phone::parse(typed, country);
    if (!phone) return {"phone-invalid", "", "", ""};
    if (forSms && !phone->takesSms()) return {"phone-not-sms", "", "", ""};
    return {"", "", phone->display, ""};
}

Verdict postVerdict(const TypedPost& typed, const std::string& country) {
    if (const Fault fault = faultOf(typed, country); fault.code != nullptr)
        return {fault.code, fault.field, "", ""};
    const auto address = addressOf(typed, country);
    if (!address) return {"address-incomplete", "lines", "", ""};
    return {"", "", address->display(), ""};
}

} // namespace

Outcome<Visitor> readVisitor(std::string_view body, const Asked& asked, contact::Folder& folder) {
    auto form = Form::parse(body);
    if (!form) return tl::make_unexpected(std::move(form.error()));
    form->only({"requestId", "language", "name", "email", "phone", "post", "choices", "genres",
                "frequency", "oldEnough", "survey"});
    const std::optional<bool> oldEnough = form->flagOr("oldEnough");
    if (asked.age > 0 && oldEnough == false) return refuse("too-young");
    if (asked.age > 0 && !oldEnough) form->reject("oldEnough", "missing");
    Visitor visitor;
    if (const auto id = Uuid::parse(form->text("requestId", 36)); id && !id->none()) {
        visitor.requestId = *id;
    } else {
        form->reject("requestId", "out-of-range");
    }
    visitor.language = form->text("language", 2);
    const auto spoken = languagesOf(asked.policy);
    if (std::find(spoken.begin(), spoken.end(), visitor.language) == spoken.end())
        form->reject("language", "out-of-range");
    bool current = true;
    for (Form& choice : form->objects("choices", kChoicesMax))
        current = readChoice(std::move(choice), asked, visitor.choices) && current;
    if (visitor.choices.empty()) form->reject("choices", "too-short");
    const std::string country = countryOf(asked.policy);
    readEmail(*form, visitor);
    readPhone(*form, visitor, country);
    readAddress(*form, visitor, country, folder);
    readName(*form, visitor);
    readLikes(*form, visitor);
    current =
        readSurvey(*form, asked.survey, visitor.choices, visitor.person.preferences) && current;
    checkNeeds(*form, asked, visitor.choices);
    if (auto sound = form->done(); !sound) return tl::make_unexpected(std::move(sound.error()));
    if (!current) return refuse("stale-questions");
    visitor.person.language = visitor.language;
    return visitor;
}

Outcome<std::string> checkTyped(std::string_view body, const std::string& country) {
    auto form = Form::parse(body);
    if (!form) return tl::make_unexpected(std::move(form.error()));
    form->only({"email", "phone", "post", "forSms"});
    const std::string email = form->textOr("email", kEmailMaxChars);
    const std::string phone = form->textOr("phone", kPhoneMaxChars);
    const bool forSms = form->flagOr("forSms").value_or(false);
    std::optional<TypedPost> post;
    if (auto typed = form->objectOr("post")) post = readPost(std::move(*typed));
    if (auto sound = form->done(); !sound) return tl::make_unexpected(std::move(sound.error()));
    wire::JsonWriter out;
    out.beginObject();
    writeVerdict(out, "email", email.empty() ? std::nullopt : std::optional(emailVerdict(email)));
    writeVerdict(out, "phone",
                 phone.empty() ? std::nullopt
                               : std::optional(phoneVerdict(phone, country, forSms)));
    writeVerdict(out, "post", post ? std::optional(postVerdict(*post, country)) : std::nullopt);
    out.endObject();
    return out.take();
}

} // namespace souffleur::lobby
