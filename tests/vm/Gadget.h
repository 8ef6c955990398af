// A played printer, or HID device, as a USB gadget of a real kernel: configfs makes it, FunctionFS
// gives us its endpoints, dummy_hcd is both its cable and the host's socket. (The kernel's own HID
// function, usb_f_hid, cannot halt an endpoint.)
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "tests/integration/usb_printer/PlayedPrinter.h"

namespace souffleur::test {

/// Serves its printer on two or three threads until it is destroyed. Needs root, configfs at
/// /sys/kernel/config and the modules libcomposite, usb_f_fs and dummy_hcd. Throws
/// std::runtime_error where the kernel refuses.
class Gadget {
public:
    /// Makes it, in no socket yet. `name` is its own among the gadgets.
    Gadget(std::shared_ptr<PlayedPrinter> printer, std::string name);
    ~Gadget();
    Gadget(const Gadget&) = delete;
    Gadget& operator=(const Gadget&) = delete;

    /// Puts its cable into a controller ("dummy_udc.0"); returns before the host has met it.
    void plug(const std::string& controller);
    /// Pulls it; fine when it is out already.
    void pull();

    [[nodiscard]] const std::shared_ptr<PlayedPrinter>& printer() const { return _printer; }

private:
    void describe();
    void makeFunction();
    void serveControl();
    void answerRequest(const void* setup);
    [[nodiscard]] bool hid() const { return !_printer->reportDescriptor.empty(); }
    void serveOut();
    void serveIn();
    void halt(int endpoint, bool out);
    [[nodiscard]] bool mustHalt() const;      ///< with the printer's lock held, as all of these
    [[nodiscard]] std::size_t room() const;   ///< bytes until the next limit
    [[nodiscard]] bool live(int ended) const; ///< the host configured it after `ended`
    void take(const std::uint8_t* data, std::size_t count);

    std::shared_ptr<PlayedPrinter> _printer;
    std::filesystem::path _gadget;  ///< in configfs
    std::filesystem::path _mounted; ///< its FunctionFS
    std::string _name;
    int _control = -1;
    int _out = -1; ///< printers only
    int _in = -1;
    int _wake = -1; ///< ends serveControl

    // Under the printer's lock.
    bool _stopping = false;
    bool _enabled = false;
    int _configured = 0; ///< how often the host configured it

    std::thread _controlThread;
    std::thread _outThread;
    std::thread _inThread;
};

} // namespace souffleur::test
