#include "plugin/counter/Undone.h"

#include <variant>
#include <vector>

#include "plugin/consent/TakenBack.h"

namespace souffleur::counter {

std::set<EventId> undoneAmong(std::span<const ledger::EventView> events) {
    std::set<EventId> targets;
    std::vector<consent::Event> relevant;
    for (const ledger::EventView& each : events) {
        const auto* undo = std::get_if<consent::Retract>(&each.event.body);
        if (undo == nullptr) continue;
        targets.insert(undo->target);
        relevant.push_back(each.event);
    }
    if (targets.empty()) return {};
    for (const ledger::EventView& each : events) {
        if (targets.contains(each.event.id)) relevant.push_back(each.event);
    }
    std::erase_if(targets, [&](const EventId& act) { return !consent::takenBack(act, relevant); });
    return targets;
}

} // namespace souffleur::counter
