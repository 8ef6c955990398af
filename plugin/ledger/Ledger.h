// The terminal's memory: an append-only log of events with their payloads, and projections of it
// (people, states, search) in one SQLite file.
//
// Durability: `append` returns after the events, the states that follow from them and their outbox
// rows were committed in one synchronous=FULL IMMEDIATE transaction. Nothing is half-written: after
// any error the file is as before, and later calls work again once the cause (a full disk) is gone.
//
// Threads: every function may be called from any thread. Writes are serialised; reads of people and
// searches run beside a write and beside each other. Blocking: all calls touch the disk.
// Errors common to all: storage (disk full, read-only, failing), corrupt (the file is damaged).
#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/base/Clock.h"
#include "plugin/base/Random.h"
#include "plugin/base/Result.h"
#include "plugin/consent/Flag.h"
#include "plugin/consent/Policy.h"
#include "plugin/consent/StateOf.h"
#include "plugin/ledger/Types.h"

namespace souffleur::ledger {

class BulkLoad;
class Operators;
class Outbox;

inline constexpr std::size_t kDraftsMax = 32;
inline constexpr std::size_t kIdempotencyKeyMaxBytes = 128;
inline constexpr std::size_t kRequestMaxBytes = 64;
inline constexpr std::size_t kSearchLimitMax = 100;
inline constexpr std::size_t kSettingMaxBytes = 64 * 1024;

/// Where and for whom. The folder is made (0700) if need be and belongs to one process at a time.
struct LedgerOptions {
    std::filesystem::path folder;
    /// This device. The first opening writes it down; a later one with another id is a conflict.
    OriginId origin;
    /// Ids that this device had before it enrolled anew. A ledger of one of them is taken over:
    /// its whole chain is this id's from then on (the same event ids in the same order, headers
    /// that differ in the origin alone) and goes out again, and the old chain stays on file.
    std::vector<OriginId> formerly;
    /// The house's key for keyed hashes of addresses and card numbers: the same on hub and tills.
    std::array<std::uint8_t, 32> contactKey{};
    /// The region for telephone numbers typed into the search ("NL").
    std::string region = "NL";
    /// Rules of the pack in force; others than at the last opening rebuild all states.
    consent::StateRules rules;
    std::size_t cacheKib = 6 * 1024; ///< page cache of each of three connections
};

struct VerifyReport {
    std::uint64_t events = 0;
    std::uint64_t commitments = 0;  ///< payloads whose hash was checked
    std::uint64_t bytes = 0;        ///< hashed
    crypto::Hash head{};            ///< of this device's chain
    std::uint64_t formerEvents = 0; ///< of chains under ids that it had before
    crypto::Hash projections{};     ///< SHA-256 over ordered rows of states and people
};

class Ledger {
public:
    /// Opens or makes the ledger in `options.folder` and brings an older schema up to date. `clock`
    /// and `random` must outlive it. Errors: locked (another process has the folder), storage,
    /// unsupported (made by a newer version), conflict (another device's ledger), corrupt.
    static Result<std::unique_ptr<Ledger>> open(const LedgerOptions& options, const Clock& clock,
                                                Random& random);
    ~Ledger();
    Ledger(const Ledger&) = delete;
    Ledger& operator=(const Ledger&) = delete;

    // --- writing
    /// Records the drafts in order, all or none. With an idempotency key (1..128 bytes) a second
    /// call returns what the first one wrote (`repeated`), also after a restart. `request` is kept
    /// with the key (a hash, 64 bytes at most). Errors: invalid, tooLarge, storage.
    Result<std::vector<Appended>> append(std::span<const Draft> drafts,
                                         std::string_view idempotencyKey = {},
                                         std::string_view request = {});
    /// What was written under this key. Errors: notFound.
    [[nodiscard]] Result<Earlier> earlier(std::string_view idempotencyKey) const;
    Result<Appended> append(const Draft& draft, std::string_view idempotencyKey = {});
    /// Takes in what others made; events known by id are passed over, order does not matter. What
    /// cannot be read is kept raw in quarantine. `cursor`: stored in the same transaction when not
    /// empty; read it back with cursor().
    Result<Applied> applyForeign(std::span<const Foreign> events, std::span<const wire::Card> cards,
                                 std::string_view cursor = {});
    [[nodiscard]] Result<std::string> cursor() const;
    /// The hub was in step with us at `at`: what flags show as *as of*.
    Result<void> inStep(TimeMs at);
    /// A pack with other rules came into force: rebuilds the states if they differ.
    Result<void> useRules(const consent::StateRules& rules);

    // --- the counter's reads
    /// What the flag looks at. `states` holds every key on file and every key the policy offers
    /// that a negative covers. An unknown subject gives `known == false`. Point reads only.
    [[nodiscard]] Result<consent::PersonFacts> personFacts(const SubjectId& subject,
                                                           const consent::Policy& policy) const;
    /// The subjects that carry this id of another system, newest first; mostly one, often none.
    [[nodiscard]] Result<std::vector<SubjectId>> findExternal(std::string_view system,
                                                              std::string_view value) const;
    /// The subjects that hold this canonical address (contact::Email::canonicalKey() …).
    [[nodiscard]] Result<std::vector<SubjectId>> findContact(std::string_view canonical) const;
    /// Errors: notFound.
    [[nodiscard]] Result<PersonView> person(const SubjectId& subject) const;
    /// Everything captured here about the person, merged, the newest of each part; without full
    /// addresses where they were sealed. Personal: audit the view. Errors: notFound.
    [[nodiscard]] Result<wire::PersonData> record(const SubjectId& subject) const;
    /// The person's events, newest first, at most `limit` (1..1,000).
    [[nodiscard]] Result<std::vector<EventView>> events(const SubjectId& subject,
                                                        std::size_t limit) const;
    /// The event. Errors: notFound.
    [[nodiscard]] Result<EventView> event(const EventId& id) const;
    /// Own acts of a counter (spoken, screen, paper, phone) recorded with no operator and not
    /// attributed since: listed in the transaction that records them. The oldest `limit`.
    [[nodiscard]] Result<Unattributed> unattributed(std::size_t limit) const;
    /// `who` claims it: off the list and audited as "attribute" in one transaction. Errors:
    /// notFound (not on the list).
    Result<void> attribute(const EventId& act, std::string_view who);
    /// Whom the slip was given to whose handle has this hash (Act::withdrawHandleHash): of several
    /// acts that name it, the first that came here. Errors: notFound; invalid (no SHA-256 in
    /// lower-case hex).
    [[nodiscard]] Result<SlipHolder> findSlip(std::string_view handleHashHex) const;
    /// What an act must name in `seen` when these keys were answered with all negatives on file in
    /// view: every negative that bears on one of them, at most limits::kSeenMax, newest first.
    [[nodiscard]] Result<std::vector<EventId>> negatives(const SubjectId& subject,
                                                         std::span<const consent::Key> keys) const;
    /// By the code on a slip, whole e-mail address, telephone, card or order number; else by the
    /// beginnings of words of the name; else with typos. `limit` 1..kSearchLimitMax. Empty text
    /// finds nobody.
    [[nodiscard]] Result<SearchResult> search(std::string_view text, std::size_t limit) const;
    /// Loads what the search for typos needs (a few MB); otherwise the first such search does it.
    Result<void> warmUp() const;

    // --- keyed hashes
    /// HMAC-SHA-256 of a canonical address with the house's key, hex: Contact::contactKey.
    [[nodiscard]] std::string contactKey(std::string_view canonical) const;
    /// The same for an id of another system (Card::externalKeys).
    [[nodiscard]] std::string externalKey(std::string_view system, std::string_view value) const;
    /// For a card or order number alone, whatever the system ("4711 0815" = "47110815").
    [[nodiscard]] std::string numberKey(std::string_view value) const;
    /// Is the address in the suppression list (erased people, quarantined negatives)?
    [[nodiscard]] Result<bool> suppressed(std::string_view contactKeyHex) const;

    // --- the device
    [[nodiscard]] const OriginId& origin() const noexcept;
    [[nodiscard]] Outbox& outbox() noexcept;
    [[nodiscard]] Operators& operators() noexcept;
    /// Small durable values of this device: cursors of followers, the pack in force. Not for
    /// personal data. Errors: notFound; tooLarge.
    [[nodiscard]] Result<std::string> setting(std::string_view name) const;
    Result<void> putSetting(std::string_view name, std::string_view value);
    /// Who looked at or did what; ids only, never personal data.
    Result<void> audit(std::string_view who, std::string_view action, std::string_view about);
    [[nodiscard]] Result<Stats> stats() const;

    // --- the lease (plugin/doc/adr/0010)
    /// Names this folder's key at head office: 32 hex digits, made at first use, the same under
    /// every id that the device has.
    Result<std::string> vaultId();
    /// From now on the full addresses of what is captured here stand on the disk under this key
    /// alone, which stays in memory until dropKey(). The outbox needs it to send them.
    void holdKey(const crypto::Hash& key);
    void dropKey() noexcept;
    [[nodiscard]] bool holdsKey() const;
    /// Seals what was captured without a key, `limit` (1..1,000) at a time, and gives how many. 0:
    /// there is nothing more, or no key.
    Result<std::size_t> sealCaptures(std::size_t limit);

    // --- care
    /// To be called when idle, about once a minute: checkpoints the log, and after an erasure
    /// scrubs the search index and truncates the log, so that no erased token is left in a file.
    Result<void> maintain();
    /// Chain, commitments and, with `projections`, that rebuilding gives the same rows. Reads
    /// beside writers. Errors: corrupt, naming the first event or row that does not fit.
    [[nodiscard]] Result<VerifyReport> verify(bool projections = true) const;
    /// Throws the projections away and makes them again from events and cards.
    Result<void> rebuild();
    /// Every event as NDJSON, `{"origin","seq","header":{…},"payload":{…}}`, payloads only with
    /// `personal`; `part` in place of one that was sealed. Stops when `line` returns false.
    Result<void> exportNdjson(bool personal,
                              const std::function<bool(std::string_view line)>& line) const;

private:
    friend class BulkLoad;
    class Parts;
    explicit Ledger(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> _parts;
};

} // namespace souffleur::ledger
