// Erasure and restriction at the hub: what is left of a person in the folder, and who can still be
// reached.
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/unit/sync/store/Hub.h"

using namespace souffleur;
using namespace souffleur::store;
using namespace souffleur::test;
using consent::Choice;

namespace {

bool folderHolds(const test::TemporaryFolder& folder, const std::string& needle) {
    return test::storeHolds(folder.text(), needle);
}

} // namespace

TEST_CASE("erasure leaves no personal byte in the folder and outlives late arrivals") {
    test::TemporaryFolder folder;
    auto store = open(folder);
    TestOrigin till(10);
    TestOrigin late(11);
    REQUIRE(store->enrol(till.enrolment()).has_value());
    REQUIRE(store->enrol(late.enrolment()).has_value());
    wire::PersonData person = anna();
    person.displayName = "Quirinus Zonderling";
    const SubjectId subject = till.newSubject();
    till.add(subject, test::act(Choice::given), kNoon, &person);
    TestOrigin office = headOffice(*store);
    office.add(subject, consent::Erase{}, kNoon + 10);
    late.add(subject, test::act(Choice::given), kNoon + 5, &person);
    REQUIRE(till.push(*store, 1, 1).has_value());
    CHECK(store->people({"zonderling", "", {}, 10})->size() == 1);
    REQUIRE(office.push(*store, 1, 1).has_value());
    REQUIRE(late.push(*store, 1, 1).has_value());
    CHECK(store->people({"zonderling", "", {}, 10})->empty());
    CHECK(store->verify().has_value());
    store.reset(); // checkpoints the WAL
    CHECK_FALSE(folderHolds(folder, "Zonderling"));
    CHECK_FALSE(folderHolds(folder, "anna@example"));
}

TEST_CASE("erasure leaves no personal byte in the folder of a hub that goes on running") {
    test::TemporaryFolder folder;
    const auto store = open(folder);
    TestOrigin till(12);
    REQUIRE(store->enrol(till.enrolment()).has_value());
    wire::PersonData person = anna();
    person.displayName = "Quirinus Zonderling";
    const SubjectId subject = till.newSubject();
    till.add(subject, test::act(Choice::given), kNoon, &person);
    TestOrigin office = headOffice(*store);
    office.add(subject, consent::Erase{}, kNoon + 10);
    REQUIRE(till.push(*store, 1, 1).has_value());
    CHECK(folderHolds(folder, "Zonderling"));
    REQUIRE(office.push(*store, 1, 1).has_value());
    CHECK_FALSE(folderHolds(folder, "Zonderling"));
    CHECK_FALSE(folderHolds(folder, "anna@example"));
}

TEST_CASE("who is restricted or erased is not reachable, whatever they agreed to") {
    test::TemporaryFolder folder;
    const auto store = open(folder);
    TestOrigin till(34);
    REQUIRE(store->enrol(till.enrolment()).has_value());
    const wire::PersonData person = anna();
    const SubjectId restricted = till.newSubject();
    const SubjectId erased = till.newSubject();
    till.add(restricted, test::act(Choice::given), kNoon, &person);
    till.add(erased, test::act(Choice::given), kNoon, &person);
    till.add(restricted, consent::Fact{"restricted", "yes"}, kNoon + 1);
    TestOrigin office = headOffice(*store);
    office.add(erased, consent::Erase{}, kNoon + 1);
    REQUIRE(till.push(*store, 1, 2).has_value());
    CHECK(store->counts(kNoon)->permitted == 2);
    REQUIRE(till.push(*store, 3, 3).has_value());
    REQUIRE(office.push(*store, 1, 1).has_value());
    CHECK(store->counts(kNoon)->permitted == 0);
}

TEST_CASE("an address that arrives after its erasure is suppressed too") {
    test::TemporaryFolder folder;
    const auto store = open(folder);
    TestOrigin till(13);
    TestOrigin late(14);
    REQUIRE(store->enrol(till.enrolment()).has_value());
    REQUIRE(store->enrol(late.enrolment()).has_value());
    const SubjectId subject = till.newSubject();
    till.add(subject, test::act(Choice::given), kNoon);
    TestOrigin office = headOffice(*store);
    office.add(subject, consent::Erase{}, kNoon + 10);
    const wire::PersonData person = anna();
    late.add(subject, test::act(Choice::given), kNoon + 5, &person);
    REQUIRE(till.push(*store, 1, 1).has_value());
    REQUIRE(office.push(*store, 1, 1).has_value());
    REQUIRE(late.push(*store, 1, 1).has_value());
    CHECK(store->suppressed(contactKey(StoreKeys{}, person.contacts[0].canonical)).value());
}
