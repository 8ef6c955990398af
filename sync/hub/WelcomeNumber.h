// Which of two welcomes is the later one: a number that only grows, whatever the clock does.
#pragma once

#include "plugin/base/Clock.h"
#include "sync/protocol/Enrolment.h"
#include "sync/store/Store.h"

namespace souffleur::hub {

/// The welcome with its number: the one it had if this hub has not served another since, else a
/// later one than any it gave, and at least `now` (unless that is ten years after the last: no
/// clock is believed that far). 1..kMaxTime. A hub that was restored from a backup so gives what it
/// served then the number it had then, which a till that holds a later one refuses; what is new
/// after that is later than all the tills hold. Kept in the store. Errors: storage.
Result<protocol::Welcome> numbered(store::Store& store, protocol::Welcome welcome, TimeMs now);

} // namespace souffleur::hub
