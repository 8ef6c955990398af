// The one answer that tests of sync give: the newsletter by e-mail, at a till.
#pragma once

#include <string>
#include <vector>

#include "plugin/consent/Event.h"
#include "plugin/ledger/Ledger.h"

namespace souffleur::test {

inline constexpr const char* kController = "house";

inline consent::Act newsletter(consent::Choice choice) {
    consent::Act act;
    act.controller = kController;
    consent::ChoiceItem item;
    item.purpose = "newsletter";
    item.channel = "email";
    item.choice = choice;
    act.choices.push_back(item);
    return act;
}

/// Appends it, with the noes that this till knows of.
inline Result<EventId> say(ledger::Ledger& ledger, const SubjectId& subject, consent::Choice choice,
                           const wire::PersonData& person = {}) {
    ledger::Draft draft;
    draft.subject = subject;
    consent::Act act = newsletter(choice);
    act.place = "till";
    const std::vector<consent::Key> keys{{kController, "newsletter", "email"}};
    if (auto seen = ledger.negatives(subject, keys)) act.seen = *seen;
    draft.body = act;
    draft.person = person;
    auto appended = ledger.append(draft);
    if (!appended) return passOn(appended);
    return appended->id;
}

/// The name of its state at this till, "none" where there is none.
inline std::string newsletterState(const ledger::Ledger& ledger, const SubjectId& subject) {
    consent::Policy policy;
    policy.controller.id = kController;
    const auto facts = ledger.personFacts(subject, policy);
    if (!facts) return facts.error().text();
    const auto found = facts->states.find({"newsletter", "email"});
    return found == facts->states.end() ? "none" : std::string(consent::name(found->second.state));
}

} // namespace souffleur::test
