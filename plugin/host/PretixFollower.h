// Follows a pretix installation: an order taken there shows its customer on the till, an answer to
// a consent question there becomes evidence here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/base/Clock.h"
#include "plugin/base/Random.h"
#include "plugin/base/Result.h"
#include "plugin/consent/Terms.h"
#include "plugin/host/SelectionServer.h"
#include "plugin/intake/PretixClient.h"

namespace souffleur::host {

/// What a customer answered in the shop. `person` is as in a selection: hints of a stranger; its
/// system and id name the person ("pretix", "customer:AB12" or, for a guest, "order:gala-AB1CD").
struct Evidence {
    Selection person;
    consent::Token purpose;
    consent::Token channel;
    bool given = false;
    TimeMs at = 0;      ///< when the order was placed
    TimeMs unc = 0;     ///< ms; a day at least (DESIGN 4, rule 2); for a no up to the last change
    std::string source; ///< "pretix:question:newsletter-email"
    std::string key;    ///< the same for the same answer: recording it twice is once; <= 128 bytes
};

/// What is followed. All calls come from the follower's one thread, one at a time, and must not
/// throw. What returns an error is told again later: the cursor does not move over it.
class FollowEvents {
public:
    virtual ~FollowEvents() = default;
    /// An order was placed just now: its customer is (probably) at the till. ref is none. Not
    /// durable: what is older than PretixSettings::freshMs is not announced.
    virtual void ordered(const Selection& customer, std::string_view orderId) = 0;
    /// That order was cancelled: if its customer is still on the till, they have gone.
    virtual void cancelled(const Selection& customer, std::string_view orderId) = 0;
    /// To be recorded durably before it returns, never with `seen`. Comes again after a restart:
    /// recognise `key`.
    [[nodiscard]] virtual Result<void> answered(const Evidence& evidence) = 0;
    /// pretix no longer knows who this customer was ("customer:AB12"). Comes again in each round.
    [[nodiscard]] virtual Result<void> anonymised(std::string_view system, std::string_view id) = 0;
};

/// Where the follower remembers how far it is: ledger::Ledger::setting and putSetting.
class CursorStore {
public:
    virtual ~CursorStore() = default;
    /// Errors: notFound when nothing was put.
    [[nodiscard]] virtual Result<std::string> get(std::string_view name) const = 0;
    [[nodiscard]] virtual Result<void> put(std::string_view name, std::string_view value) = 0;
};

/// pretix.toml (README.md). The token is in a file of its own, mode 0600.
struct PretixSettings {
    intake::PretixAccess access;
    std::vector<intake::PretixQuestion> questions;
    /// Sales channels whose orders show their customer on the till ("pretixpos"); empty = all.
    std::vector<std::string> announceChannels;
    TimeMs since = 0;          ///< first start: orders changed since; 0 = from now on
    TimeMs pollMs = 1000;      ///< 250..3,600,000
    TimeMs sweepMs = 30'000;   ///< one page of customers each, to find anonymised ones; 0 = never
    TimeMs freshMs = 120'000;  ///< an order older than this is not announced
    TimeMs overlapMs = 10'000; ///< asked again each time: orders whose transaction took so long
    TimeMs requestGapMs = 200; ///< between two requests of one round
    TimeMs backoffMaxMs = 60'000;
    std::size_t pagesMax = 2000; ///< of one round
    bool tests = false;          ///< orders of an event in test mode count, too

    /// Reads the file and the token it names (relative to the file's folder). Errors: notFound,
    /// invalid (with file and key), refused (the token file is open to others), tooLarge, storage.
    [[nodiscard]] static Result<PretixSettings> load(const std::filesystem::path& file);
    /// The same from text, without the token.
    [[nodiscard]] static Result<PretixSettings>
    parse(std::string_view toml, std::string_view fileName, std::string& tokenFile);
};

/// For the diagnosis page. Nothing personal.
struct FollowStatus {
    bool reached = false;      ///< the last round came to its end
    Error problem;             ///< else why not
    TimeMs asOf = 0;           ///< UTC of the server, of the last complete round; 0 = none yet
    std::uint64_t rounds = 0;  ///< complete ones
    std::uint64_t orders = 0;  ///< seen for the first time, or changed
    std::uint64_t skipped = 0; ///< orders that could not be read
    std::uint64_t failures = 0;
    std::uint64_t limited = 0; ///< times the server asked us to slow down
};

/// One thread from construction to destruction, which ends a running request. Borrows all but the
/// settings.
class PretixFollower {
public:
    /// Errors: invalid (settings).
    [[nodiscard]] static Result<std::unique_ptr<PretixFollower>>
    start(PretixSettings settings, FollowEvents& events, CursorStore& cursors, const Clock& clock,
          Random& random);
    virtual ~PretixFollower() = default;
    PretixFollower(const PretixFollower&) = delete;
    PretixFollower& operator=(const PretixFollower&) = delete;
    /// Any thread.
    [[nodiscard]] virtual FollowStatus status() const = 0;

protected:
    PretixFollower() = default;
};

} // namespace souffleur::host
