// Was an answer taken back (undone)?
#pragma once

#include <span>

#include "plugin/consent/Event.h"

namespace souffleur::consent {

/// Was `act` undone among these events, by the device that made it or by one that followed it? Then
/// no yes in it counts. Pure.
bool takenBack(const EventId& act, std::span<const Event> events);

} // namespace souffleur::consent
