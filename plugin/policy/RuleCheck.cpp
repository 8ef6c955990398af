#include <set>
#include <string>

#include "plugin/base/Clock.h"
#include "plugin/policy/PackParser.h"

namespace souffleur::policy {

using consent::ChannelRule;
using consent::Policy;
using consent::Purpose;
using consent::Token;

Result<void> checkRules(const Policy& policy, std::string_view file) {
    const std::string where(file);
    std::set<TimeMs> moments{policy.validFrom};
    for (std::size_t i = 0; i < policy.rules.size(); ++i) {
        const ChannelRule& a = policy.rules[i];
        for (const TimeMs at : {a.validFrom, a.validTo}) {
            if (at >= policy.validFrom && at < policy.validTo) {
                moments.insert(at);
            }
        }
        for (std::size_t j = 0; j < i; ++j) {
            const ChannelRule& b = policy.rules[j];
            if (a.channel == b.channel && a.purpose == b.purpose && a.validFrom < b.validTo &&
                b.validFrom < a.validTo) {
                return fail(Code::invalid,
                            "two rules for channel " + a.channel + " and purpose " + a.purpose +
                                " are valid at the same time; give the older one a valid-to",
                            where + ": rule");
            }
        }
    }
    for (const Purpose& purpose : policy.purposes) {
        for (const Token& channel : purpose.channels) {
            for (const TimeMs at : moments) {
                if (policy.rule(purpose.id, channel, at) == nullptr) {
                    return fail(Code::invalid,
                                "channel " + channel + " of purpose " + purpose.id +
                                    " has no rule on " + formatTime(at).substr(0, 10) +
                                    "; add a [[rule]] or take the channel out",
                                where + ": purpose.channels");
                }
            }
        }
    }
    return {};
}

} // namespace souffleur::policy
