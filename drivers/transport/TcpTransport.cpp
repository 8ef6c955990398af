#include "drivers/transport/TcpTransport.h"

#include <Poco/Exception.h>
#include <Poco/Net/StreamSocket.h>
#include <algorithm>
#include <utility>

#include "drivers/transport/Patience.h"
#include "drivers/transport/Resolver.h"
#include "drivers/transport/TcpPosix.h"

namespace souffleur::transport {

struct TcpTransport::Socket {
    Poco::Net::StreamSocket stream;

    /// Waits until it can be written (else: read) or has failed.
    bool ready(bool toWrite, Milliseconds slice) {
        const int mode = toWrite ? Poco::Net::Socket::SELECT_WRITE : Poco::Net::Socket::SELECT_READ;
        const Poco::Timespan span(
            std::chrono::duration_cast<std::chrono::microseconds>(slice).count());
        return stream.poll(span, mode | Poco::Net::Socket::SELECT_ERROR);
    }
    /// The printer closed its end: it would take our bytes and throw them away.
    bool ended() {
        char next = 0;
        return stream.poll(Poco::Timespan(0), Poco::Net::Socket::SELECT_READ) &&
               stream.receiveBytes(&next, 1, MSG_PEEK) == 0;
    }
};

TcpTransport::TcpTransport(std::string host, std::uint16_t port)
    : _host(std::move(host)), _port(port), _resolver(std::make_unique<Resolver>(_host)) {}

TcpTransport::~TcpTransport() {
    close();
}

Error TcpTransport::error(Fault fault, const std::string& what) const {
    return {fault, describe() + ": " + what};
}

Error TcpTransport::gone(const std::string& what) {
    const bool lost = !drained();
    close();
    _lost = lost;
    return error(Fault::gone, what);
}

/// No value: connected.
std::optional<Error> TcpTransport::connect(const std::string& address, Patience& patience) {
    _socket = std::make_unique<Socket>();
    _lost = false;
    _socket->stream.connectNB(Poco::Net::SocketAddress(address, _port));
    bool ready = false;
    while (!ready && patience.next()) ready = _socket->ready(true, patience.slice());
    if (!ready && patience.ended() == Fault::cancelled) return error(Fault::cancelled, "cancelled");
    if (!ready) {
        return error(Fault::unreachable, "no answer; is it switched on and on this network?");
    }
    if (_socket->stream.impl()->socketError() != 0) {
        return error(Fault::unreachable,
                     "connection refused; is this a printer, and is its port free?");
    }
    _socket->stream.setBlocking(false);
    _socket->stream.setNoDelay(true);
    noticeDeadPeer(_socket->stream.impl()->sockfd());
    return std::nullopt;
}

Result<void> TcpTransport::open(Milliseconds timeout) {
    if (_socket) return {};
    Patience patience(_cancelled, timeout);
    const auto addresses = _resolver->addresses(patience);
    if (!addresses) {
        return tl::make_unexpected(
            addresses.error() == Fault::cancelled
                ? error(Fault::cancelled, "cancelled")
                : error(Fault::unreachable, "its name could not be looked up in time"));
    }
    Error last = error(Fault::unreachable, "no such host; check the name");
    for (const std::string& address : *addresses) {
        try {
            auto failed = connect(address, patience);
            if (!failed) return {};
            last = std::move(*failed);
        } catch (const Poco::Exception&) {
            last = error(Fault::unreachable, "cannot connect; check address and network");
        }
        close();
        if (last.fault == Fault::cancelled) break;
    }
    return tl::make_unexpected(std::move(last));
}

Written TcpTransport::write(std::span<const std::uint8_t> bytes, Milliseconds timeout) {
    if (!_socket) return {0, error(Fault::closed, "not open")};
    Patience patience(_cancelled, timeout);
    std::size_t count = 0;
    try {
        if (_socket->ended()) return {0, gone("the connection was closed")};
        while (count < bytes.size()) {
            if (!patience.next()) {
                const bool cancelled = patience.ended() == Fault::cancelled;
                return {count,
                        error(patience.ended(), cancelled ? "cancelled" : "takes no more bytes")};
            }
            if (!_socket->ready(true, patience.slice())) continue;
            constexpr std::size_t kMaxOnce = 64 * 1024;
            const auto piece = bytes.subspan(count, std::min(kMaxOnce, bytes.size() - count));
            const int sent =
                _socket->stream.sendBytes(piece.data(), static_cast<int>(piece.size()));
            if (sent > 0) count += static_cast<std::size_t>(sent);
        }
    } catch (const Poco::Exception&) {
        return {count, gone("the connection broke")};
    }
    return {count, std::nullopt};
}

Result<std::size_t> TcpTransport::read(std::span<std::uint8_t> into, Milliseconds timeout) {
    if (!_socket) return tl::make_unexpected(error(Fault::closed, "not open"));
    if (into.empty()) return 0;
    constexpr std::size_t kMaxOnce = 64 * 1024;
    const int room = static_cast<int>(std::min(into.size(), kMaxOnce));
    Patience patience(_cancelled, timeout);
    try {
        while (patience.next()) {
            if (!_socket->ready(false, patience.slice())) continue;
            const int got = _socket->stream.receiveBytes(into.data(), room);
            if (got > 0) return static_cast<std::size_t>(got);
            if (got == 0) return tl::make_unexpected(gone("the connection was closed"));
        }
    } catch (const Poco::Exception&) {
        return tl::make_unexpected(gone("the connection broke"));
    }
    if (patience.ended() == Fault::cancelled)
        return tl::make_unexpected(error(Fault::cancelled, "cancelled"));
    return 0;
}

bool TcpTransport::drained() const noexcept {
    return _socket ? confirmedAll(_socket->stream.impl()->sockfd()) : !_lost;
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
