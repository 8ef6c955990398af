#include "kiosk/terminal/ShopEvents.h"

#include <algorithm>
#include <array>

#include "plugin/contact/Email.h"
#include "plugin/contact/Phone.h"
#include "plugin/crypto/Encoding.h"
#include "plugin/crypto/Hash.h"

namespace souffleur::terminal {
namespace {

wire::PersonData personOf(const host::Selection& hints) {
    wire::PersonData person;
    person.externalIds.push_back({hints.system, hints.id});
    person.language = hints.language;
    if (auto name = contact::PersonName::parse(hints.name, hints.language)) {
        person.name = std::move(*name);
    }
    if (const auto email = contact::Email::parse(hints.email)) {
        person.contacts.push_back({"email", email->display, email->canonicalKey()});
    }
    if (const auto phone = contact::Phone::parse(hints.phone)) {
        person.contacts.push_back({"phone", phone->display, phone->canonicalKey()});
        if (phone->takesSms()) {
            person.contacts.push_back({"sms", phone->display, phone->canonicalKey()});
        }
    }
    return person;
}

consent::Act actOf(const consent::Policy& policy, consent::ChoiceItem item, std::string source) {
    consent::Act act;
    act.controller = policy.controller.id;
    act.choices.push_back(std::move(item));
    act.method = consent::Method::connector;
    act.place = "pretix";
    act.source = std::move(source);
    return act;
}

} // namespace

void ShopEvents::ordered(const host::Selection& customer, std::string_view) {
    _shown = customer.id;
    if (_screen.show) _screen.show(customer);
}

void ShopEvents::cancelled(const host::Selection& customer, std::string_view) {
    if (_shown != customer.id) return; // somebody else has been shown since
    _shown.clear();
    if (_screen.clear) _screen.clear(customer);
}

Result<ShopEvents::Who> ShopEvents::recognise(const host::Selection& hints) {
    Who who;
    who.person = personOf(hints);
    const auto known = _ledger.findExternal(hints.system, hints.id);
    if (!known) return passOn(known);
    if (!known->empty()) {
        who.subject = known->front();
        who.isNew = false;
        return who;
    }
    // Equal e-mail alone is not a person; with an equal name it is (DESIGN 4, rule 7).
    const std::string name = who.person.name.canonicalKey(_folder);
    for (const wire::ContactPoint& point : who.person.contacts) {
        if (point.channel != "email" || who.person.name.empty()) continue;
        const auto holders = _ledger.findContact(point.canonical);
        if (!holders) return passOn(holders);
        for (const SubjectId& holder : *holders) {
            const auto record = _ledger.record(holder);
            if (!record || record->name.canonicalKey(_folder) != name) continue;
            who.subject = holder;
            who.isNew = false;
            return who;
        }
    }
    who.subject = SubjectId::random(_random);
    return who;
}

Result<bool> ShopEvents::suppressed(const wire::PersonData& person) const {
    for (const wire::ContactPoint& point : person.contacts) {
        const auto held = _ledger.suppressed(_ledger.contactKey(point.canonical));
        if (!held) return passOn(held);
        if (*held) return true;
    }
    return false;
}

Result<consent::ChoiceItem> ShopEvents::itemOf(const host::Evidence& evidence,
                                               const Who& who) const {
    const auto policy = _counter.policy();
    if (policy->purpose(evidence.purpose) == nullptr) {
        return fail(Code::invalid, "the pack has no such purpose", "question.purpose");
    }
    consent::ChoiceItem item;
    item.purpose = evidence.purpose;
    item.channel = evidence.channel;
    item.choice = evidence.given ? consent::Choice::given : consent::Choice::refused;
    const std::array keys{consent::Key{policy->controller.id, evidence.purpose, evidence.channel}};
    const auto negatives = _ledger.negatives(who.subject, keys);
    if (!negatives) return passOn(negatives);
    policy->freeze(item, consent::Method::connector, evidence.at, false, !negatives->empty(),
                   evidence.person.language);
    item.notice = {}; // ours was not shown
    return item;
}

Result<void> ShopEvents::answered(const host::Evidence& evidence) {
    auto who = recognise(evidence.person);
    if (!who) return passOn(who);
    const auto barred = suppressed(who->person);
    if (!barred) return passOn(barred);
    if (*barred) return {}; // erased on request: no shop brings anybody back
    auto item = itemOf(evidence, *who);
    if (!item) return passOn(item);

    const auto policy = _counter.policy();
    std::vector<ledger::Draft> drafts(1);
    drafts[0].subject = who->subject;
    drafts[0].body = actOf(*policy, std::move(*item), evidence.source);
    drafts[0].when = Reading{evidence.at, std::max(evidence.unc, kDayMs), 0};
    if (who->isNew) {
        for (const wire::ContactPoint& point : who->person.contacts) {
            ledger::Draft contact;
            contact.subject = who->subject;
            contact.body = consent::Contact{point.channel, _ledger.contactKey(point.canonical),
                                            policy->hostAddressesVerified
                                                ? consent::ContactStatus::verified
                                                : consent::ContactStatus::unverified};
            contact.person.contacts.push_back(point);
            drafts.push_back(std::move(contact));
        }
        drafts[0].person = std::move(who->person);
    } else {
        drafts[0].person.externalIds = who->person.externalIds;
    }
    const auto appended = _ledger.append(drafts, evidence.key);
    if (!appended) return passOn(appended);
    if (!appended->empty() && !appended->front().repeated) _counter.ledgerChanged();
    return {};
}

Result<void> ShopEvents::anonymised(std::string_view system, std::string_view id) {
    const auto known = _ledger.findExternal(system, id);
    if (!known) return passOn(known);
    bool changed = false;
    for (const SubjectId& subject : *known) {
        consent::ChoiceItem all;
        all.purpose = all.channel = consent::Token(consent::kAny);
        all.choice = consent::Choice::withdrawn;
        ledger::Draft draft;
        draft.subject = subject;
        draft.body = actOf(*_counter.policy(), std::move(all), std::string(system) + ":anonymised");
        Reading now = _clock.now();
        now.unc = std::max(now.unc, kDayMs);
        draft.when = now;
        const auto hash =
            crypto::sha256(std::string(system) + '\n' + std::string(id) + '\n' + subject.text());
        const auto appended =
            _ledger.append(draft, "anonymised:" + crypto::toHex(crypto::bytesOf(hash)));
        if (!appended) return passOn(appended);
        changed = changed || !appended->repeated;
    }
    if (changed) _counter.ledgerChanged();
    return {};
}

Result<std::string> ShopEvents::get(std::string_view name) const {
    return _ledger.setting(name);
}

Result<void> ShopEvents::put(std::string_view name, std::string_view value) {
    return _ledger.putSetting(name, value);
}

} // namespace souffleur::terminal
