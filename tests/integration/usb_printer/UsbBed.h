// A machine whose USB we play: umockdev's test bed shows libusb and udev a bus of our own, and the
// ioctls of its device nodes end here. Only one at a time in a process. What it plays of usbfs
// follows the kernel's drivers/usb/core/devio.c as documented in usbdevice_fs.h.
#pragma once

#include <memory>
#include <string>

#include "tests/integration/usb_printer/PlayedPrinter.h"

namespace souffleur::test {

class UsbBed {
public:
    UsbBed();
    ~UsbBed();
    UsbBed(const UsbBed&) = delete;
    UsbBed& operator=(const UsbBed&) = delete;

    /// Plugs it into port 1-`port`, where it gets the number `device` (1..127, new with each plug).
    void plug(std::shared_ptr<PlayedPrinter> printer, int port, int device);
    /// Pulls its cable: transfers end, its node goes.
    void unplug(const std::shared_ptr<PlayedPrinter>& printer);
    /// The node's permissions, for as long as the printer is plugged in.
    void setMode(const std::shared_ptr<PlayedPrinter>& printer, unsigned mode);

    struct Socket; ///< one plugged-in printer; for the implementation
private:
    struct Bed;
    std::unique_ptr<Bed> _bed;
};

/// This thread is an ordinary user to the file system while this lives; the tests may run as root.
class OrdinaryUser {
public:
    OrdinaryUser();
    ~OrdinaryUser();
    OrdinaryUser(const OrdinaryUser&) = delete;
    OrdinaryUser& operator=(const OrdinaryUser&) = delete;

private:
    unsigned _before;
};

} // namespace souffleur::test
