#include "sync/hub/SealedContent.h"

#include <algorithm>

#include "plugin/wire/Header.h"
#include "plugin/wire/Payload.h"

namespace souffleur::hub {
namespace {

using consent::Choice;

Error beyond(const char* what) {
    return {Code::refused, std::string("a kiosk may not say this: ") + what, ""};
}

/// Why this is no answer of a visitor; empty = it is one.
const char* faultOf(const consent::ChoiceItem& item) {
    if (item.purpose == consent::kAny || item.channel == consent::kAny) return "a choice for all";
    if (item.choice != Choice::given && item.choice != Choice::refused)
        return "no yes and no no of a visitor";
    if (item.choice != Choice::given) return nullptr;
    if (item.basis != consent::Basis::consent) return "another basis than consent";
    if (item.notice.id.empty()) return "a yes to no question";
    // Whoever typed the address may be anybody.
    if (consent::addressed(item.channel) && !item.confirm) return "a yes that counts at once";
    return nullptr;
}

const char* faultOf(const consent::Act& act, const store::Origin& kiosk) {
    if (act.method != consent::Method::kiosk) return "another method";
    if (act.place != kiosk.place) return "another place";
    if (!act.by.none()) return "in somebody's name";
    if (!act.seen.empty()) return "it was shown nobody's no";
    if (!act.source.empty()) return "a source";
    for (const consent::ChoiceItem& item : act.choices) {
        if (const char* fault = faultOf(item)) return fault;
    }
    return nullptr;
}

} // namespace

Result<std::vector<store::Incoming>> checkSignUp(const protocol::SignUp& signUp,
                                                 const store::Origin& kiosk) {
    std::vector<store::Incoming> out;
    for (const protocol::SignUp::Item& item : signUp.events) {
        const auto header = wire::decodeHeader(item.header);
        if (!header) return passOn(header);
        const consent::Event& event = header->event;
        if (event.origin != kiosk.id) return tl::make_unexpected(beyond("another device's answer"));
        if (event.subject.none() || (!out.empty() && event.subject != out.front().subject))
            return tl::make_unexpected(beyond("answers of several people"));
        const auto* act = std::get_if<consent::Act>(&event.body);
        if (act == nullptr) return tl::make_unexpected(beyond("something that is no answer"));
        if (const char* fault = faultOf(*act, kiosk)) return tl::make_unexpected(beyond(fault));
        if (!item.payload.empty()) {
            const auto person = wire::decodePayload(item.payload);
            if (!person) return passOn(person);
            // Such a number is another person's at the box office.
            if (!person->externalIds.empty() || !(person->order == wire::OrderDetails{}))
                return tl::make_unexpected(beyond("a number of another system"));
        }
        out.push_back({event.subject, wire::isNegative(event), item.header, item.payload});
    }
    return out;
}

} // namespace souffleur::hub
