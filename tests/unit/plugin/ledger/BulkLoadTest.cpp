#include "plugin/ledger/BulkLoad.h"

#include "Fixture.h"
#include "tests/support/SyntheticPeople.h"

using namespace souffleur;
using namespace souffleur::ledger;
using namespace souffleur::ledger::testing;
using test::SyntheticPeople;

TEST_CASE("a bulk load gives what one event at a time gives") {
    constexpr std::uint64_t kPeople = 200;
    Rig bulk;
    REQUIRE(SyntheticPeople::fill(*bulk.ledger, kPeople).has_value());
    Rig single(1);
    SyntheticPeople people(*single.ledger);
    for (std::uint64_t i = 0; i < kPeople; ++i) {
        const BulkPerson person = people.make(i);
        REQUIRE(single.ledger->applyForeign(person.events, std::vector{person.card}).has_value());
    }
    const auto loaded = bulk.ledger->verify();
    REQUIRE_MESSAGE(loaded.has_value(), (loaded ? "" : loaded.error().text()));
    CHECK(loaded->projections == single.ledger->verify().value().projections);
    CHECK(bulk.ledger->search(SyntheticPeople::email(7), 5).value().hits.size() == 1);
    CHECK_FALSE(bulk.ledger->search(SyntheticPeople::familyName(7), 5).value().hits.empty());
    const SubjectId one = SyntheticPeople::subject(7);
    CHECK(bulk.ledger->findExternal("card", SyntheticPeople::card(7)).value() == std::vector{one});
    bulk.add(one, act({choice("newsletter", "email", consent::Choice::refused)}));
    CHECK(bulk.ledger->verify().has_value());
    bulk.reopen();
    CHECK(bulk.ledger->verify().has_value());
}

TEST_CASE("a load into a ledger with events is refused") {
    Rig rig;
    rig.add(idOf<SubjectId>(1), consent::Fact{"minor", "no"});
    CHECK(BulkLoad::begin(*rig.ledger).error().code == Code::conflict);
}

TEST_CASE("a load that was broken off leaves a ledger that says so") {
    Rig rig;
    {
        auto load = BulkLoad::begin(*rig.ledger);
        REQUIRE(load.has_value());
        SyntheticPeople people(*rig.ledger);
        CHECK((*load)->add(std::vector{people.make(1)}).has_value());
    }
    rig.ledger.reset();
    const auto opened = Ledger::open(rig.options, rig.clock, rig.random);
    CHECK(opened.error().code == Code::corrupt);
}
