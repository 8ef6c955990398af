// What follows from what is known of a person, whatever is asked.
#include <algorithm>

#include "plugin/consent/Flag.h"

namespace souffleur::consent {

bool awaitsAddress(const PersonFacts& person, const Policy& policy, const Token& purpose,
                   const Token& channel, TimeMs now) {
    const auto state = person.states.find({purpose, channel});
    const auto contact = person.contacts.find(channel);
    if (!addressed(channel) || state == person.states.end() || contact == person.contacts.end() ||
        !permits(stateAsOf(state->second, now))) {
        return false;
    }
    const ContactFacts& held = contact->second;
    const ChannelRule* law = policy.rule(purpose, channel, now);
    return held.present && held.waits && !held.verified && !held.bounced && law != nullptr &&
           law->wantsVerified();
}

bool visiting(const PersonFacts& person, const ReaskRule& reask, TimeMs now) {
    const TimeMs visit = reask.visitHours * kHourMs;
    const auto near = [now, visit](TimeMs at) {
        return at != 0 && (at <= now ? at > now - visit : at < now + visit);
    };
    return near(person.answeredAt) || std::ranges::any_of(person.states, [&](const auto& entry) {
               const StateView& view = entry.second;
               return near(view.deferredAt) || (live(view.method) && near(view.at));
           });
}

} // namespace souffleur::consent
