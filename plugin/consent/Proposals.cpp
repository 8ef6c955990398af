#include "plugin/consent/Proposals.h"

#include <algorithm>
#include <utility>

namespace souffleur::consent {
namespace {

const Act* actOf(const Event& event, const SubjectId& subject) {
    return event.subject == subject ? std::get_if<Act>(&event.body) : nullptr;
}

bool takesBack(const ChoiceItem& item) {
    return item.choice == Choice::withdrawn || item.choice == Choice::objected;
}

/// A purpose and a channel.
using What = std::pair<Token, Token>;

/// What mails confirmed of the subject's proposals.
std::set<What> confirmedOf(std::span<const Event> events, const SubjectId& subject) {
    std::set<std::pair<EventId, Token>> mails;
    for (const Event& event : events) {
        const auto* mail = std::get_if<Confirmed>(&event.body);
        if (mail != nullptr && event.subject == subject) mails.emplace(mail->target, mail->channel);
    }
    std::set<What> out;
    for (const Event& event : events) {
        const Act* act = actOf(event, subject);
        if (act == nullptr || !isProposal(event)) continue;
        for (const ChoiceItem& item : act->choices) {
            if (item.choice == Choice::given && mails.contains({event.id, item.channel}))
                out.emplace(item.purpose, item.channel);
        }
    }
    return out;
}

/// Said in another way than at a kiosk or by a code.
bool heardElsewhere(std::span<const Event> events, const SubjectId& subject) {
    return std::ranges::any_of(events, [&](const Event& event) {
        return actOf(event, subject) != nullptr && !isProposal(event) && !byCode(event);
    });
}

bool bears(const ChoiceItem& no, const std::set<What>& what) {
    return std::ranges::any_of(what, [&](const What& one) {
        return (no.purpose == kAny || no.purpose == one.first) &&
               (no.channel == kAny || no.channel == one.second);
    });
}

} // namespace

bool isProposal(const Event& event) {
    const auto* act = std::get_if<Act>(&event.body);
    return act != nullptr && act->method == Method::kiosk &&
           std::ranges::none_of(act->choices, takesBack);
}

bool byCode(const Event& event) {
    const auto* act = std::get_if<Act>(&event.body);
    return act != nullptr && (act->method == Method::kiosk || act->method == Method::web) &&
           !act->choices.empty() && std::ranges::all_of(act->choices, takesBack);
}

bool onlyProposed(std::span<const Event> events, const std::set<SubjectId>& subjects) {
    if (subjects.size() != 1) return false;
    const SubjectId& subject = *subjects.begin();
    bool any = false;
    for (const Event& event : events) {
        const auto* mail = std::get_if<Confirmed>(&event.body);
        if (mail != nullptr && event.subject == subject) return false;
        if (actOf(event, subject) == nullptr) continue;
        if (!isProposal(event) && !byCode(event)) return false;
        any = any || isProposal(event);
    }
    return any;
}

std::vector<Event> binding(std::vector<Event> events, const std::set<SubjectId>& subjects) {
    if (subjects.size() != 1) return events;
    const SubjectId& subject = *subjects.begin();
    const bool elsewhere = heardElsewhere(events, subject);
    const std::set<What> confirmed = confirmedOf(events, subject);
    for (Event& event : events) {
        if (actOf(event, subject) == nullptr)
            continue; // what an unlink copied here was vouched for
        const bool code = byCode(event);
        if (!isProposal(event) && (!code || elsewhere)) continue;
        // The act stays without the choice: one that is missing would be a doubt, and so a no.
        std::erase_if(std::get<Act>(event.body).choices, [&](const ChoiceItem& item) {
            return negative(item.choice) && !(code && bears(item, confirmed));
        });
    }
    return events;
}

} // namespace souffleur::consent
