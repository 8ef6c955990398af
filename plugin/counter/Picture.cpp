#include "plugin/counter/Picture.h"

#include <algorithm>

#include "plugin/counter/ContactInput.h"
#include "plugin/counter/Counter.h"

namespace souffleur::counter {
namespace {

using consent::State;

void describe(Item& item, const consent::PersonFacts& facts, const consent::Policy& policy,
              TimeMs now) {
    if (const auto found = facts.states.find({item.purpose, item.channel});
        found != facts.states.end()) {
        item.state = consent::stateAsOf(found->second, now);
        item.pending = found->second.pending;
        item.at = found->second.at;
    }
    if (!kindOf(item.channel)) {
        return;
    }
    const auto contact = facts.contacts.find(item.channel);
    const bool present = contact != facts.contacts.end() && contact->second.present;
    item.needsAddress = !present || contact->second.bounced;
    item.unverified = present && !contact->second.verified;
    if (item.state == consent::State::given &&
        consent::awaitsAddress(facts, policy, item.purpose, item.channel, now)) {
        item.waitsSince = item.at;
    }
}

bool offered(const consent::Purpose& purpose, const consent::Basket& basket,
             const consent::PersonFacts& facts) {
    if (purpose.partner.empty() ||
        std::ranges::find(basket.partners, purpose.partner) != basket.partners.end()) {
        return true;
    }
    // An objection speaks of every partner there is; it is no word about this one, whose rows would
    // take the place of others.
    return std::ranges::any_of(facts.states, [&](const auto& entry) {
        return entry.first.first == purpose.id && entry.second.state != State::objected;
    });
}

bool listed(const std::vector<Item>& items, const consent::Token& purpose,
            const consent::Token& channel) {
    return std::ranges::any_of(items, [&](const Item& item) {
        return item.purpose == purpose && item.channel == channel;
    });
}

/// The moment of the newest view in one of `states`; 0 = none.
TimeMs newest(const consent::PersonFacts& facts, TimeMs now, std::initializer_list<State> states) {
    TimeMs at = 0;
    for (const auto& [key, view] : facts.states) {
        if (std::ranges::find(states, consent::stateAsOf(view, now)) != states.end()) {
            at = std::max(at, view.at);
        }
    }
    return at;
}

/// The newest "not now", whatever came of the key since; 0 = none.
TimeMs newestPutOff(const consent::PersonFacts& facts) {
    TimeMs at = 0;
    for (const auto& [key, view] : facts.states) {
        at = std::max(at, view.deferredAt);
    }
    return at;
}

/// The lapse that makes a flag `refresh`: the earliest.
TimeMs earliestLapse(const consent::PersonFacts& facts, TimeMs now) {
    TimeMs until = consent::kForever;
    for (const auto& [key, view] : facts.states) {
        const State state = consent::stateAsOf(view, now);
        if (state == State::given || state == State::expired) {
            until = std::min(until, view.validUntil);
        }
    }
    return until == consent::kForever ? 0 : until;
}

/// A yes on a channel whose address is missing or does not work.
consent::Token deadChannel(const consent::PersonFacts& facts, TimeMs now, bool bounced) {
    for (const auto& [key, view] : facts.states) {
        const State state = consent::stateAsOf(view, now);
        if ((state != State::given && state != State::requested) || !kindOf(key.second)) {
            continue;
        }
        const auto contact = facts.contacts.find(key.second);
        const bool present = contact != facts.contacts.end() && contact->second.present;
        if (bounced ? present && contact->second.bounced : !present) {
            return key.second;
        }
    }
    return {};
}

Reason noReason(const consent::Flag& flag) {
    if (!flag.lastNo) {
        return {"said-no", 0, 0, {}};
    }
    const State state = flag.lastNo->state;
    return {state == State::objected    ? "objected"
            : state == State::withdrawn ? "withdrew"
                                        : "said-no",
            flag.lastNo->at,
            0,
            {}};
}

/// One word of plugin/consent in the words of the contract.
/// The page's code of a reason that needs nothing beside it.
std::string plainCode(const std::string& reason) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kCodes{{
        {"needs-own-hand", "needs-own-hand"},
        {"lease-lapsed", "lease-lapsed"},
        {"old-permission", "undated-permission"},
        {"minor", "too-young"},
    }};
    const auto* found = std::find_if(kCodes.begin(), kCodes.end(),
                                     [&](const auto& code) { return code.first == reason; });
    return std::string(found == kCodes.end() ? "given" : found->second);
}

Reason translated(const std::string& reason, const consent::Flag& flag,
                  const consent::PersonFacts& facts, TimeMs now) {
    const int open = static_cast<int>(flag.questions.size());
    if (reason == "never-asked" || reason == "not-on-file") {
        return {"never-asked", 0, 0, {}};
    }
    if (reason == "some-unasked") {
        return {"partly-answered", 0, open, {}};
    }
    if (reason == "rest-is-over") {
        const TimeMs no = newest(facts, now, {State::refused, State::withdrawn});
        return no != 0
                   ? Reason{"reask-due", no, 0, {}}
                   : Reason{"asked-not-answered",
                            std::max(newestPutOff(facts), newest(facts, now, {State::requested})),
                            0,
                            {}};
    }
    if (reason == "lapses-soon" || reason == "lapsed") {
        return {reason == "lapsed" ? "expired" : "expires-soon", earliestLapse(facts, now), 0, {}};
    }
    if (reason == "mail-unanswered") {
        return {"awaiting-confirmation", newest(facts, now, {State::requested}), 0, {}};
    }
    if (reason == "all-given" || reason == "some-given") {
        return {"given", newest(facts, now, {State::given}), 0, {}};
    }
    if (reason == "customer") {
        return {"similar-purchase", newest(facts, now, {State::softOptIn}), 0, {}};
    }
    if (reason == "put-off") {
        return {"asked-not-answered", newestPutOff(facts), 0, {}};
    }
    if (reason == "no-address" || reason == "bounced") {
        const bool bounced = reason == "bounced";
        return {bounced ? "address-bounced" : "address-missing", 0, 0,
                deadChannel(facts, now, bounced)};
    }
    if (reason == "said-no" || reason == "wants-nothing") {
        return noReason(flag);
    }
    return {plainCode(reason), 0, 0, {}};
}

} // namespace

std::vector<Item> itemsOf(const consent::Flag& flag, const consent::PersonFacts& facts,
                          const consent::Policy& policy, const consent::Basket& basket,
                          const std::string& language, TimeMs now) {
    std::vector<Item> items;
    for (const consent::Question& question : flag.questions) {
        if (items.size() == kQuestionsMax) {
            break;
        }
        Item item;
        item.purpose = question.purpose;
        item.channel = question.channel;
        item.notice = question.notice;
        item.asked = true;
        describe(item, facts, policy, now);
        items.push_back(std::move(item));
    }
    for (const consent::Purpose& purpose : policy.purposes) {
        if (!offered(purpose, basket, facts)) {
            continue;
        }
        for (const consent::Token& channel : purpose.channels) {
            const consent::Notice* notice = policy.notice(purpose, channel, language);
            if (items.size() == kQuestionsMax || notice == nullptr ||
                listed(items, purpose.id, channel) ||
                policy.rule(purpose.id, channel, now) == nullptr) {
                continue;
            }
            Item item;
            item.purpose = purpose.id;
            item.channel = channel;
            item.notice = notice;
            describe(item, facts, policy, now);
            items.push_back(std::move(item));
        }
    }
    // One order for everybody, the house's: a row and its key mean the same at each customer.
    std::ranges::stable_sort(items, {}, [&](const Item& item) {
        const auto of = std::ranges::find(policy.purposes, item.purpose, &consent::Purpose::id);
        const std::ptrdiff_t at = of - policy.purposes.begin();
        if (of == policy.purposes.end()) {
            return std::pair(at, std::ptrdiff_t{0});
        }
        return std::pair(at, std::ranges::find(of->channels, item.channel) - of->channels.begin());
    });
    return items;
}

std::string answeredName(const Item& item) {
    if (item.waitsSince != 0) {
        return "unconfirmed";
    }
    switch (item.state) {
    case State::unknown:
        return "none";
    case State::requested:
        return "unconfirmed";
    case State::softOptIn:
        return "soft";
    default:
        return std::string(consent::name(item.state));
    }
}

std::string confirmBy(const Item& item, const consent::Policy& policy, consent::Method method,
                      TimeMs now) {
    const consent::ChannelRule* rule = policy.rule(item.purpose, item.channel, now);
    if (rule == nullptr) {
        return "own-hand";
    }
    if ((item.lifting && !rule->liftEvidence.contains(method)) || rule->separateDocument) {
        return "own-hand";
    }
    const bool newAddress = item.needsAddress || item.unverified;
    const bool mail = item.unread || rule->doubleOptIn || (newAddress && rule->confirmNewAddress) ||
                      !rule->evidence.contains(method);
    return mail ? "mail" : "none";
}

std::vector<Reason> reasonsOf(const consent::Flag& flag, const consent::PersonFacts& facts,
                              const consent::Policy& policy, const consent::Basket& basket,
                              consent::Situation situation, TimeMs now) {
    std::vector<Reason> out;
    for (const std::string& reason : flag.reasons) {
        if (reason == "not-asked-here") {
            if (situation == consent::Situation::school) {
                out.push_back({"school-no-pupils", 0, 0, {}});
            }
        } else if (reason != "nothing-to-ask") {
            out.push_back(translated(reason, flag, facts, now));
        }
    }
    if (flag.kind == consent::FlagKind::restricted) {
        return out;
    }
    for (const consent::Question& question : flag.questions) {
        const consent::Purpose* purpose = policy.purpose(question.purpose);
        if (purpose != nullptr && !purpose->partner.empty() &&
            std::ranges::find(basket.partners, purpose->partner) != basket.partners.end()) {
            out.push_back({"partner-in-basket", 0, 0, {}});
            break;
        }
    }
    if (situation == consent::Situation::group) {
        out.push_back({"group-contact", 0, 0, {}});
    }
    return out;
}

void dateWaiting(std::vector<Reason>& reasons, const std::vector<Item>& items) {
    for (Reason& reason : reasons) {
        if (reason.code == "awaiting-confirmation" && reason.at == 0 && !items.empty()) {
            reason.at = std::ranges::max(items, {}, &Item::waitsSince).waitsSince;
        }
    }
}

std::string fingerprint(const std::vector<Item>& items, const std::vector<EventId>& seen,
                        const SubjectId& subject, const std::string& language,
                        const std::string& policySha) {
    std::string text = subject.text() + '|' + language + '|' + policySha;
    for (const Item& item : items) {
        text += '\n' + item.purpose + '|' + item.channel + '|' + item.notice->ref.id + '@' +
                std::to_string(item.notice->ref.version) + item.notice->ref.language +
                item.notice->ref.sha256 + '|' + (item.asked ? '1' : '0') +
                (item.needsAddress ? '1' : '0') + (item.unverified ? '1' : '0') +
                (item.unread ? '1' : '0') + answeredName(item);
    }
    for (const EventId& id : seen) {
        text += '\n' + id.text();
    }
    return text;
}

} // namespace souffleur::counter
