// One invented answer for the suites of this room.
#pragma once

#include <string>

#include "plugin/policy/PackLoader.h"
#include "plugin/slip/Slip.h"
#include "plugin/wire/Header.h"

namespace souffleur::test {

inline crypto::Handle sampleHandle() {
    SeededRandom random(42);
    return crypto::randomHandle(random);
}

inline consent::Policy samplePolicy(const char* pack = "nl") {
    auto policy = policy::PackLoader(policy::sampleHouse(pack)).builtIn(pack);
    return policy ? *policy : consent::Policy{};
}

inline consent::ChoiceItem choice(const char* purpose, const char* channel, consent::Choice what) {
    consent::ChoiceItem item;
    item.purpose = purpose;
    item.channel = channel;
    item.choice = what;
    return item;
}

inline consent::Event sampleEvent(const consent::Policy& policy, const std::string& language) {
    SeededRandom random(5);
    consent::Event event;
    event.at = 1795376460000;
    event.unc = 20;
    event.offsetMin = 60;
    event.id = {Uuid::timed(event.at, random)};
    event.origin = OriginId::random(random);
    event.subject = SubjectId::random(random);
    consent::Act act;
    act.controller = policy.controller.id;
    act.method = consent::Method::spoken;
    act.place = "till-2";
    act.choices = {choice("newsletter", "email", consent::Choice::given),
                   choice("brochure", "post", consent::Choice::refused),
                   choice("partner:museum-zuid", "email", consent::Choice::deferred)};
    for (auto& item : act.choices) {
        policy.freeze(item, act.method, event.at, item.channel == "email", false, language);
    }
    act.withdrawHandleHash = slip::handleHashHex(sampleHandle());
    event.body = act;
    return event;
}

} // namespace souffleur::test
