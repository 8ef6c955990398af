// The till's own web server: the loopback API and the cashier's page behind the loopback guard.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "plugin/api/Views.h"
#include "plugin/base/Random.h"
#include "plugin/base/Result.h"

namespace souffleur::counter {
class Counter;
}

namespace souffleur::api {

class Api;
class Feed;

/// All borrowed; must outlive the server.
struct PanelParts {
    counter::Counter& counter;
    Feed& feed; ///< the counter's CounterEvents
    Clock& clock;
    Random& random;
    std::function<LedgerView()> ledger = {}; ///< asked at GET /status, from any thread
};

struct PanelConfig {
    std::uint16_t port = 0;      ///< 0: the system chooses
    std::filesystem::path uiDir; ///< serves the page from this folder instead of the program
    /// Gets one line, the address that opens the page (launchUrl()), mode 0600; written anew as
    /// soon as its token was used. Empty: no file.
    std::filesystem::path launchFile;
    ApiSettings api;
};

/// Bound to 127.0.0.1; refuses other users of this machine, other hosts, origins and sites. Serves
/// from start() to stop(). Thread-safe but for stop().
class PanelServer {
public:
    /// Errors: unavailable (the port is taken), storage (the launch file).
    static Result<std::unique_ptr<PanelServer>> start(PanelParts parts, PanelConfig config);
    ~PanelServer();
    PanelServer(const PanelServer&) = delete;
    PanelServer& operator=(const PanelServer&) = delete;

    [[nodiscard]] std::uint16_t port() const noexcept;
    /// "http://127.0.0.1:8123/". Opens nothing by itself: a page needs a launch token.
    [[nodiscard]] std::string url() const;
    /// The address with a fresh one-time token in its fragment. Secret: never in a log or in argv.
    [[nodiscard]] std::string launchUrl();
    /// For what changes outside the counter: setSync(), setHost().
    [[nodiscard]] Api& api() noexcept;
    /// About once a minute: drops what has expired.
    void tick();
    /// Ends feeds and connections; handlers that run are waited for.
    void stop();

private:
    struct Parts;
    explicit PanelServer(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> _parts;
};

} // namespace souffleur::api
