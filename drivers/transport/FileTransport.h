// Bytes appended to a file, FIFO or device node: one way, for captures and for printers behind a
// spooler.
#pragma once

#include <atomic>

#include "drivers/transport/Transport.h"

namespace souffleur::transport {

/// A new file is made with mode 0600: slips hold names.
class FileTransport final : public Transport {
public:
    explicit FileTransport(std::string path);
    ~FileTransport() override;

    [[nodiscard]] Result<void> open(Milliseconds timeout) override;
    [[nodiscard]] Written write(std::span<const std::uint8_t> bytes, Milliseconds timeout) override;
    [[nodiscard]] Result<std::size_t> read(std::span<std::uint8_t> into,
                                           Milliseconds timeout) override;
    void close() noexcept override;
    void cancel() noexcept override;
    [[nodiscard]] bool canRead() const noexcept override { return false; }
    [[nodiscard]] std::string describe() const override;

private:
    std::string _path;
    int _fd = -1;
    std::atomic<bool> _cancelled{false};
};

} // namespace souffleur::transport
