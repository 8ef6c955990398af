// May we write to this contact point, for this purpose, at this moment? (DESIGN 4 rules 3 to 8.)
// Every doubt is no.
#pragma once

#include <string>
#include <vector>

#include "plugin/consent/Policy.h"
#include "plugin/consent/StateOf.h"

namespace souffleur::consent {

struct EligibilityInput {
    StateView state; ///< of (person, purpose, channel)
    /// Of the same person, for Policy::prerequisite(); where the law asks for one and this is not
    /// given, nobody is written to.
    StateView prerequisite;
    bool objected = false; ///< an objection of the person stands
    bool restricted = false;
    bool erased = false;
    bool contactPresent = false;
    bool contactVerified = false;
    bool contactBounced = false;
    bool suppressed = false;          ///< the address is in the suppression list
    bool quarantinedNegative = false; ///< a negative of this subject sits unread in quarantine
    /// Rule 8: states of the same key of every *other* subject that holds this canonical address
    /// and whose negative is verified (not an unconfirmed kiosk proposal).
    std::vector<State> othersAtAddress;
    bool minor = false;
};

struct Eligibility {
    bool eligible = false;
    std::string
        reason; ///< "given", "soft-opt-in", "legacy", or why not: "objected", "suppressed", …
};

/// Pure and total.
Eligibility eligible(const EligibilityInput& input, const Policy& policy, const Token& purpose,
                     const Token& channel, TimeMs now);

} // namespace souffleur::consent
