#include "drivers/transport/UsbTransport.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <libusb.h>
#include <utility>

#include "drivers/transport/Patience.h"
#include "drivers/transport/UsbBus.h"

namespace souffleur::transport {
namespace {

constexpr const char* kRule = "firmware-config/udev/70-souffleur-printers.rules";

std::string nodeOf(const UsbPrinter& printer) {
    std::array<char, 40> path{};
    (void) std::snprintf(path.data(), path.size(), "/dev/bus/usb/%03d/%03d", printer.bus,
                         printer.device);
    return path.data();
}

/// The same device, as far as its own words go.
bool same(const UsbPrinter& known, const UsbPrinter& found) {
    const auto agree = [](const std::string& a, const std::string& b) {
        return a.empty() || b.empty() || a == b; // not every question is answered every time
    };
    const DeviceId& was = known.deviceId;
    const DeviceId& is = found.deviceId;
    return found.id == known.id && (known.serial.empty() || found.serial == known.serial) &&
           agree(was.manufacturer, is.manufacturer) && agree(was.model, is.model) &&
           agree(was.serial, is.serial);
}

struct Opened {
    UsbCandidate candidate;
    UsbHandle handle;
};

/// Opens what fits the address so far and asks each for its name.
struct Search {
    std::vector<Opened> fitting;
    std::vector<UsbPrinter> denied;
    std::size_t ofTheKind = 0; ///< devices with the right numbers

    Search(UsbBus& bus, const UsbAddress& address, Patience& patience) {
        std::vector<UsbId> listed;
        if (address.id) listed.push_back(*address.id);
        for (UsbCandidate& candidate : bus.find(listed)) {
            UsbPrinter& printer = candidate.printer;
            if (address.id && printer.id != *address.id) continue;
            if (!address.port.empty() && printer.port != address.port) {
                ++ofTheKind;
                continue;
            }
            libusb_device_handle* raw = nullptr;
            const int code = libusb_open(candidate.device.get(), &raw);
            if (code == LIBUSB_ERROR_ACCESS) denied.push_back(printer);
            if (code == 0 || code == LIBUSB_ERROR_ACCESS) ++ofTheKind;
            if (code != 0) continue; // or it left a moment ago
            UsbHandle handle(raw);
            bus.identify(handle.get(), candidate, patience);
            if (!address.serial.empty() && printer.serial != address.serial) continue;
            fitting.push_back({std::move(candidate), std::move(handle)});
        }
    }

    /// Of these, the one that we know. `alone`: no twin of it was ever seen.
    void keepOnly(const UsbPrinter& known, bool alone) {
        const auto drop = [&](auto isWrong) {
            fitting.erase(std::remove_if(fitting.begin(), fitting.end(), isWrong), fitting.end());
        };
        drop([&](const Opened& one) { return !same(known, one.candidate.printer); });
        const bool nameless = known.serial.empty() && !alone;
        if (fitting.size() > 1 || nameless)
            drop([&](const Opened& one) { return one.candidate.printer.port != known.port; });
    }
};

} // namespace

std::string UsbId::text() const {
    std::array<char, 10> text{};
    (void) std::snprintf(text.data(), text.size(), "%04x:%04x", vendor, product);
    return text.data();
}

UsbAddress UsbPrinter::address() const {
    return {id, serial, serial.empty() ? port : std::string()};
}

UsbTransport::UsbTransport(UsbAddress address) : _address(std::move(address)) {}

UsbTransport::~UsbTransport() {
    close();
}

std::string UsbTransport::describe() const {
    std::string text = "usb " + (_address.id ? _address.id->text() : std::string("printer"));
    if (!_address.serial.empty()) text += " serial " + _address.serial;
    if (!_address.port.empty()) text += " port " + _address.port;
    return text;
}

Plate UsbTransport::plate() const {
    return {_printer.id.vendor, _printer.id.product, _printer.deviceId.text()};
}

Error UsbTransport::error(Fault fault) const {
    const auto words = [&]() -> std::string {
        switch (fault) {
        case Fault::busy:
            return "another program holds it; stop that program, or take the printer out of its "
                   "queues";
        case Fault::denied:
            return "not permitted";
        case Fault::timedOut:
            return "takes no more bytes";
        case Fault::stalled:
            return "refused what was sent (stall); look at the printer";
        case Fault::gone:
            return "left; is its cable plugged in and is it switched on?";
        case Fault::cancelled:
            return "cancelled";
        case Fault::closed:
            return "not open";
        default:
            return "cannot be reached";
        }
    }();
    return {fault, describe() + ": " + words};
}

Error UsbTransport::denied(const UsbPrinter& printer) const {
    return {Fault::denied, describe() + ": not permitted to open " + nodeOf(printer) +
                               "; install " + kRule +
                               " in /etc/udev/rules.d, add this user to the group lp, and plug the "
                               "printer in again"};
}

Error UsbTransport::notOne(std::size_t fitting, std::size_t ofTheKind) const {
    const auto say = [&](const std::string& words) {
        return Error{Fault::unreachable, describe() + ": " + words};
    };
    if (fitting > 1)
        return say(std::to_string(fitting) +
                   " printers fit; add ?serial= or ?port= to the address");
    if (ofTheKind == 0) return say("not found; is it plugged in and switched on?");
    if (_known)
        return say("the printer that was in use is not plugged in (another of its kind is); plug "
                   "it in again, or restart to use the other");
    return say("a printer of the kind is there, but not with this serial number or port");
}

Result<void> UsbTransport::open(Milliseconds timeout) {
    if (_line) return {};
    Patience patience(_cancelled, timeout);
    if (!patience.next()) return tl::make_unexpected(error(patience.ended()));
    if (!_bus) _bus = UsbBus::make();
    if (!_bus) {
        return tl::make_unexpected(
            Error{Fault::unreachable, describe() + ": this machine shows us no USB"});
    }
    Search search(*_bus, _address, patience);
    if (_known) search.keepOnly(_printer, _alone);
    if (search.fitting.empty() && !search.denied.empty())
        return tl::make_unexpected(denied(search.denied.front()));
    if (!patience.next()) return tl::make_unexpected(error(patience.ended()));
    if (search.fitting.size() != 1)
        return tl::make_unexpected(notOne(search.fitting.size(), search.ofTheKind));

    Opened& one = search.fitting.front();
    UsbPrinter printer = one.candidate.printer;
    auto line = UsbLine::open(*_bus, std::move(one.handle), std::move(one.candidate));
    if (!line && line.error() == Fault::denied) return tl::make_unexpected(denied(printer));
    if (!line && line.error() == Fault::busy) return tl::make_unexpected(error(Fault::busy));
    if (!line) return tl::make_unexpected(Error{Fault::unreachable, error(Fault::gone).message});
    _line = std::move(*line);
    _alone = (_alone || !_known) && search.ofTheKind == 1;
    _known = true;
    _printer = std::move(printer);
    _canRead = _printer.readable;
    return {};
}

Error UsbTransport::failed(Fault fault) {
    if (fault == Fault::gone) close();
    return error(fault);
}

Written UsbTransport::write(std::span<const std::uint8_t> bytes, Milliseconds timeout) {
    if (!_line) return {0, error(Fault::closed)};
    Patience patience(_cancelled, timeout);
    const auto sent = _line->send(bytes, patience);
    if (!sent.fault) return {sent.count, std::nullopt};
    return {sent.count, failed(*sent.fault)};
}

Result<std::size_t> UsbTransport::read(std::span<std::uint8_t> into, Milliseconds timeout) {
    if (!_line) return tl::make_unexpected(error(Fault::closed));
    Patience patience(_cancelled, timeout);
    const auto got = _line->receive(into, patience);
    if (!got) return tl::make_unexpected(failed(got.error()));
    return *got;
}

Result<PortStatus> UsbTransport::portStatus(Milliseconds timeout) {
    if (!_line) return tl::make_unexpected(error(Fault::closed));
    Patience patience(_cancelled, timeout);
    const auto bits = _line->portStatus(patience);
    if (!bits) return tl::make_unexpected(failed(bits.error()));
    constexpr std::uint8_t kNotError = 0x08; // USB printer class 1.1, 4.2.2
    constexpr std::uint8_t kSelect = 0x10;
    constexpr std::uint8_t kPaperEmpty = 0x20;
    return PortStatus{(*bits & kPaperEmpty) != 0, (*bits & kSelect) != 0, (*bits & kNotError) == 0};
}

void UsbTransport::close() noexcept {
    _line.reset();
}

void UsbTransport::cancel() noexcept {
    _cancelled = true;
}

Result<std::vector<UsbPrinter>> listUsbPrinters(std::span<const UsbId> listed,
                                                Milliseconds timeout) {
    const auto bus = UsbBus::make();
    if (!bus) return tl::make_unexpected(Error{Fault::unreachable, "this machine shows us no USB"});
    std::atomic<bool> never{false};
    Patience patience(never, timeout);
    std::vector<UsbPrinter> printers;
    for (UsbCandidate& candidate : bus->find(listed)) {
        libusb_device_handle* raw = nullptr;
        if (libusb_open(candidate.device.get(), &raw) == 0) {
            const UsbHandle handle(raw);
            bus->identify(handle.get(), candidate, patience);
        }
        printers.push_back(candidate.printer);
    }
    return printers;
}

} // namespace souffleur::transport
