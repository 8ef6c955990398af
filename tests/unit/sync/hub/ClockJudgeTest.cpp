#include "sync/hub/ClockJudge.h"

#include "tests/support/Property.h"
#include "tests/unit/sync/store/Hub.h"

using namespace souffleur;
using namespace souffleur::hub;
using consent::Choice;

namespace {

constexpr TimeMs kNow = 1795521600000;
constexpr TimeMs k2099 = 4070908800000;

ClockEvidence from(const test::TestOrigin& till, std::optional<TimeMs> shows = std::nullopt) {
    return {till.id, 1, 0, kNow, shows};
}

} // namespace

TEST_CASE("an event of a time that has not come makes the clock suspect for its place") {
    test::TestOrigin till(1); // claims to be right within 100 ms
    const SubjectId anna = till.newSubject();
    till.add(anna, test::act(Choice::refused), kNow - kDayMs);
    till.add(anna, test::act(Choice::given), k2099);
    till.add(anna, test::act(Choice::given), kNow);
    const auto judged = judgeClock(from(till), till.events, {});
    REQUIRE(judged.size() == 1);
    CHECK(judged[0] == consent::ClockJudgement{till.id, 2, 2, k2099 - kNow, true});
    SUBCASE("once") {
        consent::Clocks known;
        known.add(judged[0]);
        CHECK(judgeClock(from(till), till.events, known).empty());
    }
    SUBCASE("and what was acknowledged is not judged again") {
        ClockEvidence later = from(till);
        later.acknowledged = 2;
        CHECK(judgeClock(later, till.events, {}).empty());
    }
}

TEST_CASE("what a clock may be off by its own word and the margin is not held against it") {
    test::TestOrigin till(2);
    till.add(till.newSubject(), test::act(Choice::given), kNow + consent::kClockMarginMs + 100);
    CHECK(judgeClock(from(till), till.events, {}).empty());
    till.add(till.newSubject(), test::act(Choice::given), kNow + consent::kClockMarginMs + 101);
    CHECK(judgeClock(from(till), till.events, {}).size() == 1);
}

TEST_CASE("a clock that runs behind makes its events as uncertain as it is off") {
    test::TestOrigin till(3);
    till.add(till.newSubject(), test::act(Choice::refused), kNow - 400 * kDayMs);
    till.add(till.newSubject(), test::act(Choice::refused), kNow - 400 * kDayMs + 1);
    const auto judged = judgeClock(from(till, kNow - 400 * kDayMs + 5), till.events, {});
    REQUIRE(judged.size() == 1);
    CHECK(judged[0] == consent::ClockJudgement{till.id, 1, 2, 400 * kDayMs - 5, false});
    CHECK(judgeClock(from(till, kNow - 1000), till.events, {}).empty()); // long offline, right now
}

TEST_CASE("what cannot be read is not judged") {
    test::TestOrigin till(4);
    till.add(till.newSubject(), test::act(Choice::given), k2099);
    till.events[0].header = "{";
    CHECK(judgeClock(from(till, 0), till.events, {}).empty());
}

TEST_CASE("where time runs back along the positions both sides are suspect") {
    test::TestOrigin till(6);
    const SubjectId anna = till.newSubject();
    SUBCASE("a clock that was a day ahead and is right by the time of the push") {
        till.add(anna, test::act(Choice::given), kNow - 30 * kDayMs);
        till.add(anna, test::act(Choice::given), kNow - 6 * kHourMs); // a day before that
        till.add(anna, test::act(Choice::deferred), kNow - 28 * kHourMs);
        const auto judged = judgeClock(from(till, kNow), till.events, {});
        REQUIRE(judged.size() == 1);
        CHECK(judged[0] == consent::ClockJudgement{till.id, 2, 3, 22 * kHourMs - 100, true});
    }
    SUBCASE("a clock that stood a year back for a while") {
        till.add(anna, test::act(Choice::deferred), kNow - 30 * kDayMs);
        till.add(anna, test::act(Choice::refused), kNow - 365 * kDayMs);
        till.add(anna, test::act(Choice::refused), kNow - 365 * kDayMs + kHourMs);
        till.add(anna, test::act(Choice::deferred), kNow - kMinuteMs);
        const auto judged = judgeClock(from(till, kNow), till.events, {});
        REQUIRE(judged.size() == 1);
        CHECK(judged[0] == consent::ClockJudgement{till.id, 1, 3, 335 * kDayMs - 100, true});
    }
    SUBCASE("since an earlier push, which keeps its word") {
        till.add(anna, test::act(Choice::deferred), kNow - 2 * kHourMs);
        till.add(anna, test::act(Choice::refused), kNow - 365 * kDayMs);
        till.add(anna, test::act(Choice::deferred), kNow - kMinuteMs);
        ClockEvidence later = from(till, kNow);
        later.acknowledged = 1;
        CHECK(judgeClock(later, till.events, {}).empty()); // a hub that has forgotten
        later.reached = kNow - 2 * kHourMs - 100;
        const auto judged = judgeClock(later, till.events, {});
        REQUIRE(judged.size() == 1);
        CHECK(judged[0].from == 2);
        CHECK(judged[0].to == 2);
        CHECK(judged[0].suspect);
    }
}

TEST_CASE("a no said under a clock that stood a year back holds against an older yes") {
    test::TemporaryFolder folder;
    const auto hub = test::open(folder);
    test::TestOrigin one(11);
    test::TestOrigin two(12);
    test::TestOrigin office = test::headOffice(*hub);
    REQUIRE(hub->enrol(one.enrolment()).has_value());
    REQUIRE(hub->enrol(two.enrolment()).has_value());
    const SubjectId anna = one.newSubject();
    one.add(anna, test::act(Choice::given), kNow - 30 * kDayMs);
    two.add(two.newSubject(), test::act(Choice::deferred), kNow - 2 * kHourMs);
    two.add(anna, test::act(Choice::refused), kNow - 365 * kDayMs); // said an hour ago
    two.add(two.newSubject(), test::act(Choice::deferred), kNow - kMinuteMs);
    REQUIRE(one.push(*hub, 1, 1, kNow).has_value());
    SUBCASE("in one push") {
        for (const auto& judged : judgeClock(from(two, kNow), two.events, {}))
            office.add(SubjectId{}, judged, kNow);
        REQUIRE(two.push(*hub, 1, 3, kNow).has_value());
    }
    SUBCASE("in two, also when the hub was restarted between them") {
        REQUIRE(two.push(*hub, 1, 1, kNow).has_value());
        ClockEvidence later = from(two, kNow);
        const auto origin = hub->origin(two.id).value();
        later.acknowledged = origin.seq;
        later.reached = origin.reached;
        for (const auto& judged : judgeClock(later, two.events, {}))
            office.add(SubjectId{}, judged, kNow);
        REQUIRE(two.push(*hub, 2, 3, kNow).has_value());
    }
    REQUIRE(office.events.size() == 1);
    REQUIRE(office.push(*hub, 1, 1, kNow).has_value());
    CHECK(test::stateOf(*hub, anna) == "refused");
}

TEST_CASE("a little step back, or a time that is not the device's own, is not held against it") {
    test::TestOrigin till(7);
    const SubjectId anna = till.newSubject();
    till.add(anna, test::act(Choice::given), kNow - kHourMs);
    SUBCASE("within what both may be off") {
        till.add(anna, test::act(Choice::given), kNow - kHourMs - consent::kClockMarginMs - 200);
        CHECK(judgeClock(from(till), till.events, {}).empty());
        till.add(anna, test::act(Choice::given), kNow - kHourMs - consent::kClockMarginMs - 201);
        CHECK(judgeClock(from(till), till.events, {}).size() == 1);
    }
    SUBCASE("an order and a shop's answer have times of their own") {
        till.add(anna, consent::Order{"shop", {}, 100}, kNow - 10 * kDayMs);
        till.add(anna, test::act(Choice::given, {}, consent::Method::connector), kNow - 9 * kDayMs);
        till.add(anna, test::act(Choice::given), kNow - kHourMs);
        CHECK(judgeClock(from(till), till.events, {}).empty());
    }
    SUBCASE("a time that has not come is judged by itself") {
        till.add(anna, test::act(Choice::given), k2099);
        till.add(anna, test::act(Choice::given), kNow - kMinuteMs);
        const auto judged = judgeClock(from(till), till.events, {});
        REQUIRE(judged.size() == 1);
        CHECK(judged[0] == consent::ClockJudgement{till.id, 2, 2, k2099 - kNow, true});
    }
}

PROPERTY("after a judgement no event of the batch claims to be of the future", [] {
    test::TestOrigin till(5);
    for (int i = *rc::gen::inRange(1, 20); i > 0; --i)
        till.add(till.newSubject(), test::act(Choice::given),
                 *rc::gen::inRange<TimeMs>(0, kMaxTime));
    const TimeMs shows = *rc::gen::inRange<TimeMs>(0, kMaxTime);
    consent::Clocks known;
    for (const auto& one : judgeClock(from(till, shows), till.events, {})) known.add(one);
    RC_ASSERT(judgeClock(from(till, shows), till.events, known).empty());
    for (std::size_t i = 0; i < till.events.size(); ++i) {
        auto event = wire::decodeHeader(till.events[i].header).value().event;
        event.position = i + 1;
        const bool future = event.at - kNow > consent::kClockMarginMs + event.unc;
        RC_ASSERT(!future || known.suspect(event));
    }
})
