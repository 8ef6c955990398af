// A small story told event by event, for the suites that hold us to DESIGN 4. Header only.
#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "plugin/base/Limits.h"
#include "plugin/consent/StateOf.h"
#include "tests/support/ConsentGen.h"

namespace souffleur::test {

inline const Key kNews{"house", "newsletter", "email"};
inline const Key kPost{"house", "brochure", "post"};
inline constexpr TimeMs kMin = kMinuteMs;

/// A story told event by event; each new event has its own id and the next position of its origin.
class Story {
public:
    Event& act(Choice choice, TimeMs at = kT0, const Token& purpose = "newsletter",
               const Token& channel = "email") {
        Event& event = add(at);
        Act act;
        act.controller = "house";
        act.method = Method::screen;
        act.by = operatorId(1);
        act.place = "till-1";
        ChoiceItem item;
        item.purpose = purpose;
        item.channel = channel;
        item.choice = choice;
        act.choices.push_back(item);
        event.body = act;
        return event;
    }
    Event& add(TimeMs at = kT0) {
        Event event;
        event.id = eventId(++_count);
        event.origin = originId(1);
        event.position = _count;
        event.subject = subjectId(1);
        event.at = at;
        event.unc = 0;
        _events.push_back(event);
        return _events.back();
    }
    [[nodiscard]] StateView state(const Key& key = kNews,
                                  std::set<SubjectId> subjects = {subjectId(1)},
                                  const StateRules& rules = {}) const {
        return History(_events, subjects, Clocks(_events), rules).state(key);
    }
    [[nodiscard]] bool objected() const {
        return History(_events, {subjectId(1)}, Clocks(_events)).objected("house");
    }
    Story() { _events.reserve(32); }
    Story(const Story&) = delete;
    Story& operator=(const Story&) = delete;
    [[nodiscard]] const std::vector<Event>& events() const { return _events; }

private:
    std::vector<Event> _events;
    std::uint64_t _count = 0;
};

inline Act& actOf(Event& event) {
    return std::get<Act>(event.body);
}
inline ChoiceItem& itemOf(Event& event) {
    return actOf(event).choices.front();
}
/// Another till, whose positions say nothing about the first one's.
inline Event& elsewhere(Event& event) {
    event.origin = originId(2);
    return event;
}

} // namespace souffleur::test
