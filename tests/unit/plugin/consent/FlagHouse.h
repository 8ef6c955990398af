#pragma once

/// The house, its customer and the question put to the flag in its tests.
#include "plugin/consent/Flag.h"
#include "tests/support/ConsentGen.h"

namespace souffleur::test {

inline constexpr TimeMs kNow = kT0 + 1000 * kDayMs;

inline Purpose purposeOf(const Token& id, std::vector<Token> channels, int priority,
                         const Token& partner = {}) {
    Purpose purpose;
    purpose.id = id;
    purpose.channels = std::move(channels);
    purpose.priority = priority;
    purpose.partner = partner;
    for (const char* language : {"nl", "en"}) {
        Notice notice;
        notice.ref = {id, 1, language, std::string(64, 'a')};
        notice.line = id + " in " + language;
        purpose.notices[Token(kAny)][language] = notice;
    }
    return purpose;
}

inline Policy house() {
    Policy policy;
    policy.id = "nl";
    policy.languages = {"nl", "en"};
    policy.purposes = {purposeOf("partner:zuid", {"email"}, 4, "zuid"),
                       purposeOf("newsletter", {"email", "sms"}, 1),
                       purposeOf("brochure", {"post"}, 2), purposeOf("offers", {"email"}, 3)};
    for (const char* channel : {"email", "sms", "post", "phone"}) {
        ChannelRule rule;
        rule.channel = channel;
        policy.rules.push_back(rule);
    }
    policy.questionsPerSale = 3;
    policy.situations[Situation::counter] = {};
    policy.situations[Situation::school] = {.ask = false, .storePeople = false};
    return policy;
}

/// A customer on file with working addresses.
inline PersonFacts customer() {
    PersonFacts person;
    person.known = true;
    for (const char* channel : {"email", "sms", "post"}) {
        person.contacts[channel] = {true, true, false};
    }
    return person;
}

inline StateView viewOf(State state, TimeMs at = kNow - kDayMs, TimeMs validUntil = kForever) {
    StateView view;
    view.state = state;
    view.at = at;
    view.because = eventId(1);
    view.validUntil = validUntil;
    view.place = "till-2";
    return view;
}

/// All of the house's keys in one state.
inline PersonFacts all(State state, TimeMs at = kNow - kDayMs) {
    PersonFacts person = customer();
    for (const auto& [purpose, channel] :
         {std::pair{"newsletter", "email"}, std::pair{"newsletter", "sms"},
          std::pair{"brochure", "post"}, std::pair{"offers", "email"}}) {
        person.states[{purpose, channel}] = viewOf(state, at);
    }
    return person;
}

inline Flag flag(const PersonFacts& person, const Policy& policy, const Basket& basket = {},
                 Situation situation = Situation::counter, TimeMs now = kNow) {
    return flagOf(person, policy, basket, situation, "", now);
}

using Reasons = std::vector<std::string>;

} // namespace souffleur::test
