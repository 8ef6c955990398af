// What a new till begins with, gathered from a store.
#include "sync/store/SnapshotFile.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <filesystem>

#include "Hub.h"

using namespace souffleur;
using namespace souffleur::test;
using store::Gathering;

namespace {

const std::atomic<bool> kGoOn{false};

consent::Act act(consent::Choice choice) {
    consent::Act out;
    out.controller = "house";
    out.choices.emplace_back();
    out.choices[0].purpose = "newsletter";
    out.choices[0].channel = "email";
    out.choices[0].choice = choice;
    return out;
}

struct House {
    TemporaryFolder folder;
    TemporaryFolder aside;
    std::unique_ptr<store::Store> hub = open(folder);
    TestOrigin till{3};
    TestOrigin office = headOffice(*hub);
    std::unique_ptr<Gathering> gathering = Gathering::begin(aside.path() / "gathering.db").value();
    std::size_t pushed = 0;

    House() { REQUIRE(hub->enrol(till.enrolment()).has_value()); }
    void push() {
        REQUIRE(till.push(*hub, pushed + 1, till.events.size()).has_value());
        pushed = till.events.size();
    }
    SubjectId says(consent::Choice choice, TimeMs at) {
        const SubjectId one = till.newSubject();
        const auto person = anna();
        till.add(one, act(choice), at, &person);
        return one;
    }
    EventId decide(const SubjectId& subject, consent::Body body,
                   TimeMs at = TestOrigin::kPushedAt) {
        const std::size_t next = office.events.size() + 1;
        const auto event = office.add(subject, std::move(body), at);
        REQUIRE(office.push(*hub, next, next).has_value());
        return event.id;
    }
    void erase(const SubjectId& subject) { decide(subject, consent::Erase{}); }
    bool follow() {
        const auto erased = gathering->follow(*hub, kGoOn);
        REQUIRE_MESSAGE(erased.has_value(), (erased ? "" : erased.error().text()));
        return *erased;
    }
    std::int64_t written(const char* table, TimeMs since = 0) {
        const auto file = aside.path() / "made.db";
        const auto people = gathering->write(file, since);
        REQUIRE_MESSAGE(people.has_value(), (people ? "" : people.error().text()));
        SQLite::Database made(file.string(), SQLite::OPEN_READONLY);
        return made.execAndGet(std::string("SELECT count(*) FROM ") + table).getInt64();
    }
};

} // namespace

TEST_CASE("everybody is gathered once, and what came since is added") {
    House house;
    for (int i = 0; i < 2500; ++i) house.says(consent::Choice::given, kNoon);
    for (std::size_t at = 0; at < 2500; at += 500) {
        REQUIRE(house.till.push(*house.hub, at + 1, at + 500).has_value());
    }
    house.pushed = 2500;
    CHECK_FALSE(house.follow());
    CHECK(house.written("cards") == 2500);
    CHECK(house.written("events") == 2500);
    house.says(consent::Choice::given, kNoon);
    house.push();
    CHECK_FALSE(house.follow());
    CHECK(house.written("cards") == 2501);
    CHECK(house.written("events") == 2501);
    // Where the tail begins, there is nothing more.
    CHECK(house.hub->pull(house.gathering->cursor(), 10, OriginId{})->events.empty());
    CHECK(house.gathering->cursor().line != 0);
}

TEST_CASE("who said nothing for long is left out, but never a no") {
    House house;
    house.says(consent::Choice::given, kNoon - 1000 * kDayMs);
    house.says(consent::Choice::refused, kNoon - 1000 * kDayMs);
    house.says(consent::Choice::given, kNoon);
    const auto gone = house.says(consent::Choice::given, kNoon - 1000 * kDayMs);
    house.push();
    house.erase(gone);
    CHECK_FALSE(house.follow()); // it was never gathered with anything of theirs
    CHECK(house.written("cards", kNoon - kDayMs) == 3);
    CHECK(house.written("events", kNoon - kDayMs) == 4); // the erasure and what it covers
    CHECK(house.written("cards") == 4);
}

TEST_CASE("a link keeps both its ends, whichever of them it is filed under") {
    House house;
    const TimeMs longAgo = kNoon - 1000 * kDayMs;
    const auto refused = house.says(consent::Choice::refused, longAgo);
    const auto silent = house.says(consent::Choice::given, longAgo);
    house.says(consent::Choice::given, longAgo); // a stranger
    house.push();
    SUBCASE("of the one who said no") {
        house.decide(refused, consent::Link{silent, "operator"}, longAgo);
    }
    SUBCASE("of the one who kept silent") {
        house.decide(silent, consent::Link{refused, "operator"}, longAgo);
    }
    SUBCASE("that was ended") {
        const auto link = house.decide(refused, consent::Link{silent, "operator"}, longAgo);
        house.decide(refused, consent::Unlink{link, silent, {}}, longAgo + kDayMs);
    }
    CHECK_FALSE(house.follow());
    CHECK(house.written("cards", kNoon - kDayMs) == 2);
}

TEST_CASE("an erasure of somebody who was gathered is told, once") {
    House house;
    const auto one = house.says(consent::Choice::given, kNoon);
    house.says(consent::Choice::given, kNoon);
    house.push();
    CHECK_FALSE(house.follow());
    house.erase(one);
    CHECK(house.follow());
    CHECK_FALSE(house.follow());
    CHECK(house.written("cards") == 2);
}

TEST_CASE("a gathering that is told to stop does, between two pages") {
    House house;
    for (int i = 0; i < 2000; ++i) house.says(consent::Choice::given, kNoon);
    for (std::size_t at = 0; at < 2000; at += 500)
        REQUIRE(house.till.push(*house.hub, at + 1, at + 500).has_value());
    const std::atomic<bool> stop{true};
    CHECK(house.gathering->follow(*house.hub, stop).error().code == Code::unavailable);
    CHECK_FALSE(house.follow());
    CHECK(house.written("events") == 2000);
}
