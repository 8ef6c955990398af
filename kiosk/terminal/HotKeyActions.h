// What the hot keys do at this till.
#pragma once

#include <string>

#include "kiosk/terminal/Doors.h"
#include "plugin/api/Feed.h"
#include "plugin/host/HotKey.h"

namespace souffleur::terminal {

/// All borrowed. A copied number becomes a customer of `system`, as if that system had selected
/// them.
class HotKeyActions final : public host::HotKeyEvents {
public:
    HotKeyActions(counter::Counter& counter, api::Feed& feed, host::HostEvents& doors,
                  std::string system)
        : _counter(counter), _feed(feed), _doors(doors), _system(std::move(system)) {}

    void panelWanted() override { _feed.frontWanted(); }
    /// On, or off again. A till at which nobody is has no rush mode: then nothing happens.
    void rushWanted() override;
    void numberTaken(const std::string& number) override;

private:
    counter::Counter& _counter;
    api::Feed& _feed;
    host::HostEvents& _doors;
    std::string _system;
};

} // namespace souffleur::terminal
