// rooms: sync-store
// What a hub's store takes in, on SQLite and on PostgreSQL, beside the same rows of events put in
// bulk with the same tables, a batch a transaction. EVENTS (environment): how many, in batches of
// 1,000; default 20,000. PostgreSQL is a cluster of this run's own, as durable as one in service.
#include <SQLiteCpp/SQLiteCpp.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "plugin/contact/Email.h"
#include "sync/store/Store.h"
#include "tests/support/Postgres.h"
#include "tests/support/TestOrigin.h"

namespace {

using namespace souffleur;
using test::TestOrigin;
using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kBatch = 1000;
constexpr TimeMs kNoon = 1795521600000;
constexpr const char* kColumns =
    "(subject, id, shard, pos, origin, seq, kind, neg, at, received_at, told, leaf, header, "
    "payload)";

double secondsSince(SteadyClock::time_point start) {
    return std::chrono::duration<double>(SteadyClock::now() - start).count();
}

[[noreturn]] void stop(const std::string& why) {
    (void) std::fprintf(stderr, "store bench: %s\n", why.c_str());
    std::exit(1);
}

/// Seven of ten are a new customer with name and address, the others somebody's next answer.
TestOrigin tillWith(std::size_t count) {
    TestOrigin till(1);
    std::vector<SubjectId> known;
    for (std::size_t i = 0; i < count; ++i) {
        if (i % 10 >= 7 && !known.empty()) {
            till.add(known[(i * 7919) % known.size()],
                     test::act(i % 3 == 0 ? consent::Choice::refused : consent::Choice::given),
                     kNoon + static_cast<TimeMs>(i));
            continue;
        }
        known.push_back(till.newSubject());
        const std::string address = "visitor" + std::to_string(i) + "@example.org";
        wire::PersonData person;
        person.displayName = "Visitor Number" + std::to_string(i);
        person.language = "nl";
        person.contacts.push_back(
            {"email", address, contact::Email::parse(address)->canonicalKey()});
        till.add(known.back(), test::act(consent::Choice::given), kNoon + static_cast<TimeMs>(i),
                 &person);
    }
    return till;
}

double pushRate(store::Store& store, const TestOrigin& till) {
    if (!store.enrol(till.enrolment())) stop("not enrolled");
    const auto start = SteadyClock::now();
    for (std::size_t at = 1; at <= till.events.size(); at += kBatch) {
        const auto placed = till.push(store, at, std::min(at + kBatch - 1, till.events.size()));
        if (!placed) stop(placed.error().text());
    }
    return static_cast<double>(till.events.size()) / secondsSince(start);
}

/// The bytes that a row of events holds, without what they say.
std::string idOf(std::size_t n) {
    const auto hash = crypto::sha256(std::to_string(n));
    return std::string(crypto::bytesOf(hash)).substr(0, 16);
}

double bareSqlite(const std::string& file, const TestOrigin& till) {
    SQLite::Database db(file, SQLite::OPEN_READWRITE);
    db.exec("PRAGMA synchronous = FULL");
    SQLite::Statement put(db, std::string("INSERT INTO events ") + kColumns +
                                  " VALUES (?, ?, 1, ?, ?, ?, 'act', 0, 1, 1, 1, ?, ?, ?)");
    const auto start = SteadyClock::now();
    for (std::size_t at = 0; at < till.events.size(); at += kBatch) {
        SQLite::Transaction transaction(db);
        for (std::size_t i = at; i < std::min(at + kBatch, till.events.size()); ++i) {
            const std::string id = idOf(i);
            const std::string leaf(32, 'x');
            const auto blob = [&](int column, const std::string& bytes) {
                put.bind(column, bytes.data(), static_cast<int>(bytes.size()));
            };
            blob(1, id);
            blob(2, id);
            put.bind(3, static_cast<std::int64_t>(i));
            blob(4, id);
            put.bind(5, static_cast<std::int64_t>(i));
            blob(6, leaf);
            blob(7, till.events[i].header);
            blob(8, till.events[i].payload);
            put.exec();
            put.reset();
        }
        transaction.commit();
    }
    return static_cast<double>(till.events.size()) / secondsSince(start);
}

double barePostgres(const std::string& address, const TestOrigin& till) {
    pqxx::connection connection(address);
    pqxx::nontransaction door(connection);
    const auto hex = [](const std::string& bytes) { return "'\\x" + crypto::toHex(bytes) + "'"; };
    const auto start = SteadyClock::now();
    for (std::size_t at = 0; at < till.events.size(); at += kBatch) {
        std::string text = std::string("INSERT INTO events ") + kColumns + " VALUES ";
        for (std::size_t i = at; i < std::min(at + kBatch, till.events.size()); ++i) {
            const std::string id = hex(idOf(i));
            const std::string number = std::to_string(i);
            text += (i > at ? ",(" : "(") + id + "," + id + ",1," + number + "," + id + "," +
                    number + ",'act',0,1,1,1," + hex(std::string(32, 'x')) + "," +
                    hex(till.events[i].header) + "," + hex(till.events[i].payload) + ")";
        }
        door.exec(text + " ON CONFLICT DO NOTHING");
    }
    return static_cast<double>(till.events.size()) / secondsSince(start);
}

void row(const char* name, double ours, double reference, const char* referenceName) {
    (void) std::printf("{\"name\":\"%s\",\"ours\":%.0f,\"unit\":\"events/s\",\"reference\":%.0f,"
                       "\"referenceName\":\"%s\",\"ratio\":%.3f,\"budget\":\"0.5\",\"met\":%s}\n",
                       name, ours, reference, referenceName, ours / reference,
                       ours / reference >= 0.5 ? "true" : "false");
    (void) std::fflush(stdout);
}

} // namespace

int main() {
    const char* wanted = std::getenv("EVENTS");
    const TestOrigin till = tillWith(wanted != nullptr ? std::stoul(wanted) : 20000);
    const test::TemporaryFolder folder;
    const test::TemporaryFolder bare;
    {
        auto store = store::openSqlite(folder.text(), {});
        auto tables = store::openSqlite(bare.text(), {});
        if (!store || !tables) stop("SQLite does not open");
        const double ours = pushRate(**store, till);
        tables->reset();
        row("store push, SQLite", ours, bareSqlite(bare.text() + "/hub.db", till),
            "the same events, 1,000 a transaction, FULL");
    }
    test::Postgres server;
    const std::string address = server.database("push");
    const std::string other = server.database("bare");
    auto store = store::openPostgres(folder.text(), {address, {}}, {});
    auto tables = store::openPostgres(bare.text(), {other, {}}, {});
    if (!store || !tables) stop("PostgreSQL does not open");
    const double ours = pushRate(**store, till);
    tables->reset();
    row("store push, PostgreSQL", ours, barePostgres(other, till),
        "the same events, INSERT … ON CONFLICT x1000");
    return 0;
}
