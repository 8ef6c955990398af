// A till that head office withdrew shows nobody it holds, and goes on taking answers.
#include "tests/integration/counter/House.h"

using namespace souffleur;
using namespace souffleur::test;
using consent::Choice;
using consent::State;

TEST_CASE("without a lease nobody on file is found, and a customer is who the host says") {
    House house;
    const counter::Desk first = house.select();
    const SubjectId anna = first.customer->subject;
    REQUIRE(house.till->record(house.say(first, "newsletter", "email", Choice::refused), "en"));
    house.till->hostCleared();
    REQUIRE(house.till->search("vermeer", 5)->people.size() == 1);

    house.till->setReadable(false);
    const auto found = house.till->search("vermeer", 5);
    REQUIRE_FALSE(found.has_value());
    CHECK(found.error().problem == "lease-over");
    CHECK(house.till->acts(anna, "", 5, "en").error().problem == "lease-over");
    CHECK(house.till->select(anna).error().problem == "lease-over");

    counter::HostCustomer host = house.stranger();
    host.name = "";
    host.email = "";
    const counter::Desk blind = house.select(host);
    REQUIRE(blind.customer);
    CHECK(blind.customer->displayName.empty());
    CHECK(blind.customer->contacts.empty());
    CHECK(blind.customer->orders == 0);
    REQUIRE(blind.flag);
    CHECK_FALSE(blind.flag->lastNo);
    CHECK_FALSE(askedKeys(blind).empty());

    // An answer is taken, and takes nothing away that nobody saw.
    const auto before = house.events();
    REQUIRE(house.till->record(house.say(blind, "newsletter", "email", Choice::given), "en"));
    CHECK(house.events() > before);
    CHECK(house.state(anna, "newsletter", "email") == State::refused);
    REQUIRE(house.till->undo(house.desk().lastAct->id));

    house.till->setReadable(true);
    CHECK(house.till->search("vermeer", 5)->people.size() == 1);
    CHECK(house.desk().customer->displayName == "Anna Vermeer");
}

TEST_CASE("who is on the desk when the lease ends goes off it") {
    House house;
    const counter::Desk first = house.select();
    REQUIRE(house.till->record(house.say(first, "newsletter", "email", Choice::refused), "en"));
    REQUIRE_FALSE(house.desk().customer->displayName.empty());
    house.till->hostCleared();
    REQUIRE(house.till->select(first.customer->subject));
    REQUIRE(house.desk().customer->displayName == "Anna Vermeer");
    house.till->setReadable(false);
    CHECK(house.desk().customer->displayName.empty());
}

TEST_CASE("a pack that is offered waits for the customer to leave") {
    House house;
    auto other = std::make_shared<consent::Policy>(house.pack());
    other->sha256 = std::string(64, 'a');
    house.select();
    REQUIRE(house.till->offerPolicy(other));
    CHECK(house.till->policy()->sha256 == house.pack().sha256);
    const counter::Desk same = house.desk();
    REQUIRE(house.till->record(house.answer(same, counter::ActOutcome::notNow),
                               "en")); // with the old pack
    house.till->hostCleared();
    CHECK(house.till->policy()->sha256 == other->sha256);
    CHECK(house.select("C-2").customer);
}
