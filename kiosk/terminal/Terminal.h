// The counter station: everything wired, started in order, stopped in reverse.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "plugin/base/Clock.h"
#include "plugin/base/Random.h"
#include "plugin/consent/Policy.h"
#include "plugin/consent/StateOf.h"
#include "plugin/host/HotKey.h"
#include "plugin/host/Tap.h"
#include "sync/protocol/Device.h"
#include "sync/protocol/SyncLoop.h"

namespace souffleur::ledger {
struct LedgerOptions;
} // namespace souffleur::ledger

namespace souffleur::terminal {

struct TerminalOptions {
    std::uint16_t apiPort = 8601; ///< loopback; 0 = any
    std::string hostSocket;       ///< empty: where the client library looks
    std::string printer;          ///< "tcp://127.0.0.1:9100"; empty: none
    std::string printerProfile;   ///< empty: the one that the printer's own word names
    std::filesystem::path pretix; ///< pretix.toml: follow this shop; empty: none
    std::string language;         ///< of the till; empty: the house's own, as its pack says
    std::filesystem::path
        launchFile; ///< 0600; the panel's one-time launch token goes here; empty: in the folder
    std::filesystem::path uiDir; ///< serve the panel from here while developing
    /// The customer's own screen: its loopback port, 0 = any; none: there is no such screen.
    std::optional<std::uint16_t> screenPort;
    std::filesystem::path screenLaunchFile; ///< as launchFile; empty: screen.launch in the folder
    std::filesystem::path screenUiDir;      ///< serve its page from here while developing
    host::HotKeySettings hotKeys;           ///< none: off
    std::string hotKeySystem = "boxoffice"; ///< whose numbers are copied
    host::TapSettings tap;                  ///< no door: off; else `printer` is behind it
    std::string scanner; ///< "hid://0c2e:0b61" (drivers/scanner/Scanner.h); empty: none
    std::string scanPatterns = "generic"; ///< a name of the program's own, or a path
    std::string display;                  ///< "serial:///dev/ttyUSB1"; empty: none
    std::string displayCommands = "escpos";
    std::string displayPage;   ///< "cp858"; empty: ASCII
    int displayBrightness = 0; ///< 1 to 4; 0: as it is
    TimeMs syncIntervalMs = 15 * kSecondMs;
    TimeMs logIntervalMs = 10 * kMinuteMs;   ///< between two looks at head office's log
    TimeMs policyIntervalMs = kMinuteMs;     ///< between two looks at what head office has in force
    TimeMs leaseIntervalMs = 10 * kMinuteMs; ///< between two renewals of the lease
    /// Waits while the first load does; false: stop. Empty: sleeps.
    std::function<bool(TimeMs waitMs)> wait;
};

/// One per process. Threads of its own from start() to stop().
class Terminal {
public:
    /// Opens the ledger, loads the policy, binds the doors. The hub need not be there, but must
    /// have approved this device once. Errors: notFound (not approved yet), locked (a second
    /// terminal on the folder), storage, unavailable (a port or socket is taken), invalid (policy).
    static Result<std::unique_ptr<Terminal>> open(const protocol::Device& device,
                                                  const TerminalOptions& options,
                                                  SystemClock& clock, Random& random);
    ~Terminal();
    void start();
    void stop();

    [[nodiscard]] std::uint16_t apiPort() const noexcept;
    /// Where the panel is; the launch token is in the launch file, never here.
    [[nodiscard]] std::string panelUrl() const;
    /// Where the customer's own screen is; empty without one.
    [[nodiscard]] std::string screenUrl() const;
    [[nodiscard]] std::string hostSocket() const;
    /// Where tills print; 0 without the print tap.
    [[nodiscard]] std::uint16_t tapPort() const noexcept;
    [[nodiscard]] protocol::SyncStatus syncStatus() const;

private:
    class Parts;
    explicit Terminal(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> _parts;
};

/// The policy that a welcome names, with the house's wordings frozen. Errors: invalid, notFound,
/// conflict, unsupported (a pack that is not in the program).
Result<std::shared_ptr<const consent::Policy>> policyFrom(const protocol::Welcome& welcome);

/// How this device's ledger is opened, by whomever: another key or other rules than the last time
/// would compute the states of everybody on file anew. The rules are those in force at `now`.
ledger::LedgerOptions ledgerOptions(const protocol::Device& device,
                                    const protocol::Welcome& welcome, const consent::Policy& policy,
                                    TimeMs now);

} // namespace souffleur::terminal
