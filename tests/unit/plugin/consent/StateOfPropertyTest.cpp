// The set rules of DESIGN 4 as properties, and against an oracle that is written another way: from
// the sentences, pair by pair, in 128-bit arithmetic, sharing no code with the room.
#include <algorithm>
#include <numeric>
#include <random>

#include "plugin/consent/StateOf.h"
#include "tests/support/ConsentGen.h"
#include "tests/support/Property.h"

using namespace souffleur;
using namespace souffleur::test;

namespace {

const std::set<SubjectId> kBoth{subjectId(1), subjectId(2)};
__extension__ using Wide = __int128;

std::vector<StateView> statesOf(const std::vector<Event>& events,
                                const std::set<SubjectId>& subjects = kBoth) {
    const History history(events, subjects, Clocks(events));
    std::vector<StateView> out;
    for (const Key& key : keysOfGen()) {
        out.push_back(history.state(key));
    }
    return out;
}

std::vector<Event> shuffled(std::vector<Event> events, unsigned seed) {
    std::shuffle(events.begin(), events.end(), std::mt19937(seed));
    return events;
}

/// The sentences, one function each.
struct Oracle {
    std::map<EventId, Event> byId;
    std::set<SubjectId> person;

    Oracle(const std::vector<Event>& events, std::set<SubjectId> subjects)
        : person(std::move(subjects)) {
        for (const Event& event : events) {
            byId.emplace(event.id, event);
        }
    }
    static Wide place(const Event& e) { return e.position; }

    /// Rule 6 across ids: an undo by another origin takes what was given, and no negative.
    bool doubted(const Event& act) const {
        const auto* said = std::get_if<Act>(&act.body);
        for (const auto& [id, e] : byId) {
            const auto* undo = std::get_if<Retract>(&e.body);
            if (undo && said && undo->target == act.id && undo->by == said->by &&
                e.subject == act.subject && e.origin != act.origin &&
                Wide(e.at) - Wide(act.at) >= 0 && Wide(e.at) - Wide(act.at) <= 300'000) {
                return true;
            }
        }
        return false;
    }
    bool undone(const Event& act) const {
        const auto* said = std::get_if<Act>(&act.body);
        for (const auto& [id, e] : byId) {
            const auto* undo = std::get_if<Retract>(&e.body);
            if (undo && said && undo->target == act.id && undo->by == said->by &&
                e.subject == act.subject && e.origin == act.origin && act.position != 0 &&
                place(e) > place(act) && Wide(e.at) - Wide(act.at) >= 0 &&
                Wide(e.at) - Wide(act.at) <= 300'000) {
                return true;
            }
        }
        return false;
    }
    bool copiedHere(const EventId& id) const {
        for (const auto& [unused, e] : byId) {
            const auto* split = std::get_if<Unlink>(&e.body);
            if (split && (person.count(e.subject) || person.count(split->other)) &&
                std::count(split->copied.begin(), split->copied.end(), id)) {
                return true;
            }
        }
        return false;
    }
    bool mailed(const Event& act, const Token& channel) const {
        for (const auto& [id, e] : byId) {
            const auto* click = std::get_if<Confirmed>(&e.body);
            if (click && person.count(e.subject) && click->target == act.id &&
                click->channel == channel) {
                return true;
            }
        }
        return false;
    }
    Wide doubt(const Event& e, bool& never) const {
        Wide widest = e.unc;
        never = e.unc == kUncInfinite;
        for (const auto& [id, each] : byId) {
            const auto* judged = std::get_if<ClockJudgement>(&each.body);
            if (judged && judged->about == e.origin &&
                (e.position == 0 || (judged->from <= e.position && e.position <= judged->to))) {
                widest = std::max(widest, Wide(judged->unc));
                never = never || judged->suspect || judged->unc == kUncInfinite;
            }
        }
        const auto* act = std::get_if<Act>(&e.body);
        if (act && (act->method == Method::import || act->method == Method::connector)) {
            widest = std::max(widest, Wide(86'400'000));
        }
        return widest;
    }
    static bool touches(const ChoiceItem& no, const Key& key) {
        const bool named = (no.purpose == key.purpose || no.purpose == "*") &&
                           (no.channel == key.channel || no.channel == "*");
        return named || (no.choice == Choice::objected && key.purpose == "profiling");
    }
    /// Rule 2 with 4, 5 and 7.
    bool beats(const Event& yesEvent, const Event& noEvent, Choice no, bool confirmed) const {
        const auto& yes = std::get<Act>(yesEvent.body);
        const bool ownHand = yes.method == Method::screen || yes.method == Method::paper ||
                             yes.method == Method::kiosk || yes.method == Method::web;
        const bool alive = yes.method != Method::import && yes.method != Method::connector;
        const bool oneSubject = yesEvent.subject == noEvent.subject;
        if (yesEvent.id == noEvent.id) return false;
        if (no != Choice::refused && !ownHand && !confirmed) return false;
        const bool named = std::count(yes.seen.begin(), yes.seen.end(), noEvent.id) > 0;
        const bool after = oneSubject && yesEvent.origin == noEvent.origin &&
                           noEvent.position != 0 && place(yesEvent) > place(noEvent);
        if (alive && (named || after)) return true;
        if (no == Choice::objected || !oneSubject) return false;
        bool neverA = false;
        bool neverB = false;
        const Wide a = Wide(yesEvent.at) - doubt(yesEvent, neverA) - 300'000;
        const Wide b = Wide(noEvent.at) + doubt(noEvent, neverB);
        return !neverA && !neverB && a > b;
    }
    std::vector<std::pair<Event, Choice>> negatives(const Key& key) const {
        std::vector<std::pair<Event, Choice>> out;
        for (const auto& [id, e] : byId) {
            const auto* act = std::get_if<Act>(&e.body);
            if (!act || undone(e) || !(person.count(e.subject) || copiedHere(id))) continue;
            for (const ChoiceItem& item : act->choices) {
                if ((item.choice == Choice::refused || item.choice == Choice::withdrawn ||
                     item.choice == Choice::objected) &&
                    touches(item, key)) {
                    out.emplace_back(e, item.choice);
                }
            }
        }
        return out;
    }
    /// The longest that permission of one basis class lasts; -1 = none. `pretend`: all mail
    /// answered.
    TimeMs permitted(const Key& key, int cls, bool pretend, bool onlyUnconfirmed) const {
        TimeMs best = -1;
        const auto nos = negatives(key);
        for (const auto& [id, e] : byId) {
            const auto* act = std::get_if<Act>(&e.body);
            if (!act || undone(e) || doubted(e) || !person.count(e.subject)) continue;
            for (const ChoiceItem& item : act->choices) {
                if (item.choice != Choice::given || item.purpose != key.purpose ||
                    item.channel != key.channel)
                    continue;
                const int mine = item.basis == Basis::softOptIn ? 1
                                 : item.basis == Basis::legacy  ? 2
                                                                : 0;
                const bool clicked = mailed(e, item.channel);
                if (mine != cls || (item.confirm && !clicked && !pretend)) continue;
                if (onlyUnconfirmed && clicked) continue;
                bool wins = mine == 0 || (nos.empty() && !act->source.empty());
                for (const auto& [no, choice] : nos) {
                    wins = wins && beats(e, no, choice, clicked || pretend);
                }
                if (wins) best = std::max(best, item.validUntil);
            }
        }
        return best;
    }
    bool waiting(const Key& key) const {
        // Some yes would win once its mail is answered, and does not now.
        const auto nos = negatives(key);
        for (const auto& [id, e] : byId) {
            const auto* act = std::get_if<Act>(&e.body);
            if (!act || undone(e) || doubted(e) || !person.count(e.subject)) continue;
            for (const ChoiceItem& item : act->choices) {
                if (item.choice != Choice::given || item.purpose != key.purpose ||
                    item.channel != key.channel || mailed(e, item.channel))
                    continue;
                const bool weak = item.basis == Basis::softOptIn || item.basis == Basis::legacy;
                bool later = !weak || (nos.empty() && !act->source.empty());
                bool now = later && !item.confirm;
                for (const auto& [no, choice] : nos) {
                    later = later && beats(e, no, choice, true);
                    now = now && beats(e, no, choice, false);
                }
                if (later && !now) return true;
            }
        }
        return false;
    }
    State stateAt(const Key& key, TimeMs at) const {
        bool lapsed = false;
        static constexpr State kStates[]{State::given, State::softOptIn, State::legacy};
        for (int cls = 0; cls < 3; ++cls) {
            const TimeMs until = permitted(key, cls, false, false);
            if (until > at) return kStates[cls];
            lapsed = lapsed || until >= 0;
        }
        if (lapsed) return State::expired;
        const auto nos = negatives(key);
        if (!nos.empty()) return State::refused; // which one is told apart elsewhere
        if (waiting(key)) return State::requested;
        for (const auto& [id, e] : byId) {
            const auto* act = std::get_if<Act>(&e.body);
            if (!act || undone(e) || !person.count(e.subject)) continue;
            for (const ChoiceItem& item : act->choices) {
                if (item.choice == Choice::deferred && item.purpose == key.purpose &&
                    item.channel == key.channel)
                    return State::deferred;
            }
        }
        return State::unknown;
    }
};

} // namespace

PROPERTY("state: arrival order never matters", [](unsigned seed) {
    const auto events = *genEvents({.forks = true, .missing = true});
    const auto other = shuffled(events, seed);
    RC_ASSERT(statesOf(events) == statesOf(other));
    const Clocks clocks(events);
    const History a(events, kBoth, clocks);
    const History b(other, kBoth, clocks);
    RC_ASSERT(a.keys() == b.keys());
    RC_ASSERT(a.objected("house") == b.objected("house"));
    for (const Key& key : keysOfGen()) {
        RC_ASSERT(a.negatives(key) == b.negatives(key));
    }
})

PROPERTY("state: the same events twice change nothing", [](unsigned seed) {
    const auto events = *genEvents({.forks = true, .missing = true});
    auto doubled = events;
    doubled.insert(doubled.end(), events.begin(), events.end());
    RC_ASSERT(statesOf(events) == statesOf(shuffled(doubled, seed)));
})

PROPERTY("state: agrees with the sentences of DESIGN 4 at every moment", [] {
    const auto events = *genEvents();
    const Oracle oracle(events, kBoth);
    const auto states = statesOf(events);
    const auto keys = keysOfGen();
    for (std::size_t i = 0; i < keys.size(); ++i) {
        for (const TimeMs at : momentsOfGen()) {
            const State said = stateAsOf(states[i], at);
            RC_ASSERT((negative(said) ? State::refused : said) == oracle.stateAt(keys[i], at));
        }
        RC_ASSERT(states[i].pending == oracle.waiting(keys[i]));
    }
})

PROPERTY("state: the shown negative is the strongest that no opt-in beats, else of all", [] {
    const auto events = *genEvents();
    const Oracle oracle(events, kBoth);
    const auto states = statesOf(events);
    const auto keys = keysOfGen();
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (!negative(states[i].state)) {
            continue;
        }
        State strongest = State::unknown;
        State unbeaten = State::unknown;
        for (const auto& [no, choice] : oracle.negatives(keys[i])) {
            const State shown = choice == Choice::objected    ? State::objected
                                : choice == Choice::withdrawn ? State::withdrawn
                                                              : State::refused;
            strongest = std::max(strongest, shown);
            bool beaten = false;
            for (const auto& [id, e] : oracle.byId) {
                const auto* act = std::get_if<Act>(&e.body);
                if (!act || oracle.undone(e) || oracle.doubted(e) || !kBoth.contains(e.subject))
                    continue;
                for (const ChoiceItem& item : act->choices) {
                    const bool clicked = oracle.mailed(e, item.channel);
                    beaten = beaten ||
                             (item.choice == Choice::given && item.purpose == keys[i].purpose &&
                              item.channel == keys[i].channel &&
                              (item.basis == Basis::consent ||
                               item.basis == Basis::legitimateInterest) &&
                              (!item.confirm || clicked) && oracle.beats(e, no, choice, clicked));
                }
            }
            if (!beaten) {
                unbeaten = std::max(unbeaten, shown);
            }
        }
        RC_ASSERT(states[i].state == (unbeaten == State::unknown ? strongest : unbeaten));
    }
})

PROPERTY("state: adding a negative never turns a state to given", [] {
    auto events = *genEvents();
    const auto before = statesOf(events);
    events.push_back(extraAct(*genSeed(), events.size(), ActKind::no));
    const auto after = statesOf(events);
    for (std::size_t i = 0; i < before.size(); ++i) {
        for (const TimeMs at : momentsOfGen()) {
            RC_ASSERT(permits(before[i], at) || !permits(after[i], at));
        }
    }
})

PROPERTY("state: adding an opt-in never takes a permission away nor shortens it", [] {
    auto events = *genEvents();
    const auto before = statesOf(events);
    events.push_back(extraAct(*genSeed(), events.size(), ActKind::yes));
    const auto after = statesOf(events);
    for (std::size_t i = 0; i < before.size(); ++i) {
        for (const TimeMs at : momentsOfGen()) {
            RC_ASSERT(!permits(before[i], at) || permits(after[i], at));
        }
    }
})

PROPERTY("state: unlink after link restores or tightens", [] {
    auto events = *genEvents();
    const std::set<SubjectId> one{subjectId(1)};
    const auto before = statesOf(events, one);
    const auto linked = statesOf(events, kBoth);
    Event link;
    link.id = eventId(700);
    link.subject = subjectId(1);
    link.body = Link{subjectId(2), "operator"};
    Event unlink = link;
    unlink.id = eventId(701);
    unlink.body = Unlink{link.id, subjectId(2), negativesToCopy(events)};
    events.push_back(link);
    RC_ASSERT(linkedWith(subjectId(2), events) == kBoth);
    events.push_back(unlink);
    RC_ASSERT(linkedWith(subjectId(1), events) == one);
    const auto after = statesOf(events, one);
    for (std::size_t i = 0; i < before.size(); ++i) {
        for (const TimeMs at : momentsOfGen()) {
            RC_ASSERT(!permits(after[i], at) || permits(before[i], at));
            RC_ASSERT(!permits(after[i], at) || permits(linked[i], at));
        }
    }
})

PROPERTY("state: linking another subject's negatives only tightens what its own opt-ins gave", [] {
    auto events = *genEvents();
    // Subject 2 says only no: linking it may take permissions away and never give one.
    std::erase_if(events, [](const Event& e) { return e.subject == subjectId(2); });
    const auto before = statesOf(events);
    Event no = extraAct(*genSeed(), events.size(), ActKind::no);
    no.subject = subjectId(2);
    no.at = kMinTime; // so old that only a clock would forget it
    no.unc = 0;
    events.push_back(no);
    const auto after = statesOf(events);
    const Oracle oracle(events, kBoth);
    const auto keys = keysOfGen();
    for (std::size_t i = 0; i < keys.size(); ++i) {
        bool bears = false;
        for (const ChoiceItem& item : std::get<Act>(no.body).choices) {
            bears = bears || Oracle::touches(item, keys[i]);
        }
        // No event names id 500 in `seen`: across subjects nothing else lifts it.
        RC_ASSERT(!bears || !permits(after[i], kT0));
        RC_ASSERT(bears || after[i] == before[i]);
    }
})

PROPERTY("clocks: a judgement only tightens", [] {
    const auto events = *genEvents();
    const auto before = statesOf(events);
    auto judged = events;
    Digits d(*genSeed());
    Event judgement;
    judgement.id = eventId(800);
    judgement.body = ClockJudgement{originId(1 + d.next(3)), d.next(10), d.next(20),
                                    static_cast<TimeMs>(d.next(1'000'000'000)), d.next(2) == 1};
    judged.push_back(judgement);
    const auto after = statesOf(judged);
    for (std::size_t i = 0; i < before.size(); ++i) {
        for (const TimeMs at : momentsOfGen()) {
            RC_ASSERT(permits(before[i], at) || !permits(after[i], at));
        }
    }
    const Clocks narrow(events);
    const Clocks wide(judged);
    for (const Event& event : events) {
        RC_ASSERT(wide.unc(event) >= narrow.unc(event));
        RC_ASSERT(wide.suspect(event) || !narrow.suspect(event));
    }
})

PROPERTY("state: a live yes that has seen every negative, made by hand, is given", [] {
    auto events = *genEvents({.forks = true, .missing = true});
    const Key key = keysOfGen()[static_cast<std::size_t>(*rc::gen::inRange(0, 6))];
    const Clocks clocks(events);
    const History history(events, kBoth, clocks);
    Act act;
    act.controller = key.controller;
    act.method = Method::screen;
    act.seen = history.negatives(key);
    ChoiceItem item;
    item.purpose = key.purpose;
    item.channel = key.channel;
    item.choice = Choice::given;
    act.choices.push_back(item);
    Event yes;
    yes.id = eventId(600);
    yes.origin = originId(9);
    yes.position = 1;
    yes.subject = subjectId(1 + *genSeed() % 2);
    yes.at = kMinTime; // no clock helps it
    yes.body = act;
    events.push_back(yes);
    const History after(events, kBoth, clocks);
    RC_ASSERT(after.state(key).state == State::given);
})
