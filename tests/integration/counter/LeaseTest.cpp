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
    const counter::Desk blind = house.select(host);
    REQUIRE(blind.customer);
    CHECK(blind.customer->displayName.empty());
    CHECK(blind.customer->contacts.size() == 1); // what the ticketing system says
    CHECK(blind.customer->orders == 0);
    REQUIRE(blind.flag);
    CHECK_FALSE(blind.flag->lastNo);
    CHECK(askedKeys(blind).empty());

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

TEST_CASE("without a lease nobody is asked: not who objected, not who is new") {
    House house;
    const counter::Desk first = house.select();
    REQUIRE(house.till->record(house.answer(first, counter::ActOutcome::stopEverything), "en"));
    house.till->hostCleared();
    house.till->setReadable(false);
    for (const char* const id : {"C-1", "C-2"}) {
        counter::HostCustomer host = house.stranger(id);
        if (host.id != "C-1") {
            host.name = "Bram Jansen";
            host.email = "bram@example.org";
        }
        const counter::Desk blind = house.select(host);
        CHECK(askedKeys(blind).empty());
        CHECK_FALSE(blind.script);
        REQUIRE(blind.flag);
        CHECK(blind.flag->kind == consent::FlagKind::unknown);
        REQUIRE(blind.flag->reasons.size() == 1); // why nothing is shown, and nothing of the person
        CHECK(blind.flag->reasons.front().code == "lease-lapsed");
        const counter::HostFlag told = house.till->hostFlag();
        CHECK(told.kind == consent::FlagKind::unknown);
        CHECK(told.script.empty());
        const auto refused = house.till->record(house.answer(blind, counter::ActOutcome::refuse),
                                                "en"); // of what?
        CHECK_FALSE(refused.has_value());
    }
    house.till->setReadable(true);
    CHECK_FALSE(askedKeys(house.desk()).empty()); // who is new
    CHECK(askedKeys(house.select("C-1")).empty());
}

TEST_CASE(
    "a yes without a lease waits for a mail, whatever no is on file and however it was given") {
    for (const auto method :
         {consent::Method::spoken, consent::Method::screen, consent::Method::paper}) {
        for (const bool everything : {false, true}) {
            CAPTURE(consent::name(method));
            CAPTURE(everything);
            House house;
            const counter::Desk first = house.select();
            const SubjectId anna = first.customer->subject;
            REQUIRE(house.till->record(
                everything ? house.answer(first, counter::ActOutcome::stopEverything)
                           : house.say(first, "newsletter", "email", Choice::refused),
                "en"));
            house.till->hostCleared();
            house.till->setReadable(false);
            const counter::Desk blind = house.select();
            REQUIRE(blind.customer->subject == anna);
            for (const counter::DeskQuestion& question : blind.questions) {
                CHECK(question.confirmBy != "none");
            }
            auto yes = house.say(blind, "newsletter", "email", Choice::given);
            yes.method = method;
            REQUIRE(house.till->record(yes, "en"));
            CHECK(house.state(anna, "newsletter", "email") ==
                  (everything ? State::objected : State::refused));
            const auto events = house.ledger->events(anna, 100).value();
            const auto* act = std::get_if<consent::Act>(&events.front().event.body);
            for (const ledger::EventView& event : events) {
                if (const auto* each = std::get_if<consent::Act>(&event.event.body);
                    act == nullptr && each != nullptr) {
                    act = each;
                }
            }
            REQUIRE(act != nullptr);
            CHECK(act->choices.front().choice == Choice::given);
            CHECK(act->choices.front().confirm);
            CHECK(act->seen.empty());
        }
    }
}

TEST_CASE("a no without a lease counts at once") {
    House house;
    const counter::Desk first = house.select();
    const SubjectId anna = first.customer->subject;
    REQUIRE(house.till->record(house.say(first, "newsletter", "email", Choice::given), "en"));
    REQUIRE(house.state(anna, "newsletter", "email") != State::refused);
    house.till->hostCleared();
    house.till->setReadable(false);
    const counter::Desk blind = house.select();
    REQUIRE(house.till->record(house.say(blind, "newsletter", "email", Choice::refused), "en"));
    CHECK(house.state(anna, "newsletter", "email") == State::refused);
    REQUIRE(
        house.till->record(house.answer(house.desk(), counter::ActOutcome::stopEverything), "en"));
    CHECK(house.state(anna, "newsletter", "email") == State::objected);
}

TEST_CASE("an answer to what was on the screen before the lease ended is not stored") {
    House house;
    const counter::Desk seen = house.select();
    house.till->setReadable(false);
    const auto late =
        house.till->record(house.say(seen, "newsletter", "email", Choice::given), "en");
    REQUIRE_FALSE(late.has_value());
    CHECK(late.error().problem == "stale-questions");
}

TEST_CASE("who is on the desk when the lease ends goes off it") {
    House house;
    const counter::Desk first = house.select();
    REQUIRE(house.till->record(house.say(first, "newsletter", "email", Choice::refused), "en"));
    REQUIRE_FALSE(house.desk().customer->displayName.empty());
    house.till->hostCleared();
    REQUIRE(house.till->select(first.customer->subject));
    REQUIRE(house.desk().customer->displayName == "Anna Vermeer");
    counter::Preferences likes;
    likes.genres = {"jazz"};
    REQUIRE(house.till->setPreferences(first.customer->subject, likes));
    REQUIRE(house.desk().preferences->genres.size() == 1);
    house.till->setReadable(false);
    CHECK(house.desk().customer->displayName.empty());
    CHECK(house.desk().preferences->genres.empty());
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

TEST_CASE("a pack that is offered waits, too, when others pass by in rush mode") {
    House house;
    auto other = std::make_shared<consent::Policy>(house.pack());
    other->sha256 = std::string(64, 'a');
    house.select();
    REQUIRE(house.till->setRush(true));
    REQUIRE(house.till->offerPolicy(other));
    house.till->hostPassed(house.stranger("C-2"));
    CHECK(house.desk().rush.missed >= 1);
    CHECK(house.till->policy()->sha256 == house.pack().sha256);
    CHECK(house.desk().customer->displayName == "Anna Vermeer");
    house.till->hostCleared();
    CHECK(house.till->policy()->sha256 == other->sha256);
}
