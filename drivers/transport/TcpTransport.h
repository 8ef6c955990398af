// A printer on TCP port 9100 ("raw", "AppSocket").
#pragma once

#include <atomic>

#include "drivers/transport/Transport.h"

namespace souffleur::transport {

class Patience;
class Resolver;

/// A printer that closed its end is `gone`, at the next write too: bytes would be taken by this
/// machine and by nobody else. Looking up a name keeps to the deadline like everything else.
class TcpTransport final : public Transport {
public:
    TcpTransport(std::string host, std::uint16_t port);
    ~TcpTransport() override;

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
    struct Socket;
    [[nodiscard]] Error error(Fault fault, const std::string& what) const;
    Error gone(const std::string& what);
    std::optional<Error> connect(const std::string& address, Patience& patience);

    std::string _host;
    std::uint16_t _port;
    std::unique_ptr<Resolver> _resolver;
    std::unique_ptr<Socket> _socket; ///< null when closed
    bool _lost = false;              ///< it broke with bytes on their way
    std::atomic<bool> _cancelled{false};
};

} // namespace souffleur::transport
