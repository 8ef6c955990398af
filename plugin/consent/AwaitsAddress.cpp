// A permission that cannot be used before its new address is confirmed.
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

} // namespace souffleur::consent
