// Head office's public door: the page and the few calls that a customer reaches through the house's
// own web server (setup.md).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "plugin/base/Clock.h"
#include "plugin/base/Result.h"

namespace souffleur::mail {
struct House;
} // namespace souffleur::mail

namespace souffleur::hub {

struct PublicConfig {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0; ///< 0: the system chooses
    std::string publicUrl;  ///< where customers reach it; empty: on this machine alone
    std::filesystem::path uiDir;
};

/// Serves from start() to stop() or destruction. start and stop from one thread.
class PublicServer {
public:
    /// Borrows house and clock. Errors: unavailable (the port is taken).
    static Result<std::unique_ptr<PublicServer>> start(const mail::House& house, const Clock& clock,
                                                       const PublicConfig& config);
    ~PublicServer();
    PublicServer(const PublicServer&) = delete;
    PublicServer& operator=(const PublicServer&) = delete;

    [[nodiscard]] std::uint16_t port() const noexcept;
    void stop();

private:
    struct Parts;
    explicit PublicServer(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> _parts;
};

} // namespace souffleur::hub
