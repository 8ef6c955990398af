// The certificate that devices see is made anew at a start only: a hub that runs for more than half
// a year has to be told so before its tills turn away.
#pragma once

#include <string>

#include "plugin/base/Clock.h"

namespace souffleur::hub {

/// From this long before the end.
inline constexpr TimeMs kRemindMs = 60 * kDayMs;

/// Owned by the loop that keeps the hub; one thread.
class RestartReminder {
public:
    /// `ends`: the end of the certificate that was loaded at the start, UTC ms.
    explicit RestartReminder(TimeMs ends) : _ends(ends) {}
    /// What to tell whoever runs the hub, once a day; empty when there is nothing to tell.
    [[nodiscard]] std::string look(TimeMs now);

private:
    TimeMs _ends;
    TimeMs _told = 0;
};

} // namespace souffleur::hub
