// A hub that goes back to its backup gives positions of its log a second time, to other events.
#include <doctest/doctest.h>

#include <array>

#include "sync/store/Store.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestOrigin.h"
#include "tests/unit/sync/store/Database.h"

using namespace souffleur;
using namespace souffleur::store;
using consent::Choice;
using test::TestOrigin;

namespace {

constexpr TimeMs kNoon = 1795521600000;

struct House {
    House() { open(); }
    void open() {
        hub.reset();
        auto opened = test::tryOpen(folder.text());
        REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error().text()));
        hub = std::move(*opened);
    }
    void save() {
        hub.reset();
        test::copyStore(folder.text(), saved.text());
        open();
    }
    void goBack() {
        hub.reset();
        test::copyStore(saved.text(), folder.text());
        open();
    }
    /// As the hub serves a pull; `arrives`: the reader goes on from what it got.
    std::size_t serve(const TestOrigin& reader, std::string& cursor, bool arrives = true) {
        const Cursor from = hub->servedFrom(reader.id, Cursor::parse(cursor).value()).value();
        const PullPage page = hub->pull(from, 500, reader.id).value();
        REQUIRE(hub->served(reader.id, from, page.next, kNoon).has_value());
        if (arrives) cursor = page.next.text();
        return page.events.size();
    }

    test::TemporaryFolder folder;
    test::TemporaryFolder saved;
    std::unique_ptr<Store> hub;
};

} // namespace

TEST_CASE("who was ahead of a hub that went back gets all of its second line, whatever gets lost") {
    House house;
    TestOrigin one(1);
    TestOrigin two(2);
    const TestOrigin reader(3);
    const SubjectId anna = one.newSubject();
    for (int i = 0; i < 4; ++i) one.add(anna, test::act(Choice::given), kNoon + i);
    for (int i = 0; i < 3; ++i) two.add(anna, test::act(Choice::refused), kNoon + i);
    for (const TestOrigin* each : std::array<const TestOrigin*, 3>{&one, &two, &reader})
        REQUIRE(house.hub->enrol(each->enrolment()).has_value());
    std::string cursor;
    REQUIRE(one.push(*house.hub, 1, 1).has_value());
    CHECK(house.serve(reader, cursor) == 1);
    CHECK(house.serve(reader, cursor) == 0);
    house.save();
    CHECK(house.serve(reader, cursor) == 0); // a new start alone brings nothing again
    REQUIRE(one.push(*house.hub, 2, 4).has_value());
    CHECK(house.serve(reader, cursor) == 3);
    house.goBack();
    // Now the other till is first, and stands where the reader thinks that it has everything.
    REQUIRE(two.push(*house.hub, 1, 3).has_value());
    SUBCASE("every answer arrives") {}
    SUBCASE("the first answer is lost") {
        CHECK(house.serve(reader, cursor, false) == 3);
    }
    SUBCASE("two are lost, and a start between") {
        CHECK(house.serve(reader, cursor, false) == 3);
        house.open();
        CHECK(house.serve(reader, cursor, false) == 3);
    }
    CHECK(house.serve(reader, cursor) == 3);
    REQUIRE(one.push(*house.hub, 2, 4).has_value());
    CHECK(house.serve(reader, cursor) == 3);
    CHECK(house.serve(reader, cursor) == 0);
    CHECK(house.hub->verify().has_value());
}

TEST_CASE("a cursor of before lines were told is served from where its reader surely was") {
    House house;
    TestOrigin one(1);
    const TestOrigin reader(3);
    for (int i = 0; i < 4; ++i) one.add(one.newSubject(), test::act(Choice::given), kNoon + i);
    for (const TestOrigin* each : std::array<const TestOrigin*, 2>{&one, &reader})
        REQUIRE(house.hub->enrol(each->enrolment()).has_value());
    REQUIRE(one.push(*house.hub, 1, 2).has_value());
    std::string cursor;
    CHECK(house.serve(reader, cursor) == 2);
    CHECK(house.serve(reader, cursor) == 0);
    REQUIRE(one.push(*house.hub, 3, 4).has_value());
    CHECK(house.serve(reader, cursor) == 2);
    Cursor old = Cursor::parse(cursor).value();
    old.line = 0;
    cursor = old.text();
    CHECK(house.serve(reader, cursor) == 2);
    CHECK(house.serve(reader, cursor) == 0);
}
