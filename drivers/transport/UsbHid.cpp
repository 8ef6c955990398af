#include "drivers/transport/UsbHid.h"

#include <array>
#include <cstdio>
#include <libusb.h>
#include <utility>

#include "drivers/transport/Patience.h"
#include "drivers/transport/UsbBus.h"

namespace souffleur::transport {
namespace {

constexpr const char* kRule = "firmware-config/udev/71-souffleur-scanners.rules";
constexpr int kMaxStrikes = 3;

std::size_t wholePackets(std::size_t bytes, std::size_t packet) {
    const std::size_t size = std::max<std::size_t>(packet, 1);
    return ((std::clamp<std::size_t>(bytes, 1, kMaxReport) + size - 1) / size) * size;
}

} // namespace

/// The claimed interface.
class UsbHid::Line {
public:
    Line(UsbBus& bus, UsbHandle handle, UsbCandidate candidate)
        : _bus(bus), _handle(std::move(handle)), _candidate(std::move(candidate)) {}
    ~Line() {
        if (_watching) _bus.watch(nullptr);
        const bool back = !_in || _bus.recall(*_in);
        if (back) (void) libusb_release_interface(_handle.get(), _candidate.interface.number);
        _handle.reset(); // ends what the kernel did not give back; only then may the buffer go
    }
    Line(const Line&) = delete;
    Line& operator=(const Line&) = delete;

    /// The report descriptor; none when it is not given (HID 1.11, 7.1.1).
    std::vector<std::uint8_t> descriptor(Patience& patience) {
        constexpr std::uint8_t kInterfaceIn = 0x81;
        constexpr std::uint8_t kGetDescriptor = 0x06;
        constexpr std::uint16_t kReport = 0x2200;
        auto answer = _bus.ask(_handle.get(), kInterfaceIn, kGetDescriptor, kReport,
                               _candidate.interface.number,
                               static_cast<std::uint16_t>(kMaxReportDescriptor), patience);
        return answer ? std::move(*answer) : std::vector<std::uint8_t>();
    }

    void expect(std::size_t reportBytes) {
        _in =
            std::make_unique<UsbTransfer>(wholePackets(reportBytes, _candidate.interface.inPacket));
    }

    /// It is the one: hears from now on when it leaves.
    void watch() {
        _watching = true;
        _bus.watch(_candidate.device.get());
    }

    tl::expected<std::size_t, Fault> receive(std::span<std::uint8_t> into, Patience& patience) {
        while (patience.next()) {
            if (_bus.watchedLeft()) return tl::make_unexpected(Fault::gone);
            if (!_listening) {
                const auto begun =
                    _in->interrupt(_handle.get(), _candidate.interface.in, _in->buffer().size());
                if (!begun) return tl::make_unexpected(begun.error());
                _listening = true;
            }
            _bus.turn(patience.slice(), _in.get());
            if (_in->inFlight()) continue;
            _listening = false;
            if (_in->end() == UsbTransfer::End::completed) {
                _strikes = 0;
                if (_in->count() == 0) continue;
                const std::size_t count = std::min(_in->count(), into.size());
                std::copy_n(_in->buffer().begin(), count, into.begin());
                return count;
            }
            if (!again()) return tl::make_unexpected(Fault::gone);
        }
        if (patience.ended() == Fault::cancelled) return tl::make_unexpected(Fault::cancelled);
        return 0;
    }

private:
    /// After a transfer that failed: is there any use in another?
    bool again() {
        if (_in->end() == UsbTransfer::End::recalled) return true;
        const bool halted =
            _in->end() == UsbTransfer::End::stalled || _in->end() == UsbTransfer::End::overflowed;
        return halted && ++_strikes <= kMaxStrikes &&
               libusb_clear_halt(_handle.get(), _candidate.interface.in) == 0;
    }

    UsbBus& _bus;
    UsbHandle _handle;
    UsbCandidate _candidate;
    std::unique_ptr<UsbTransfer> _in;
    bool _listening = false;
    bool _watching = false;
    int _strikes = 0;
};

/// Looks at the device's HID interfaces until one fits.
struct UsbHid::Search {
    std::vector<std::unique_ptr<Line>> fitting;
    std::vector<UsbPrinter> denied;
    bool busy = false;
    bool seen = false;     ///< a device of these numbers, serial and port
    bool keyboard = false; ///< one that shows itself as a keyboard only

    Search(UsbBus& bus, const UsbAddress& address, const Fits& fits, Patience& patience) {
        for (UsbCandidate& candidate : bus.findHid(address.id.value_or(UsbId{}))) {
            const UsbPrinter device = candidate.printer;
            if (!address.port.empty() && device.port != address.port) continue;
            libusb_device_handle* raw = nullptr;
            const int code = libusb_open(candidate.device.get(), &raw);
            if (code == LIBUSB_ERROR_ACCESS) denied.push_back(device);
            if (code != 0) continue;
            UsbHandle handle(raw);
            if (!address.serial.empty() &&
                bus.serialOf(handle.get(), candidate, patience) != address.serial)
                continue;
            seen = true;
            if (candidate.interface.in == 0) {
                keyboard = true;
                continue;
            }
            look(bus, std::move(handle), std::move(candidate), fits, patience);
        }
    }

private:
    void look(UsbBus& bus, UsbHandle handle, UsbCandidate candidate, const Fits& fits,
              Patience& patience) {
        (void) libusb_set_auto_detach_kernel_driver(handle.get(), 1);
        const int claimed = libusb_claim_interface(handle.get(), candidate.interface.number);
        if (claimed == LIBUSB_ERROR_BUSY) busy = true;
        if (claimed != 0) return;
        auto line = std::make_unique<Line>(bus, std::move(handle), std::move(candidate));
        const std::size_t bytes = fits(line->descriptor(patience));
        if (bytes == 0) return; // usbhid has it back
        line->expect(bytes);
        fitting.push_back(std::move(line));
    }
};

UsbHid::UsbHid(UsbAddress address, Fits fits)
    : _address(std::move(address)), _fits(std::move(fits)) {}

UsbHid::~UsbHid() {
    close();
}

std::string UsbHid::describe() const {
    std::string text = "hid " + (_address.id ? _address.id->text() : std::string("device"));
    if (!_address.serial.empty()) text += " serial " + _address.serial;
    if (!_address.port.empty()) text += " port " + _address.port;
    return text;
}

Error UsbHid::error(Fault fault, const std::string& words) const {
    return {fault, describe() + ": " + words};
}

Error UsbHid::denied(const UsbPrinter& device) const {
    std::array<char, 40> node{};
    (void) std::snprintf(node.data(), node.size(), "/dev/bus/usb/%03d/%03d", device.bus,
                         device.device);
    return error(Fault::denied, "not permitted to open " + std::string(node.data()) + "; install " +
                                    kRule +
                                    " in /etc/udev/rules.d, add this user to the group input, and "
                                    "plug the scanner in again");
}

Result<void> UsbHid::open(Milliseconds timeout) {
    if (_line) return {};
    if (!_address.id)
        return tl::make_unexpected(error(Fault::invalid, "say which, as hid://0c2e:0b61"));
    Patience patience(_cancelled, timeout);
    if (!patience.next()) return tl::make_unexpected(error(patience.ended(), "cancelled"));
    if (!_bus) _bus = UsbBus::make();
    if (!_bus)
        return tl::make_unexpected(error(Fault::unreachable, "this machine shows us no USB"));
    Search search(*_bus, _address, _fits, patience);
    if (search.fitting.size() == 1) {
        _line = std::move(search.fitting.front());
        _line->watch();
        return {};
    }
    const auto say = [&](Fault fault, const char* words) {
        return tl::make_unexpected(error(fault, words));
    };
    if (search.fitting.size() > 1)
        return say(Fault::unreachable, "several fit; add ?serial= or ?port= to the address");
    if (!search.denied.empty()) return tl::make_unexpected(denied(search.denied.front()));
    if (search.busy) return say(Fault::busy, "another program holds it; stop that program");
    if (search.keyboard)
        return say(
            Fault::invalid,
            "it is in keyboard mode; scan its maker's code for HID-POS (\"USB HID\"), or use "
            "keyboard:// with the same numbers");
    if (search.seen) return say(Fault::invalid, "it is no scanner in HID-POS mode");
    return say(Fault::unreachable, "not found; is it plugged in?");
}

Written UsbHid::write(std::span<const std::uint8_t> /*bytes*/, Milliseconds /*timeout*/) {
    return {0, error(Fault::invalid, "is only read")};
}

Result<std::size_t> UsbHid::read(std::span<std::uint8_t> into, Milliseconds timeout) {
    if (!_line) return tl::make_unexpected(error(Fault::closed, "not open"));
    Patience patience(_cancelled, timeout);
    const auto got = _line->receive(into, patience);
    if (got) return *got;
    if (got.error() == Fault::cancelled)
        return tl::make_unexpected(error(Fault::cancelled, "cancelled"));
    close();
    return tl::make_unexpected(error(Fault::gone, "left; is it plugged in?"));
}

void UsbHid::close() noexcept {
    _line.reset();
}

void UsbHid::cancel() noexcept {
    _cancelled = true;
}

} // namespace souffleur::transport
