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
