// The door of the customer's own screen: screen.yaml and its page, on a port, a cookie and a launch
// token of their own. Whoever holds that token sees the questions that the cashier has handed over
// and can answer them; nothing else of the till is behind this door.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "plugin/base/Clock.h"
#include "plugin/base/Random.h"
#include "plugin/base/Result.h"

namespace souffleur::counter {
class Counter;
}

namespace souffleur::api {

class ScreenFeed;

/// All borrowed; must outlive the server.
struct ScreenParts {
    counter::Counter& counter;
    ScreenFeed& feed; ///< hears the counter's events
    Clock& clock;
    Random& random;
};

struct ScreenConfig {
    std::uint16_t port = 0;      ///< 0: the system chooses
    std::filesystem::path uiDir; ///< serves the page from this folder instead of the program
    /// As PanelConfig::launchFile.
    std::filesystem::path launchFile;
};

/// Bound to 127.0.0.1, under the rules of PanelServer. Serves from start() to stop(). Thread-safe
/// but for stop().
class ScreenServer {
public:
    /// Errors: unavailable (the port is taken), storage (the launch file).
    static Result<std::unique_ptr<ScreenServer>> start(ScreenParts parts, ScreenConfig config);
    ~ScreenServer();
    ScreenServer(const ScreenServer&) = delete;
    ScreenServer& operator=(const ScreenServer&) = delete;

    /// "POST /api/screen/v1/answers" and the others: all there is.
    static std::vector<std::string> routes();
    [[nodiscard]] std::uint16_t port() const noexcept;
    /// "http://127.0.0.1:8603/". Opens nothing by itself.
    [[nodiscard]] std::string url() const;
    /// About once a minute: drops what has expired.
    void tick();
    /// Ends the feed and connections; handlers that run are waited for.
    void stop();

private:
    struct Parts;
    explicit ScreenServer(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> _parts;
};

} // namespace souffleur::api
