// A person as this room judges them. Private to it.
#pragma once

#include <set>
#include <utility>
#include <vector>

#include "plugin/consent/Event.h"
#include "plugin/consent/StateOf.h"

namespace souffleur::store {

/// A person with the events that bear on them, and what follows.
class Judged {
public:
    Judged(std::set<SubjectId> members, std::vector<consent::Event> all,
           const consent::Clocks& clocks, const consent::StateRules& rules)
        : subjects(std::move(members)), events(std::move(all)),
          history(events, subjects, clocks, rules) {}

    std::set<SubjectId> subjects;
    std::vector<consent::Event> events;
    consent::History history;
    bool restricted = false;
    bool erased = true;
    bool unread = false; ///< a negative sits in quarantine
    bool minor = false;
};

} // namespace souffleur::store
