// A printer on a serial line (RS-232, or USB with a serial chip), through termios.
#pragma once

#include <atomic>

#include "drivers/transport/Transport.h"

namespace souffleur::transport {

class SerialPort; ///< the platform's part

enum class Parity { none, even, odd };
enum class Flow { none, rtsCts, xonXoff };

/// As the model's profile or the printer's DIP switches say. Value.
struct SerialSettings {
    int baud = 9600;  ///< 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200 or 230400
    int dataBits = 8; ///< 7 or 8
    int stopBits = 1; ///< 1 or 2
    Parity parity = Parity::none;
    Flow flow = Flow::rtsCts; ///< what DTR/DSR printers are cabled for as well
    bool operator==(const SerialSettings&) const = default;
};

/// Errors: invalid, naming the setting.
[[nodiscard]] Result<void> validate(const SerialSettings& settings);

/// The line is opened exclusively and raw; its former settings come back at close. A written byte
/// is in the kernel's queue, at most 4 KiB ahead of the wire; close waits a second for that queue
/// and then drops it, so that a printer that was switched off cannot hold us.
///
/// Faults of open: unreachable (no such node), denied (names the node and the group), busy, invalid
/// (no serial line, or it does not take these settings).
class SerialTransport final : public Transport {
public:
    SerialTransport(std::string path, SerialSettings settings);
    ~SerialTransport() override;

    [[nodiscard]] Result<void> open(Milliseconds timeout) override;
    [[nodiscard]] Written write(std::span<const std::uint8_t> bytes, Milliseconds timeout) override;
    [[nodiscard]] Result<std::size_t> read(std::span<std::uint8_t> into,
                                           Milliseconds timeout) override;
    void close() noexcept override;
    void cancel() noexcept override;
    [[nodiscard]] bool drained() const noexcept override;
    [[nodiscard]] bool canRead() const noexcept override { return true; }
    [[nodiscard]] std::string describe() const override;

private:
    [[nodiscard]] Error error(Fault fault, const std::string& what) const;
    Error failed(Fault fault);

    std::string _path;
    SerialSettings _settings;
    std::unique_ptr<SerialPort> _port; ///< null when closed
    std::atomic<bool> _cancelled{false};
};

} // namespace souffleur::transport
