#include <algorithm>
#include <map>

#include "plugin/consent/EventSet.h"
#include "plugin/consent/StateOf.h"

namespace souffleur::consent {
namespace {

using Pair = std::pair<SubjectId, SubjectId>;

Pair unordered(SubjectId a, SubjectId b) {
    return a < b ? Pair{a, b} : Pair{b, a};
}

} // namespace

std::set<SubjectId> linkedWith(SubjectId subject, std::span<const Event> linkEvents) {
    const std::vector<const Event*> all = inOrder(linkEvents);
    std::map<EventId, Pair> links;
    for (const Event* event : all) {
        if (const auto* link = std::get_if<Link>(&event->body)) {
            links.emplace(event->id, unordered(event->subject, link->other));
        }
    }
    for (const Event* event : all) {
        if (const auto* unlink = std::get_if<Unlink>(&event->body)) {
            const auto ended = links.find(unlink->target);
            if (ended != links.end() && ended->second == unordered(event->subject, unlink->other)) {
                links.erase(ended);
            }
        }
    }
    std::map<SubjectId, std::vector<SubjectId>> neighbours;
    for (const auto& [id, pair] : links) {
        neighbours[pair.first].push_back(pair.second);
        neighbours[pair.second].push_back(pair.first);
    }
    std::set<SubjectId> person{subject};
    std::vector<SubjectId> open{subject};
    while (!open.empty()) {
        const SubjectId next = open.back();
        open.pop_back();
        for (const SubjectId neighbour : neighbours[next]) {
            if (person.insert(neighbour).second) {
                open.push_back(neighbour);
            }
        }
    }
    return person;
}

std::vector<EventId> negativesToCopy(std::span<const Event> events) {
    const std::vector<const Event*> all = inOrder(events);
    const std::set<EventId> retracted = undone(all).acts;
    std::set<EventId> out;
    for (const Event* event : all) {
        if (const auto* unlink = std::get_if<Unlink>(&event->body)) {
            out.insert(unlink->copied.begin(), unlink->copied.end());
        }
        const auto* act = std::get_if<Act>(&event->body);
        const auto saysNo = [](const ChoiceItem& item) { return negative(item.choice); };
        if (act != nullptr && !retracted.contains(event->id) &&
            std::ranges::any_of(act->choices, saysNo)) {
            out.insert(event->id);
        }
    }
    return {out.begin(), out.end()};
}

} // namespace souffleur::consent
