#include "plugin/consent/Proposals.h"

#include <algorithm>

namespace souffleur::consent {

bool isProposal(const Event& event) {
    const auto* act = std::get_if<Act>(&event.body);
    return act != nullptr && act->method == Method::kiosk &&
           std::all_of(act->choices.begin(), act->choices.end(), [](const ChoiceItem& item) {
               return item.choice != Choice::withdrawn && item.choice != Choice::objected;
           });
}

std::vector<Event> binding(std::vector<Event> events, const std::set<SubjectId>& subjects) {
    if (subjects.size() != 1) return events;
    std::set<EventId> confirmed;
    for (const Event& event : events) {
        if (const auto* mail = std::get_if<Confirmed>(&event.body)) confirmed.insert(mail->target);
    }
    std::erase_if(events, [&](const Event& event) {
        return isProposal(event) && !confirmed.contains(event.id);
    });
    return events;
}

} // namespace souffleur::consent
