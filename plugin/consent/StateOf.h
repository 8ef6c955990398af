// From the set of events to states (DESIGN 4, rules 1 to 7). Arrival order never matters.
#pragma once

#include <map>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "plugin/consent/Event.h"

namespace souffleur::consent {

/// Rule 2(b): an opt-in is later by the clock only beyond this margin.
inline constexpr TimeMs kClockMarginMs = 5 * kMinuteMs;
/// Rule 2: imports, connectors and orders are believed to the day at best.
inline constexpr TimeMs kNotLiveUncMs = kDayMs;

/// What the hub said of the devices' clocks. Built from `clock` events in any order.
class Clocks {
public:
    Clocks() = default;
    explicit Clocks(std::span<const Event> events);
    void add(const ClockJudgement& judgement);
    /// The uncertainty to use for an event (never below its own).
    [[nodiscard]] TimeMs unc(const Event& event) const;
    [[nodiscard]] bool suspect(const Event& event) const;

private:
    std::map<OriginId, std::vector<ClockJudgement>> _byOrigin;
};

/// Rules from the pack in force that decide states.
struct StateRules {
    /// Rule 5: methods by which a withdrawal or an objection can be lifted at once; any other
    /// opt-in counts against it only when confirmed.
    std::set<Method> liftEvidence{Method::screen, Method::paper, Method::kiosk, Method::web};
};

/// Who, to whom, for what, by which way.
struct Key {
    Token controller;
    Token purpose;
    Token channel;

    auto operator<=>(const Key&) const = default;
};

/// A state with what a screen and a proof want to say about it.
struct StateView {
    State state = State::unknown; ///< never `expired` unless asked with a time
    EventId because; ///< the deciding event (winning opt-in or shown negative); none if unknown
    TimeMs at = 0;   ///< its time
    Token place;     ///< its place
    Method method = Method::spoken;
    Basis basis = Basis::consent;
    TimeMs validUntil = kForever; ///< of a given, soft or legacy state
    bool pending = false;         ///< an opt-in waits for confirmation (whatever the state)
    NoticeRef notice;

    bool operator==(const StateView&) const = default;
};

/// The state as of `now`: given, soft and legacy lapse at their validUntil. Pure.
StateView asOf(StateView view, TimeMs now);

/// The history of one person: every event of every subject believed to be this person, duplicates
/// allowed, any order. Events that an `unlink` copied to a side must be among them (or in
/// `copied`).
class History {
public:
    /// `subjects`: the linked subjects that make the person; events of other subjects are used only
    /// where an unlink of one of `subjects` copied them. Ownership: copies what it needs. Not
    /// thread-safe.
    History(std::span<const Event> events, const std::set<SubjectId>& subjects,
            const Clocks& clocks, const StateRules& rules = {});

    /// The state of one key (no expiry applied: see asOf). Every key that any opt-in names, and
    /// every key asked for, is covered by the wildcards of negatives.
    [[nodiscard]] StateView state(const Key& key) const;
    /// Keys that some choice names literally (no wildcards), plus `asked`.
    [[nodiscard]] std::set<Key> keys() const;
    /// The live negatives that bear on `key`, for `seen` and for a screen: date and place.
    [[nodiscard]] std::vector<EventId> negatives(const Key& key) const;
    /// Does an objection to direct marketing stand (any purpose, unlifted)? It also stops
    /// profiling, labels, audiences and webhooks.
    [[nodiscard]] bool objected(const Token& controller) const;

private:
    struct OptIn;
    struct Negative;
    struct Deferred;
    [[nodiscard]] bool beats(const OptIn& yes, const Negative& no) const;

    std::vector<OptIn> _optIns;
    std::vector<Negative> _negatives;
    std::vector<Deferred> _deferred;
    const Clocks* _clocks;
    StateRules _rules;

public:
    ~History();
    History(const History&) = delete;
    History& operator=(const History&) = delete;
};

/// The partition of subjects into persons that the `link` and `unlink` events make (rule 7): a link
/// holds until an unlink names it. Returns the members of `subject`'s person (at least itself).
std::set<SubjectId> linkedWith(SubjectId subject, std::span<const Event> linkEvents);

/// Which negatives an unlink must name: all that bear on either side of the present person.
std::vector<EventId> negativesToCopy(std::span<const Event> events);

} // namespace souffleur::consent
