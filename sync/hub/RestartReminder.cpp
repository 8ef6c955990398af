#include "sync/hub/RestartReminder.h"

namespace souffleur::hub {

std::string RestartReminder::look(TimeMs now) {
    if (now < _ends - kRemindMs || (_told != 0 && now - _told < kDayMs)) return {};
    _told = now;
    const std::string day = formatTime(_ends).substr(0, 10);
    return now < _ends ? "the certificate that devices see ends on " + day +
                             ": restart `serve` before, which makes it anew"
                       : "the certificate that devices see ended on " + day +
                             ", no device connects: restart `serve`, which makes it anew";
}

} // namespace souffleur::hub
