// A line to a device: bytes out, bytes in, every wait bounded and cancellable. USB, TCP, serial and
// file stand behind the same five calls.
//
// Thread discipline, the same for all of them: one owner thread opens, writes, reads and closes,
// and only its calls move bytes; nothing runs behind its back. `cancel` alone may come from
// elsewhere. What the kernel keeps us in (opening a device node, clearing a halt) it bounds itself,
// at five seconds.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <tl/expected.hpp>

namespace souffleur::transport {

enum class Fault {
    unreachable, ///< could not be opened now; later may do
    busy,        ///< another program holds the device
    denied,      ///< permissions; the message says what to change
    invalid,     ///< an address or path that can never work
    timedOut,    ///< the deadline passed; see the count for what went out
    stalled,     ///< USB: it refused the rest; the halt is cleared and the line still open
    gone,        ///< the device left or the connection broke; the line is closed now
    cancelled,   ///< cancel() was called
    closed,      ///< not open
};

struct Error {
    Fault fault = Fault::unreachable;
    std::string message; ///< names the device, never what was printed
    bool operator==(const Error&) const = default;
};

template <typename T>
using Result = tl::expected<T, Error>;

/// What a write did: `count` bytes were handed over, with or without an error after them. A partial
/// count means that the device may have acted on those bytes.
struct Written {
    std::size_t count = 0;
    std::optional<Error> error;
};

using Milliseconds = std::chrono::milliseconds;

/// What a line knows of the device behind it without asking it; empty where it knows nothing.
struct Plate {
    std::uint16_t vendor = 0; ///< USB
    std::uint16_t product = 0;
    std::string deviceId; ///< IEEE 1284, as "MFG:EPSON;MDL:TM-T20III;"
    bool operator==(const Plate&) const = default;
};

/// One owner thread calls open, write, read, close; `cancel` may come from any thread.
class Transport {
public:
    Transport() = default;
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;
    virtual ~Transport() = default;

    /// Opens within `timeout`; already open is fine.
    [[nodiscard]] virtual Result<void> open(Milliseconds timeout) = 0;
    /// Writes all of it unless the deadline, an error or cancel comes first.
    [[nodiscard]] virtual Written write(std::span<const std::uint8_t> bytes,
                                        Milliseconds timeout) = 0;
    /// At least one byte, or 0 when the deadline passed in silence (that is no error).
    [[nodiscard]] virtual Result<std::size_t> read(std::span<std::uint8_t> into,
                                                   Milliseconds timeout) = 0;
    virtual void close() noexcept = 0;
    /// Ends the call in progress, or else the next one, with `cancelled`, within 50 ms. Any thread.
    virtual void cancel() noexcept = 0;
    /// False for one-way lines (a plain file): no status will ever come.
    [[nodiscard]] virtual bool canRead() const noexcept = 0;
    /// Others speak on the same line between our jobs: settings of theirs are left alone. Any
    /// thread.
    [[nodiscard]] virtual bool shared() const noexcept { return false; }
    /// False while this machine still keeps some of what write() took, as far as it can tell; after
    /// `gone`, when some of it never left. Owner thread.
    [[nodiscard]] virtual bool drained() const noexcept { return true; }
    /// Of what the latest open found. Owner thread.
    [[nodiscard]] virtual Plate plate() const { return {}; }
    /// "tcp 192.0.2.7:9100": for people and logs.
    [[nodiscard]] virtual std::string describe() const = 0;
};

/// Makes a transport from an address. Errors: invalid, with what an address looks like.
///   tcp://host:port           port 9100 when left out
///   usb://04b8:0202           vendor and product, hex; `usb://printer`: the only printer-class
///                             device there is. `?serial=…` and `?port=1-4.2` tell twins apart
///   serial:///dev/ttyUSB0     9600 baud, 8 data bits, no parity, RTS/CTS unless said otherwise:
///                             `?baud=19200&bits=7&parity=even&stop=2&flow=xon-xoff`
///   file:///path              a file, FIFO or device node, one way
[[nodiscard]] Result<std::unique_ptr<Transport>> fromAddress(const std::string& address);
/// The same for scanners and pole displays, which are seldom cabled for flow control: a serial line
/// has none unless the address says so.
[[nodiscard]] Result<std::unique_ptr<Transport>> plainFromAddress(const std::string& address);

} // namespace souffleur::transport
