// The hub's memory behind one interface: SQLite (the default) or PostgreSQL, which several hubs may
// share.
//
// Threads: every function may be called from any thread; writes are serialised, over all hubs of
// one database. Blocking: all of them touch the disk or a server. Errors: storage (disk full,
// read-only), corrupt, unavailable (the server is away; of a write that ends so it may not be known
// whether it was stored: it is safe to send again what place() and placeCopy() take), and those
// named at a function.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "plugin/base/Clock.h"
#include "plugin/base/Id.h"
#include "plugin/base/Result.h"
#include "plugin/consent/Eligibility.h"
#include "plugin/consent/Policy.h"
#include "plugin/consent/StateOf.h"
#include "plugin/crypto/Handle.h"
#include "plugin/crypto/Hash.h"
#include "plugin/crypto/ShardedLog.h"
#include "plugin/wire/Card.h"
#include "sync/store/Mail.h"
#include "sync/store/SealedItem.h"
#include "sync/store/SlipNo.h"

namespace souffleur::store {

inline constexpr std::size_t kShards = 64;
/// The shard of a subject: fixed for ever.
std::size_t shardOf(const SubjectId& subject) noexcept;

/// How far a reader has come in each shard; opaque to clients as text.
struct Cursor {
    std::array<std::uint64_t, kShards> position{};
    std::uint64_t urgent = 0; ///< of what goes beside the log: advance copies, cards without events
    /// Which opening of the store numbered the positions; 0 = not said. A store that went back to a
    /// backup gives the same positions to other events, and does not know those who gave them
    /// before.
    std::uint64_t line = 0;

    bool operator==(const Cursor&) const = default;
    [[nodiscard]] std::string text() const;
    /// Errors: invalid. The empty text is the beginning.
    static Result<Cursor> parse(std::string_view text);
};

enum class OriginStatus : std::uint8_t { pending, active, revoked, frozen };
std::string_view name(OriginStatus) noexcept;

/// A device that may write: a terminal, a kiosk, or the hub itself.
struct Origin {
    OriginId id;
    std::string kind;                         ///< "terminal" "kiosk" "hub"
    std::string name;                         ///< "Till 2"
    consent::Token place;                     ///< "till-2"
    std::array<std::uint8_t, 32> publicKey{}; ///< Ed25519
    std::string fingerprint;                  ///< SHA-256 of its certificate's key, hex
    OriginStatus status = OriginStatus::pending;
    std::uint64_t seq = 0; ///< last acknowledged
    crypto::Hash head{};   ///< chain head at `seq`
    TimeMs enrolledAt = 0;
    TimeMs lastSeen = 0;    ///< to the minute
    std::uint64_t kept = 0; ///< of it in quarantine, forks included; filled by origins() alone
    /// What it says is wrong with head office's log ("forked" …); filled by origins() alone
    std::string logAlarm;
    /// False: it forked and said more than is kept here of it; filled by origins() alone.
    bool keptAll = true;
    /// The latest time that its chain surely reached: consent::surelyReached over what was placed.
    TimeMs reached = 0;
};

/// One event as it came over the wire.
struct Incoming {
    SubjectId subject;
    bool negative = false;
    std::string header;  ///< verbatim
    std::string payload; ///< verbatim, empty = none
};

struct Quarantined {
    std::uint64_t seq = 0;
    std::string reason;
};

/// What `place` made durable.
struct Placed {
    std::uint64_t seq = 0; ///< the origin's new last sequence
    crypto::Hash head{};
    std::size_t placed = 0;
    std::size_t duplicates = 0;
    std::size_t flagged = 0; ///< placed, but to a question that the house never asked
    std::vector<Quarantined> quarantined;
};

/// One event for a reader.
struct Outgoing {
    std::size_t shard = 0;
    std::uint64_t position = 0;
    OriginId origin;
    std::uint64_t seq = 0;
    SubjectId subject;
    std::string header;
};

struct ContactRow {
    std::string channel;
    std::string address; ///< personal data
    std::string key;     ///< keyed hash, hex
    std::string status;
};

struct ExternalId {
    std::string system;
    std::string value;
};

struct PullPage {
    std::vector<Outgoing> events;  ///< advance copies, then in order of (shard, position)
    std::vector<wire::Card> cards; ///< of every subject among them, and those that changed alone
    Cursor next;
    bool more = false;
};

struct StateRow {
    consent::Key key;
    consent::StateView view;
};

/// A person in a list.
struct PersonRow {
    SubjectId person; ///< the smallest subject id among the linked ones
    std::string display;
    std::string language;
    std::size_t subjects = 1;
    std::vector<ContactRow> contacts; ///< an address of several subjects: its strictest status
    std::vector<StateRow> states;
    TimeMs changedAt = 0;
    bool restricted = false;        ///< nobody writes to them, whatever they said
    std::vector<SubjectId> members; ///< the linked subjects, `person` among them
};

/// An event with all that proves it.
struct ProofRow {
    EventId id;
    OriginId origin;
    std::uint64_t seq = 0;
    std::size_t shard = 0;
    std::uint64_t position = 0;
    std::string kind;
    std::string header;
    crypto::Hash leaf{};
    TimeMs receivedAt = 0;
};

/// An event's place in the trees, with the heads of the same moment.
struct InclusionRow {
    std::size_t shard = 0;
    std::uint64_t position = 0; ///< from 1; the leaf's index and one
    crypto::Hash leaf{};
    crypto::TreePath path;    ///< leads to the head of the shard
    crypto::ShardHeads heads; ///< of all shards
};

/// Leaves of each shard.
using LogSizes = std::array<std::uint64_t, kShards>;

/// What the log is now, and that it begins with what it was.
struct LogGrowth {
    crypto::ShardHeads heads;
    std::array<crypto::TreePath, kShards> paths; ///< empty where nothing needs to be proved
};

/// What the code on a slip leads to.
struct SlipAct {
    EventId act;
    SubjectId subject;
};

struct PeopleQuery {
    std::string text;  ///< words of a name, an e-mail address, a telephone with its country, or
                       ///< a ticketing system's number; empty = everybody
    std::string state; ///< "given" …; empty = any
    SubjectId after;   ///< page cursor, exclusive
    std::size_t limit = 50; ///< at most 500
    bool near = false; ///< names with typos or of the same sound, nearest first; `after` is ignored
};

/// May this person be written to, for this, in this way, at this moment?
struct EligibilityQuery {
    SubjectId person; ///< any of their subjects
    consent::Token purpose;
    consent::Token channel;
    TimeMs at = 0;
};

/// The answer for one contact point; one without a key where there is none of the channel.
struct EligibilityRow {
    ContactRow contact;
    consent::Eligibility verdict;
};

struct Counts {
    std::uint64_t events = 0;
    std::uint64_t subjects = 0;
    std::uint64_t persons = 0;
    std::uint64_t quarantined = 0;
    std::uint64_t permitted = 0; ///< persons with a given, soft or legacy state and no objection
    std::uint64_t undated = 0;   ///< of these: by an imported permission without a date alone
    std::uint64_t flagged = 0;   ///< events that name a wording the house never had
    bool forgetting = false;     ///< erased bytes are still in a file: see maintain()
    std::vector<std::pair<std::string, std::uint64_t>> states; ///< state name -> keys
};

struct StaffRow {
    std::string name;
    std::string role;     ///< "marketing" "privacy" "it" "admin"
    std::string password; ///< argon2id PHC string
    int failures = 0;
    TimeMs lockedUntil = 0;
};

struct AuditRow {
    TimeMs at = 0;
    std::string who;      ///< staff name, device id or "system"
    std::string action;   ///< "person.view"
    std::string about;    ///< an id, never personal data
    std::string reason{}; ///< a token of a closed list where the action asks for one, else empty
};

/// Of a device that forked, by all it ever sent. What goes beyond it is at the device, which brings
/// it when it enrols anew.
inline constexpr std::uint64_t kForkedEventsMax = 5'000;
inline constexpr std::uint64_t kForkedBytesMax = 4ULL * 1024 * 1024;
/// A no (and an undo, which may be one) finds room where nothing else does any more.
inline constexpr std::uint64_t kForkedNoesFactor = 4;

/// The latest rows of the audit trail.
struct AuditPage {
    std::vector<AuditRow> rows; ///< newest first
    std::uint64_t leftOut = 0;  ///< rows among them in time that were asked to be left out
};

class Store {
public:
    virtual ~Store() = default;

    // --- the log
    /// Places a contiguous run of an origin's events, exactly once, in one transaction. Events at
    /// or below the origin's sequence are checked against the chain and skipped. Duplicate event
    /// ids are counted and not placed twice. What cannot be read, or what its device may not say
    /// (only the hub's own chain links, unlinks, erases, confirms and judges clocks; nobody claims
    /// the code of somebody else's slip), goes to quarantine and is acknowledged; a no among it
    /// reaches every reader as a card. An answer that names a no which its device was not served
    /// waits there until it was. Errors: conflict (a gap, or for head office's own chain anything
    /// that is not its end: `where` holds the hub's sequence, a slash and its head; or a fork: the
    /// origin is frozen then, and what it pushed is kept as keepForked() says), notFound (unknown
    /// origin), refused (not active).
    virtual Result<Placed> place(const OriginId& origin, std::uint64_t firstSeq,
                                 const crypto::Hash& prev, std::span<const Incoming> events,
                                 TimeMs now) = 0;
    /// Are those of these events that lie in what the origin's chain holds the ones that it holds?
    /// Else place() finds a fork. What lies beyond its end is not looked at.
    virtual Result<bool> sameAsPlaced(const OriginId& origin, std::uint64_t firstSeq,
                                      std::span<const Incoming> events) const = 0;
    /// Applies a copy at once without counting it (urgent negatives): readers get it at sequence 0,
    /// and again at its place once the original came, which is not placed twice.
    virtual Result<void> placeCopy(const OriginId& origin, const Incoming& event, TimeMs now) = 0;
    /// What a kiosk sent, once: events of its chain, which head office itself writes down (a kiosk
    /// makes no chain), at its end. One that was kept is kept no longer. Errors: notFound, refused
    /// (the device is not active), conflict (its chain went on since SealedKey::judgedAt: judge
    /// anew).
    virtual Result<SealedResult> placeSealed(const SealedKey& item,
                                             std::span<const Incoming> events, TimeMs now,
                                             SealedOf of) = 0;
    /// The code of a slip that a kiosk took, once: what its act agreed to is withdrawn on the
    /// kiosk's chain, now or in the transaction that places the act, whichever way that comes. No
    /// clock needs to be judged for it. Errors: as placeSealed, invalid (no act), tooLarge
    /// (kEarlyMax of the device wait already).
    virtual Result<SealedResult> placeWithdrawal(const SealedKey& item, const SlipNo& no,
                                                 TimeMs now, SealedOf of) = 0;
    /// One that cannot be opened or may not be placed: raw, as it came. Bounded:
    /// kSealedKeptMax of a device and kSealedKeptBytesMax. Errors: also tooLarge (no room is left).
    virtual Result<SealedResult> keepSealed(const SealedKey& item, std::string_view raw,
                                            const std::string& why, TimeMs now) = 0;
    /// Did it come before?
    virtual Result<bool> hasSealed(const SealedKey& item) const = 0;
    /// How many of a device's came that have these numbers, from `from` to `to`.
    virtual Result<std::uint64_t> countSealed(const OriginId& origin, std::uint64_t from,
                                              std::uint64_t to) const = 0;
    /// What is kept, by device, number and digest; those after `after`, `limit` at most.
    virtual Result<std::vector<KeptSealed>> keptSealed(const SealedKey& after,
                                                       std::size_t limit) const = 0;
    virtual Result<std::vector<KeptCount>> keptCounts() const = 0;
    /// The keys for sign-ups, oldest first.
    virtual Result<std::vector<IntakeKey>> intakeKeys() const = 0;
    /// One whose number is taken is not put (another hub was first): look again.
    virtual Result<void> putIntakeKey(const IntakeKey& key) = 0;
    /// Destroys those with a smaller number.
    virtual Result<void> dropIntakeKeys(std::uint64_t below) = 0;
    /// The oldest key that a device may still need.
    virtual Result<void> noteIntakeNeed(const OriginId& origin, std::uint64_t number) = 0;
    virtual Result<std::vector<std::pair<OriginId, std::uint64_t>>> intakeNeeds() const = 0;
    /// Freezes the device and keeps what of these events its chain does not hold, raw and beside
    /// the log: a no among it suppresses its subject until the same answer (the same event id) is
    /// placed under the id that the device enrolled anew with. Gaps do not matter. Gives how many
    /// were kept now. Bounded: kForkedEventsMax and kForkedBytesMax of a device in all, noes to
    /// kForkedNoesFactor times as much. What does not fit stays at the device, is audited once, and
    /// is an error after all else was kept: conflict, `where` = "fork".
    virtual Result<std::size_t> keepForked(const OriginId& origin, std::uint64_t firstSeq,
                                           std::span<const Incoming> events, TimeMs now) = 0;
    /// Events after `from` that `reader` did not make itself; at most `limit` (1..5,000).
    virtual Result<PullPage> pull(const Cursor& from, std::size_t limit,
                                  const OriginId& reader) const = 0;

    // --- devices
    virtual Result<void> enrol(const Origin& origin) = 0;
    virtual Result<void> setStatus(const OriginId& origin, OriginStatus status) = 0;
    /// Notes that `reader` was handed what lies between the cursors: only that may its answers name
    /// as seen (rule 9), and only from where it had come.
    virtual Result<void> served(const OriginId& reader, const Cursor& from, const Cursor& to,
                                TimeMs now) = 0;
    /// From where `reader` is to be served: `asked`, but never beyond what it was served, nor
    /// beyond what its line of the log has in common with this one. A hub restored from a backup so
    /// hands out again what it no longer knows that it did, however often the answer gets lost.
    virtual Result<Cursor> servedFrom(const OriginId& reader, const Cursor& asked) const = 0;
    /// Every judgement of a clock on file.
    virtual Result<consent::Clocks> clocks() const = 0;
    /// The device says that the log is not the one it saw; empty: all is well again. Audited with
    /// it, once: what it said before already changes nothing.
    virtual Result<void> noteLogAlarm(const OriginId& origin, const std::string& fault,
                                      TimeMs now) = 0;
    virtual Result<Origin> origin(const OriginId& id) const = 0;
    virtual Result<Origin> originByFingerprint(const std::string& fingerprint) const = 0;
    virtual Result<std::vector<Origin>> origins() const = 0;
    /// For a device that will be called `name`. Errors: invalid (`place` is no token), conflict (a
    /// device or an open invitation has a name that differs in case or punctuation only; `where` is
    /// "name").
    virtual Result<void> invite(const crypto::Hash& codeHash, const std::string& name,
                                const std::string& place, const std::string& kind,
                                TimeMs expiresAt) = 0;
    /// Uses an invitation up. Errors: notFound (unknown, expired or used: not told apart).
    virtual Result<Origin> redeem(const crypto::Hash& codeHash, TimeMs now) = 0;

    // --- people
    virtual Result<std::vector<PersonRow>> people(const PeopleQuery& query) const = 0;
    virtual Result<PersonRow> person(const SubjectId& subject) const = 0;
    virtual Result<std::vector<ProofRow>> proof(const SubjectId& subject) const = 0;
    /// One event by its id. Errors: notFound.
    virtual Result<ProofRow> event(const EventId& id) const = 0;
    /// That the log holds the event at its place. Errors: notFound, conflict (an advance copy: it
    /// has no place yet), corrupt (an event of the log is missing).
    virtual Result<InclusionRow> inclusion(const EventId& id) const = 0;
    /// The heads of now, with a consistency proof for each shard that grew since it had `from`
    /// leaves. One that has fewer by now gets none. Errors: corrupt.
    virtual Result<LogGrowth> growth(const LogSizes& from) const = 0;
    /// The act whose slip carries this code (DESIGN 8: the code finds, and withdraws; a look at it
    /// changes nothing): the first that came with it. Errors: notFound.
    virtual Result<SlipAct> actBySlip(const crypto::Handle& code) const = 0;
    virtual Result<std::vector<SubjectId>> byExternalId(const std::string& system,
                                                        const std::string& value) const = 0;
    virtual Result<std::vector<SubjectId>> byContactKey(const std::string& key) const = 0;
    /// Is the address (hex key) in the suppression list? Erased people stay erased.
    virtual Result<bool> suppressed(const std::string& key) const = 0;
    /// Consent's eligible() for every contact point of the channel, rule 8 included: a no of any
    /// subject that holds the address counts. Errors: notFound.
    virtual Result<std::vector<EligibilityRow>>
    eligibility(const EligibilityQuery& query, const consent::Policy& policy) const = 0;
    /// Is there anything the person may be written to about? Errors: notFound.
    virtual Result<bool> reachable(const SubjectId& person, const consent::Policy& policy,
                                   TimeMs now) const = 0;
    /// How many are. Walks everybody who ever permitted something: for commands, not for screens.
    virtual Result<std::uint64_t> reachable(const consent::Policy& policy, TimeMs now) const = 0;
    /// Does anybody but `except`'s person hold this address (hex key) and say no to `key`?
    virtual Result<bool> saidNoAt(const std::string& contactKey, const consent::Key& key,
                                  const SubjectId& except) const = 0;
    /// Is all that was said of the subject what a stranger may have typed at a kiosk, and nobody
    /// confirmed or linked? Errors: notFound.
    virtual Result<bool> proposed(const SubjectId& subject) const = 0;
    /// The state of one key, wildcards of negatives included. Errors: notFound.
    virtual Result<consent::StateView> state(const SubjectId& person,
                                             const consent::Key& key) const = 0;
    /// `now`: what has lapsed by then is not reachable. Counts states alone: see reachable().
    virtual Result<Counts> counts(TimeMs now) const = 0;

    // --- the house
    virtual Result<void> putStaff(const StaffRow& row) = 0;
    virtual Result<StaffRow> staff(const std::string& name) const = 0;
    virtual Result<void> audit(const AuditRow& row) = 0;
    virtual Result<std::vector<AuditRow>> auditTrail(std::size_t limit) const = 0;
    /// The same without the rows of one action ("people.search"), which are counted instead, as far
    /// back as the page goes: to its oldest row, or to the beginning where it holds all there is.
    /// Empty: with all of them.
    virtual Result<AuditPage> auditPage(std::size_t limit, const std::string& without) const = 0;
    virtual Result<void> putSetting(const std::string& name, const std::string& value) = 0;
    /// Errors: notFound.
    virtual Result<std::string> setting(const std::string& name) const = 0;

    /// The rules of the pack in force; others than at the last call recompute every state. Kept: a
    /// later opening has them.
    virtual Result<void> useRules(const consent::StateRules& rules) = 0;
    /// The wordings of a pack in force. They are kept for ever, with their texts; from then on an
    /// act that permits something and names none of them is flagged.
    virtual Result<void> keepWordings(std::span<const consent::Notice> wordings) = 0;
    /// The text of a wording that was ever in force here. Errors: notFound.
    virtual Result<consent::Notice> wording(const consent::NoticeRef& ref) const = 0;
    /// The latest time of an event of the subject whose personal data is held; 0 = none.
    virtual Result<TimeMs> newestPayload(const SubjectId& subject) const = 0;

    // --- mails that ask for a confirmation (sync/store/Mail.h)
    /// Notes what the next events of the log ask to be mailed about, and how far it looked, in one
    /// transaction, so that of several hubs one finds it, once. Gives how many events it looked at;
    /// 0 = all were. Looked at from the log's beginning at the first call ever: what is older than
    /// the pack's `unconfirmedDays` is passed over.
    virtual Result<std::size_t> findMails(const consent::Policy& policy, const MailRules& rules,
                                          TimeMs now) = 0;
    /// The next message that may go out now, its link by the hash of the token that the caller
    /// drew. What may not go out any more is ended here, what must wait put off. Nothing: none now.
    /// Who does not tell within the lease how it went is taken not to have sent it.
    virtual Result<std::optional<MailJob>> claimMail(const consent::Policy& policy,
                                                     const MailRules& rules,
                                                     const crypto::Hash& token, TimeMs now) = 0;
    /// How it went: "sent", another end (MailRow::outcome), or "" to try again at `again`; "maybe":
    /// again then, and it may have arrived.
    virtual Result<void> mailTried(const MailJob& job, const std::string& outcome, TimeMs again,
                                   TimeMs now) = 0;
    /// Errors: notFound (unknown, expired, confirmed, erased meanwhile: not told apart).
    virtual Result<MailLink> mailLink(const crypto::Hash& token, TimeMs now) const = 0;
    /// The link was answered: "confirmed", noted after it was placed in the log, or "not-me", noted
    /// before. Errors: notFound (answered already).
    virtual Result<void> mailAnswered(const crypto::Hash& token, const std::string& outcome,
                                      TimeMs now) = 0;
    /// Of all subjects of the person.
    virtual Result<std::vector<MailRow>> mailsOf(const SubjectId& person) const = 0;
    virtual Result<MailCounts> mailCounts(TimeMs since) const = 0;

    // --- proof of health
    /// Now and then: finishes an erasure that a reader of the files held up. True: no erased byte
    /// is left in a file of SQLite's, and no row of PostgreSQL's holds one, not a deleted one
    /// either (what its pages' free space, its log and its backups hold until they are overwritten
    /// is the administrator's: setup.md); false: try again later.
    virtual Result<bool> maintain() = 0;
    /// Rebuilds every projection from events beside the present one and compares: SHA-256 over
    /// ordered rows of states and people. Also checks leaves, chains, commitments and trees.
    /// Errors: corrupt, with what.
    virtual Result<crypto::Hash> verify() const = 0;
};

/// The house's own secrets that the store needs: the key of the keyed hashes of canonical
/// addresses.
struct StoreKeys {
    std::array<std::uint8_t, 32> contactKey{};
};

/// The hex key under which a contact point is known: the keyed hash of its canonicalKey().
std::string contactKey(const StoreKeys& keys, std::string_view canonicalKey);

/// Opens (and migrates) the store in `folder`, one process at a time. Errors: locked, storage,
/// unsupported (made by a newer version).
/// `alone`: no other process may have it open so (serving, importing: whoever appends to the hub's
/// own chain). Otherwise beside a serving hub: short commands such as an invitation.
Result<std::unique_ptr<Store>> openSqlite(const std::string& folder, const StoreKeys& keys,
                                          bool alone = true);

/// A database for a head office on a PostgreSQL server.
struct PostgresPlace {
    /// "postgresql://hub@db.example.org/souffleur" or "host=… dbname=…"; never with a password.
    std::string address;
    /// 0600, the password its first line; empty: ~/.pgpass or PGPASSFILE, as libpq has it.
    std::filesystem::path passwordFile;
};

/// Can the address be used, and the password's file be read? Connects to nothing. Errors: invalid,
/// refused (unprotected over a network; the file).
Result<void> checkPlace(const PostgresPlace& place);

/// Opens (and migrates) the store in a database. Several hubs may have it open, each from its own
/// copy of the head office's folder; `folder` and `alone` as openSqlite has them, for this copy.
/// Errors: invalid (the address), unavailable (no such server or database, too old, a read-only
/// replica, not durable), conflict (not a head office's database, or another's), locked, refused,
/// unsupported, storage.
Result<std::unique_ptr<Store>> openPostgres(const std::string& folder, const PostgresPlace& place,
                                            const StoreKeys& keys, bool alone = true);

} // namespace souffleur::store
