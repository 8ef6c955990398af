// A printer on TCP port 9100 ("raw", "AppSocket").
#pragma once

#include <atomic>

#include "drivers/transport/Transport.h"

namespace souffleur::transport {

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
    [[nodiscard]] bool canRead() const noexcept override { return true; }
    [[nodiscard]] std::string describe() const override;

private:
    struct Socket;
    enum class Wait { ready, timedOut, cancelled };
    Wait wait(int mode, std::chrono::steady_clock::time_point deadline);
    [[nodiscard]] Error error(Fault fault, const std::string& what) const;

    std::string _host;
    std::uint16_t _port;
    std::unique_ptr<Socket> _socket; ///< null when closed
    std::atomic<bool> _cancelled{false};
};

} // namespace souffleur::transport
