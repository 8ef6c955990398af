// An event as it came: what it says of itself, and whether its device may say it. Private to this
// room.
#pragma once

#include "plugin/consent/Event.h"
#include "sync/store/Store.h"

namespace souffleur::store {

/// Checks what the device says of the event against what the event says of itself. Errors: invalid,
/// unsupported, corrupt.
Result<consent::Event> readEvent(const OriginId& origin, const Incoming& incoming);
/// What only head office may say. A till that could unlink, erase or confirm could take any no of
/// any person away; one that could judge clocks, everybody's word. Errors: refused.
Result<void> checkAuthority(const consent::Event& event);
/// How `quarantine` is marked: 0 for ever, 1 until a newer build, 2 until what it names was shown.
int waitsFor(const Error& why);

} // namespace souffleur::store
