// Head office's web server: the console's API and page behind the loopback guard.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "plugin/base/Clock.h"
#include "plugin/base/Random.h"
#include "plugin/base/Result.h"

namespace souffleur::consent {
struct Policy;
} // namespace souffleur::consent
namespace souffleur::policy {
struct Questionnaire;
} // namespace souffleur::policy

namespace souffleur::hub {

class Home;

struct ConsoleConfig {
    std::uint16_t port = 0;      ///< 0: the system chooses
    std::string syncUrl;         ///< what invitations tell devices, "https://127.0.0.1:8443"
    std::filesystem::path uiDir; ///< serves the page from this folder instead of the program
    const consent::Policy* policy = nullptr;               ///< the pack in force; borrowed
    std::span<const policy::Questionnaire> questionnaires; ///< of the pack; borrowed
};

/// Bound to 127.0.0.1; refuses other users of this machine, other hosts, origins and sites. Serves
/// from start() to stop() or destruction. start and stop from one thread.
class ConsoleServer {
public:
    /// Borrows home, clock and random. Errors: unavailable (the port is taken).
    static Result<std::unique_ptr<ConsoleServer>> start(Home& home, Clock& clock, Random& random,
                                                        const ConsoleConfig& config);
    ~ConsoleServer();
    ConsoleServer(const ConsoleServer&) = delete;
    ConsoleServer& operator=(const ConsoleServer&) = delete;

    [[nodiscard]] std::uint16_t port() const noexcept;
    /// "http://127.0.0.1:8444/"
    [[nodiscard]] std::string url() const;
    /// Now and then: drops sessions that have expired.
    void tick();
    void stop();

private:
    struct Parts;
    explicit ConsoleServer(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> _parts;
};

} // namespace souffleur::hub
