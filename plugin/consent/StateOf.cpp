#include "plugin/consent/StateOf.h"

#include <algorithm>
#include <tuple>

#include "plugin/consent/EventSet.h"

namespace souffleur::consent {
namespace {

bool weak(Basis basis) noexcept {
    return basis == Basis::softOptIn || basis == Basis::legacy;
}

bool lapses(State state) noexcept {
    return state == State::given || state == State::softOptIn || state == State::legacy;
}

bool holds(TimeMs validUntil, TimeMs now) noexcept {
    return validUntil == kForever || now < validUntil;
}

/// a - b for times, at the bottom of the range instead of below it; b >= 0.
TimeMs subtractSaturated(TimeMs a, TimeMs b) noexcept {
    constexpr TimeMs kLowest = std::numeric_limits<TimeMs>::min();
    return a < kLowest + b ? kLowest : a - b;
}

int strength(Choice choice) noexcept {
    return choice == Choice::objected ? 3 : choice == Choice::withdrawn ? 2 : 1;
}

State stateOf(Choice choice) noexcept {
    return choice == Choice::objected    ? State::objected
           : choice == Choice::withdrawn ? State::withdrawn
                                         : State::refused;
}

State stateOf(Basis basis) noexcept {
    return basis == Basis::softOptIn ? State::softOptIn
           : basis == Basis::legacy  ? State::legacy
                                     : State::given;
}

} // namespace

State stateAsOf(const StateView& view, TimeMs now) noexcept {
    if (!lapses(view.state) || holds(view.validUntil, now)) {
        return view.state;
    }
    for (const Fallback& fallback : view.fallbacks) {
        if (fallback.state != State::unknown && holds(fallback.validUntil, now)) {
            return fallback.state;
        }
    }
    return State::expired;
}

StateView asOf(StateView view, TimeMs now) {
    const State state = stateAsOf(view, now);
    if (state == view.state) {
        return view;
    }
    view.state = state;
    for (const Fallback& fallback : view.fallbacks) {
        if (fallback.state == state) {
            view.because = fallback.because;
            view.at = fallback.at;
            view.method = fallback.method;
            view.validUntil = fallback.validUntil;
            view.basis = state == State::legacy ? Basis::legacy : Basis::softOptIn;
            view.place.clear();
            view.notice = {};
        }
    }
    return view;
}

/// What the choices of one act share.
struct History::Source {
    EventId id;
    OriginId origin;
    std::uint64_t position = 0;
    SubjectId subject;
    TimeMs at = 0;
    TimeMs unc = kUncInfinite;
    bool suspect = false;
    bool foreign = false; ///< another subject's negative, copied here by an unlink
    bool missing = false; ///< copied, but not among the events
    bool sourced = false; ///< says where it came from
    Method method = Method::spoken;
    Token controller;
    Token place;
    std::vector<EventId> seen; ///< sorted
};

/// What an act may do here.
struct History::Weight {
    bool own = false;     ///< of this person, not copied here by an unlink
    bool permits = false; ///< own, and not undone under another origin
};

struct History::OptIn {
    std::size_t source = 0;
    ChoiceItem item;
    bool confirmed = false;
};

struct History::Negative {
    std::size_t source = 0;
    Token purpose;
    Token channel;
    Choice choice = Choice::refused;
};

struct History::Deferred {
    std::size_t source = 0;
    Token purpose;
    Token channel;
};

/// Whether an opt-in outweighs all negatives of its key: not at all, once confirmed, or now.
enum class History::Standing : std::uint8_t { beaten, waiting, standing };

History::History(std::span<const Event> events, const std::set<SubjectId>& subjects,
                 const Clocks& clocks, const StateRules& rules)
    : _rules(rules) {
    const std::vector<const Event*> all = inOrder(events);
    const Undone taken = undone(all);
    std::set<EventId> copied;
    std::vector<const Confirmed*> confirmed;
    for (const Event* event : all) {
        const bool own = subjects.contains(event->subject);
        if (const auto* confirmation = std::get_if<Confirmed>(&event->body); own && confirmation) {
            confirmed.push_back(confirmation);
        }
        const auto* unlink = std::get_if<Unlink>(&event->body);
        if (unlink != nullptr && (own || subjects.contains(unlink->other))) {
            copied.insert(unlink->copied.begin(), unlink->copied.end());
        }
    }
    _sources.reserve(all.size());
    _optIns.reserve(all.size());
    for (const Event* event : all) {
        const bool isCopied = copied.erase(event->id) > 0;
        const bool own = subjects.contains(event->subject);
        const auto* act = std::get_if<Act>(&event->body);
        if (act != nullptr && (own || isCopied) && !taken.acts.contains(event->id)) {
            const bool permits = own && !taken.optIns.contains(event->id);
            addAct(*event, *act, {own, permits}, clocks, confirmed);
        }
    }
    for (const EventId id : copied) {
        addMissing(id);
    }
}

History::~History() = default;

void History::addAct(const Event& event, const Act& act, Weight weight, const Clocks& clocks,
                     std::span<const Confirmed* const> confirmed) {
    const std::size_t index = _sources.size();
    Source source{
        event.id,   event.origin,          event.position, event.subject, event.at,
        0,          clocks.suspect(event), !weight.own,    false,         !act.source.empty(),
        act.method, act.controller,        act.place,      act.seen};
    source.unc = live(act.method) ? clocks.unc(event) : std::max(clocks.unc(event), kNotLiveUncMs);
    std::ranges::sort(source.seen);
    _sources.push_back(std::move(source));
    for (const ChoiceItem& item : act.choices) {
        if (negative(item.choice)) {
            _negatives.push_back({index, item.purpose, item.channel, item.choice});
        } else if (weight.own && item.choice == Choice::deferred) {
            _deferred.push_back({index, item.purpose, item.channel});
        } else if (weight.permits && item.choice == Choice::given) {
            const bool isConfirmed = std::ranges::any_of(confirmed, [&](const Confirmed* by) {
                return by->target == event.id && by->channel == item.channel;
            });
            _optIns.push_back({index, item, isConfirmed});
        }
    }
}

void History::addMissing(EventId id) {
    Source source;
    source.id = id;
    source.suspect = true;
    source.foreign = true;
    source.missing = true;
    _negatives.push_back({_sources.size(), Token(kAny), Token(kAny), Choice::withdrawn});
    _sources.push_back(std::move(source));
}

const std::set<Method>& History::liftEvidence(const OptIn& yes) const {
    for (const Token& purpose : {yes.item.purpose, Token(kAny)}) {
        const auto own = _rules.liftEvidenceFor.find({purpose, yes.item.channel});
        if (own != _rules.liftEvidenceFor.end()) {
            return own->second;
        }
    }
    return _rules.liftEvidence;
}

/// Rule 5.
bool History::lifts(const OptIn& yes, bool confirmed) const {
    return confirmed || liftEvidence(yes).contains(_sources[yes.source].method);
}

/// Rules 2, 4, 5 and 7. `confirmed`: judge the opt-in as if its mail had been answered.
bool History::beats(const OptIn& yes, const Negative& no, bool confirmed) const {
    const Source& a = _sources[yes.source];
    const Source& b = _sources[no.source];
    if (weak(yes.item.basis) || a.id == b.id ||
        (no.choice != Choice::refused && !lifts(yes, confirmed))) {
        return false;
    }
    const bool sameSubject = a.subject == b.subject && !b.foreign;
    if (live(a.method)) {
        const bool later =
            sameSubject && a.origin == b.origin && b.position > 0 && a.position > b.position;
        if (later || std::ranges::binary_search(a.seen, b.id)) {
            return true;
        }
    }
    if (!sameSubject || no.choice == Choice::objected || a.suspect || b.suspect ||
        a.unc == kUncInfinite || b.unc == kUncInfinite) {
        return false;
    }
    return subtractSaturated(subtractSaturated(a.at, a.unc), kClockMarginMs) >
           addSaturated(b.at, b.unc);
}

/// Rule 3.
History::Standing History::standing(const OptIn& yes, std::span<const Negative* const> all) const {
    if (weak(yes.item.basis)) {
        if (!all.empty() || !_sources[yes.source].sourced) {
            return Standing::beaten;
        }
        return counts(yes) ? Standing::standing : Standing::waiting;
    }
    const auto beatsAll = [&](bool confirmed) {
        return std::ranges::all_of(all,
                                   [&](const Negative* no) { return beats(yes, *no, confirmed); });
    };
    if (counts(yes) && beatsAll(yes.confirmed)) {
        return Standing::standing;
    }
    return !yes.confirmed && beatsAll(true) ? Standing::waiting : Standing::beaten;
}

/// Does it need no confirmation, or has it?
bool History::counts(const OptIn& yes) const {
    return !yes.item.confirm || yes.confirmed;
}

/// The order of winners: valid longest, then latest, then by id.
bool History::later(const OptIn& a, const OptIn& b) const {
    const Source& x = _sources[a.source];
    const Source& y = _sources[b.source];
    return std::tie(a.item.validUntil, x.at, x.id) > std::tie(b.item.validUntil, y.at, y.id);
}

bool History::bears(const Negative& no, const Key& key) const {
    const Source& source = _sources[no.source];
    if (!source.missing && source.controller != key.controller) {
        return false;
    }
    if (no.choice == Choice::objected &&
        (key.channel == kSocialChannel || _rules.stoppedByObjection.contains(key.purpose))) {
        return true;
    }
    return (no.purpose == key.purpose || no.purpose == kAny) &&
           (no.channel == key.channel || no.channel == kAny);
}

std::vector<const History::Negative*> History::bearing(const Key& key) const {
    std::vector<const Negative*> out;
    for (const Negative& no : _negatives) {
        if (bears(no, key)) {
            out.push_back(&no);
        }
    }
    return out;
}

std::vector<const History::OptIn*> History::naming(const Key& key) const {
    std::vector<const OptIn*> out;
    for (const OptIn& yes : _optIns) {
        if (yes.item.purpose == key.purpose && yes.item.channel == key.channel &&
            _sources[yes.source].controller == key.controller) {
            out.push_back(&yes);
        }
    }
    return out;
}

/// The negative to show: the strongest that no opt-in has beaten, else the strongest of all.
const History::Negative& History::shown(std::span<const Negative* const> all,
                                        std::span<const OptIn* const> yes) const {
    const auto rank = [&](const Negative* no) {
        const bool beaten = std::ranges::any_of(yes, [&](const OptIn* candidate) {
            return counts(*candidate) && beats(*candidate, *no, candidate->confirmed);
        });
        const Source& source = _sources[no->source];
        return std::tuple{!beaten, strength(no->choice), source.at, source.id};
    };
    return **std::ranges::max_element(all, {}, rank);
}

StateView History::view(const OptIn& yes, State state) const {
    const Source& source = _sources[yes.source];
    StateView out;
    out.state = state;
    out.because = source.id;
    out.at = source.at;
    out.place = source.place;
    out.method = source.method;
    out.basis = yes.item.basis;
    out.validUntil = yes.item.validUntil;
    out.notice = yes.item.notice;
    return out;
}

/// The best of the opt-ins that stand, per basis, and the latest of those that wait for their mail.
struct History::Standings {
    std::array<const OptIn*, 3> best{}; ///< given, soft, legacy
    const OptIn* waiting = nullptr;
};

History::Standings History::weigh(std::span<const OptIn* const> yes,
                                  std::span<const Negative* const> all) const {
    Standings out;
    const auto moment = [this](const OptIn* each) {
        const Source& source = _sources[each->source];
        return std::tie(source.at, source.id);
    };
    for (const OptIn* candidate : yes) {
        const Standing verdict = standing(*candidate, all);
        if (verdict == Standing::waiting &&
            (out.waiting == nullptr || moment(candidate) > moment(out.waiting))) {
            out.waiting = candidate;
        }
        if (verdict != Standing::standing) {
            continue;
        }
        const Basis basis = candidate->item.basis;
        const std::size_t slot = basis == Basis::softOptIn ? 1 : basis == Basis::legacy ? 2 : 0;
        if (out.best[slot] == nullptr || later(*candidate, *out.best[slot])) {
            out.best[slot] = candidate;
        }
    }
    return out;
}

/// Fills the state that the opt-ins make: the strongest permission, what it falls back to, or a
/// request that waits. Leaves `out` alone where there is none.
void History::permitted(StateView& out, std::span<const OptIn* const> yes,
                        std::span<const Negative* const> all) const {
    const auto [best, waiting] = weigh(yes, all);
    const OptIn* winner = nullptr;
    std::size_t fallbacks = 0;
    TimeMs covered = 0;
    for (const OptIn* candidate : best) {
        if (candidate == nullptr || (winner != nullptr && candidate->item.validUntil <= covered)) {
            continue;
        }
        covered = candidate->item.validUntil;
        if (winner == nullptr) {
            winner = candidate;
            out = view(*candidate, stateOf(candidate->item.basis));
        } else {
            const Source& source = _sources[candidate->source];
            out.fallbacks[fallbacks++] = {stateOf(candidate->item.basis), source.method, source.id,
                                          source.at, candidate->item.validUntil};
        }
    }
    if (winner == nullptr && waiting != nullptr && all.empty()) {
        out = view(*waiting, State::requested);
    }
    out.pending = waiting != nullptr;
}

StateView History::state(const Key& key) const {
    const std::vector<const Negative*> all = bearing(key);
    const std::vector<const OptIn*> yes = naming(key);
    StateView out;
    permitted(out, yes, all);
    if (out.state == State::unknown && !all.empty()) {
        const Negative& no = shown(all, yes);
        const Source& source = _sources[no.source];
        out.state = stateOf(no.choice);
        out.because = source.id;
        out.at = source.at;
        out.place = source.place;
        out.method = source.method;
    }
    const Source* deferred = nullptr;
    for (const Deferred& putOff : _deferred) {
        const Source& source = _sources[putOff.source];
        if (putOff.purpose == key.purpose && putOff.channel == key.channel &&
            source.controller == key.controller &&
            (deferred == nullptr ||
             std::tie(source.at, source.id) > std::tie(deferred->at, deferred->id))) {
            deferred = &source;
        }
    }
    if (deferred != nullptr) {
        out.deferredAt = deferred->at;
        if (out.state == State::unknown) {
            out.state = State::deferred;
            out.because = deferred->id;
            out.at = deferred->at;
            out.place = deferred->place;
            out.method = deferred->method;
        }
    }
    return out;
}

std::set<Key> History::keys() const {
    std::set<Key> out;
    const auto add = [&](std::size_t source, const Token& purpose, const Token& channel) {
        if (purpose != kAny && channel != kAny) {
            out.insert({_sources[source].controller, purpose, channel});
        }
    };
    for (const OptIn& yes : _optIns) {
        add(yes.source, yes.item.purpose, yes.item.channel);
    }
    for (const Negative& no : _negatives) {
        add(no.source, no.purpose, no.channel);
    }
    for (const Deferred& putOff : _deferred) {
        add(putOff.source, putOff.purpose, putOff.channel);
    }
    return out;
}

std::vector<EventId> History::negatives(const Key& key) const {
    std::vector<const Source*> sources;
    for (const Negative* no : bearing(key)) {
        sources.push_back(&_sources[no->source]);
    }
    std::ranges::sort(sources, [](const Source* a, const Source* b) {
        return std::tie(a->at, a->id) > std::tie(b->at, b->id);
    });
    std::vector<EventId> out;
    for (const Source* source : sources) {
        if (out.empty() || out.back() != source->id) {
            out.push_back(source->id);
        }
    }
    return out;
}

bool History::objected(const Token& controller) const {
    return std::ranges::any_of(_negatives, [&](const Negative& no) {
        if (no.choice != Choice::objected || _sources[no.source].controller != controller) {
            return false;
        }
        return std::ranges::none_of(_optIns, [&](const OptIn& yes) {
            return _sources[yes.source].controller == controller &&
                   (no.purpose == yes.item.purpose || no.purpose == kAny) &&
                   (no.channel == yes.item.channel || no.channel == kAny) && counts(yes) &&
                   beats(yes, no, yes.confirmed);
        });
    });
}

} // namespace souffleur::consent
