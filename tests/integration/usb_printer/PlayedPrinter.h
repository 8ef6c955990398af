// A USB printer as its bus sees it: descriptors, requests, bulk bytes, and faults on demand. Pure
// state; a UsbBed shows it to the host. Thread-safe.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <vector>

namespace souffleur::test {

class PlayedPrinter {
public:
    using Bytes = std::vector<std::uint8_t>;
    static constexpr std::size_t kNever = std::numeric_limits<std::size_t>::max();
    /// Faults fall between packets: limits in bytes are multiples of this.
    static constexpr std::size_t kPacket = 512;
    static constexpr std::uint8_t kOut = 0x01;
    static constexpr std::uint8_t kIn = 0x82;
    static constexpr std::size_t kReport = 64; ///< bytes, of a HID device

    // What it is; set before it is plugged in.
    std::uint16_t vendor = 0x04b8;
    std::uint16_t product = 0x0202;
    std::uint8_t interfaceClass = 7; ///< or 0xFF; 3 with a report descriptor: a boot keyboard
    Bytes reportDescriptor;          ///< not empty: a HID device with reports of 64 bytes instead
    std::string serial = "J6KF000001";
    std::string deviceId = "MFG:EPSON;CMD:ESC/POS;MDL:TM-T20III;CLS:PRINTER;";

    /// What the kernel binds to it by itself; empty: nothing.
    [[nodiscard]] std::string kernelsOwn() const {
        if (!reportDescriptor.empty()) return "usbhid";
        return interfaceClass == 7 ? "usblp" : "";
    }

    // What it does; change with `with` once it is plugged in.
    std::size_t haltAfter = kNever;   ///< bytes; then OUT halts until it is cleared
    std::size_t drainUpTo = kNever;   ///< bytes; then it takes no more
    std::size_t unplugAfter = kNever; ///< bytes; then the cable is pulled in mid-transfer
    bool outHalted = false;
    bool inHalted = false;
    bool alwaysHalts = false;       ///< OUT halts again as soon as it was cleared
    bool emptyReads = false;        ///< answers "nothing" at once instead of waiting
    bool mute = false;              ///< never answers a control request (UsbBed.cpp only)
    std::uint8_t portStatus = 0x18; ///< selected, no error
    bool kernelDriver = true;       ///< usblp, or usbhid, is bound
    bool claimedElsewhere = false;  ///< by another program, through usbfs
    /// Called with what it took; what it returns goes to the host.
    std::function<Bytes(std::span<const std::uint8_t>)> answer;

    // What UsbBed.cpp saw of the host; elsewhere it stays empty.
    struct Seen {
        int detached = 0; ///< the kernel's driver was put aside
        int attached = 0; ///< and given back
        int claims = 0;
        int releases = 0;
        int haltsCleared = 0;
        int resets = 0; ///< nobody may reset it: it would lose what it has not printed
        int opens = 0;
    };

    template <typename F>
    auto with(F change) {
        const std::scoped_lock lock(_mutex);
        if constexpr (std::is_void_v<decltype(change(*this))>) {
            change(*this);
            _changed.notify_all();
        } else {
            auto result = change(*this);
            _changed.notify_all();
            return result;
        }
    }
    Seen seen() {
        const std::scoped_lock lock(_mutex);
        return _seen;
    }
    Bytes taken() {
        const std::scoped_lock lock(_mutex);
        return _taken;
    }
    bool pulled() {
        const std::scoped_lock lock(_mutex);
        return _pulled;
    }
    /// Waits, at most a minute, until it took that many bytes; what it took.
    Bytes takenUpTo(std::size_t count) {
        (void) waitUntil([count](PlayedPrinter& self) { return self.takenCount() >= count; });
        return taken();
    }
    /// Bytes for the host to read.
    void say(std::span<const std::uint8_t> bytes) {
        with([&](PlayedPrinter& self) {
            self._toHost.insert(self._toHost.end(), bytes.begin(), bytes.end());
        });
    }
    /// Waits, at most a minute, until `holds` does.
    template <typename F>
    bool waitUntil(F holds) {
        std::unique_lock lock(_mutex);
        return _changed.wait_for(lock, std::chrono::seconds(60), [&] { return holds(*this); });
    }
    [[nodiscard]] std::size_t takenCount() const {
        return _taken.size();
    }                                                           ///< inside with, waitUntil
    [[nodiscard]] const Seen& seenNow() const { return _seen; } ///< likewise

private:
    friend class UsbBed;
    friend class Gadget;
    std::mutex _mutex;
    std::condition_variable _changed;
    Bytes _taken;
    std::deque<std::uint8_t> _toHost;
    Seen _seen;
    bool _claimed = false;
    bool _pulled = false;
};

} // namespace souffleur::test
