// What was typed at a kiosk: whoever typed the address may be anybody (DESIGN 4, rule 8).
#pragma once

#include <set>
#include <span>
#include <vector>

#include "plugin/consent/Event.h"

namespace souffleur::consent {

/// Are these answers a proposal: made at a kiosk, under an address that anybody may have typed?
bool isProposal(const Event& event);

/// Is this no one by the code of a slip or the link in a mail (at a kiosk, on head office's page)?
/// It proves the slip, and says no more of whose the address is than what the slip was given for.
/// Nobody can undo it.
bool byCode(const Event& event);

/// Is all that was ever said of the subject what anybody may have typed at a kiosk: proposals that
/// no mail confirmed, and noes by their codes? Judges acts: what else is known of an address (it
/// bounced) vouches for nobody. `subjects`: the person's; several, linked ones, are vouched for.
bool onlyProposed(std::span<const Event> events, const std::set<SubjectId>& subjects);

/// The events with no choice that binds nobody but their subject: what others who hold the address
/// must heed. A proposal is its subject's own affair, also its noes once a mail confirmed its yes:
/// that mail names none of them. A no by a code binds where an act is on file that is no proposal,
/// and for what was confirmed. `subjects` as above.
std::vector<Event> binding(std::vector<Event> events, const std::set<SubjectId>& subjects);

} // namespace souffleur::consent
