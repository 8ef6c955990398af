// A machine whose event devices and uinput we play: umockdev's preload sends the ioctls of their
// nodes here; what is read and written goes through FIFOs. Only one at a time in a process, and
// none beside a UsbBed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/support/Keys.h"

namespace souffleur::test {

/// One keyboard, as its node tells it.
struct KeyDevice {
    std::uint16_t bus = 3; ///< BUS_USB
    std::uint16_t vendor = 0x05e0;
    std::uint16_t product = 0x1200;
    std::string serial;
    bool keyboard = true; ///< false: it has no letters
    bool grabbedElsewhere = false;
};

class KeyBed {
public:
    /// `uinput`: is there such a node?
    explicit KeyBed(bool uinput = true);
    ~KeyBed();
    KeyBed(const KeyBed&) = delete;
    KeyBed& operator=(const KeyBed&) = delete;

    /// Its node is /dev/input/event`number`.
    void plug(int number, const KeyDevice& device);
    /// Reads of whoever has it open end, and its node goes.
    void unplug(int number);
    /// Events as the kernel would queue them, now or `ageMs` ago.
    void press(int number, const Keys& keys, int ageMs = 0);
    /// Keys that the device says are down.
    void setDown(int number, bool down);
    [[nodiscard]] bool grabbed(int number) const;
    /// Waits, 20 s at most, until it is taken (or given back).
    [[nodiscard]] bool waitGrabbed(int number, bool grabbed = true) const;
    /// Made, with at least digits, letters and Enter.
    [[nodiscard]] bool typesOn() const;
    /// Key events that were typed on: waits for `count` of them, 20 s at most.
    [[nodiscard]] Keys typed(std::size_t count) const;
    void setMode(int number, unsigned mode);

    struct Node; ///< for the implementation
private:
    struct Bed;
    std::unique_ptr<Bed> _bed;
};

} // namespace souffleur::test
