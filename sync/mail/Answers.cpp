#include "sync/mail/Answers.h"

#include <algorithm>
#include <array>
#include <set>

#include "plugin/consent/Proposals.h"
#include "plugin/contact/Email.h"
#include "plugin/contact/Mask.h"
#include "plugin/crypto/Handle.h"
#include "plugin/wire/Header.h"

namespace souffleur::mail {
namespace {

constexpr const char* kEmail = "email";
constexpr const char* kPlace = "head-office";
constexpr std::size_t kTokenMaxBytes = 64;
/// Whoever presses again within this says the same once. Later it is said anew: a yes of meanwhile
/// may be on its way here.
constexpr TimeMs kPressedAgainMs = kHourMs;

tl::unexpected<Error> nowhere() {
    return fail(Code::notFound, "this link does not lead anywhere any more");
}

const consent::Act* actIn(const Result<wire::Header>& header) {
    return header ? std::get_if<consent::Act>(&header->event.body) : nullptr;
}

/// As the house named the device that heard it.
std::string placeName(std::span<const store::Origin> devices, const consent::Event& event,
                      const consent::Act& act) {
    const auto by = [&](auto same) {
        const auto found = std::ranges::find_if(
            devices, [&](const store::Origin& one) { return one.kind != "hub" && same(one); });
        return found == devices.end() ? std::string() : found->name;
    };
    const std::string heard = by([&](const auto& one) { return one.id == event.origin; });
    return heard.empty() ? by([&](const auto& one) { return one.place == act.place; }) : heard;
}

consent::Act no(const consent::Token& controller, consent::Choice choice,
                const std::set<std::pair<consent::Token, consent::Token>>& what) {
    consent::Act act;
    act.controller = controller;
    act.method = consent::Method::web;
    act.place = kPlace;
    for (const auto& [purpose, channel] : what) {
        consent::ChoiceItem item;
        item.purpose = purpose;
        item.channel = channel;
        item.choice = choice;
        act.choices.push_back(std::move(item));
    }
    return act;
}

/// Does an act of such noes say no to this as well? `all`: to messages at all.
bool covers(const consent::Act& act, const std::pair<consent::Token, consent::Token>& what,
            bool all) {
    return std::ranges::any_of(act.choices, [&](const consent::ChoiceItem& item) {
        return (item.purpose == consent::kAny || item.purpose == what.first) &&
               (item.channel == consent::kAny || item.channel == what.second) &&
               (!all || item.choice == consent::Choice::objected);
    });
}

bool byMail(const consent::ChoiceItem& item) {
    return item.choice == consent::Choice::given && item.channel == kEmail;
}

/// As it was asked; a wording that never was in force here by the one of now, else by its purpose.
Result<Agreed> wordingOf(const House& house, const consent::ChoiceItem& item,
                         const std::string& language) {
    const auto held = house.store.wording(item.notice);
    if (held) return Agreed{held->label, held->detail, held->text};
    if (held.error().code != Code::notFound) return passOn(held);
    const auto* now = house.policy.notice(item.purpose, item.channel, language);
    if (now == nullptr) return Agreed{item.purpose, {}, {}};
    return Agreed{now->label, now->detail, now->text};
}

std::string languageFor(const House& house, const std::string& language) {
    std::string_view found = wordsLanguage(language);
    if (found.empty() && !house.policy.languages.empty())
        found = wordsLanguage(house.policy.languages.front());
    return std::string(found.empty() ? "en" : found);
}

} // namespace

std::string newToken(Random& random) {
    return crypto::randomToken(random);
}

crypto::Hash tokenHash(std::string_view token) {
    return crypto::sha256(token);
}

Result<Confirmation> describe(const House& house, std::span<const std::string> headers,
                              const std::string& language) {
    const auto devices = house.store.origins();
    if (!devices) return passOn(devices);
    Confirmation out;
    out.controller = house.policy.controller;
    std::set<std::string> labels;
    for (const std::string& bytes : headers) {
        const auto header = wire::decodeStoredHeader(bytes);
        const consent::Act* act = actIn(header);
        if (act == nullptr) return fail(Code::corrupt, "an answer cannot be read");
        if (out.at < header->event.at) {
            out.at = header->event.at;
            out.offsetMin = header->event.offsetMin;
            out.place = placeName(*devices, header->event, *act);
        }
        for (const consent::ChoiceItem& item : act->choices) {
            if (!byMail(item)) continue;
            if (out.language.empty()) out.language = wordsLanguage(item.notice.language);
            auto one = wordingOf(house, item, language);
            if (!one) return passOn(one);
            if (labels.insert(one->label).second) out.agreed.push_back(std::move(*one));
        }
    }
    if (out.language.empty()) out.language = languageFor(house, language);
    const auto named = house.names.find(out.language);
    out.house = named == house.names.end() ? house.policy.controller.name : named->second;
    return out;
}

Result<Answers::Look> Answers::look(std::string_view token) const {
    if (token.size() > kTokenMaxBytes) return nowhere();
    const auto link = _house.store.mailLink(tokenHash(token), _clock.now().at);
    if (!link) return passOn(link);
    if (link->notMe) return nowhere();
    auto what = describe(_house, link->headers, link->language);
    if (!what) return passOn(what);
    what->confirm = link->kind == store::MailKind::confirm;
    what->expires = link->expires;
    const auto email = contact::Email::parse(link->address);
    return Look{std::move(*what), email ? contact::mask(*email) : std::string()};
}

Result<void> Answers::confirm(std::string_view token) {
    if (token.size() > kTokenMaxBytes) return nowhere();
    const TimeMs now = _clock.now().at;
    const auto link = _house.store.mailLink(tokenHash(token), now);
    if (!link) return passOn(link);
    if (link->notMe || link->kind != store::MailKind::confirm) return nowhere();
    std::vector<people::NewEvent> events;
    for (const std::string& bytes : link->headers) {
        const auto header = wire::decodeStoredHeader(bytes);
        if (!header) return passOn(header);
        events.push_back({link->subject,
                          consent::Confirmed{header->event.id, kEmail, link->key},
                          {},
                          0,
                          kSecondMs});
    }
    // First into the log: said twice it is the same, lost it would be lost.
    if (auto said = _house.chain.append(events); !said) return passOn(said);
    auto noted = _house.store.mailAnswered(tokenHash(token), "confirmed", now);
    if (!noted && noted.error().code != Code::notFound) return noted;
    return {};
}

Result<void> Answers::notMe(std::string_view token) {
    if (token.size() > kTokenMaxBytes) return nowhere();
    const TimeMs now = _clock.now().at;
    const auto link = _house.store.mailLink(tokenHash(token), now);
    if (!link) return passOn(link);
    // First the year of silence: lost after the no it would be asked for by nobody any more. Until
    // the rest is written down as well the link can be pressed again, for this alone.
    if (link->notMe && link->removed) return {};
    if (!link->notMe) {
        auto noted = _house.store.mailAnswered(tokenHash(token), "not-me", now);
        if (!noted && noted.error().code != Code::notFound) return noted;
    }
    std::set<std::pair<consent::Token, consent::Token>> what;
    for (const std::string& bytes : link->headers) {
        const auto header = wire::decodeStoredHeader(bytes);
        const consent::Act* act = actIn(header);
        if (act == nullptr) continue;
        for (const consent::ChoiceItem& item : act->choices) {
            if (byMail(item)) what.emplace(item.purpose, item.channel);
        }
    }
    std::vector<people::NewEvent> events;
    events.push_back({link->subject,
                      no(_house.policy.controller.id, consent::Choice::withdrawn, what),
                      {},
                      0,
                      kSecondMs});
    events.push_back({link->subject,
                      consent::Contact{kEmail, link->key, consent::ContactStatus::removed},
                      {},
                      0,
                      kSecondMs});
    if (auto said = _house.chain.append(events); !said) return passOn(said);
    return {};
}

/// Does such a no by a code stand already, of a moment ago? Any other no is no reason to keep
/// silent: it can be undone, and a spoken yes lifts a refusal that would not lift this (rule 5).
Result<bool> Answers::pressedAgain(const store::SlipAct& slip, const consent::Token& controller,
                                   const std::pair<consent::Token, consent::Token>& what,
                                   bool all) const {
    const auto state = _house.store.state(slip.subject, {controller, what.first, what.second});
    if (!state) return passOn(state);
    if (!consent::negative(state->state) || state->pending) return false;
    const auto row = _house.store.event(state->because);
    if (!row && row.error().code == Code::notFound) return false;
    if (!row) return passOn(row);
    const auto header = wire::decodeStoredHeader(row->header);
    const consent::Act* no = actIn(header);
    return no != nullptr && header->event.subject == slip.subject &&
           consent::byCode(header->event) && covers(*no, what, all) &&
           row->receivedAt + kPressedAgainMs > _clock.now().at;
}

Result<void> Answers::takeBack(std::string_view code, bool all) {
    const auto slip = crypto::readSlip(code);
    if (slip.kind == crypto::SlipText::Kind::mistyped)
        return fail(Code::invalid, "this code was mistyped");
    if (slip.kind != crypto::SlipText::Kind::code) return nowhere();
    const auto found = _house.store.actBySlip(slip.handle);
    if (!found) return passOn(found);
    const auto row = _house.store.event(found->act);
    if (!row) return passOn(row);
    const auto header = wire::decodeStoredHeader(row->header);
    const consent::Act* act = actIn(header);
    if (act == nullptr) return nowhere();
    std::set<std::pair<consent::Token, consent::Token>> what;
    for (const consent::ChoiceItem& item : act->choices) {
        if (!all && item.choice == consent::Choice::given) what.emplace(item.purpose, item.channel);
    }
    if (all) what.emplace(consent::kAny, consent::kAny);
    // What was said just now is not said again and again: the code opens no flood.
    for (auto one = what.begin(); one != what.end();) {
        const auto said = pressedAgain(*found, act->controller, *one, all);
        if (!said && said.error().code == Code::notFound) return nowhere();
        if (!said) return passOn(said);
        one = *said ? what.erase(one) : std::next(one);
    }
    if (what.empty()) return {};
    const auto choice = all ? consent::Choice::objected : consent::Choice::withdrawn;
    const std::array<people::NewEvent, 1> events{
        people::NewEvent{found->subject, no(act->controller, choice, what), {}, 0, kSecondMs}};
    if (auto said = _house.chain.append(events); !said) return passOn(said);
    return {};
}

} // namespace souffleur::mail
