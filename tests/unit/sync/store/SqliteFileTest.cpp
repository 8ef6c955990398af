// What is about SQLite's file itself: its log, its indexes, its older schemas.
#include <SQLiteCpp/SQLiteCpp.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/unit/sync/store/Hub.h"

using namespace souffleur;
using namespace souffleur::store;
using namespace souffleur::test;
using consent::Choice;
using consent::ContactStatus;

namespace {

bool holds(const std::string& file, const std::string& needle) {
    std::ifstream in(file, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    return bytes.find(needle) != std::string::npos;
}

} // namespace

TEST_CASE("an erasure is finished only when nothing reads the old bytes any more") {
    TemporaryFolder folder;
    auto hub = open(folder);
    TestOrigin till(11);
    TestOrigin office = headOffice(*hub);
    REQUIRE(hub->enrol(till.enrolment()).has_value());
    wire::PersonData person = anna();
    person.displayName = "Quirinus Zonderling";
    const SubjectId subject = till.newSubject();
    till.add(subject, test::act(Choice::given), kNoon, &person);
    office.add(subject, consent::Erase{}, kNoon + 10);
    REQUIRE(till.push(*hub, 1, 1).has_value());
    const std::string wal = folder.text() + "/hub.db-wal";
    {
        // A backup that runs, or a short command.
        SQLite::Database reader(folder.text() + "/hub.db", SQLite::OPEN_READONLY);
        SQLite::Transaction reading(reader);
        SQLite::Statement look(reader, "SELECT count(*) FROM events");
        REQUIRE(look.executeStep());
        look.reset();
        REQUIRE(office.push(*hub, 1, 1).has_value());
        CHECK(hub->counts(kNoon)->forgetting);
        CHECK_FALSE(hub->maintain().value());
        CHECK(holds(wal, "Zonderling"));
    }
    SUBCASE("the hub tries again") {}
    SUBCASE("also after a start") {
        hub.reset();
        hub = open(folder);
    }
    CHECK(hub->maintain().value());
    CHECK_FALSE(hub->counts(kNoon)->forgetting);
    CHECK_FALSE(holds(wal, "Zonderling"));
    CHECK_FALSE(holds(folder.text() + "/hub.db", "Zonderling"));
}

TEST_CASE("the judgements of clocks are found without reading the log") {
    const TemporaryFolder folder;
    (void) open(folder);
    SQLite::Database db(folder.text() + "/hub.db");
    SQLite::Statement plan(
        db, "EXPLAIN QUERY PLAN SELECT header FROM events WHERE kind = 'clock' ORDER BY id");
    REQUIRE(plan.executeStep());
    CHECK(plan.getColumn(3).getString().find("events_clock") != std::string::npos);
}

TEST_CASE("a device is found by its key without reading all devices") {
    const TemporaryFolder folder;
    (void) open(folder);
    SQLite::Database db(folder.text() + "/hub.db");
    SQLite::Statement plan(db,
                           "EXPLAIN QUERY PLAN SELECT origin FROM origins WHERE fingerprint = 'x'");
    REQUIRE(plan.executeStep());
    CHECK(plan.getColumn(3).getString().find("origins_fingerprint") != std::string::npos);
}

TEST_CASE("who asks and hears nothing new costs no write, but once a minute") {
    const TemporaryFolder folder;
    const auto hub = open(folder);
    TestOrigin till(1);
    TestOrigin reader(2);
    REQUIRE(hub->enrol(till.enrolment()).has_value());
    REQUIRE(hub->enrol(reader.enrolment()).has_value());
    const auto ask = [&](const Cursor& cursor, TimeMs now) {
        const Cursor from = hub->servedFrom(reader.id, cursor).value();
        const auto page = hub->pull(from, 10, reader.id).value();
        REQUIRE(hub->served(reader.id, from, page.next, now).has_value());
        return page.next;
    };
    const auto written = [&] { return std::filesystem::file_size(folder.text() + "/hub.db-wal"); };
    till.add(till.newSubject(), test::act(Choice::given), kNoon);
    REQUIRE(till.push(*hub, 1, 1).has_value());
    // The page, and then that it was had.
    const Cursor cursor = ask(ask({}, kNoon), kNoon);
    const auto before = written();
    for (TimeMs ms = 0; ms < kMinuteMs; ms += kSecondMs) CHECK(ask(cursor, kNoon + ms) == cursor);
    CHECK(written() == before);
    CHECK(hub->origin(reader.id)->lastSeen == kNoon);
    ask(cursor, kNoon + kMinuteMs);
    CHECK(hub->origin(reader.id)->lastSeen == kNoon + kMinuteMs);
    CHECK(written() > before);
    // What is new is noted at once.
    till.add(till.newSubject(), test::act(Choice::given), kNoon);
    REQUIRE(till.push(*hub, 2, 2).has_value());
    const Cursor moved = ask(cursor, kNoon + kMinuteMs + 1);
    CHECK(moved != cursor);
    CHECK(hub->servedFrom(reader.id, moved).value() == moved);
}

TEST_CASE("a hub of an older build reads again what it had projected by other rules") {
    const TemporaryFolder folder;
    auto hub = open(folder);
    TestOrigin till(1);
    TestOrigin office = headOffice(*hub);
    REQUIRE(hub->enrol(till.enrolment()).has_value());
    const SubjectId subject = till.newSubject();
    const wire::PersonData person = anna();
    const std::string address = contactKey(StoreKeys{}, person.contacts[0].canonical);
    till.add(subject, consent::Contact{"email", address, ContactStatus::verified}, kNoon, &person);
    office.add(subject, consent::Contact{"email", address, ContactStatus::bounced},
               kNoon + kHourMs);
    REQUIRE(till.push(*hub, 1, 1).has_value());
    REQUIRE(office.push(*hub, 1, 1).has_value());
    hub.reset();
    sql(folder.text(),
        "UPDATE contacts SET status = 'verified'; UPDATE subjects SET display = '2099';"
        "ALTER TABLE events DROP COLUMN told; ALTER TABLE served DROP COLUMN acknowledged;"
        "ALTER TABLE origins DROP COLUMN reached; ALTER TABLE subjects DROP COLUMN minor;"
        "ALTER TABLE contacts DROP COLUMN released; DROP INDEX events_erase;"
        "ALTER TABLE audit DROP COLUMN reason; ALTER TABLE mails DROP COLUMN maybes;"
        "PRAGMA user_version = 6");
    hub = open(folder);
    CHECK(hub->person(subject)->contacts.front().status == "bounced");
    CHECK(hub->person(subject)->display == "Anna Vermeer-Puig");
    CHECK(hub->verify().has_value());
    hub.reset();
    hub = open(folder); // once
    CHECK(hub->verify().has_value());
}

TEST_CASE("what an older build placed is in the trees, and its slips lead to their acts") {
    const TemporaryFolder folder;
    auto store = open(folder);
    TestOrigin till(5);
    REQUIRE(store->enrol(till.enrolment()).has_value());
    SeededRandom random(3);
    const crypto::Handle handle = crypto::randomHandle(random);
    consent::Act said = test::act(Choice::given);
    said.withdrawHandleHash = crypto::toHex(crypto::bytesOf(crypto::handleHash(handle)));
    const SubjectId subject = till.newSubject();
    till.add(subject, said, kNoon);
    for (int i = 0; i < 50; ++i) till.add(till.newSubject(), test::act(Choice::given), kNoon + i);
    REQUIRE(till.push(*store, 1, 51).has_value());
    const auto heads = store->growth(LogSizes{})->heads;
    store.reset();
    SUBCASE("of a schema without trees") {
        sql(folder.text(), "DROP TABLE trees; DROP TABLE tree_nodes; PRAGMA user_version = 9");
    }
    SUBCASE("of a schema without slips") {
        sql(folder.text(), "DROP TABLE slips; PRAGMA user_version = 8");
    }
    sql(folder.text(),
        "ALTER TABLE audit DROP COLUMN reason; ALTER TABLE mails DROP COLUMN maybes");
    store = open(folder);
    CHECK(store->growth(LogSizes{})->heads == heads);
    CHECK(store->actBySlip(handle)->subject == subject);
    CHECK(store->verify().has_value());
}
