#include "sync/hub/ClockJudge.h"

#include "tests/support/Property.h"
#include "tests/support/TestOrigin.h"

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
