// A printer on USB, through libusb-1.0: printer-class interfaces (class 7) and the vendor-class
// ones of Epson and others. What a real kernel does in each case: `reference` in README.md.
#pragma once

#include <atomic>
#include <compare>
#include <span>
#include <string_view>
#include <vector>

#include "drivers/transport/DeviceId.h"
#include "drivers/transport/Transport.h"

namespace souffleur::transport {

class UsbBus;
class UsbLine;

/// Vendor and product number.
struct UsbId {
    std::uint16_t vendor = 0;
    std::uint16_t product = 0;
    auto operator<=>(const UsbId&) const = default;
    [[nodiscard]] std::string text() const; ///< "04b8:0202"
};

/// Which printer is meant. Bus numbers and addresses change with every replug and never name one.
struct UsbAddress {
    std::optional<UsbId> id; ///< none: the only printer-class device
    std::string serial;      ///< empty: not asked for
    std::string port;        ///< "1-4.2": bus and hub ports; empty: not asked for
    bool operator==(const UsbAddress&) const = default;
    [[nodiscard]] std::string text() const; ///< "usb://04b8:0202?serial=…"
};

/// Reads what follows `usb://`. Errors: invalid.
[[nodiscard]] Result<UsbAddress> parseUsbAddress(std::string_view text);

/// A printer as found on the bus.
struct UsbPrinter {
    UsbId id;
    int bus = 0;
    int device = 0;           ///< its number on the bus, this time
    std::string port;         ///< "1-4.2"
    bool vendorClass = false; ///< no printer-class interface; known by its numbers only
    bool readable = false;    ///< has an IN endpoint
    bool permitted = false;   ///< could be opened; without it the next two are empty
    std::string serial;       ///< the USB serial number
    DeviceId deviceId;        ///< of the printer class only

    [[nodiscard]] UsbAddress address() const; ///< tells it apart from its twins where it can
};

/// Every printer-class device, and the vendor-class devices whose numbers are in `listed` (from the
/// profiles). Opens each for a moment to ask its name, claims nothing. Any thread; blocks, at most
/// `timeout`. Errors: unreachable (no USB on this machine).
[[nodiscard]] Result<std::vector<UsbPrinter>> listUsbPrinters(std::span<const UsbId> listed,
                                                              Milliseconds timeout);

/// The class request GET_PORT_STATUS: three bits that even printers without ESC/POS status give.
struct PortStatus {
    bool paperEmpty = false;
    bool selected = false;
    bool error = false;
    bool operator==(const PortStatus&) const = default;
};

/// One printer. `open` takes the interface from the kernel's usblp if that holds it, `close` gives
/// it back. After the first open it is this one device, by numbers, device id and serial number:
/// after a replug it is found again at any address and port, and a twin is not mistaken for it. One
/// without a serial number is known by its port once a twin was seen.
///
/// Faults of open: unreachable (not plugged in, or two fit), denied (names the node and the udev
/// rule), busy (another program claimed it).
/// Faults of write: stalled (the halt is cleared; the count says what was taken), timedOut (the
/// rest was taken back from the kernel), gone (a count of 0 means that certainly nothing arrived;
/// what was under way when the device left counts as one byte at least). A halt found before the
/// first byte is somebody else's: it is cleared and passed over. An IN transfer stays submitted
/// between reads, so that no status byte is lost to a deadline.
class UsbTransport final : public Transport {
public:
    explicit UsbTransport(UsbAddress address);
    ~UsbTransport() override;

    [[nodiscard]] Result<void> open(Milliseconds timeout) override;
    [[nodiscard]] Written write(std::span<const std::uint8_t> bytes, Milliseconds timeout) override;
    [[nodiscard]] Result<std::size_t> read(std::span<std::uint8_t> into,
                                           Milliseconds timeout) override;
    void close() noexcept override;
    void cancel() noexcept override;
    /// True until an open found a printer without an IN endpoint.
    [[nodiscard]] bool canRead() const noexcept override { return _canRead; }
    [[nodiscard]] std::string describe() const override;
    [[nodiscard]] Plate plate() const override;

    /// Errors: closed, timedOut, stalled (it does not know the request), gone, cancelled.
    [[nodiscard]] Result<PortStatus> portStatus(Milliseconds timeout);
    /// False once open saw a twin of it (matters to a printer without a serial number). Owner
    /// thread.
    [[nodiscard]] bool seesAlone() const noexcept { return _alone; }
    /// What open found; empty before the first. Owner thread.
    [[nodiscard]] const UsbPrinter& printer() const noexcept { return _printer; }

private:
    [[nodiscard]] Error error(Fault fault) const;
    [[nodiscard]] Error denied(const UsbPrinter& printer) const;
    [[nodiscard]] Error notOne(std::size_t fitting, std::size_t ofTheKind) const;
    Error failed(Fault fault);

    UsbAddress _address;
    UsbPrinter _printer;
    bool _known = false;            ///< _printer holds the one device that this transport is for
    bool _alone = false;            ///< no twin of it was ever seen
    std::unique_ptr<UsbBus> _bus;   ///< made by the first open, kept for hot-plug
    std::unique_ptr<UsbLine> _line; ///< null when closed
    std::atomic<bool> _canRead{true};
    std::atomic<bool> _cancelled{false};
};

} // namespace souffleur::transport
