// The platform's part of a serial line. Inside the transport room only.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "drivers/transport/Patience.h"
#include "drivers/transport/SerialTransport.h"

namespace souffleur::transport {

class SerialPort {
public:
    /// Errors: as SerialTransport::open; the message without the line's name.
    [[nodiscard]] static Result<std::unique_ptr<SerialPort>> open(const std::string& path,
                                                                  const SerialSettings& settings);
    virtual ~SerialPort() = default;
    SerialPort(const SerialPort&) = delete;
    SerialPort& operator=(const SerialPort&) = delete;

    using Moved = std::pair<std::size_t, std::optional<Fault>>;
    [[nodiscard]] virtual Moved write(std::span<const std::uint8_t> bytes, Patience& patience) = 0;
    [[nodiscard]] virtual Moved read(std::span<std::uint8_t> into, Patience& patience) = 0;
    /// The line has sent all that it took.
    [[nodiscard]] virtual bool drained() const noexcept = 0;

protected:
    SerialPort() = default;
};

} // namespace souffleur::transport
