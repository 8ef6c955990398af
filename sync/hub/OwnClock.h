// Can head office's own clock be right? What it signs, dates and judges by a clock that is not
// stays wrong after the clock was set: certificates that begin in a century, invitations that never
// end, erasures that take whoever comes back.
#pragma once

#include "plugin/base/Clock.h"
#include "sync/hub/Home.h"

namespace souffleur::hub {

/// 2026-11-01: no time before it is now. Moved on with each release.
inline constexpr TimeMs kProgramMade = 1'793'491'200'000;
/// Nor one this much later: the house's own authority lasts no longer, and no program is used
/// longer without another version.
inline constexpr TimeMs kProgramLifeMs = kAuthorityLifeMs;

/// Errors: unavailable, with the time that the clock shows and what to do.
Result<void> checkOwnClock(TimeMs now);

} // namespace souffleur::hub
