// The print tap: the till's receipts pass through us to the real printer, byte for byte, and tell
// whose sale it is. For ticketing systems without any API.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "drivers/transport/Transport.h"
#include "plugin/base/Result.h"
#include "plugin/host/TapAnalyser.h"

namespace souffleur::host {

struct TapSettings {
    /// Where tills connect instead of to the printer: "127.0.0.1:9100"; port 0 takes a free one;
    /// empty: no such door.
    std::string listen;
    /// Addresses that may connect, exactly as written ("192.0.2.7"); this machine always may.
    std::vector<std::string> peers;
    /// Users of this machine whose receipts may select customers, by name; this program's own, root
    /// and CUPS's (lp) always may. What others of this machine print passes unread.
    std::vector<std::string> users;
    /// A path: a link to a pseudo-terminal is made here, for tills that print on a serial line;
    /// empty: no such door.
    std::string serial;
    /// "generic", "pretix", or a path to a file of patterns.
    std::string patterns = "generic";
    /// A receipt without a cut is over after so much silence.
    int receiptGapMs = 1500;
    /// While TapEvents::hints, TapEvents::hint is asked before each cut, which waits so long for
    /// it; else, and with 0, it is never asked, and not a byte is ever held back.
    int hintMs = 0;

    [[nodiscard]] bool any() const { return !listen.empty() || !serial.empty(); }
};

/// Threads: one a connection (kTapClientsMax at most), one that listens, one that reads along. From
/// start to destruction, which ends connections in the middle: stop it when no receipt is running.
class Tap {
public:
    /// `printer` is the real one, unopened. Borrows events. Errors: invalid (an address, a path,
    /// the patterns), notFound (the patterns), unavailable (the port is taken), storage (the link).
    [[nodiscard]] static Result<std::unique_ptr<Tap>>
    start(const TapSettings& settings, std::unique_ptr<transport::Transport> printer,
          TapEvents& events);
    virtual ~Tap() = default;
    Tap(const Tap&) = delete;
    Tap& operator=(const Tap&) = delete;

    /// The printer for our own slips: they wait for the end of a receipt. May outlive the tap.
    [[nodiscard]] virtual std::unique_ptr<transport::Transport> slipLine() = 0;
    /// Of the listening door; 0 without one.
    [[nodiscard]] virtual std::uint16_t port() const noexcept = 0;
    /// Any thread.
    [[nodiscard]] virtual TapStats stats() const noexcept = 0;

protected:
    Tap() = default;
};

/// The last of these places is never taken by a user who is not believed. A till that comes when
/// they are taken gets that of the one which has been silent longest, kTapIdle at least.
inline constexpr std::size_t kTapClientsMax = 4;
inline constexpr std::chrono::seconds kTapIdle{2};
inline constexpr int kTapHintMs = 100; ///< what a cut may wait at a counter

} // namespace souffleur::host
