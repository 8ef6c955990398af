// What an undo that was acknowledged is worth, and what one that came too late is not.
#include "tests/integration/counter/House.h"

using namespace souffleur;
using namespace souffleur::test;
using consent::Choice;

TEST_CASE("an undo that was acknowledged counts, however long the disk took") {
    House house;
    const counter::Desk desk = house.select();
    const SubjectId subject = desk.customer->subject;
    const auto done =
        house.till->record(house.say(desk, "newsletter", "email", Choice::given), "en");
    REQUIRE(done);
    house.clock.at = done->act.at + consent::kRetractMaxMs - 2;
    house.clock.creep = 3; // the check is in time, and all that is written after it is not
    const auto undone = house.till->undo(done->act.id);
    house.clock.creep = 0;
    REQUIRE(undone);
    CHECK(house.state(subject, "newsletter", "email") == consent::State::unknown);
    CHECK(house.till->acts(subject, "", 1, "en")->acts.front().undone);
}

TEST_CASE("an undo that came too late, or from another's hand, is not told as one") {
    House house;
    const counter::Desk desk = house.select();
    const SubjectId subject = desk.customer->subject;
    const auto done =
        house.till->record(house.say(desk, "newsletter", "email", Choice::given), "en");
    REQUIRE(done);
    const auto retract = [&](OperatorId by) {
        ledger::Draft undo;
        undo.subject = subject;
        undo.body = consent::Retract{done->act.id, by};
        REQUIRE(house.ledger->append(undo));
        house.till->hostCleared();
    };
    SUBCASE("too late") {
        house.clock.pass(consent::kRetractMaxMs + 1);
        retract(house.noor);
    }
    SUBCASE("another operator") {
        house.clock.pass(kSecondMs);
        retract(OperatorId::random(house.random));
    }
    CHECK(house.state(subject, "newsletter", "email") == consent::State::given);
    CHECK_FALSE(house.till->acts(subject, "", 1, "en")->acts.front().undone);
    CHECK(askedKeys(house.select()).empty()); // this visit has its answer
}
