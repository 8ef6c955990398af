// libusb as the transport room uses it: a context, a transfer, an opened printer. Inside the room
// only; every object here belongs to one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "drivers/transport/UsbTransport.h"

struct libusb_context;
struct libusb_device;
struct libusb_device_handle;
struct libusb_transfer;

namespace souffleur::transport {

class Patience;

struct UsbUnref {
    void operator()(libusb_device* device) const noexcept;
};
struct UsbShut {
    void operator()(libusb_device_handle* handle) const noexcept;
};
using UsbDevice = std::unique_ptr<libusb_device, UsbUnref>;
using UsbHandle = std::unique_ptr<libusb_device_handle, UsbShut>;

/// The interface to print through, from the active configuration.
struct UsbInterface {
    std::uint8_t number = 0;
    std::uint8_t alternate = 0;
    bool alternates = false; ///< there are several, so that it must be chosen
    std::uint8_t out = 0;    ///< endpoint address
    std::uint8_t in = 0;     ///< 0: none
    std::uint16_t inPacket = 64;
};

/// A device that may be the printer, not opened yet.
struct UsbCandidate {
    UsbDevice device;
    UsbInterface interface;
    std::uint8_t serialIndex = 0; ///< string descriptor; 0: none
    UsbPrinter printer;
};

/// One transfer and its buffer. Must not be destroyed in flight: UsbBus::recall first, or close the
/// handle.
class UsbTransfer {
public:
    explicit UsbTransfer(std::size_t bytes);
    ~UsbTransfer();
    UsbTransfer(const UsbTransfer&) = delete;
    UsbTransfer& operator=(const UsbTransfer&) = delete;

    [[nodiscard]] std::span<std::uint8_t> buffer() { return _buffer; }
    /// Starts a bulk transfer of the buffer's first `length` bytes.
    [[nodiscard]] tl::expected<void, Fault> bulk(libusb_device_handle* handle,
                                                 std::uint8_t endpoint, std::size_t length);
    /// The same as an interrupt transfer.
    [[nodiscard]] tl::expected<void, Fault> interrupt(libusb_device_handle* handle,
                                                      std::uint8_t endpoint, std::size_t length);
    /// Starts the control transfer whose setup packet (8 bytes) and data stand in the buffer.
    [[nodiscard]] tl::expected<void, Fault> control(libusb_device_handle* handle);

    [[nodiscard]] bool inFlight() const { return _submitted && _done == 0; }
    /// Once it has ended: bytes moved, without the setup packet.
    [[nodiscard]] std::size_t count() const;
    enum class End { completed, stalled, overflowed, recalled, gone };
    [[nodiscard]] End end() const;

private:
    friend class UsbBus;
    [[nodiscard]] tl::expected<void, Fault> submit();

    std::vector<std::uint8_t> _buffer;
    libusb_transfer* _transfer = nullptr;
    int _done = 0; ///< set by libusb's callback, on the owner's thread
    bool _submitted = false;
};

/// A libusb context with the devices on it.
class UsbBus {
public:
    /// Null when this machine has no USB, or does not let us see it.
    [[nodiscard]] static std::unique_ptr<UsbBus> make();
    ~UsbBus();
    UsbBus(const UsbBus&) = delete;
    UsbBus& operator=(const UsbBus&) = delete;

    /// Printer-class devices and those in `listed`, in the order of the bus.
    [[nodiscard]] std::vector<UsbCandidate> find(std::span<const UsbId> listed) const;
    /// The HID interfaces of devices with these numbers, each as a candidate of its own; one that
    /// has none but a boot keyboard's or mouse's is there once, without an IN endpoint.
    [[nodiscard]] std::vector<UsbCandidate> findHid(const UsbId& id) const;
    /// The serial number of an opened candidate; empty when it has none or does not say.
    [[nodiscard]] std::string serialOf(libusb_device_handle* handle, const UsbCandidate& candidate,
                                       Patience& patience);
    /// Asks an opened candidate for its serial number and, in the printer class, its device id. One
    /// that does not answer has none: each question has half a second.
    void identify(libusb_device_handle* handle, UsbCandidate& candidate, Patience& patience);
    /// A control request with an answer of at most `most` bytes.
    [[nodiscard]] tl::expected<std::vector<std::uint8_t>, Fault>
    ask(libusb_device_handle* handle, std::uint8_t type, std::uint8_t request, std::uint16_t value,
        std::uint16_t index, std::uint16_t most, Patience& patience);

    /// Lets libusb work for `longest`, or until `transfer` ends.
    void turn(Milliseconds longest, UsbTransfer* transfer = nullptr);
    /// Takes a transfer back; false when the kernel does not give it back within a second (close
    /// the handle then).
    bool recall(UsbTransfer& transfer);
    /// From now on `watchedLeft` tells whether this device was unplugged. Null ends it.
    void watch(libusb_device* device);
    [[nodiscard]] bool watchedLeft() const { return _watchedLeft; }
    void hearLeft(const libusb_device* device); ///< libusb's callback

private:
    explicit UsbBus(libusb_context* context) : _context(context) {}
    [[nodiscard]] std::string stringAt(libusb_device_handle* handle, std::uint8_t index,
                                       Patience& patience);

    libusb_context* _context;
    libusb_device* _watched = nullptr;
    std::vector<std::unique_ptr<UsbTransfer>> _lost; ///< never given back; end with the context
    bool _watchedLeft = false;
};

/// A claimed printer.
class UsbLine {
public:
    /// Claims the interface; the kernel's driver is detached meanwhile.
    [[nodiscard]] static tl::expected<std::unique_ptr<UsbLine>, Fault>
    open(UsbBus& bus, UsbHandle handle, UsbCandidate candidate);
    ~UsbLine();
    UsbLine(const UsbLine&) = delete;
    UsbLine& operator=(const UsbLine&) = delete;

    struct Sent {
        std::size_t count = 0;
        std::optional<Fault> fault;
    };
    [[nodiscard]] Sent send(std::span<const std::uint8_t> bytes, Patience& patience);
    /// 0 when patience ended in silence.
    [[nodiscard]] tl::expected<std::size_t, Fault> receive(std::span<std::uint8_t> into,
                                                           Patience& patience);
    [[nodiscard]] tl::expected<std::uint8_t, Fault> portStatus(Patience& patience);

private:
    UsbLine(UsbBus& bus, UsbHandle handle, UsbCandidate candidate);
    [[nodiscard]] Sent sendPiece(std::span<const std::uint8_t> piece, Patience& patience);
    [[nodiscard]] bool clearHalt(std::uint8_t endpoint);
    void listen();
    void gather();

    UsbBus& _bus;
    UsbHandle _handle;
    UsbCandidate _candidate;
    std::unique_ptr<UsbTransfer> _out;
    std::unique_ptr<UsbTransfer> _in; ///< null: one way
    std::vector<std::uint8_t> _inbox; ///< heard and not read yet, at most kMaxInbox
    bool _listening = false;          ///< IN was started and its end not taken yet
    std::optional<Fault> _deaf;       ///< why nothing more is heard
    int _strikes = 0;                 ///< halts of IN in a row
    bool _begun = false;              ///< a byte went out since open
    bool _quiet = false;              ///< IN gave an empty packet: wait before the next
};

} // namespace souffleur::transport
