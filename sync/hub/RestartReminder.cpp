#include "sync/hub/RestartReminder.h"

namespace souffleur::hub {

std::string RestartReminder::look(TimeMs now) {
    // A clock that ran ahead when it told keeps nobody silent until that day.
    const bool toldToday = _told != 0 && now >= _told && now - _told < kDayMs;
    if (now < _ends - kRemindMs || toldToday) return {};
    _told = now;
    const std::string day = formatTime(_ends).substr(0, 10);
    return now < _ends ? "the certificate that devices see ends on " + day +
                             ": restart `serve` before, which makes it anew"
                       : "the certificate that devices see ended on " + day +
                             ", no device connects: restart `serve`, which makes it anew";
}

} // namespace souffleur::hub
