#include "kiosk/terminal/HotKeyActions.h"

namespace souffleur::terminal {

void HotKeyActions::rushWanted() {
    const auto desk = _counter.desk("en");
    if (desk) static_cast<void>(_counter.setRush(!desk->rush.on));
}

void HotKeyActions::numberTaken(const std::string& number) {
    host::Selection selection;
    selection.system = _system;
    selection.id = number;
    _doors.selected(selection);
    _feed.frontWanted();
}

} // namespace souffleur::terminal
