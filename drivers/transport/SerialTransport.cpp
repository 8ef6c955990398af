#include "drivers/transport/SerialTransport.h"

#include <utility>

#include "drivers/transport/SerialPort.h"

namespace souffleur::transport {

Result<void> validate(const SerialSettings& settings) {
    const auto refuse = [](const char* what) {
        return tl::make_unexpected(Error{Fault::invalid, what});
    };
    switch (settings.baud) {
    case 1200:
    case 2400:
    case 4800:
    case 9600:
    case 19200:
    case 38400:
    case 57600:
    case 115200:
    case 230400:
        break;
    default:
        return refuse("baud is one of 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400");
    }
    if (settings.dataBits != 7 && settings.dataBits != 8) return refuse("data bits are 7 or 8");
    if (settings.stopBits != 1 && settings.stopBits != 2) return refuse("stop bits are 1 or 2");
    return {};
}

SerialTransport::SerialTransport(std::string path, SerialSettings settings)
    : _path(std::move(path)), _settings(settings) {}

SerialTransport::~SerialTransport() {
    close();
}

std::string SerialTransport::describe() const {
    return "serial " + _path;
}

Error SerialTransport::error(Fault fault, const std::string& what) const {
    return {fault, describe() + ": " + what};
}

Error SerialTransport::failed(Fault fault) {
    switch (fault) {
    case Fault::timedOut:
        return error(fault,
                     "takes no more bytes; is the printer on line, and does its flow control "
                     "match?");
    case Fault::cancelled:
        return error(fault, "cancelled");
    default:
        close();
        return error(Fault::gone, "the line is gone; is its cable plugged in?");
    }
}

Result<void> SerialTransport::open(Milliseconds /*timeout*/) {
    if (_port) return {};
    if (auto valid = validate(_settings); !valid)
        return tl::make_unexpected(error(Fault::invalid, valid.error().message));
    auto port = SerialPort::open(_path, _settings);
    if (!port) return tl::make_unexpected(error(port.error().fault, port.error().message));
    _port = std::move(*port);
    return {};
}

Written SerialTransport::write(std::span<const std::uint8_t> bytes, Milliseconds timeout) {
    if (!_port) return {0, error(Fault::closed, "not open")};
    Patience patience(_cancelled, timeout);
    const auto [count, fault] = _port->write(bytes, patience);
    if (!fault) return {count, std::nullopt};
    return {count, failed(*fault)};
}

Result<std::size_t> SerialTransport::read(std::span<std::uint8_t> into, Milliseconds timeout) {
    if (!_port) return tl::make_unexpected(error(Fault::closed, "not open"));
    Patience patience(_cancelled, timeout);
    const auto [count, fault] = _port->read(into, patience);
    if (!fault || *fault == Fault::timedOut) return count;
    return tl::make_unexpected(failed(*fault));
}

void SerialTransport::close() noexcept {
    _port.reset();
}

bool SerialTransport::drained() const noexcept {
    return !_port || _port->drained();
}

void SerialTransport::cancel() noexcept {
    _cancelled = true;
}

} // namespace souffleur::transport
