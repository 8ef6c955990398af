// The counter's inside: what is in front of the till now. Internal to this room.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "plugin/contact/Folder.h"
#include "plugin/counter/ContactInput.h"
#include "plugin/counter/Counter.h"
#include "plugin/counter/Jobs.h"
#include "plugin/counter/Picture.h"
#include "plugin/counter/Sitting.h"
#include "plugin/crypto/Handle.h"
#include "plugin/ledger/Ledger.h"
#include "plugin/slip/Slip.h"

namespace souffleur::counter {

/// The last act of the customer on the desk: what undo and the slip need.
struct LastAct {
    EventId id;
    Reading when;
    TimeMs monoMs = 0;
    OperatorId by;
    ActOutcome outcome = ActOutcome::save;
    std::string language;
    crypto::Handle handle{}; ///< only here and on the paper
    bool undone = false;
    std::vector<consent::Contact> added;    ///< contact points that were new with it
    std::vector<consent::Contact> replaced; ///< and those that it took away, as they were
};

/// What the customer's own screen was given.
struct Handed {
    Uuid id; ///< known to that screen alone
    SubjectId subject;
    Uuid questionSet;
    OperatorId by;
    std::vector<Uuid> items; ///< ids of the rows shown
    bool showsContacts = false;
    TimeMs touchedMonoMs = 0;
};

/// The last answer from that screen, for a page that did not hear that it was stored.
struct ScreenDone {
    Uuid handOver;
    Uuid key;
    std::string body; ///< hash of the answer
    ActSummary act;
};

/// The customer on the desk.
struct OnDesk {
    SubjectId subject;
    std::string hostKey; ///< system and id there; empty = not from a host
    bool onFile = false;
    wire::PersonData told;      ///< not on file yet: stored with the first act
    std::vector<Reach> reaches; ///< addresses not on file yet
    consent::Basket basket;
    std::string hintLanguage; ///< the host's guess
    std::string language;     ///< spoken to in
    bool countedMissed = false;
    bool fromPaper = false; ///< HostCustomer::fromPaper, and nobody has chosen them since
    TimeMs toldMonoMs = 0;  ///< when the host named them last

    // From the ledger and the policy; made by Parts::look.
    consent::PersonFacts facts;
    ledger::PersonView view;
    Preferences preferences;
    consent::Flag flag;
    std::vector<Item> items;
    std::vector<EventId> seen; ///< the negatives on file behind the items
    TimeMs doubtedAt = 0; ///< a yes after the last no that a clock does not let count; 0 = none
    std::string print;    ///< fingerprint of all that an answer depends on
    Uuid questionSet;
    std::optional<LastAct> last;
};

class Counter::Parts {
public:
    Parts(CounterParts parts, CounterSettings settings,
          std::shared_ptr<const consent::Policy> policy);

    /// Holds the mutex; on the way out lets it go and delivers what happened.
    class Entry {
    public:
        explicit Entry(Parts& parts) : _parts(parts), _lock(parts.mutex) {}
        ~Entry() {
            _lock.unlock();
            _parts.deliver();
        }
        Entry(const Entry&) = delete;
        Entry& operator=(const Entry&) = delete;

    private:
        Parts& _parts;
        std::unique_lock<std::mutex> _lock;
    };

    // --- the customer
    /// Reads the ledger and works out flag and questions.
    Outcome<void> look();
    void lookAtPerson(OnDesk& it);
    void lookAtLifting(OnDesk& it) const;
    void lookAtVisit(OnDesk& it) const;
    void lookAtDoubt(OnDesk& it) const;
    void lookAtWaiting(OnDesk& it) const;
    [[nodiscard]] Preferences preferencesOf(const SubjectId& subject) const;
    [[nodiscard]] std::string spokenWith(const OnDesk& it) const;
    /// Puts a person on file on the desk.
    Outcome<void> open(SubjectId subject);
    void arrive(OnDesk customer, std::optional<consent::Situation> situation);
    /// The same with the pack that is in force now.
    void seat(OnDesk customer, std::optional<consent::Situation> situation);
    void leave();
    void settleSituation(std::optional<consent::Situation> hosted);
    /// Whom only a receipt has put here, so long ago.
    void leaveOldPaper(TimeMs monoMs);
    /// The pack that was offered, if any, comes into force. Nobody is on the desk.
    Outcome<void> takeNextPolicy();
    /// Problem: lease-over.
    [[nodiscard]] Outcome<void> mayRead() const;
    OnDesk recognise(const HostCustomer& host);
    std::optional<SubjectId> holderOf(const std::string& address, const contact::PersonName& name);
    std::optional<SubjectId> holderAmong(const std::vector<Reach>& reaches,
                                         const contact::PersonName& name);
    void meetAgain();
    [[nodiscard]] bool asks() const; ///< does this situation ask at all?
    [[nodiscard]] bool stores() const;
    [[nodiscard]] bool prints() const;
    [[nodiscard]] bool drawerOffered() const;
    /// May the last answer be undone at this moment?
    [[nodiscard]] bool undoOpen(const Reading& now) const;
    /// Of whom nothing is taken down at a till but a no (GDPR 18), whether we may show them or not.
    [[nodiscard]] bool restricted() const;
    [[nodiscard]] bool undoOpen() const { return undoOpen(clock.now()); }
    void countMissed();
    [[nodiscard]] TimeMs nowMs() const { return clock.now().at; }

    /// `row` proved who they are.
    Session begin(const ledger::Operator& row, TimeMs now);

    void lockWhatIsLeft();

    // --- events out
    void changed();
    void say(std::function<void(CounterEvents&)> event);
    void deliver();
    void audit(std::string_view action, std::string_view about);
    /// For what must not happen unnoted.
    [[nodiscard]] Result<void> audited(std::string_view action, std::string_view about);

    // --- the customer's own screen
    /// Does the hand-over still belong to who and what is on the desk?
    [[nodiscard]] bool handedStands() const;
    [[nodiscard]] bool isHanded(const Uuid& handOver) const;
    void endHandOver(ScreenEnd how);
    /// Ends a hand-over that does not stand any more.
    void settleHandOver();
    void forgetHandOver();
    [[nodiscard]] std::vector<Uuid> openRows(const std::vector<Uuid>& marked) const;
    [[nodiscard]] std::vector<ScreenContact> screenContacts() const;
    [[nodiscard]] Outcome<ActRequest> requestFrom(const ScreenAnswer& answer) const;
    [[nodiscard]] std::optional<DeskScreen> screenView() const;

    // --- acts
    /// Stores an act, by whichever door it came. `ends`: how a hand-over that is open then ends.
    Outcome<Recorded> take(const ActRequest& request, const std::string& language, ScreenEnd ends);
    struct Plan {
        std::vector<ledger::Draft> drafts;
        LastAct last;
    };
    using Held = std::vector<ledger::ContactView>;
    Outcome<Plan> plan(const ActRequest& request);
    Outcome<std::vector<consent::ChoiceItem>>
    choices(const ActRequest& request, const std::vector<Reach>& typed, const Held& onFile) const;
    Outcome<std::vector<Reach>> reaches(const std::vector<NewContact>& typed);
    /// The addresses on file, whether they may be shown here or not; without those removed.
    [[nodiscard]] Held held() const;
    void addContacts(Plan& plan, const std::vector<Reach>& reached, bool typed,
                     const Held& onFile) const;
    Outcome<void> freezeWordings(const consent::Act& act);
    /// The answer that this key got from an earlier process; none = the key is new. Problem:
    /// idempotency-conflict.
    Outcome<std::optional<ActSummary>> doneBeforeRestart(const ActRequest& request,
                                                         const std::string& body,
                                                         const std::string& language);
    /// `now`: the reading by which it still may.
    Outcome<void> takeBack(const Reading& now);
    void dropSlip(EventId act);
    void dropSlipsOfOthers(const SubjectId& next);
    [[nodiscard]] slip::OwnHand ownHand() const;

    // --- views
    [[nodiscard]] Customer customerView() const;
    [[nodiscard]] std::vector<DeskQuestion> questionViews(const std::string& language) const;
    [[nodiscard]] std::optional<ScriptLine> script(const std::string& language) const;
    [[nodiscard]] Outcome<ActSummary> summary(const ledger::EventView& event,
                                              const std::vector<ledger::EventView>& all,
                                              const std::string& language) const;
    [[nodiscard]] std::string placeName(const consent::Token& place) const;

    mutable std::mutex mutex;
    ledger::Ledger& ledger;
    const crypto::PinHasher& pins;
    const Clock& clock;
    Random& random;
    CounterEvents& events;
    const crypto::SigningKey* signing;
    const CounterSettings settings;
    std::shared_ptr<const consent::Policy> policy;
    std::shared_ptr<const consent::Policy> nextPolicy; ///< waits until nobody is on the desk
    bool readable = true;                              ///< is there a lease?
    contact::Folder folder;
    Sitting sitting;
    Jobs jobs;
    printer::Printer* printer = nullptr;
    std::string printerName;
    std::optional<TimeMs> drawerMonoMs;      ///< when it was opened last
    std::optional<printer::JobId> drawerJob; ///< under way
    void drawerEnded(const printer::JobReport& report);

    std::optional<bool> screenThere; ///< none: this till has none
    std::optional<Handed> handed;
    ScreenEnd screenEnded = ScreenEnd::none; ///< of the customer on the desk
    std::optional<ScreenDone> screenDone;

    std::uint64_t revision = 0;
    std::optional<OnDesk> customer;
    consent::Situation situation = consent::Situation::counter;
    SituationSource situationSource = SituationSource::fallback;
    std::optional<consent::Situation> kept; ///< by the cashier, past this customer
    Rush rush;
    TimeMs curtain = 0;
    bool undoShown = false;

    /// Answers to requests already done, by their key; the newest kRecentMax.
    struct Done {
        Uuid key;
        std::string body; ///< hash of the request
        ActSummary act;
        SubjectId subject;
    };
    static constexpr std::size_t kRecentMax = 64;
    std::deque<Done> recent;
    [[nodiscard]] const Done* done(const Uuid& key) const;
    void remember(Done row);

private:
    std::mutex _outMutex;
    std::deque<std::function<void(CounterEvents&)>> _out;
    bool _delivering = false;
};

} // namespace souffleur::counter
