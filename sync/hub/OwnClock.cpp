#include "sync/hub/OwnClock.h"

namespace souffleur::hub {

Result<void> checkOwnClock(TimeMs now) {
    if (now >= kEarliestTime && now <= kLatestTime) return {};
    return fail(Code::unavailable,
                "head office's clock says " + formatTime(now).substr(0, 10) +
                    ", which cannot be: nothing is founded, signed or judged by it; set this "
                    "machine's clock, and start again");
}

} // namespace souffleur::hub
