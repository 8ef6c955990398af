// Generators for the domain: small worlds in which ids, clocks and positions collide often. Every
// number of an event is a digit of one integer, so that rapidcheck shrinks to simple events.
#pragma once

#include <rapidcheck.h>

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "plugin/consent/Flag.h"
#include "plugin/consent/StateOf.h"

namespace souffleur::test {

using namespace souffleur::consent; // NOLINT(google-build-using-namespace): a test's header

inline constexpr TimeMs kT0 = 1'760'000'000'000; // 2025-10-09

template <typename IdType>
IdType idOf(std::uint8_t kind, std::uint64_t number) {
    IdType id;
    id.uuid.bytes[0] = kind;
    for (std::size_t i = 0; i < 8; ++i) {
        id.uuid.bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
    }
    return id;
}
inline EventId eventId(std::uint64_t n) {
    return idOf<EventId>(1, n);
}
inline SubjectId subjectId(std::uint64_t n) {
    return idOf<SubjectId>(2, n);
}
inline OriginId originId(std::uint64_t n) {
    return idOf<OriginId>(3, n);
}
inline OperatorId operatorId(std::uint64_t n) {
    return idOf<OperatorId>(4, n);
}

/// Reads an integer digit by digit.
class Digits {
public:
    explicit Digits(std::uint64_t value) : _value(value) {}
    std::uint64_t next(std::uint64_t bound) {
        const std::uint64_t digit = _value % bound;
        _value /= bound;
        return digit;
    }
    template <typename T, std::size_t N>
    T pick(const std::array<T, N>& from) {
        return from[next(N)];
    }

private:
    std::uint64_t _value;
};

inline const std::array<Token, 3>& purposesOfGen() {
    static const std::array<Token, 3> all{"newsletter", "brochure", "profiling"};
    return all;
}
inline const std::array<Token, 2>& channelsOfGen() {
    static const std::array<Token, 2> all{"email", "phone"};
    return all;
}
inline std::vector<Key> keysOfGen() {
    std::vector<Key> out;
    for (const Token& purpose : purposesOfGen()) {
        for (const Token& channel : channelsOfGen()) {
            out.push_back({"house", purpose, channel});
        }
    }
    return out;
}
/// Moments at which to look: before, between and after the lapses that the generator makes.
inline std::array<TimeMs, 4> momentsOfGen() {
    return {kT0, kT0 + 30 * kDayMs, kT0 + 700 * kDayMs, kT0 + 2000 * kDayMs};
}

/// What a world may hold beyond what every closed, honest one does.
struct World {
    bool forks = false;   ///< two contents under one id
    bool missing = false; ///< an unlink may name an event that is not there
};

inline ChoiceItem genChoice(Digits& d, bool positive, bool negativeOnly) {
    ChoiceItem item;
    static constexpr std::array<Choice, 6> kAll{Choice::given,     Choice::refused,
                                                Choice::withdrawn, Choice::objected,
                                                Choice::given,     Choice::deferred};
    static constexpr std::array<Choice, 3> kNo{Choice::refused, Choice::withdrawn,
                                               Choice::objected};
    item.choice = positive ? Choice::given : negativeOnly ? d.pick(kNo) : d.pick(kAll);
    const bool wild = negative(item.choice);
    const std::uint64_t purpose = d.next(wild ? 4 : 3);
    const std::uint64_t channel = d.next(wild ? 3 : 2);
    item.purpose = purpose == 3 ? Token(kAny) : purposesOfGen()[purpose];
    item.channel = channel == 2 ? Token(kAny) : channelsOfGen()[channel];
    static constexpr std::array<Basis, 5> kBases{Basis::consent, Basis::softOptIn, Basis::legacy,
                                                 Basis::consent, Basis::legitimateInterest};
    if (item.choice == Choice::given) {
        item.basis = d.pick(kBases);
        item.confirm = d.next(4) == 1;
        item.validUntil = d.pick(std::array<TimeMs, 4>{kForever, kT0 + 20 * kDayMs,
                                                       kT0 + 600 * kDayMs, kT0 + 900 * kDayMs});
    }
    return item;
}

inline std::vector<EventId> genSome(Digits& d, std::uint64_t count) {
    std::vector<EventId> out;
    const std::uint64_t many = d.next(4);
    for (std::uint64_t i = 0; i < many && count > 0; ++i) {
        out.push_back(eventId(1 + d.next(count)));
    }
    return out;
}

enum class ActKind : std::uint8_t { any, yes, no };

inline Act genAct(Digits& d, std::uint64_t count, ActKind kind) {
    Act act;
    act.controller = "house";
    static constexpr std::array<Method, 8> kMethods{
        Method::spoken,    Method::screen, Method::import, Method::web,
        Method::connector, Method::kiosk,  Method::paper,  Method::phone};
    act.method = d.pick(kMethods);
    act.by = operatorId(1 + d.next(2));
    act.source = d.next(3) == 1 ? "" : "old-system";
    act.choices.push_back(genChoice(d, kind == ActKind::yes, kind == ActKind::no));
    if (d.next(2) == 1) {
        act.choices.push_back(genChoice(d, kind == ActKind::yes, kind == ActKind::no));
    }
    act.seen = genSome(d, count);
    return act;
}

inline Event genEvent(std::uint64_t number, std::uint64_t seed, std::uint64_t count, World world,
                      ActKind actKind = ActKind::any) {
    Digits d(seed);
    Event event;
    event.id = eventId(world.forks && d.next(4) == 1 ? 1 + d.next(count) : number);
    static constexpr std::array<int, 10> kKinds{0, 0, 0, 0, 0, 0, 1, 2, 3, 4};
    const int kind = actKind == ActKind::any ? d.pick(kKinds) : 0;
    event.origin = originId(1 + d.next(3));
    event.subject = subjectId(1 + d.next(2));
    static constexpr std::array<TimeMs, 10> kAfter{
        0,       2 * kMinuteMs, 4 * kMinuteMs, 6 * kMinuteMs, 10 * kMinuteMs,
        kHourMs, kDayMs,        3 * kDayMs,    40 * kDayMs,   400 * kDayMs};
    event.at = kT0 + d.pick(kAfter);
    event.unc = d.pick(std::array<TimeMs, 5>{0, kMinuteMs, 10 * kMinuteMs, kDayMs, kUncInfinite});
    event.position = d.next(16) == 1 ? 0 : number;
    const EventId target = eventId(1 + d.next(count));
    switch (kind) {
    case 0:
        event.body = genAct(d, count, actKind);
        break;
    case 1:
        event.body = Confirmed{target, channelsOfGen()[d.next(2)], "00"};
        break;
    case 2:
        event.body = Retract{target, operatorId(1 + d.next(2))};
        break;
    case 3:
        event.body =
            ClockJudgement{originId(1 + d.next(3)), d.next(6), 6 + d.next(6),
                           d.pick(std::array<TimeMs, 3>{0, kHourMs, kUncInfinite}), d.next(3) == 1};
        break;
    default:
        event.body = Unlink{target, subjectId(1 + d.next(3)), genSome(d, count)};
        if (world.missing && d.next(3) == 1) {
            std::get<Unlink>(event.body).copied.push_back(eventId(900 + d.next(2)));
        }
        break;
    }
    return event;
}

inline rc::Gen<std::uint64_t> genSeed() {
    return rc::gen::resize(rc::kNominalSize, rc::gen::arbitrary<std::uint64_t>());
}

/// 0 to 14 events of two subjects, three origins, one controller.
inline rc::Gen<std::vector<Event>> genEvents(World world = {}) {
    return rc::gen::map(
        rc::gen::resize(14, rc::gen::container<std::vector<std::uint64_t>>(genSeed())),
        [world](const std::vector<std::uint64_t>& seeds) {
            std::vector<Event> out;
            const std::uint64_t count = seeds.size();
            for (std::uint64_t i = 0; i < count; ++i) {
                out.push_back(genEvent(i + 1, seeds[i], count, world));
            }
            return out;
        });
}

/// One more act for a world of `count` events, with an id that no other event names or has.
inline Event extraAct(std::uint64_t seed, std::uint64_t count, ActKind kind) {
    Event event = genEvent(500, seed, std::max<std::uint64_t>(count, 1), {}, kind);
    event.position = event.position == 0 ? 0 : 1 + seed % 17;
    return event;
}

inline bool permits(const StateView& view, TimeMs at) {
    const State state = stateAsOf(view, at);
    return state == State::given || state == State::softOptIn || state == State::legacy;
}

} // namespace souffleur::test
