// What only PostgreSQL can do: be away, be the wrong one, have several hubs.
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <thread>

#include "sync/store/PostgresPlace.h"
#include "sync/store/PostgresStatements.h"
#include "tests/support/Eventually.h"
#include "tests/support/Postgres.h"
#include "tests/unit/sync/store/Hub.h"

using namespace souffleur;
using namespace souffleur::store;
using namespace souffleur::test;
using consent::Choice;

namespace {

/// A server with one house, and as many hubs' folders as are asked for.
struct Town {
    Town() : address(server.database("house")) {}
    Result<std::unique_ptr<Store>> tryHub(std::size_t which = 0, const StoreKeys& keys = {}) {
        return openPostgres(folders.at(which).text(), {address, {}}, keys);
    }
    std::unique_ptr<Store> hub(std::size_t which = 0) {
        auto opened = tryHub(which);
        REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error().text()));
        return std::move(*opened);
    }
    std::string sql(const std::string& text) { return server.as(Postgres::kUser, "house", text); }

    Postgres server;
    std::string address;
    std::array<TemporaryFolder, 3> folders;
};

std::string textOf(const char* address, const std::filesystem::path& file = {}) {
    auto text = connectionText({address, file});
    return text ? std::string(text->view()) : "";
}

} // namespace

TEST_CASE("an address holds no password, and says nothing of it") {
    for (const char* with : {"postgresql://hub:Geheim1@db.example.org/souffleur",
                             "host=/run dbname=souffleur password=Geheim1",
                             "postgresql://hub@db.example.org/souffleur?password=Geheim1"}) {
        const auto text = connectionText({with, {}});
        REQUIRE_FALSE(text.has_value());
        CHECK(text.error().code == Code::invalid);
        CHECK(text.error().text().find("Geheim1") == std::string::npos);
    }
    const auto broken = connectionText({"host=db.example.org Geheim1", {}});
    REQUIRE_FALSE(broken.has_value());
    CHECK(broken.error().text().find("Geheim1") == std::string::npos);
    CHECK(connectionText({"host=/run", {}}).error().code == Code::invalid);
}

TEST_CASE("a connection to another machine is protected") {
    CHECK(textOf("postgresql://hub@db.example.org/souffleur").find("sslmode='verify-full'") !=
          std::string::npos);
    CHECK(textOf("postgresql://hub@db.example.org/souffleur?sslmode=require")
              .find("sslmode='require'") != std::string::npos);
    for (const char* open : {"postgresql://hub@db.example.org/souffleur?sslmode=prefer",
                             "postgresql://hub@db.example.org/souffleur?sslmode=disable",
                             "host=/run,db.example.org dbname=souffleur sslmode=allow",
                             "hostaddr=192.0.2.7 dbname=souffleur sslmode=disable"})
        CHECK(connectionText({open, {}}).error().code == Code::refused);
    CHECK(textOf("host=/run dbname=souffleur").find("verify-full") == std::string::npos);
    CHECK(textOf("host=a.example.org,b.example.org dbname=souffleur")
              .find("target_session_attrs='read-write'") != std::string::npos);
}

TEST_CASE("a machine that the surroundings name is another machine too") {
    // One variable of this process, as it was before at the end.
    struct Variable {
        Variable(const char* its, const char* value) : name(its) {
            if (const char* old = std::getenv(its); old != nullptr) before = old;
            setenv(its, value, 1);
        }
        ~Variable() {
            if (before)
                setenv(name, before->c_str(), 1);
            else
                unsetenv(name);
        }
        Variable(const Variable&) = delete;
        Variable& operator=(const Variable&) = delete;
        const char* name;
        std::optional<std::string> before;
    };
    const auto refused = [](const char* address) {
        const auto text = connectionText({address, {}});
        return !text && text.error().code == Code::refused;
    };
    CHECK(refused("service=house"));
    CHECK(refused("service=house dbname=souffleur host=/run"));
    CHECK(refused("hostaddr=127.0.0.1,192.0.2.7 dbname=souffleur sslmode=disable"));
    {
        const Variable service("PGSERVICE", "house");
        CHECK(refused("host=/run dbname=souffleur"));
    }
    const Variable none("PGSERVICE", "");
    const Variable mode("PGSSLMODE", "disable");
    CHECK(textOf("host=/run dbname=souffleur").find("host='/run'") != std::string::npos);
    CHECK(refused("postgresql://hub@db.example.org/souffleur"));
    CHECK_FALSE(refused("postgresql://hub@db.example.org/souffleur?sslmode=require"));
    const Variable host("PGHOST", "db.example.org");
    CHECK(refused("dbname=souffleur"));
    CHECK_FALSE(refused("dbname=souffleur host=/run"));
    {
        const Variable unsaid("PGSSLMODE", "");
        const std::string text = textOf("dbname=souffleur");
        CHECK(text.find("host='db.example.org'") != std::string::npos);
        CHECK(text.find("sslmode='verify-full'") != std::string::npos);
    }
    // It wins over the host, as libpq has it.
    const Variable number("PGHOSTADDR", "192.0.2.7");
    CHECK(refused("dbname=souffleur host=/run"));
}

TEST_CASE("a password comes from a file of our own") {
    const TemporaryFolder folder;
    const auto file = folder.path() / "password";
    std::ofstream(file) << "it's \\ secret\n";
    std::filesystem::permissions(file, std::filesystem::perms::owner_read |
                                           std::filesystem::perms::owner_write);
    CHECK(textOf("host=/run dbname=souffleur", file).find("password='it\\'s \\\\ secret'") !=
          std::string::npos);
    std::filesystem::permissions(file, std::filesystem::perms::all);
    CHECK(connectionText({"host=/run dbname=souffleur", file}).error().code == Code::refused);
}

TEST_CASE("a server that is too old, a replica, not UTF-8 or forgetful is refused") {
    ServerFacts good{150004, false, false, true, "UTF8"};
    CHECK(checkServer(good).has_value());
    const auto refused = [&](auto change, const char* why) {
        ServerFacts facts = good;
        change(facts);
        const auto fit = checkServer(facts);
        REQUIRE_FALSE(fit.has_value());
        CHECK(fit.error().code == Code::unavailable);
        CHECK(fit.error().message.find(why) != std::string::npos);
    };
    refused([](ServerFacts& f) { f.version = 140011; }, "too old");
    refused([](ServerFacts& f) { f.standby = true; }, "replica");
    refused([](ServerFacts& f) { f.readOnly = true; }, "replica");
    refused([](ServerFacts& f) { f.encoding = "SQL_ASCII"; }, "UTF-8");
    refused([](ServerFacts& f) { f.durable = false; }, "fsync");
}

TEST_CASE("arguments are numbered as PostgreSQL has them") {
    CHECK(numbered("a = ? AND b = '?' AND c = ?") == "a = $1 AND b = '?' AND c = $2");
    CHECK(numbered("x = ?2, y = ?1, z = ?2") == "x = $2, y = $1, z = $2");
}

TEST_CASE("a server that is away, or the wrong database, is told in words") {
    Town town;
    const TemporaryFolder folder;
    const auto open = [&](const std::string& address) {
        return openPostgres(folder.text(), {address, {}}, {}).error();
    };
    CHECK(open(town.server.address("nowhere")).message.find("no such database") !=
          std::string::npos);
    CHECK(open(town.server.address("house", "stranger")).message.find("let the hub in") !=
          std::string::npos);
    CHECK(open("host=" + folder.text() + " dbname=house").code == Code::unavailable);
    const std::string other = town.server.database("other");
    town.server.as(Postgres::kUser, "other", "CREATE TABLE tickets (n INTEGER)");
    CHECK(open(other).code == Code::conflict);
    const std::string latin = town.server.address("latin");
    town.server.as("owner", "postgres",
                   "CREATE DATABASE latin OWNER hub TEMPLATE template0 ENCODING 'SQL_ASCII' "
                   "LOCALE 'C'");
    CHECK(open(latin).message.find("UTF-8") != std::string::npos);
    town.server.as("owner", "postgres",
                   "ALTER DATABASE house SET default_transaction_read_only = on");
    CHECK(open(town.address).message.find("replica") != std::string::npos);
}

TEST_CASE("a house's database takes no other house's folder, and no older hub") {
    Town town;
    (void) town.hub();
    StoreKeys others;
    others.contactKey.fill(9);
    CHECK(town.tryHub(1, others).error().code == Code::conflict);
    auto hub = town.hub(1);
    town.sql("UPDATE souffleur_hub SET version = 99");
    CHECK(hub->putSetting("x", "y").error().code == Code::unavailable);
    CHECK(town.tryHub(0).error().code == Code::unsupported);
}

TEST_CASE("hubs that open a new database at once agree on its tables") {
    Town town;
    std::atomic<int> opened = 0;
    std::vector<std::thread> all;
    for (std::size_t i = 0; i < town.folders.size(); ++i)
        all.emplace_back([&town, &opened, i] { opened += town.tryHub(i).has_value() ? 1 : 0; });
    for (std::thread& each : all) each.join();
    CHECK(opened == 3);
    CHECK(town.sql("SELECT count(*) FROM shards") == "64");
}

TEST_CASE("a reader that follows while hubs write on one database misses nothing") {
    Town town;
    const auto one = town.hub(0);
    const auto two = town.hub(1);
    const auto three = town.hub(2);
    std::vector<TestOrigin> tills{TestOrigin(1), TestOrigin(2)};
    for (TestOrigin& till : tills) {
        REQUIRE(one->enrol(till.enrolment()).has_value());
        for (int i = 0; i < 300; ++i)
            till.add(till.newSubject(), test::act(Choice::given), kNoon + i);
    }
    std::atomic<int> writing = 2;
    std::atomic<int> failed = 0;
    const auto push = [&](Store& hub, const TestOrigin& till) {
        for (std::size_t at = 1; at <= 300; at += 5)
            failed += till.push(hub, at, at + 4).has_value() ? 0 : 1;
        --writing;
    };
    std::thread first(push, std::ref(*one), std::cref(tills[0]));
    std::thread second(push, std::ref(*two), std::cref(tills[1]));
    std::set<EventId> got;
    Cursor cursor;
    std::size_t served = 0;
    for (bool last = false; !last;) {
        last = writing == 0;
        for (bool more = true; more;) {
            const auto page = three->pull(cursor, 100, OriginId{});
            REQUIRE(page.has_value());
            served += page->events.size();
            for (const Outgoing& event : page->events)
                got.insert(wire::decodeHeader(event.header)->event.id);
            cursor = page->next;
            more = page->more;
        }
    }
    first.join();
    second.join();
    CHECK(failed == 0);
    CHECK(got.size() == 600);
    CHECK(served == 600);
    CHECK(town.sql("SELECT count(*) FROM (SELECT shard FROM events GROUP BY shard HAVING "
                   "max(pos) <> count(*) OR count(DISTINCT pos) <> count(*)) AS wrong") == "0");
    CHECK(three->verify().value() == one->verify().value());
}

TEST_CASE("hubs that append to head office's chain at once do not fork it") {
    Town town;
    const auto one = town.hub(0);
    const auto two = town.hub(1);
    TestOrigin office = headOffice(*one);
    office.add(office.newSubject(), test::act(Choice::refused, {}, consent::Method::import), kNoon);
    REQUIRE(office.push(*one, 1, 1).has_value());
    // The other had asked before that where the chain ends.
    const auto outrun = two->place(office.id, 1, {}, office.events, kNoon);
    REQUIRE_FALSE(outrun.has_value());
    CHECK(outrun.error().code == Code::conflict);
    CHECK(outrun.error().where != "fork");
    CHECK(two->origin(office.id)->status == OriginStatus::active);
}

TEST_CASE("a server that went away and came back is found again, and lost nothing") {
    Town town;
    const auto hub = town.hub();
    TestOrigin till(3);
    REQUIRE(hub->enrol(till.enrolment()).has_value());
    for (int i = 0; i < 6; ++i) till.add(till.newSubject(), test::act(Choice::refused), kNoon + i);
    REQUIRE(till.push(*hub, 1, 2).has_value());
    town.server.end(SIGQUIT); // as if the machine had gone down
    const auto away = till.push(*hub, 3, 4);
    REQUIRE_FALSE(away.has_value());
    CHECK(away.error().code == Code::unavailable);
    CHECK(hub->counts(kNoon).error().code == Code::unavailable);
    town.server.start();
    auto again = till.push(*hub, 3, 6);
    REQUIRE_MESSAGE(test::eventually([&] {
                        if (!again) again = till.push(*hub, 3, 6);
                        return again.has_value();
                    }),
                    (again ? "" : again.error().text()));
    CHECK(again->seq == 6);
    CHECK(hub->counts(kNoon)->events == 6);
    CHECK(hub->verify().has_value());
}

TEST_CASE("a hub whose session is ended in the middle goes on by itself") {
    Town town;
    const auto hub = town.hub();
    TestOrigin till(4);
    REQUIRE(hub->enrol(till.enrolment()).has_value());
    till.add(till.newSubject(), test::act(Choice::refused), kNoon);
    town.server.as("owner", "postgres",
                   "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'hub'");
    const auto placed = till.push(*hub, 1, 1);
    REQUIRE_MESSAGE(placed.has_value(), placed.error().text());
    CHECK(placed->placed == 1);
}

TEST_CASE("who waits too long for another writer is told to come back") {
    Town town;
    const auto hub = town.hub();
    pqxx::connection other(town.address);
    pqxx::nontransaction door(other);
    door.exec("BEGIN; SELECT version FROM souffleur_hub FOR UPDATE");
    CHECK(hub->putSetting("a", "b").error().code == Code::unavailable);
    CHECK(hub->counts(kNoon).has_value()); // reading goes on
    door.exec("ROLLBACK");
    CHECK(hub->putSetting("a", "b").has_value());
}

TEST_CASE("a database that went back to a backup begins another line at the next write") {
    Town town;
    const auto hub = town.hub();
    TestOrigin till(5);
    REQUIRE(hub->enrol(till.enrolment()).has_value());
    const auto line = [&] { return hub->servedFrom(till.id, {})->line; };
    const auto before = line();
    REQUIRE(hub->putSetting("a", "b").has_value());
    CHECK(line() == before);
    town.sql("UPDATE settings SET value = 'of another cluster' WHERE name = 'lineage'");
    REQUIRE(hub->putSetting("a", "c").has_value());
    CHECK(line() != before);
    const auto now = line();
    REQUIRE(hub->putSetting("a", "d").has_value());
    CHECK(line() == now);
}

TEST_CASE("an erasure is over when no reader of before it is left") {
    Town town;
    const auto hub = town.hub();
    TestOrigin till(6);
    TestOrigin office = headOffice(*hub);
    REQUIRE(hub->enrol(till.enrolment()).has_value());
    const wire::PersonData person = anna();
    const SubjectId subject = till.newSubject();
    till.add(subject, test::act(Choice::given), kNoon, &person);
    office.add(subject, consent::Erase{}, kNoon + 10);
    REQUIRE(till.push(*hub, 1, 1).has_value());
    CHECK(hub->maintain().value());
    {
        pqxx::connection other(town.address);
        pqxx::nontransaction door(other);
        door.exec("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM events");
        REQUIRE(office.push(*hub, 1, 1).has_value());
        CHECK(hub->counts(kNoon)->forgetting);
        CHECK_FALSE(hub->maintain().value());
        door.exec("ROLLBACK");
    }
    CHECK(hub->maintain().value());
    CHECK_FALSE(hub->counts(kNoon)->forgetting);
    CHECK(hub->newestPayload(subject).value() == 0);
}

TEST_CASE("hubs whose packs differ do not undo each other's rules for ever") {
    Town town;
    const auto one = town.hub(0);
    const auto two = town.hub(1);
    consent::StateRules strict;
    strict.liftEvidence = {consent::Method::paper};
    REQUIRE(one->useRules({}).has_value());
    REQUIRE(two->useRules(strict).has_value());
    const auto rules = [&] {
        return town.sql("SELECT md5(value) FROM settings WHERE name = 'state-rules'");
    };
    const std::string strictly = rules();
    REQUIRE(one->useRules({}).has_value()); // its minute came round
    CHECK(rules() == strictly);
    CHECK(one->verify().value() == two->verify().value());
}
