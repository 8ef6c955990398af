// Rush mode: nobody is asked, everybody is heard.
#include "tests/integration/counter/House.h"

using namespace souffleur;
using namespace souffleur::test;
using counter::ActOutcome;

TEST_CASE("rush mode is silent and counts whom it missed") {
    House house;
    REQUIRE(house.till->setRush(true));
    counter::Desk desk = house.select("A");
    CHECK_FALSE(desk.flag);
    CHECK(desk.questions.empty());
    CHECK_FALSE(desk.script);
    CHECK(house.till->hostFlag().quiet);
    desk = house.select("B");
    CHECK(desk.rush.missed == 2);
    CHECK(desk.rush.missedQuestions >= 2);
    CHECK(house.heard.missed == 2);
    house.select("B");
    CHECK(house.desk().rush.missed == 2); // the same sale
    // Two selections in one read of the host's line: the first is nowhere shown, and missed.
    house.till->hostPassed(house.stranger("C"));
    house.till->hostPassed(house.stranger("B"));
    desk = house.desk();
    CHECK(desk.rush.missed == 3);
    CHECK(desk.customer->subject == house.select("B").customer->subject);
    house.till->hostPassed(house.stranger(""));
    REQUIRE(house.till->setRush(false));
    desk = house.desk();
    CHECK(desk.flag);
    CHECK(desk.rush.missed == 3);
    house.till->hostPassed(house.stranger("D")); // they were not missed: no rush
    REQUIRE(house.till->setRush(true));
    CHECK(house.desk().rush.missed == 1); // the one in front, anew
}

TEST_CASE("rush mode hears who wants nothing more, and takes it back") {
    House house;
    REQUIRE(house.till->setRush(true));
    const counter::Desk desk = house.select("A");
    REQUIRE(desk.questionSet.none());
    const auto no = house.till->record(house.answer(desk, ActOutcome::stopEverything), "en");
    REQUIRE(no);
    const SubjectId who = desk.customer->subject;
    CHECK(house.state(who, "newsletter", "email") == consent::State::objected);
    REQUIRE(house.desk().lastAct);
    CHECK(house.desk().undo.available);
    // Nothing else is recorded then.
    CHECK(
        house.till->record(house.answer(house.desk(), ActOutcome::refuse), "en").error().problem ==
        "stale-questions");
    REQUIRE(house.till->undo(no->act.id));
    CHECK(house.state(who, "newsletter", "email") != consent::State::objected);
    CHECK_FALSE(house.desk().lastAct);
}

TEST_CASE("rush mode comes before the curtain and goes with it") {
    counter::CounterSettings settings;
    settings.rushBeforeCurtainMs = 10 * kMinuteMs;
    House house(settings);
    const TimeMs curtain = house.clock.at + 15 * kMinuteMs;
    house.till->setCurtain(curtain);
    house.till->tick();
    CHECK_FALSE(house.desk().rush.on);
    house.clock.at += 5 * kMinuteMs;
    house.till->tick();
    CHECK(house.desk().rush.on);
    CHECK(house.desk().rush.until == curtain);
    house.clock.at += 10 * kMinuteMs;
    house.till->tick();
    CHECK_FALSE(house.desk().rush.on);
    house.till->tick();
    CHECK_FALSE(house.desk().rush.on);
}
