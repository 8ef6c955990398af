// Hears of USB devices that come and go, so that a printer is looked at when it was plugged in, not
// at the next round.
#pragma once

#include <functional>

#include "drivers/transport/UsbTransport.h"

namespace souffleur::transport {

struct UsbChange {
    bool arrived = false; ///< false: left
    UsbId id;
    bool operator==(const UsbChange&) const = default;
};

/// One thread of its own and a libusb context of its own: it shares nothing with transports. Where
/// the system has no hot-plug events (no udev), it compares the list of devices once a second.
class UsbWatch {
public:
    /// Called on the watch's thread for every device, printer or not; must return soon and must not
    /// destroy the watch.
    using Heard = std::function<void(const UsbChange&)>;

    /// Starts listening; devices that are there already are not reported. Errors: unreachable.
    [[nodiscard]] static Result<std::unique_ptr<UsbWatch>> start(Heard heard);
    virtual ~UsbWatch() = default; ///< joins the thread; nothing is heard afterwards

    UsbWatch(const UsbWatch&) = delete;
    UsbWatch& operator=(const UsbWatch&) = delete;

protected:
    UsbWatch() = default;
};

} // namespace souffleur::transport
