// The kiosk process: everything wired, started in order, stopped in reverse.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "drivers/printer/Printer.h"
#include "kiosk/lobby/Questions.h"
#include "plugin/base/Clock.h"
#include "plugin/base/Random.h"
#include "sync/protocol/Device.h"

namespace souffleur::lobby {

struct LobbyOptions {
    std::uint16_t port = 8605;        ///< loopback; 0 = any
    std::filesystem::path uiDir;      ///< serve the page from here while developing
    std::filesystem::path launchFile; ///< 0600; empty: kiosk.launch in the folder
    std::string version;              ///< of the program, for the staff menu
    Idle idle;
    TimeMs syncIntervalMs = 15 * kSecondMs;
    /// Sign-ups in a minute and in an hour: more than visitors can make, fewer than a child can.
    std::size_t signUpsAMinute = 6;
    std::size_t signUpsAnHour = 90;
    /// The local day, for tests; empty: by the clock, or what head office told last where it is
    /// later.
    std::function<std::int64_t()> today;
    /// Makes the slip printer; empty: none.
    std::function<Result<std::unique_ptr<printer::Printer>>(printer::Listener&)> makePrinter;
    /// Staff closed the kiosk; called once, on a thread of the server.
    std::function<void()> onClose;
};

/// One per process and folder. Threads of its own from start() to stop().
class Lobby {
public:
    /// Head office need not be there, but must have approved this device once. Errors: notFound
    /// (not approved yet), locked (a second kiosk on the folder), storage, unavailable (the port),
    /// invalid (policy, theme).
    static Result<std::unique_ptr<Lobby>> open(const protocol::Device& device, LobbyOptions options,
                                               SystemClock& clock, Random& random);
    ~Lobby();
    void start();
    void stop();
    [[nodiscard]] std::uint16_t port() const noexcept;
    /// Without a token: that is in the launch file.
    [[nodiscard]] std::string url() const;
    /// What the page may ask: method, a space, the path. For tests that list them.
    [[nodiscard]] static std::vector<std::string> routes();

private:
    class Parts;
    explicit Lobby(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> _parts;
};

} // namespace souffleur::lobby
