// Can head office's own clock be right? What it signs, dates and judges by a clock that is not
// stays wrong after the clock was set: certificates that begin in a century, invitations that never
// end, erasures that take whoever comes back.
#pragma once

#include "plugin/base/Clock.h"
#include "sync/hub/Home.h"

namespace souffleur::hub {

/// 2024-01-01: no house ran this before. Not the day of the release: a machine that is set some
/// months back for a trial does no harm, one without a battery wakes up in 1970 or 2000.
inline constexpr TimeMs kEarliestTime = 1'704'067'200'000;
/// Twice as long as the house's own authority lasts: no program is used until then without another
/// version.
inline constexpr TimeMs kLatestTime = kEarliestTime + 2 * kAuthorityLifeMs;

/// Errors: unavailable, with the time that the clock shows and what to do.
Result<void> checkOwnClock(TimeMs now);

} // namespace souffleur::hub
