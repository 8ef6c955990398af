#include "drivers/transport/TcpTransport.h"

#include <Poco/Exception.h>
#include <Poco/Net/DNS.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/StreamSocket.h>
#include <algorithm>
#include <utility>

namespace souffleur::transport {
namespace {

using Clock = std::chrono::steady_clock;

/// How long a wait may go on before it looks for cancel(); half of what the interface promises.
constexpr Milliseconds kSlice{25};

} // namespace

struct TcpTransport::Socket {
    Poco::Net::StreamSocket stream;
};

TcpTransport::TcpTransport(std::string host, std::uint16_t port)
    : _host(std::move(host)), _port(port) {}

TcpTransport::~TcpTransport() {
    close();
}

Error TcpTransport::error(Fault fault, const std::string& what) const {
    return {fault, describe() + ": " + what};
}

TcpTransport::Wait TcpTransport::wait(int mode, Clock::time_point deadline) {
    for (;;) {
        if (_cancelled.exchange(false)) return Wait::cancelled;
        const auto left = std::chrono::duration_cast<Milliseconds>(deadline - Clock::now());
        const auto slice = std::clamp(left, Milliseconds{0}, kSlice);
        const Poco::Timespan span(
            std::chrono::duration_cast<std::chrono::microseconds>(slice).count());
        if (_socket->stream.poll(span, mode | Poco::Net::Socket::SELECT_ERROR)) return Wait::ready;
        if (left <= Milliseconds{0}) return Wait::timedOut;
    }
}

Result<void> TcpTransport::open(Milliseconds timeout) {
    if (_socket) return {};
    const auto deadline = Clock::now() + timeout;
    try {
        const Poco::Net::SocketAddress address(_host, _port);
        _socket = std::make_unique<Socket>();
        _socket->stream.connectNB(address);
        const Wait waited = wait(Poco::Net::Socket::SELECT_WRITE, deadline);
        const int failed = waited == Wait::ready ? _socket->stream.impl()->socketError() : 0;
        if (waited == Wait::ready && failed == 0) {
            _socket->stream.setBlocking(false);
            _socket->stream.setNoDelay(true);
            _socket->stream.setKeepAlive(true);
            return {};
        }
        close();
        if (waited == Wait::cancelled)
            return tl::make_unexpected(error(Fault::cancelled, "cancelled"));
        return tl::make_unexpected(
            error(Fault::unreachable,
                  waited == Wait::timedOut
                      ? "no answer; is it switched on and on this network?"
                      : "connection refused; is this a printer, and is its port free?"));
    } catch (const Poco::Net::HostNotFoundException&) {
        close();
        return tl::make_unexpected(error(Fault::unreachable, "no such host; check the name"));
    } catch (const Poco::Exception&) {
        close();
        return tl::make_unexpected(
            error(Fault::unreachable, "cannot connect; check address and network"));
    }
}

Written TcpTransport::write(std::span<const std::uint8_t> bytes, Milliseconds timeout) {
    if (!_socket) return {0, error(Fault::closed, "not open")};
    const auto deadline = Clock::now() + timeout;
    std::size_t count = 0;
    try {
        while (count < bytes.size()) {
            const Wait waited = wait(Poco::Net::Socket::SELECT_WRITE, deadline);
            if (waited == Wait::cancelled) return {count, error(Fault::cancelled, "cancelled")};
            if (waited == Wait::timedOut) {
                return {count, error(Fault::timedOut, "takes no more bytes")};
            }
            constexpr std::size_t kMaxOnce = 64 * 1024;
            const auto piece = bytes.subspan(count, std::min(kMaxOnce, bytes.size() - count));
            const int sent =
                _socket->stream.sendBytes(piece.data(), static_cast<int>(piece.size()));
            if (sent > 0) count += static_cast<std::size_t>(sent);
        }
    } catch (const Poco::Exception&) {
        return {count, error(Fault::gone, "the connection broke")};
    }
    return {count, std::nullopt};
}

Result<std::size_t> TcpTransport::read(std::span<std::uint8_t> into, Milliseconds timeout) {
    if (!_socket) return tl::make_unexpected(error(Fault::closed, "not open"));
    const auto deadline = Clock::now() + timeout;
    try {
        for (;;) {
            const Wait waited = wait(Poco::Net::Socket::SELECT_READ, deadline);
            if (waited == Wait::cancelled) {
                return tl::make_unexpected(error(Fault::cancelled, "cancelled"));
            }
            if (waited == Wait::timedOut) return 0;
            const int got =
                _socket->stream.receiveBytes(into.data(), static_cast<int>(into.size()));
            if (got > 0) return static_cast<std::size_t>(got);
            if (got == 0)
                return tl::make_unexpected(error(Fault::gone, "the connection was closed"));
        }
    } catch (const Poco::Exception&) {
        return tl::make_unexpected(error(Fault::gone, "the connection broke"));
    }
}

void TcpTransport::close() noexcept {
    if (!_socket) return;
    try {
        // The printer still reads what was sent: no reset, only "nothing more comes".
        _socket->stream.shutdownSend();
    } catch (const Poco::Exception&) { // it left first; closing is all that remains
    }
    try {
        _socket->stream.close();
    } catch (const Poco::Exception&) { // nothing holds it any more
    }
    _socket.reset();
}

void TcpTransport::cancel() noexcept {
    _cancelled = true;
}

std::string TcpTransport::describe() const {
    return "tcp " + _host + ":" + std::to_string(_port);
}

} // namespace souffleur::transport
