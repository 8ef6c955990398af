#include "plugin/consent/Flag.h"

#include <algorithm>
#include <array>
#include <limits>

namespace souffleur::consent {
namespace {

constexpr std::array<std::string_view, 13> kFlagKinds{
    "ask",     "refresh",  "unconfirmed", "partial", "consented",  "soft",   "legacy",
    "resting", "objected", "no-address",  "bounced", "restricted", "unknown"};

/// Why a key may be asked about now.
enum class Due : std::uint8_t { no, ask, refresh, convert };

constexpr TimeMs kNever = kForever;

TimeMs after(TimeMs from, int days) {
    return days < 0 ? kNever : std::min(addSaturated(from, days * kDayMs), kNever);
}

/// What may be asked of a key, and from when on: kNever = not by us.
struct Turn {
    Due due = Due::ask;
    TimeMs from = 0;
};

Turn turnOf(const StateView& view, State state, const ReaskRule& reask) {
    // "Not now" rests whatever else is open; it never delays what was not put off.
    const TimeMs rest = view.deferredAt > 0 ? after(view.deferredAt, reask.deferredDays) : 0;
    switch (state) {
    case State::unknown:
    case State::deferred:
        return {Due::ask, rest};
    case State::requested:
        return {Due::ask, std::max(rest, after(view.at, reask.unconfirmedDays))};
    case State::given: {
        const bool lapses = view.validUntil != kForever && reask.refreshBeforeDays >= 0;
        const TimeMs lead = reask.refreshBeforeDays * kDayMs;
        return {Due::refresh,
                lapses ? std::max(rest, view.validUntil - std::min(view.validUntil, lead))
                       : kNever};
    }
    case State::expired:
        return {Due::refresh, rest};
    case State::softOptIn:
    case State::legacy:
        return {Due::convert, rest};
    case State::refused:
        return {Due::ask, after(view.at, reask.refusedDays)};
    case State::withdrawn:
        return {Due::ask, after(view.at, reask.withdrawnDays)};
    case State::objected:
        break;
    }
    return {Due::no, kNever};
}

/// Does the law ask for another consent beside this one that is not there?
bool lacksPrerequisite(const PersonFacts& person, const Policy& policy, const Token& purpose,
                       const Token& channel, TimeMs now) {
    const auto needed = policy.prerequisite(purpose, channel, now);
    if (!needed) {
        return false;
    }
    const auto found = person.states.find(*needed);
    return found == person.states.end() || stateAsOf(found->second, now) != State::given;
}

/// What the person's states come to, whatever is asked now.
struct Sum {
    bool given = false, soft = false, legacy = false;
    bool waiting = false; ///< a yes whose mail, or whose address's, was not answered
    bool unused = false;  ///< a permission whose address waits
    bool ownHand = false; ///< a yes that rule 5 does not count yet
    bool putOff = false;
    bool bounced = false, noAddress = false; ///< of a yes
    bool lapsed = false;
    bool negative = false;
    TimeMs lastYes = std::numeric_limits<TimeMs>::min(); ///< given or waiting for its mail
    const std::pair<const std::pair<Token, Token>, StateView>* lastNo = nullptr;

    /// Is a no the last word, as far as anybody can tell?
    [[nodiscard]] bool noIsLast() const {
        return lastNo != nullptr && !ownHand && lastNo->second.at > lastYes;
    }
    [[nodiscard]] bool withdrewLast(TimeMs now) const {
        return noIsLast() && stateAsOf(lastNo->second, now) == State::withdrawn;
    }
};

void addAddress(Sum& sum, const PersonFacts& person, const Token& channel) {
    if (!addressed(channel)) {
        return;
    }
    const auto contact = person.contacts.find(channel);
    if (contact == person.contacts.end() || !contact->second.present) {
        sum.noAddress = true;
    } else if (contact->second.bounced) {
        sum.bounced = true;
    }
}

Sum sumOf(const PersonFacts& person, const Policy& policy, TimeMs now) {
    Sum sum;
    for (const auto& entry : person.states) {
        const StateView& view = entry.second;
        const State state = stateAsOf(view, now);
        if (negative(state)) {
            sum.negative = true;
            if (sum.lastNo == nullptr || view.at > sum.lastNo->second.at) {
                sum.lastNo = &entry;
            }
        }
        const bool holds =
            !lacksPrerequisite(person, policy, entry.first.first, entry.first.second, now);
        sum.given |= holds && state == State::given;
        const bool awaits =
            awaitsAddress(person, policy, entry.first.first, entry.first.second, now);
        sum.soft |= holds && state == State::softOptIn && !awaits;
        sum.legacy |= holds && state == State::legacy && !awaits;
        sum.unused |= awaits;
        sum.lapsed |= state == State::expired;
        sum.putOff |=
            state == State::deferred ||
            (view.deferredAt > 0 && now < after(view.deferredAt, policy.reask.deferredDays));
        sum.waiting |= state == State::requested || (view.pending && state != State::given) ||
                       (awaits && state == State::given);
        sum.ownHand |= view.pending && (state == State::withdrawn || state == State::objected);
        if (state == State::given || state == State::requested) {
            addAddress(sum, person, entry.first.second);
            sum.lastYes = std::max(sum.lastYes, view.at);
        }
    }
    return sum;
}

/// The last no with all that the same answer said no to.
LastNo lastNoOf(const PersonFacts& person, const Sum& sum, TimeMs now) {
    const auto& [key, view] = *sum.lastNo;
    LastNo out{stateAsOf(view, now), view.at, view.place, key.first, key.second};
    // An objection to all there is names no purpose: "stop everything" was one sentence.
    if (std::ranges::all_of(person.states, [&](const auto& each) {
            return stateAsOf(each.second, now) == State::objected;
        })) {
        out.purpose = out.channel = Token(kAny);
        return out;
    }
    for (const auto& [other, also] : person.states) {
        if (also.because != view.because || also.at != view.at ||
            stateAsOf(also, now) != out.state || other == key) {
            continue;
        }
        out.channel = Token(kAny);
        if (other.first != key.first) {
            out.purpose = Token(kAny);
        }
    }
    return out;
}

/// When what the flag tells of may be asked again; 0 = never.
TimeMs againOf(const PersonFacts& person, const Sum& sum, const ReaskRule& reask, TimeMs now) {
    TimeMs first = kNever;
    for (const auto& [key, view] : person.states) {
        const State state = stateAsOf(view, now);
        const bool told =
            sum.lastNo != nullptr
                ? view.because == sum.lastNo->second.because && negative(state)
                : state == State::deferred || state == State::requested || view.deferredAt > 0;
        if (const TimeMs from = turnOf(view, state, reask).from; told && from > now) {
            first = std::min(first, from);
        }
    }
    return first == kNever ? 0 : first;
}

/// Collects what may be asked, purpose by purpose; nothing at all when `hushed`.
class Asking {
public:
    Asking(const PersonFacts& person, const Policy& policy, const std::string& language, TimeMs now,
           bool hushed)
        : _person(person), _policy(policy), _language(language), _now(now), _hushed(hushed) {}

    void add(const Purpose& purpose, std::vector<Question>& out) {
        _key.first = purpose.id;
        for (const Token& channel : purpose.channels) {
            _key.second = channel;
            addKey(purpose, channel, out);
        }
    }
    [[nodiscard]] bool any(Due due) const { return _due[static_cast<std::size_t>(due)]; }
    /// Is anything asked, if only for an address?
    [[nodiscard]] bool asks() const { return std::ranges::find(_due, true) != _due.end(); }
    [[nodiscard]] bool neverAsked() const { return _neverAsked; }
    [[nodiscard]] bool openLeft() const { return _openLeft; }
    [[nodiscard]] bool hushed() const { return _hushed; }

private:
    void addKey(const Purpose& purpose, const Token& channel, std::vector<Question>& out) {
        const auto found = _person.states.find(_key);
        const StateView* view = found == _person.states.end() ? nullptr : &found->second;
        const State state = view == nullptr ? State::unknown : stateAsOf(*view, _now);
        _openLeft |= state != State::given;
        const Turn turn = view == nullptr ? Turn{} : turnOf(*view, state, _policy.reask);
        const Due due = _now >= turn.from && turn.from != kNever ? turn.due : Due::no;
        const bool needs = needsAddress(channel);
        // A yes without a working address is not asked again: its address is.
        const bool mend = needs && (state == State::given || state == State::requested);
        if ((due == Due::no && !mend) || _policy.rule(purpose.id, channel, _now) == nullptr) {
            return;
        }
        const Notice* notice = _policy.notice(purpose, channel, _language);
        if (notice == nullptr) {
            return;
        }
        // The consent that this one stands on comes first: given, or asked for in this sale.
        if (lacksPrerequisite(_person, _policy, purpose.id, channel, _now)) {
            const auto needed = _policy.prerequisite(purpose.id, channel, _now);
            const bool asked = std::ranges::any_of(out, [&](const Question& question) {
                return question.purpose == needed->first && question.channel == needed->second;
            });
            if (!asked) {
                return;
            }
        }
        _neverAsked |= due == Due::ask && state == State::unknown;
        if (_hushed) {
            return;
        }
        _due[static_cast<std::size_t>(due)] = true;
        out.push_back({purpose.id, channel, notice, state, needs});
    }

    [[nodiscard]] bool needsAddress(const Token& channel) const {
        if (!addressed(channel)) {
            return false;
        }
        const auto contact = _person.contacts.find(channel);
        return contact == _person.contacts.end() || !contact->second.present ||
               contact->second.bounced;
    }

    const PersonFacts& _person;
    const Policy& _policy;
    const std::string& _language;
    TimeMs _now;
    std::pair<Token, Token> _key;
    std::array<bool, 4> _due{};
    bool _neverAsked = false;
    bool _openLeft = false;
    bool _hushed;
};

/// The purposes this sale may ask about, first things first.
std::vector<const Purpose*> askable(const Policy& policy, const Basket& basket) {
    std::vector<const Purpose*> out;
    out.reserve(policy.purposes.size());
    for (const Purpose& purpose : policy.purposes) {
        const bool fits =
            purpose.partner.empty() ||
            std::ranges::find(basket.partners, purpose.partner) != basket.partners.end();
        if (purpose.askedAtCounter && fits) {
            out.push_back(&purpose);
        }
    }
    std::ranges::stable_sort(out, {}, [](const Purpose* each) { return each->priority; });
    return out;
}

/// Why nothing is asked: the person answered in this visit, or nobody asks here.
enum class Hush : std::uint8_t { no, visit, here };

/// What stands, where no answer leads.
FlagKind standing(const Sum& sum, bool open) {
    // A house that may write to somebody is told so, whatever else it never asked them.
    if (sum.soft) {
        return FlagKind::soft;
    }
    if (sum.legacy) {
        return FlagKind::legacy;
    }
    if (sum.unused && !open) {
        return FlagKind::unconfirmed;
    }
    return open ? FlagKind::ask : FlagKind::resting;
}

FlagKind kindOf(const PersonFacts& person, const Sum& sum, const Asking& asking, Hush hush,
                TimeMs now) {
    if (!person.known) {
        return FlagKind::unknown;
    }
    if (person.objected && !sum.given) {
        return FlagKind::objected;
    }
    // A yes taken back leads what else stands, as long as it is the last word.
    if (sum.withdrewLast(now) && !asking.asks()) {
        return FlagKind::resting;
    }
    if ((sum.bounced || sum.noAddress) && hush != Hush::here) {
        return sum.bounced ? FlagKind::bounced : FlagKind::noAddress;
    }
    if (asking.any(Due::refresh)) {
        return FlagKind::refresh;
    }
    const bool open = asking.any(Due::ask);
    const bool answered = sum.given || ((sum.negative || sum.waiting) && asking.neverAsked());
    if (open && answered) {
        return FlagKind::partial;
    }
    if (sum.waiting && !open) {
        return FlagKind::unconfirmed;
    }
    if (sum.given) {
        return FlagKind::consented;
    }
    // Who has just said no reads no praise of what may be sent all the same.
    if (hush == Hush::visit && sum.noIsLast()) {
        return FlagKind::resting;
    }
    return standing(sum, open);
}

/// What the kind alone does not say, for `consented` and `resting`.
std::string_view restReason(const Sum& sum, const Asking& asking, Hush hush) {
    if (sum.given && !asking.openLeft()) {
        return "all-given";
    }
    if (sum.negative) {
        return "said-no";
    }
    if (sum.given) {
        return "some-given";
    }
    if (sum.putOff) {
        return "put-off";
    }
    if (sum.lapsed) {
        return "lapsed";
    }
    return hush == Hush::here && asking.neverAsked() ? "never-asked" : "nothing-to-ask";
}

std::string_view reasonOf(FlagKind kind, const Sum& sum, const Asking& asking, Hush hush) {
    switch (kind) {
    case FlagKind::ask:
        if (!asking.neverAsked()) {
            return "rest-is-over";
        }
        return sum.putOff ? "some-unasked" : "never-asked";
    case FlagKind::refresh:
        return sum.lapsed ? "lapsed" : "lapses-soon";
    case FlagKind::unconfirmed:
        return sum.ownHand ? "needs-own-hand" : "mail-unanswered";
    case FlagKind::partial:
        return asking.neverAsked() ? "some-unasked" : "rest-is-over";
    case FlagKind::soft:
        return "customer";
    case FlagKind::legacy:
        return "old-permission";
    case FlagKind::objected:
        return "wants-nothing";
    case FlagKind::noAddress:
        return "no-address";
    case FlagKind::bounced:
        return "bounced";
    case FlagKind::unknown:
        return "not-on-file";
    case FlagKind::consented:
    case FlagKind::resting:
        return restReason(sum, asking, hush);
    case FlagKind::restricted:
        break;
    }
    return {};
}

bool asksIn(const Policy& policy, Situation situation) {
    const auto rule = policy.situations.find(situation);
    return rule == policy.situations.end() ? situation != Situation::school : rule->second.ask;
}

/// Is only the address asked for, the yes itself being there?
bool mends(const Question& question) {
    return question.needsAddress &&
           (question.state == State::given || question.state == State::requested);
}

/// Keeps the questions of the first `purposes` purposes, those that mend an address before others.
void bound(std::vector<Question>& open, int purposes) {
    std::vector<Question> kept;
    kept.reserve(open.size());
    int taken = 0;
    for (const bool mending : {true, false}) {
        for (auto from = open.begin(); from != open.end() && taken < purposes;) {
            if (from->notice == nullptr) { // taken already
                ++from;
                continue;
            }
            const auto to = std::find_if(from, open.end(), [&](const Question& each) {
                return each.purpose != from->purpose;
            });
            if (std::any_of(from, to, mends) == mending) {
                for (auto each = from; each != to; ++each) {
                    kept.push_back(std::move(*each));
                    each->notice = nullptr;
                }
                ++taken;
            }
            from = to;
        }
    }
    open = std::move(kept);
}

/// What is to be said beside the first reason.
void addReasons(Flag& flag, const Sum& sum, const PersonFacts& person, bool asksHere) {
    if (sum.ownHand && flag.kind != FlagKind::unconfirmed) {
        flag.reasons.emplace_back("needs-own-hand");
    }
    if (person.minor) {
        flag.reasons.emplace_back("minor");
    } else if (!asksHere) {
        flag.reasons.emplace_back("not-asked-here");
    }
}

void putQuestions(Flag& flag, std::vector<Question>& open) {
    flag.questions = std::move(open);
    for (const Question& question : flag.questions) {
        const bool mend = question.needsAddress &&
                          (question.state == State::given || question.state == State::requested);
        if (!mend) {
            flag.line = question.notice;
            return;
        }
    }
}

} // namespace

std::string_view name(FlagKind kind) noexcept {
    const auto index = static_cast<std::size_t>(kind);
    return index < kFlagKinds.size() ? kFlagKinds[index] : std::string_view{};
}

std::optional<FlagKind> flagKindFrom(std::string_view text) noexcept {
    const auto found = std::ranges::find(kFlagKinds, text);
    if (found == kFlagKinds.end()) {
        return std::nullopt;
    }
    return static_cast<FlagKind>(found - kFlagKinds.begin());
}

Flag flagOf(const PersonFacts& person, const Policy& policy, const Basket& basket,
            Situation situation, const std::string& language, TimeMs now) {
    Flag flag;
    flag.asOf = person.asOf;
    if (person.known && person.restricted) {
        flag.kind = FlagKind::restricted;
        return flag;
    }
    const std::string& spoken = language.empty() ? person.language : language;
    const bool asksHere = asksIn(policy, situation);
    const Hush hush = person.minor || !asksHere || person.objected ? Hush::here
                      : visiting(person, policy.reask, now)        ? Hush::visit
                                                                   : Hush::no;
    const Sum sum = sumOf(person, policy, now);
    Asking asking(person, policy, spoken, now, hush != Hush::no);
    std::vector<Question> open;
    for (const Purpose* purpose : askable(policy, basket)) {
        asking.add(*purpose, open);
    }
    bound(open, policy.questionsPerSale);
    flag.kind = kindOf(person, sum, asking, hush, now);
    if (const std::string_view reason = reasonOf(flag.kind, sum, asking, hush); !reason.empty()) {
        flag.reasons.emplace_back(reason);
    }
    addReasons(flag, sum, person, asksHere);
    if (person.known && sum.lastNo != nullptr) {
        flag.lastNo = lastNoOf(person, sum, now);
    }
    putQuestions(flag, open);
    if (person.known && !person.objected && flag.questions.empty()) {
        flag.againAt = againOf(person, sum, policy.reask, now);
    }
    return flag;
}

} // namespace souffleur::consent
