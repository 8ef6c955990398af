// What was typed at a kiosk: whoever typed the address may be anybody (DESIGN 4, rule 8).
#pragma once

#include <set>
#include <vector>

#include "plugin/consent/Event.h"

namespace souffleur::consent {

/// Are these answers a proposal: made at a kiosk, under an address that anybody may have typed? A
/// withdrawal there is none: it proves the slip.
bool isProposal(const Event& event);

/// The events without the proposals that nobody confirmed: what binds others who hold the address.
/// `subjects`: whose events these are; of several, linked ones, each is vouched for by the link.
std::vector<Event> binding(std::vector<Event> events, const std::set<SubjectId>& subjects);

} // namespace souffleur::consent
