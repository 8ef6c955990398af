// From the set of events to states (DESIGN 4, rules 1 to 7). Arrival order never matters.
#pragma once

#include <array>
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
    /// Where the pack says otherwise for a (purpose, channel); purpose kAny = the channel's rule.
    std::map<std::pair<Token, Token>, std::set<Method>> liftEvidenceFor;
    /// Rule 4: every objection bears on these purposes too, whatever it names (GDPR 21(2)), and on
    /// the channel kSocialChannel.
    std::set<Token> stoppedByObjection{"profiling", "personal-offers", "social-audience", "labels"};
};
inline constexpr std::string_view kSocialChannel = "social";
/// The use of what is on file (profiling, processing of personal data).
inline constexpr std::string_view kRecordChannel = "record";
/// Has the channel contact points of its own?
inline bool addressed(std::string_view channel) noexcept {
    return channel != kSocialChannel && channel != kRecordChannel;
}

/// Who, to whom, for what, by which way.
struct Key {
    Token controller;
    Token purpose;
    Token channel;

    auto operator<=>(const Key&) const = default;
};

/// A weaker permission that outlives the deciding one: an expired yes falls back to a soft opt-in.
struct Fallback {
    State state = State::unknown; ///< softOptIn or legacy; unknown = none
    Method method = Method::spoken;
    EventId because;
    TimeMs at = 0;
    TimeMs validUntil = kForever;

    bool operator==(const Fallback&) const = default;
};

/// A state with what a screen and a proof want to say about it. A projection stores all of it.
struct StateView {
    State state = State::unknown; ///< never `expired` unless asked with a time
    EventId because; ///< the deciding event (winning opt-in or shown negative); none if unknown
    TimeMs at = 0;   ///< its time
    Token place;     ///< its place
    Method method = Method::spoken;
    Basis basis = Basis::consent;
    TimeMs validUntil = kForever; ///< of a given, soft or legacy state
    bool pending = false;         ///< an opt-in waits for confirmation (whatever the state)
    TimeMs deferredAt = 0;        ///< the last "not now" (whatever the state); 0 = none
    NoticeRef notice;
    /// Weaker permissions that lapse later than the one above, strongest first.
    std::array<Fallback, 2> fallbacks;

    bool operator==(const StateView&) const = default;
};

/// The state as of `now`: given, soft and legacy lapse at their validUntil, to a fallback that
/// still holds or to `expired`. Pure.
StateView asOf(StateView view, TimeMs now);
/// The same, the state alone: copies nothing.
State stateAsOf(const StateView& view, TimeMs now) noexcept;

/// The history of one person: every event of every subject believed to be this person, duplicates
/// allowed, any order. Retracts, confirmations and unlinks are among the events. An event that an
/// `unlink` copied to one of the subjects should be among them too; one that is missing is a doubt,
/// and so refuses everything until it arrives or a live opt-in has `seen` it.
class History {
public:
    /// `subjects`: the linked subjects that make the person; events of other subjects are used only
    /// where an unlink of one of `subjects` copied them. Copies what it needs. Thread-safe once
    /// made (all const).
    History(std::span<const Event> events, const std::set<SubjectId>& subjects,
            const Clocks& clocks, const StateRules& rules = {});

    /// The state of one key (no expiry applied: see asOf). Wildcards of negatives cover every key.
    [[nodiscard]] StateView state(const Key& key) const;
    /// Keys that some choice names literally (no wildcards).
    [[nodiscard]] std::set<Key> keys() const;
    /// The acts whose negatives bear on `key` (retracted ones excepted), latest first, each once:
    /// for `seen` and for a screen.
    [[nodiscard]] std::vector<EventId> negatives(const Key& key) const;
    /// Does the person want nothing at all? True while some objection stands that no counting
    /// opt-in on a key it names has beaten.
    [[nodiscard]] bool objected(const Token& controller) const;

private:
    struct Source;
    struct OptIn;
    struct Weight;
    struct Negative;
    struct Deferred;
    enum class Standing : std::uint8_t;

    void addAct(const Event& event, const Act& act, Weight weight, const Clocks& clocks,
                std::span<const Confirmed* const> confirmed);
    void addMissing(EventId id);
    [[nodiscard]] const std::set<Method>& liftEvidence(const OptIn& yes) const;
    [[nodiscard]] bool lifts(const OptIn& yes, bool confirmed) const;
    [[nodiscard]] bool beats(const OptIn& yes, const Negative& no, bool confirmed) const;
    [[nodiscard]] Standing standing(const OptIn& yes, std::span<const Negative* const> all) const;
    [[nodiscard]] bool counts(const OptIn& yes) const;
    [[nodiscard]] bool later(const OptIn& a, const OptIn& b) const;
    [[nodiscard]] bool bears(const Negative& no, const Key& key) const;
    [[nodiscard]] std::vector<const Negative*> bearing(const Key& key) const;
    [[nodiscard]] std::vector<const OptIn*> naming(const Key& key) const;
    [[nodiscard]] const Negative& shown(std::span<const Negative* const> all,
                                        std::span<const OptIn* const> yes) const;
    [[nodiscard]] StateView view(const OptIn& yes, State state) const;
    struct Standings;
    [[nodiscard]] Standings weigh(std::span<const OptIn* const> yes,
                                  std::span<const Negative* const> all) const;
    void permitted(StateView& out, std::span<const OptIn* const> yes,
                   std::span<const Negative* const> all) const;

    std::vector<Source> _sources;
    std::vector<OptIn> _optIns;
    std::vector<Negative> _negatives;
    std::vector<Deferred> _deferred;
    StateRules _rules;

public:
    ~History();
    History(const History&) = delete;
    History& operator=(const History&) = delete;
};

/// The partition of subjects into persons that the `link` and `unlink` events make (rule 7): a link
/// holds until an unlink names it. Returns the members of `subject`'s person (at least itself).
std::set<SubjectId> linkedWith(SubjectId subject, std::span<const Event> linkEvents);

/// Which negatives an unlink must name: all acts with a negative among the events of the present
/// person (retracted ones excepted) and all that earlier unlinks copied to it. Sorted.
std::vector<EventId> negativesToCopy(std::span<const Event> events);

} // namespace souffleur::consent
