// What a receipt that passed the print tap does at this till.
#pragma once

#include <string>

#include "plugin/host/SelectionServer.h"
#include "plugin/host/TapAnalyser.h"

namespace souffleur::terminal {

/// Borrowed. The number on a receipt becomes the customer of that system, as if the system had
/// selected them.
class TapActions final : public host::TapEvents {
public:
    explicit TapActions(host::HostEvents& doors) : _doors(doors) {}

    void receipt(const std::string& system, const std::string& number) override {
        host::Selection selection;
        selection.system = system;
        selection.id = number;
        _doors.selected(selection);
    }

private:
    host::HostEvents& _doors;
};

} // namespace souffleur::terminal
