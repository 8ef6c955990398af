// The set behind a list of events: each event once, in an order that arrival cannot change.
// Internal to this room.
#pragma once

#include <set>
#include <span>
#include <vector>

#include "plugin/consent/Event.h"

namespace souffleur::consent {

/// The events by id, each id once. Of two with one id and different content the one with the lower
/// (origin, position) stays; not placed yet (0) counts as the highest position. Borrows `events`.
std::vector<const Event*> inOrder(std::span<const Event> events);

/// The acts that a retract (undo) validly takes back: same origin, subject and operator, a later
/// position,
/// at most kRetractMaxMs later. Only acts; never another kind. `all` as from inOrder.
std::set<EventId> retractedActs(std::span<const Event* const> all);

} // namespace souffleur::consent
