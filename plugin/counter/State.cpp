#include "plugin/counter/State.h"

#include <algorithm>
#include <set>

#include "plugin/counter/Undone.h"

namespace souffleur::counter {

namespace {

constexpr std::size_t kDoubtEventsMax = 100;
constexpr std::size_t kVisitEventsMax = 32;

bool covers(const consent::ChoiceItem& no, const Item& item) {
    return (no.purpose == item.purpose || no.purpose == consent::kAny) &&
           (no.channel == item.channel || no.channel == consent::kAny);
}

/// Rule 5: does this negative need the person's own hand to be lifted from `item`?
bool needsLift(const consent::Act& act, const Item& item) {
    return std::ranges::any_of(act.choices, [&](const consent::ChoiceItem& no) {
        return no.choice == consent::Choice::objected ||
               (no.choice == consent::Choice::withdrawn && covers(no, item));
    });
}

/// Lines that were on the screen keep their ids, and after an answer their places too: neither a
/// mark nor a key under the finger may move to another question.
void settle(std::vector<Item>& items, const std::vector<Item>& before, Random& random) {
    const auto place = [&](const Item& item) {
        return std::ranges::find_if(before, [&](const Item& old) {
            return old.purpose == item.purpose && old.channel == item.channel;
        });
    };
    for (Item& item : items) {
        const auto old = place(item);
        item.id = old == before.end() ? Uuid::random(random) : old->id;
    }
    if (std::ranges::none_of(items, &Item::asked)) {
        std::ranges::stable_sort(items, {}, place);
    }
}

/// What the events say about the key of the last no.
struct Answers {
    TimeMs noUnc = 0;                    ///< of the no's clock
    const consent::Event* yes = nullptr; ///< the newest yes after it
};

/// `events`: newest first; `waits`: of those a yes that waits for its confirmation, else one that
/// waits for nothing.
Answers answersTo(const consent::LastNo& last, const std::vector<ledger::EventView>& events,
                  bool waits) {
    Answers out;
    const std::set<EventId> takenBack = undoneAmong(events);
    const auto take = [&](const consent::Event& event, const consent::ChoiceItem& item) {
        if (consent::negative(item.choice) && event.at == last.at) {
            out.noUnc = std::max(out.noUnc, event.unc);
        }
        const bool given = item.choice == consent::Choice::given && item.confirm == waits &&
                           (item.purpose == last.purpose || last.purpose == consent::kAny) &&
                           (item.channel == last.channel || last.channel == consent::kAny);
        if (given && out.yes == nullptr && event.at > last.at) {
            out.yes = &event;
        }
    };
    for (const ledger::EventView& each : events) {
        const auto* act = std::get_if<consent::Act>(&each.event.body);
        if (act == nullptr || takenBack.contains(each.event.id)) {
            continue;
        }
        for (const consent::ChoiceItem& item : act->choices) {
            take(each.event, item);
        }
    }
    return out;
}

/// May the yes have been said before the no?
bool inDoubt(const consent::Event& yes, const consent::LastNo& last, TimeMs noUnc) {
    return yes.unc == kUncInfinite || noUnc == kUncInfinite ||
           yes.at - yes.unc - consent::kClockMarginMs <= last.at + noUnc;
}

} // namespace

Counter::Parts::Parts(CounterParts parts, CounterSettings wanted,
                      std::shared_ptr<const consent::Policy> pack)
    : ledger(parts.ledger), pins(parts.pins), clock(parts.clock), random(parts.random),
      events(parts.events), signing(parts.signing), settings(std::move(wanted)),
      policy(std::move(pack)), sitting(ledger.operators(), settings.autoLockAfterMs,
                                       settings.unidentifiedAllowed, settings.language) {}

void Counter::Parts::say(std::function<void(CounterEvents&)> event) {
    const std::lock_guard lock(_outMutex);
    _out.push_back(std::move(event));
}

void Counter::Parts::deliver() {
    std::unique_lock lock(_outMutex);
    if (_delivering) {
        return; // whoever is at it takes ours along, in order
    }
    _delivering = true;
    while (!_out.empty()) {
        const auto next = std::move(_out.front());
        _out.pop_front();
        lock.unlock();
        next(events);
        lock.lock();
    }
    _delivering = false;
}

void Counter::Parts::changed() {
    settleHandOver();
    ++revision;
    undoShown = undoOpen();
    say([revision = revision, selected = customer.has_value()](CounterEvents& to) {
        to.deskChanged(revision, selected);
    });
}

void Counter::Parts::audit(std::string_view action, std::string_view about) {
    // A view or change is never undone because its audit row could not be written: a full disk
    // stops acts by itself.
    static_cast<void>(audited(action, about));
}

Result<void> Counter::Parts::audited(std::string_view action, std::string_view about) {
    const OperatorId who = sitting.who();
    return ledger.audit(who.none() ? "unidentified" : who.text(), action, about);
}

bool Counter::Parts::asks() const {
    const auto rule = policy->situations.find(situation);
    return rule == policy->situations.end() ? situation != consent::Situation::school
                                            : rule->second.ask;
}

bool Counter::Parts::stores() const {
    const auto rule = policy->situations.find(situation);
    return rule == policy->situations.end() ? situation != consent::Situation::school
                                            : rule->second.storePeople;
}

bool Counter::Parts::prints() const {
    const auto rule = policy->situations.find(situation);
    return rule == policy->situations.end() ? situation != consent::Situation::phone
                                            : rule->second.print;
}

bool Counter::Parts::drawerOffered() const {
    return policy->opensDrawer && printer != nullptr && sitting.stage() == Stage::signedIn;
}

bool Counter::Parts::restricted() const {
    if (readable) {
        return customer->facts.restricted;
    }
    const auto person = ledger.person(customer->subject);
    return person && person->restricted;
}

bool Counter::Parts::undoOpen(const Reading& now) const {
    if (!customer || !customer->last || customer->last->undone) {
        return false;
    }
    const LastAct& last = *customer->last;
    const TimeMs byClock = now.at - last.when.at;
    return last.by == sitting.who() && clock.monotonicMs() - last.monoMs < consent::kRetractMaxMs &&
           byClock >= 0 && byClock <= consent::kRetractMaxMs;
}

void Counter::Parts::countMissed() {
    if (!rush.on || !customer || customer->countedMissed || customer->flag.questions.empty()) {
        return;
    }
    customer->countedMissed = true;
    ++rush.missed;
    rush.missedQuestions += static_cast<std::uint32_t>(customer->flag.questions.size());
    say([rush = rush](CounterEvents& to) { to.rushChanged(rush); });
}

/// What the ledger knows of the person, and what it does not know yet of what we were told.
void Counter::Parts::lookAtPerson(OnDesk& it) {
    if (it.onFile) {
        std::erase_if(it.reaches, [&](const Reach& reach) {
            return std::ranges::all_of(reach.points, [&](const wire::ContactPoint& point) {
                const std::string key = ledger.contactKey(point.canonical);
                return std::ranges::any_of(it.view.contacts, [&](const ledger::ContactView& held) {
                    return held.channel == point.channel && held.key == key;
                });
            });
        });
        it.preferences = preferencesOf(it.subject);
    }
    for (const Reach& reach : it.reaches) {
        for (const wire::ContactPoint& point : reach.points) {
            consent::ContactFacts& held = it.facts.contacts[point.channel];
            if (!held.present || held.bounced) {
                held = {true, reach.works, false, !reach.works};
            }
        }
    }
    if (it.language.empty()) {
        it.language = spokenWith(it);
    }
}

Preferences Counter::Parts::preferencesOf(const SubjectId& subject) const {
    Preferences out;
    const auto record = ledger.record(subject);
    if (!record) {
        return out;
    }
    out.language = record->language;
    for (const auto& [name, value] : record->preferences) {
        if (name == "frequency") {
            out.frequency = value;
        } else if (name.starts_with("genre:") && value == "yes") {
            out.genres.push_back(name.substr(6));
        }
    }
    return out;
}

/// The person's own language, else the host's guess, else the house's; one that the pack has.
std::string Counter::Parts::spokenWith(const OnDesk& it) const {
    for (const std::string& wanted : {it.facts.language, it.hintLanguage}) {
        std::string base = wanted.substr(0, wanted.find('-'));
        if (std::ranges::find(policy->languages, base) != policy->languages.end()) {
            return base;
        }
    }
    return policy->languages.empty() ? settings.language : policy->languages.front();
}

void Counter::Parts::lookAtLifting(OnDesk& it) const {
    for (const EventId& id : it.seen) {
        const auto no = ledger.event(id);
        const auto* act = no ? std::get_if<consent::Act>(&no->event.body) : nullptr;
        for (Item& item : it.items) {
            // A negative that is not here (named by an unlink only) may be of any kind.
            item.lifting = item.lifting || act == nullptr || needsLift(*act, item);
        }
    }
}

/// An answer that moved no state (a yes that waits for their own hand, a no said again) is an
/// answer all the same; only beside a withdrawal, an objection or a yes that waits can there be
/// one.
void Counter::Parts::lookAtVisit(OnDesk& it) const {
    const bool stuck = std::ranges::any_of(it.facts.states, [](const auto& entry) {
        return entry.second.pending || entry.second.state == consent::State::withdrawn ||
               entry.second.state == consent::State::objected;
    });
    const auto said = stuck ? ledger.events(it.subject, kVisitEventsMax)
                            : Result<std::vector<ledger::EventView>>{};
    if (!said) {
        return;
    }
    const std::set<EventId> takenBack = undoneAmong(*said);
    for (const ledger::EventView& each : *said) {
        const auto* act = std::get_if<consent::Act>(&each.event.body);
        if (act != nullptr && consent::live(act->method) && !takenBack.contains(each.event.id)) {
            it.facts.answeredAt = std::max(it.facts.answeredAt, each.event.at);
        }
    }
}

/// Rule 2(b): a yes later than the no by its date, but not beyond what the two clocks may be off.
void Counter::Parts::lookAtDoubt(OnDesk& it) const {
    it.doubtedAt = 0;
    if (!it.onFile || !it.flag.lastNo) {
        return;
    }
    if (const auto said = ledger.events(it.subject, kDoubtEventsMax)) {
        const Answers found = answersTo(*it.flag.lastNo, *said, false);
        it.doubtedAt = found.yes != nullptr && inDoubt(*found.yes, *it.flag.lastNo, found.noUnc)
                           ? found.yes->at
                           : 0;
    }
}

/// A yes that waits beside an older permission, or beside one whose address did not work: the state
/// tells of the permission, the row of what the customer said.
void Counter::Parts::lookAtWaiting(OnDesk& it) const {
    const auto hidden = [](const Item& item) {
        return item.pending &&
               (item.state == consent::State::legacy || item.state == consent::State::softOptIn ||
                item.state == consent::State::expired || item.waitsSince != 0);
    };
    if (!it.onFile || std::ranges::none_of(it.items, hidden)) {
        return;
    }
    const auto said = ledger.events(it.subject, kDoubtEventsMax);
    if (!said) {
        return;
    }
    for (Item& item : it.items) {
        if (hidden(item)) {
            const consent::Event* yes =
                answersTo({.place = {}, .purpose = item.purpose, .channel = item.channel}, *said,
                          true)
                    .yes;
            item.waitsSince = yes != nullptr ? yes->at : item.waitsSince;
            item.at = yes != nullptr ? yes->at : item.at;
        }
    }
}

Outcome<void> Counter::Parts::look() {
    if (!customer) {
        return {};
    }
    OnDesk& it = *customer;
    it.facts = {};
    it.view = {};
    if (readable) {
        auto facts = ledger.personFacts(it.subject, *policy);
        if (!facts) {
            return refuse(facts.error());
        }
        it.facts = std::move(*facts);
    }
    it.onFile = it.facts.known;
    if (it.onFile) {
        auto view = ledger.person(it.subject);
        if (!view) {
            return refuse(view.error());
        }
        it.view = std::move(*view);
    }
    lookAtPerson(it);
    lookAtVisit(it);
    const TimeMs now = nowMs();
    // Who may have said no, for all that can be read here, is asked nothing.
    it.flag = readable ? consent::flagOf(it.facts, *policy, it.basket, situation, it.language, now)
                       : consent::Flag{};
    if (!readable) it.flag.reasons = {"lease-lapsed"};
    const bool open = !rush.on && it.flag.kind != consent::FlagKind::restricted && asks();
    std::vector<Item> items = open
                                  ? itemsOf(it.flag, it.facts, *policy, it.basket, it.language, now)
                                  : std::vector<Item>{};
    if (it.last && !it.last->undone) {
        // One conversation a sale: after an answer nothing more is asked of this customer.
        std::ranges::for_each(items, [](Item& item) { item.asked = false; });
        it.flag.line = nullptr;
    }
    std::ranges::for_each(items, [this](Item& item) { item.unread = !readable; });
    settle(items, it.items, random);
    it.items = std::move(items);
    std::vector<consent::Key> keys;
    for (const Item& item : it.items) {
        keys.push_back({policy->controller.id, item.purpose, item.channel});
    }
    it.seen.clear();
    if (it.onFile && !keys.empty()) {
        auto seen = ledger.negatives(it.subject, keys);
        if (!seen) {
            return refuse(seen.error());
        }
        it.seen = std::move(*seen);
    }
    lookAtLifting(it);
    lookAtDoubt(it);
    lookAtWaiting(it);
    std::string print = fingerprint(it.items, it.seen, it.subject, it.language, policy->sha256);
    if (print != it.print) {
        it.print = std::move(print);
        it.questionSet = it.items.empty() ? Uuid{} : Uuid::random(random);
    }
    countMissed();
    return {};
}

Outcome<void> Counter::offerPolicy(std::shared_ptr<const consent::Policy> policy) {
    const Parts::Entry entry(*_parts);
    _parts->nextPolicy = std::move(policy);
    return _parts->customer ? Outcome<void>{} : _parts->takeNextPolicy();
}

void Counter::setReadable(bool readable) {
    const Parts::Entry entry(*_parts);
    if (_parts->readable == readable) {
        return;
    }
    _parts->readable = readable;
    if (!readable && _parts->customer && _parts->customer->onFile) {
        _parts->customer->preferences = {};
    }
    if (auto looked = _parts->look(); !looked) {
        _parts->leave();
        return;
    }
    _parts->changed();
}

Outcome<void> Counter::Parts::takeNextPolicy() {
    if (!nextPolicy) {
        return {};
    }
    if (const auto done = ledger.useRules(nextPolicy->stateRules(nowMs())); !done) {
        return refuse(done.error());
    }
    policy = std::move(nextPolicy);
    nextPolicy.reset();
    return {};
}

Outcome<void> Counter::Parts::mayRead() const {
    return readable
               ? Outcome<void>{}
               : refuse(Code::refused, "lease-over", "this till has no lease from head office now");
}

void Counter::Parts::arrive(OnDesk next, std::optional<consent::Situation> hosted) {
    dropSlipsOfOthers(next.subject);
    forgetHandOver();
    // Items borrow wordings from the old pack: let them go before it does.
    customer.reset();
    static_cast<void>(takeNextPolicy()); // a sale does not wait for it
    seat(std::move(next), hosted);
}

void Counter::Parts::seat(OnDesk next, std::optional<consent::Situation> hosted) {
    customer = std::move(next);
    settleSituation(hosted);
}

/// What the host says of this sale, else what the cashier keeps.
void Counter::Parts::settleSituation(std::optional<consent::Situation> hosted) {
    if (hosted) {
        situation = *hosted;
        situationSource = SituationSource::host;
    } else if (kept) {
        situation = *kept;
        situationSource = SituationSource::cashier;
    } else {
        situation = consent::Situation::counter;
        situationSource = SituationSource::fallback;
    }
}

void Counter::Parts::leave() {
    forgetHandOver();
    customer.reset();
    static_cast<void>(takeNextPolicy());
    settleSituation(std::nullopt);
    changed();
}

/// Nobody touched the till for too long, or it goes on without a name though somebody can sign in.
void Counter::Parts::lockWhatIsLeft() {
    const bool idle = sitting.idle(clock.monotonicMs());
    if (!idle && !sitting.nameWanted(nowMs())) {
        return;
    }
    const bool nameless = sitting.stage() == Stage::unidentified;
    sitting.lock();
    endHandOver(ScreenEnd::takenBack);
    audit(idle ? "auto-lock" : "unidentified-over", "");
    Session view = sitting.view(nowMs());
    say([view](CounterEvents& to) { to.sessionChanged(view); });
    if (idle && nameless) {
        leave(); // no PIN keeps the next one from this customer
    }
}

const Counter::Parts::Done* Counter::Parts::done(const Uuid& key) const {
    const auto found =
        std::ranges::find_if(recent, [&](const Done& row) { return row.key == key; });
    return found == recent.end() ? nullptr : &*found;
}

void Counter::Parts::remember(Done row) {
    if (recent.size() >= kRecentMax) {
        recent.pop_front();
    }
    recent.push_back(std::move(row));
}

} // namespace souffleur::counter
