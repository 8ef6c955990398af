// What people and devices are called: found when it is shortened, and no two alike.
#include <string>

#include "sync/store/Store.h"
#include "tests/unit/sync/store/Hub.h"

using namespace souffleur;
using namespace souffleur::store;
using namespace souffleur::test;
using consent::Choice;

TEST_CASE("a name with a Dutch particle is found however the particle is shortened") {
    test::TemporaryFolder folder;
    const auto store = open(folder);
    TestOrigin till(1);
    REQUIRE(store->enrol(till.enrolment()).has_value());
    for (const char* family : {"van der Mulder", "v.d. Mulder", "Mulder"}) {
        wire::PersonData person;
        person.displayName = std::string("Jan ") + family;
        till.add(till.newSubject(), test::act(Choice::given), kNoon, &person);
    }
    REQUIRE(till.push(*store, 1, 3).has_value());
    for (const char* typed : {"vd mulder", "v.d. mulder", "v d mulder", "jan vd muld"}) {
        CAPTURE(typed);
        CHECK(store->people({typed, "", {}, 10})->size() == 2);
    }
    CHECK(store->people({"van der mulder", "", {}, 10})->size() == 2);
    CHECK(store->people({"van den mulder", "", {}, 10})->size() == 1); // "v.d." may be it
    CHECK(store->people({"vd muldr", "", {}, 10, true})->size() == 3);
}

TEST_CASE("no two devices have names that differ by case, and a place is a token") {
    test::TemporaryFolder folder;
    const auto store = open(folder);
    const auto invited = [&](const std::string& name, const std::string& place, TimeMs until) {
        return store->invite(crypto::sha256(name + place + std::to_string(until)), name, place,
                             "terminal", until);
    };
    REQUIRE(invited("Till 1", "till-1", kNoon).has_value());
    const auto twin = invited("till 1", "till-1", kNoon);
    REQUIRE_FALSE(twin.has_value());
    CHECK(twin.error().code == Code::conflict);
    CHECK(twin.error().message.find("there is a device \"Till 1\"") != std::string::npos);
    CHECK(invited("TILL-1", "till-9", kNoon).error().code == Code::conflict);
    // The same place may enrol again under the same name; a typing error is over with its code.
    CHECK(invited("Till 1", "till-1", kNoon + 1).has_value());
    CHECK(invited("Till 2", "till-2", kNoon).has_value());
    CHECK(invited("till 1", "till-1", kNoon + kHourMs).has_value());
    // A device that came has its name for good.
    TestOrigin till(1);
    REQUIRE(store->enrol(till.enrolment()).has_value());
    std::string shouted = till.enrolment().name;
    for (char& c : shouted) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    REQUIRE(shouted != till.enrolment().name);
    CHECK(invited(shouted, "till-7", kNoon + kDayMs).error().code == Code::conflict);
    CHECK(invited("Till 3", "Till-3", kNoon).error().code == Code::invalid);
    CHECK(invited("Till 3", "till-3", kNoon).has_value());
}

TEST_CASE("a house that has two alike from before enrols either again, and no third") {
    test::TemporaryFolder folder;
    const auto store = open(folder);
    TestOrigin one(1);
    TestOrigin two(2);
    Origin capital = one.enrolment();
    Origin small = two.enrolment();
    capital.name = "Till 1";
    small.name = "till 1";
    REQUIRE(store->enrol(capital).has_value());
    REQUIRE(store->enrol(small).has_value());
    const auto invited = [&](const std::string& name) {
        return store->invite(crypto::sha256(name), name, "till-1", "terminal", kNoon).has_value();
    };
    CHECK(invited("Till 1"));
    CHECK(invited("till 1"));
    CHECK_FALSE(invited("TILL 1"));
}

TEST_CASE("names conflict by case, hyphens and what cannot be seen, not by how they sound") {
    test::TemporaryFolder folder;
    const auto store = open(folder);
    const auto invited = [&](const std::string& name) {
        return store->invite(crypto::sha256(name), name, "till-1", "terminal", kNoon).has_value();
    };
    CHECK(invited("Касса 1"));
    CHECK_FALSE(invited("КАССА-1"));
    CHECK(invited("Kassa 1"));
    CHECK(invited("Caixa gel"));
    CHECK(invited("Caixa gèl"));
    CHECK_FALSE(invited("CAIXA GÈL"));
    CHECK(invited("Straße"));
    CHECK_FALSE(invited("STRASSE"));
    CHECK(invited("Foyer +1"));
    CHECK(invited("Foyer -1"));
    CHECK(invited("★"));
    CHECK(invited("★★"));
    CHECK(invited("Till\u200b 9"));
    CHECK_FALSE(invited("Till 9"));
    CHECK(invited("..."));
    CHECK(invited("-"));
}
