// The terminal's end of the host ABI: a Unix socket that ticketing systems on this machine announce
// their customers on, and that carries the flags back (frames: plugin/abi/PROTOCOL.md).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/base/Clock.h"
#include "plugin/base/Result.h"

namespace souffleur::host {

/// Names one selection of one connected host; publishFlag needs it back. {0, 0} is none.
struct SelectionRef {
    std::uint64_t client = 0;    ///< a connection; never used twice in a server's life
    std::uint32_t selection = 0; ///< the host's own count

    bool operator==(const SelectionRef&) const = default;
};

/// How the customer is being served. The numbers are the ABI's.
enum class Situation : std::uint8_t { counter = 0, phone = 1, group = 2, school = 3 };

/// One line of the basket, as the host calls things; empty = not known. quantity >= 1.
struct BasketItem {
    std::string event;
    std::string genre;
    std::string partner;
    std::uint32_t quantity = 1;

    bool operator==(const BasketItem&) const = default;
};

/// A customer that a host has on its screen, or (hinted) will probably have next. Texts are UTF-8
/// without control characters, within the bounds of souffleur.h; `system` and `id` are never empty,
/// all else may be and is a stranger's hint, neither parsed nor verified.
struct Selection {
    SelectionRef ref;
    std::string system;
    std::string id;
    std::string name;
    std::string email;
    std::string phone;
    std::string card;
    std::string language; ///< BCP 47 as given
    /// As the host said it; what knows of no situation (a receipt, a scan, a hot key) says none,
    /// and neither does a host that says SOUFFLEUR_COUNTER.
    std::optional<Situation> situation;
    std::vector<BasketItem> basket;
    bool fromPaper = false; ///< read off a receipt: nobody says when they have gone
};

/// A finished sale. Handed on once for each that a host sent, also when the host resent it after a
/// reconnect (a restart of the terminal forgets: recognise the order by system and orderId).
struct Completed {
    std::string system;
    std::string orderId;
    std::string customerId; ///< empty for an anonymous sale
    std::int64_t totalMinor = 0;
    std::string currency; ///< ISO 4217, or empty
};

/// What a flag looks like to a host. Longer texts are cut at a character (bounds: souffleur.h).
struct FlagView {
    SelectionRef ref;           ///< whose selection this answers; stale ones go nowhere
    std::string kind;           ///< "ask", "no-address", … (DESIGN 4)
    std::string icon;           ///< icon id of the panel's set
    std::string words;          ///< for the cashier, in the till's language
    std::string script;         ///< the line to say, in the customer's language
    std::string scriptLanguage; ///< BCP 47
    TimeMs asOf = 0;            ///< UTC; 0 = not known
};

/// What hosts say. All calls come from the server's one thread, one at a time; they must not block
/// for long (frames of all hosts wait) and must not throw. publishFlag may be called from inside
/// them.
class HostEvents {
public:
    virtual ~HostEvents() = default;
    /// On the screen now. Of several that arrived in one go only the last is handed on.
    virtual void selected(const Selection& selection) = 0;
    /// Was on the screen, and somebody else or nobody before it could be handed on: nothing to
    /// show.
    virtual void passed(const Selection& selection) { static_cast<void>(selection); }
    /// That selection is over: cleared by its host, or its host has gone.
    virtual void cleared(const SelectionRef& ref) = 0;
    virtual void completed(const Completed& order) = 0;
    /// Read ahead if you like; nothing to show. ref is none.
    virtual void hinted(const Selection& selection) { static_cast<void>(selection); }
};

/// Bounds; the defaults suit a till. Tests lower them.
struct SelectionServerLimits {
    std::size_t maxClients = 8;
    std::uint32_t framesPerSecond =
        200; ///< per client, in the long run; faster ones are read later
    std::uint32_t burstFrames = 400;
    TimeMs helloTimeoutMs = 5000; ///< a connection that has not introduced itself by then is closed
};

/// For the diagnosis page. Nothing personal.
struct SelectionServerStats {
    std::size_t clients = 0;
    std::vector<std::string> hostNames; ///< product and version of those that gave one, by age
    std::uint64_t accepted = 0;
    std::uint64_t refusedUser = 0;      ///< another local user's process
    std::uint64_t refusedFull = 0;      ///< over maxClients
    std::uint64_t refusedVersion = 0;   ///< a protocol this build does not speak
    std::uint64_t refusedMalformed = 0; ///< bytes that are no frame; the connection was closed
    std::uint64_t refusedSilent = 0;    ///< no hello in time
    std::uint64_t frames = 0;
    std::uint64_t throttled = 0; ///< times a client was left unread because it sent too fast
    std::uint64_t superseded =
        0; ///< selections not handed on because a later one was there already
};

/// Serves one socket with one thread from construction to destruction.
///
/// The socket is 0600 in a folder that only we may write (made 0700 if missing); connections of
/// other users are closed unread (SO_PEERCRED, unix(7)). A lock file beside it keeps a second
/// server out; the socket of a dead one is replaced. Owns its thread and descriptors; borrows
/// events and clock, which must outlive it.
class SelectionServer {
public:
    /// Starts. `path`: absolute, at most 107 bytes. Errors: locked (another server has it), invalid
    /// (path, folder owned by or open to others, something else lies there), storage (cannot be
    /// created).
    [[nodiscard]] static Result<std::unique_ptr<SelectionServer>>
    start(const std::string& path, HostEvents& events, const Clock& clock,
          SelectionServerLimits limits = {});

    /// Stops the thread, closes all connections and removes the socket. No event comes after it.
    virtual ~SelectionServer() = default;
    SelectionServer(const SelectionServer&) = delete;
    SelectionServer& operator=(const SelectionServer&) = delete;

    /// Sends a flag to the host whose *present* selection is view.ref; any other view is dropped.
    /// The latest wins for a host that does not read. Any thread; never blocks on a host.
    virtual void publishFlag(const FlagView& view) = 0;

    /// Any thread.
    [[nodiscard]] virtual SelectionServerStats stats() const = 0;

    /// $XDG_RUNTIME_DIR/souffleur/host.sock, or /tmp/souffleur-<uid>/host.sock: where the client
    /// library looks.
    [[nodiscard]] static std::string defaultPath();

protected:
    SelectionServer() = default;
};

} // namespace souffleur::host
