// A machine whose USB printers we play. There are two: UsbBed.cpp plays the kernel as well
// (umockdev's test bed shows libusb and udev a bus of our own, and the ioctls of its device nodes
// end there; what it plays of usbfs follows the kernel's drivers/usb/core/devio.c as documented in
// usbdevice_fs.h), tests/vm/KernelBed.cpp makes gadgets on a real one. Only one at a time in a
// process.
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

    /// Where the host sees a printer: "1-2", its number there, "/dev/bus/usb/001/005".
    struct Place {
        std::string port;
        int device = 0;
        std::string node;
    };
    /// Plugs it into socket 1..4, each a port of its own. The number is a new one with each plug.
    Place plug(std::shared_ptr<PlayedPrinter> printer, int socket);
    /// Pulls its cable: transfers end, its node goes.
    void unplug(const std::shared_ptr<PlayedPrinter>& printer);
    /// The node's permissions, for as long as the printer is plugged in.
    void setMode(const std::shared_ptr<PlayedPrinter>& printer, unsigned mode);
    /// Who has its interface: "usblp", "usbhid", "usbfs" (a program through libusb), or nobody.
    [[nodiscard]] std::string driverOf(const std::shared_ptr<PlayedPrinter>& printer);
    /// Another program claims its interface, or gives it back.
    void claimElsewhere(const std::shared_ptr<PlayedPrinter>& printer, bool claimed);

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
