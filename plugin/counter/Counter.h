// The counter's use cases: select, ask, record, undo, print; people; who sits at the till.
//
// Threads: every function may be called from any thread; one at a time is inside (PIN hashing and
// the printer excepted). Blocking: functions touch the ledger's disk; none waits for network or
// paper. The counter has no thread: the composition calls tick() about once a second.
// Stages: functions marked [capture] need an operator or `unidentified`, [operator] a signed-in
// one; else problem "sign-in-needed" or "locked". Views and changes leave an audit row, ids only.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "drivers/printer/Printer.h"
#include "plugin/base/Clock.h"
#include "plugin/base/Random.h"
#include "plugin/consent/Policy.h"
#include "plugin/counter/CounterEvents.h"
#include "plugin/counter/Outcome.h"
#include "plugin/counter/Requests.h"
#include "plugin/counter/Screen.h"

namespace souffleur::ledger {
class Ledger;
}
namespace souffleur::crypto {
class PinHasher;
class SigningKey;
} // namespace souffleur::crypto

namespace souffleur::counter {

inline constexpr std::size_t kQuestionsMax = 9;
inline constexpr std::size_t kNewContactsMax = 3;
inline constexpr std::size_t kSearchMax = 20;
inline constexpr std::size_t kUnattributedMax = 500;
inline constexpr TimeMs kSlipExpiresMs = 2 * kMinuteMs;
inline constexpr TimeMs kFromPaperMs = 3 * kMinuteMs; ///< a sale and its questions
inline constexpr TimeMs kDrawerEveryMs = 5 * kSecondMs;

struct CounterSettings {
    consent::Token place = "till-1";
    std::string placeName = "Till 1";
    std::string language = "en";      ///< of the page, when an operator has none
    std::string region = "NL";        ///< national telephone numbers and addresses are read in it
    TimeMs autoLockAfterMs = 300'000; ///< without a touch; 0 = never
    /// Capture without anybody signed in; also allowed while every operator is locked out or there
    /// is none. Left alone it ends as a session locks, and the desk is cleared: no PIN guards it.
    /// Where it is not allowed it ends once somebody can sign in again.
    bool unidentifiedAllowed = true;
    TimeMs rushBeforeCurtainMs = 0; ///< rush mode by the clock; 0 = by hand only
    PreferenceOptions preferences;
};

/// What the counter works with; all borrowed, must outlive it. `signing` makes receipts; may be
/// null (then receipts are "unsupported").
struct CounterParts {
    ledger::Ledger& ledger;
    const crypto::PinHasher& pins;
    const Clock& clock;
    Random& random;
    CounterEvents& events;
    const crypto::SigningKey* signing = nullptr;
};

class Counter final : public printer::Listener {
public:
    Counter(CounterParts parts, CounterSettings settings,
            std::shared_ptr<const consent::Policy> policy);
    ~Counter() override;
    Counter(const Counter&) = delete;
    Counter& operator=(const Counter&) = delete;

    // --- wiring
    /// The printer, which must have this counter as its listener and end before it; nullptr = none.
    void attach(printer::Printer* printer, std::string name = {});
    /// A pack came into force. Errors: of the ledger.
    Outcome<void> usePolicy(std::shared_ptr<const consent::Policy> policy);
    /// A pack comes into force between two customers: now where nobody is on the desk, else when
    /// they leave. The last one offered counts. Any thread. Errors: of the ledger (the old pack
    /// stays; it is tried again at the next customer).
    Outcome<void> offerPolicy(std::shared_ptr<const consent::Policy> policy);
    /// May what this till holds be read (DESIGN 6)? Without a lease nobody is found, and a customer
    /// is who the ticketing system says: the flag is `unknown` and nothing is asked, for they may
    /// have said no. Capture goes on: a no counts at once, a yes waits for a mail.
    void setReadable(bool readable);
    /// About once a minute: a rule of the pack may begin or end while the till is open. States are
    /// computed anew only where the rules in force differ. Errors: of the ledger.
    Outcome<void> keepRules();
    [[nodiscard]] std::shared_ptr<const consent::Policy> policy() const;
    /// About once a second: auto-lock, end of capture without a name, end of undo, rush by the
    /// clock.
    void tick();
    /// The ledger took in what others made: looks at the customer again.
    void ledgerChanged();
    /// When the curtain rises; rush mode goes on CounterSettings::rushBeforeCurtainMs before it and
    /// off at the curtain. 0 = none today.
    void setCurtain(TimeMs at);

    // --- who sits here
    [[nodiscard]] Session session() const;
    [[nodiscard]] Outcome<std::vector<OperatorTile>> operators() const;
    /// Has anybody here a badge? Then the page offers it.
    [[nodiscard]] Outcome<bool> badgesInUse() const;
    /// Problems: pin-wrong (attemptsLeft), operator-locked-out (retryAfterMs); an id that names
    /// nobody is answered alike. Unlocks, too, or takes the till over; the desk stays. Takes tens
    /// of ms.
    Outcome<Session> signIn(OperatorId who, std::string_view pin);
    /// The same by a badge's code, which names its holder. Problems: badge-unknown (attemptsLeft),
    /// operator-locked-out (retryAfterMs): of the badge reader; a PIN's lock-out does not count.
    /// `scanned`: by the counter's scanner, which customers hold things under: counted apart.
    Outcome<Session> signInByBadge(std::string_view code, bool scanned = false);
    Session signOut();
    Session lock();
    /// Problem: unidentified-not-allowed.
    Outcome<Session> goUnidentified();
    /// Adds or replaces an operator; an empty `pin` keeps the old one. Errors: invalid, conflict.
    Outcome<OperatorId> enrolOperator(OperatorId id, std::string_view name, std::string_view role,
                                      std::string_view pin);
    /// Acts recorded while nobody was signed in and not attributed yet.
    struct Unattributed {
        std::vector<EventId> acts; ///< the oldest kUnattributedMax, oldest first
        /// Whose each is, by name; empty: without one, or this till may show nobody.
        std::vector<std::string> customers;
        std::uint64_t total = 0; ///< of all
    };
    /// [operator]
    [[nodiscard]] Outcome<Unattributed> unattributed() const;
    /// "That was me": an audit row; the act itself stays as it was heard. [operator]
    Outcome<void> attribute(EventId act);

    // --- the desk
    /// The ticketing system has this customer on its screen. Always works, in every stage: the desk
    /// is hidden while locked. Errors: of the ledger (the desk then shows nobody).
    Outcome<HostFlag> hostSelected(const HostCustomer& customer);
    /// Somebody was selected and gone again before they could be shown: in rush mode they were
    /// missed too. The desk stays as it is.
    void hostPassed(const HostCustomer& customer);
    /// Is this customer or order of a ticketing system on file here? Always works. Problem:
    /// lease-over.
    [[nodiscard]] Outcome<bool> onFile(std::string_view system, std::string_view id) const;
    /// That selection is over.
    void hostCleared();
    /// A receipt came out that names nobody: whose it is, is not known. Who is on the desk because
    /// a receipt named them (HostCustomer::fromPaper) leaves it, what was marked for them with
    /// them; whom a host or the cashier has chosen stays. The same happens kFromPaperMs after the
    /// receipt that named them, or the cashier's last touch.
    void othersReceipt();
    [[nodiscard]] HostFlag hostFlag() const;
    /// The picture in the cashier's language. [capture]
    [[nodiscard]] Outcome<Desk> desk(const std::string& language) const;
    /// Puts a person on file on the desk. Problems: subject-unknown, lease-over. [capture]
    Outcome<void> select(SubjectId subject);
    /// The same for somebody who was looked up by what lies on the counter (a slip's code), as by a
    /// search. [operator]
    Outcome<void> selectFound(SubjectId subject);
    /// [capture]
    Outcome<void> clear();
    /// `keep`: also for the customers after this one. [capture]
    Outcome<void> setSituation(consent::Situation situation, bool keep);
    /// [capture]
    Outcome<void> setRush(bool on);
    /// Speaks to this customer in `language`. Problem: language-not-worded. [capture]
    Outcome<void> setLanguage(const std::string& language);

    // --- acts
    struct Recorded {
        ActSummary act;
        bool repeated = false; ///< the same key and body as before: nothing was written now
    };
    /// Stores what the customer said, durably, before it returns. Problems: stale-questions,
    /// idempotency-conflict, invalid (fields), no-pupils, storage-unavailable. [capture]
    Outcome<Recorded> record(const ActRequest& request, const std::string& language);
    /// Takes the last act back. Twice is once. Problem: undo-over. [capture]
    Outcome<void> undo(EventId act);
    /// Problems: slip-not-offered, printer-unavailable, not-found. [capture]
    Outcome<PrintJob> printSlip(EventId act);
    /// The cashier looked at the paper. Problems: job-not-indeterminate, reprint-over (two minutes
    /// after it was asked for; PrintJob::expiresAt). [capture]
    Outcome<PrintJob> decide(Uuid job, bool reprint);
    /// Opens the cash drawer at the printer, where the house allows it; not more often than every
    /// kDrawerEveryMs. Who and when is audited first, refused ones as well. It opens now or not at
    /// all: nothing waits for paper. Problems: drawer-not-allowed, printer-unavailable,
    /// storage-unavailable (the audit cannot be written), too-many (retryAfterMs). [operator]
    Outcome<void> openDrawer();
    /// The consent receipt as JSON, without personal data. [operator]
    Outcome<std::string> receipt(EventId act, const std::string& language);

    // --- the customer's own screen (HandOver.cpp). A hand-over belongs to one customer, one
    // question set, one language and one operator; whatever changes any of them ends it, and what
    // comes from the screen after that is refused: problem "not-with-you", nothing stored.
    /// [wiring] Is a page there that shows it? The first call says that this till has one.
    void screenPresent(bool there);
    /// Shows the open questions to the customer: those to ask now and the marked ones; where there
    /// are none, all that hold no yes. The same again changes only what is shown of addresses.
    /// Problems: stale-questions, screen-away, nothing-to-ask. [capture]
    Outcome<void> handOver(const HandOver& request);
    /// Takes it back; nobody having it is no failure. [capture]
    Outcome<void> takeBack();
    /// What stands on the screen. For the screen's own door only, as all that follows; needs no
    /// stage of its own: without a cashier there is no hand-over.
    [[nodiscard]] ScreenView shown() const;
    /// Begins anew in another language, under another id. Problems: not-with-you,
    /// language-not-worded.
    Outcome<void> speakOnScreen(Uuid handOver, const std::string& language);
    /// The customer is there. Problem: not-with-you. Does not keep the till from locking.
    Outcome<void> touchScreen(Uuid handOver);
    /// Stores what the customer answered, by method screen; the hand-over is over then. The same
    /// key and body again tells so again, until the next customer. Problems: as record(), with
    /// not-with-you for stale-questions.
    Outcome<Recorded> answerOnScreen(const ScreenAnswer& answer);
    /// The customer would rather not. Problem: not-with-you.
    Outcome<void> giveBack(Uuid handOver);

    // --- people
    /// `text` is not audited, the search is. Problem: lease-over. [operator]
    Outcome<FoundList> search(std::string_view text, std::size_t limit);
    /// A new person, put on the desk; on file with their first act only. Problems: no-pupils,
    /// invalid (fields), idempotency-conflict. True = the key was used before. [capture]
    Outcome<bool> newPerson(const NewPerson& person);
    /// What this person said so far. `after`: ActPage::next. Problem: lease-over. [operator]
    Outcome<ActPage> acts(SubjectId subject, std::string_view after, std::size_t limit,
                          const std::string& language);
    /// Of the customer on the desk. Problems: subject-unknown, invalid, no-pupils. [capture]
    Outcome<void> setPreferences(SubjectId subject, const Preferences& preferences);
    /// Of the customer on the desk; waits for confirmation. Problems: as setPreferences. [capture]
    Outcome<void> addContact(SubjectId subject, const NewContact& contact);

    // --- printer::Listener
    void jobRestored(const printer::RestoredJob& job) override;
    void jobPrinting(printer::JobId job, bool printing) override;
    void jobEnded(const printer::JobReport& report) override;
    void stateChanged(printer::Reasons reasons) override;

private:
    class Parts;
    std::unique_ptr<Parts> _parts;
};

} // namespace souffleur::counter
