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

/// What a retract (undo) takes back: same subject and operator, at most kRetractMaxMs later. Only
/// acts; never another kind.
struct Undone {
    std::set<EventId> acts; ///< by their own origin, at a later position: as if never said
    /// By another origin: a device that enrolled anew undoes what its former id had sent. Whose
    /// word that is cannot be told here, so it only counts against: what was given is gone, a
    /// negative in the same act stays.
    std::set<EventId> optIns;
};

/// `all` as from inOrder.
Undone undone(std::span<const Event* const> all);

} // namespace souffleur::consent
