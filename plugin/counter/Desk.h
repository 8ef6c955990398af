// What the cashier's page shows, as values: the schemas of plugin/api/openapi.yaml without JSON.
// Times are UTC ms, 0 = none; ids that are none() stand for null.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "plugin/base/Clock.h"
#include "plugin/base/Id.h"
#include "plugin/consent/Flag.h"

namespace souffleur::counter {

enum class Stage : std::uint8_t { signedOut, signedIn, locked, unidentified };
std::string_view name(Stage stage) noexcept; ///< "signed-out"

/// Who may sign in: a tile.
struct OperatorTile {
    OperatorId id;
    std::string name;
    std::string language;    ///< of the page for them
    TimeMs lockedOutFor = 0; ///< ms; 0 = may try
};

struct Session {
    Stage stage = Stage::signedOut;
    std::optional<OperatorTile> who; ///< none when signed out or unidentified
    bool unidentifiedAllowed = false;
    TimeMs autoLockAfterMs = 0; ///< 0 = never
};

/// How a contact point is typed at the counter.
enum class ContactKind : std::uint8_t { email, phone, post };
std::string_view name(ContactKind kind) noexcept;
std::optional<ContactKind> contactKindFrom(std::string_view text) noexcept;

struct DeskContact {
    Uuid id; ///< of this contact point, the same each time
    ContactKind kind = ContactKind::email;
    std::string masked;
    std::string state; ///< "ok" "unconfirmed" "bounced" "suppressed"
};

struct Customer {
    SubjectId subject; ///< random; nothing is on file under it until an act is recorded (isNew)
    std::string displayName;
    std::string language; ///< spoken to in
    int orders = 0;
    TimeMs since = 0;
    bool isNew = false;
    std::vector<DeskContact> contacts;
};

/// Why the flag is what it is; `code` as in the contract ("never-asked").
struct Reason {
    std::string code;
    TimeMs at = 0;
    int count = 0; ///< 0 = not said
    consent::Token channel;

    bool operator==(const Reason&) const = default;
};

struct DeskFlag {
    consent::FlagKind kind = consent::FlagKind::unknown;
    std::vector<Reason> reasons;
    std::optional<consent::LastNo> lastNo; ///< `place` as shown; kAny = all
    TimeMs asOf = 0;
    TimeMs ageMs = 0;
    TimeMs againAt = 0;
};

struct DeskQuestion {
    Uuid id;
    consent::Token purpose;
    consent::Token channel;
    std::string label;         ///< in the cashier's language
    std::string detail;        ///< likewise
    consent::NoticeRef notice; ///< of the wording for the customer
    bool asked = false;        ///< to be asked now; else what stands and may be changed
    std::string answered;      ///< "none" "given" "unconfirmed" "refused" … "soft" "legacy"
    TimeMs answeredAt = 0;
    std::optional<ContactKind> needsContact; ///< a yes needs this kind of address first
    std::string confirmBy; ///< "none" "mail" "own-hand": what a spoken yes still needs
};

struct ScriptLine {
    std::string text; ///< in the customer's language; read aloud as it stands
    std::string language;
    std::string translation; ///< in the cashier's; empty = the same language
    std::string noticeRef;   ///< "newsletter-email@101"
};

enum class SituationSource : std::uint8_t { fallback, host, cashier };

struct Rush {
    bool on = false;
    std::uint32_t missed = 0;          ///< customers who would have been asked
    std::uint32_t missedQuestions = 0; ///< and how many questions that were
    TimeMs until = 0;                  ///< curtain time when the clock turned it on
};

struct Undo {
    bool available = false;
    EventId act;
    TimeMs until = 0;
};

enum class JobState : std::uint8_t { queued, printing, printed, indeterminate, failed, expired };
std::string_view name(JobState state) noexcept;

struct PrintJob {
    Uuid id;
    EventId act;
    JobState state = JobState::queued;
    TimeMs at = 0;        ///< when it came into this state
    TimeMs expiresAt = 0; ///< queued: dropped then; indeterminate: no reprint after it. Else 0
};

struct ActChoice {
    consent::Token purpose; ///< kAny = all
    std::string purposeLabel;
    consent::Token channel; ///< kAny = all
    consent::Choice choice = consent::Choice::deferred;
    std::string state; ///< what it came to: "given" "unconfirmed" "refused" "expired" …
};

struct ActSummary {
    EventId id;
    TimeMs at = 0;
    int offsetMin = 0;
    std::string outcome; ///< "save" "refuse" "not-now" "unclear" "stop-everything"; empty = not a
                         ///< counter's act
    std::vector<ActChoice> choices;
    consent::Method method = consent::Method::spoken;
    std::string place;
    std::string operatorName; ///< for acts of this till; else empty
    std::vector<std::string> noticeRefs;
    bool own = false;
    bool undone = false;
    std::string slip = "none"; ///< "none" or a JobState's name
};

struct Option {
    std::string id;
    std::string label;
};

/// What the house offers to choose from, labels by language ("" = any).
struct PreferenceOptions {
    std::vector<Option> genres;
    std::vector<Option> frequencies;
    std::vector<std::string> languages;
};

struct Preferences {
    std::vector<std::string> genres;
    std::string frequency; ///< empty = not said
    std::string language;  ///< written to in; empty = not said
};

struct PrinterView {
    std::string state = "none";       ///< "none" "ready" "busy" "attention" "offline"
    std::vector<std::string> reasons; ///< "paper-out" "paper-low" "cover-open" "cutter" …
    std::string name;
    std::size_t jobs = 0;
};

enum class ScreenState : std::uint8_t { away, ready, customer };
std::string_view name(ScreenState state) noexcept;
/// How the last hand-over of the customer on the desk ended.
enum class ScreenEnd : std::uint8_t { none, answered, givenBack, takenBack, idle, changed, gone };
std::string_view name(ScreenEnd end) noexcept; ///< "given-back"

/// The customer's own screen, as the cashier sees it.
struct DeskScreen {
    ScreenState state = ScreenState::away;
    bool showsContacts = false;
    ScreenEnd ended = ScreenEnd::none;
};

/// The whole picture. Made anew for each reader: labels are in the cashier's language.
struct Desk {
    std::uint64_t revision = 0; ///< grows with every change
    Uuid questionSet;           ///< none = nothing to answer
    std::optional<Customer> customer;
    std::optional<DeskFlag> flag;        ///< none without a customer and in rush mode
    std::vector<DeskQuestion> questions; ///< at most 9
    std::optional<ScriptLine> script;
    consent::Situation situation = consent::Situation::counter;
    SituationSource situationSource = SituationSource::fallback;
    Rush rush;
    Undo undo;
    std::optional<ActSummary> lastAct;
    bool slipOffered = false;
    bool drawerOffered = false; ///< the house allows it, somebody is signed in, there is a printer
    std::optional<Preferences> preferences;
    PrinterView printer;
    std::optional<DeskScreen> screen; ///< none: this till has no screen for customers
};

} // namespace souffleur::counter
