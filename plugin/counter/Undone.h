// Which answers an undo took back. Internal to this room.
#pragma once

#include <set>
#include <span>

#include "plugin/ledger/Types.h"

namespace souffleur::counter {

/// The acts among `events` that were undone among them, as the rules see it: an undo that came too
/// late, or that another operator made, takes nothing back. Pure.
std::set<EventId> undoneAmong(std::span<const ledger::EventView> events);

} // namespace souffleur::counter
