// rooms: plugin-ledger sync-store
// Promise 2 against the disk itself: the power goes at any write, and what was not synced is gone
// or torn. kill -9 does not show this: the system's memory outlives a process.
#include <sqlite3.h>

#include "plugin/base/Random.h"
#include "sync/store/Store.h"
#include "tests/integration/power_loss/LossyDisk.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestOrigin.h"
#include "tests/unit/plugin/ledger/Captures.h"

using namespace souffleur;
using consent::Choice;
using test::LossyDisk;
using test::TestOrigin;

namespace {

constexpr TimeMs kNoon = 1795521600000;

/// Captures from acks.size() on until the power goes. A client that heard nothing asks again with
/// the same key.
void captureUntilCut(const ledger::LedgerOptions& options, std::vector<ledger::testing::Ack>& acks,
                     const LossyDisk& disk) {
    const ledger::testing::StandingClock clock;
    SystemRandom random;
    auto opened = ledger::Ledger::open(options, clock, random);
    while (opened && !disk.isCut()) {
        const std::uint64_t i = acks.size();
        const auto done =
            (*opened)->append(ledger::testing::capture(i), "capture-" + std::to_string(i));
        if (done) acks.push_back({done->id, done->seq});
    }
}

TestOrigin tillWith(std::size_t count) {
    TestOrigin till(71);
    std::vector<SubjectId> subjects;
    for (int i = 0; i < 23; ++i) subjects.push_back(till.newSubject());
    for (std::size_t i = 0; i < count; ++i) {
        till.add(subjects[i % subjects.size()],
                 test::act(i % 3 == 0 ? Choice::refused : Choice::given),
                 kNoon + static_cast<TimeMs>(i) * kSecondMs);
    }
    return till;
}

/// The last row that a database says it holds after a loss of power; each insert was acknowledged.
int rowsLeft(const char* synchronous, std::uint64_t seed, int& acknowledged) {
    const test::TemporaryFolder folder;
    LossyDisk disk;
    const std::string path = (folder.path() / "bare.db").string();
    const auto run = [](sqlite3* db, const std::string& sql) {
        return sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
    };
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
    REQUIRE(run(db, "PRAGMA journal_mode=WAL; CREATE TABLE t(n INTEGER);"));
    REQUIRE(run(db, std::string("PRAGMA synchronous=") + synchronous));
    disk.cutAfter(40);
    for (acknowledged = 0; run(db, "INSERT INTO t VALUES (1)"); ++acknowledged) {
    }
    sqlite3_close(db);
    disk.settle(seed);
    REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
    sqlite3_stmt* count = nullptr;
    int rows = -1;
    if (sqlite3_prepare_v2(db, "SELECT count(*) FROM t", -1, &count, nullptr) == SQLITE_OK &&
        sqlite3_step(count) == SQLITE_ROW) {
        rows = sqlite3_column_int(count, 0);
    }
    sqlite3_finalize(count);
    sqlite3_close(db);
    return rows;
}

} // namespace

TEST_CASE("the disk of this test loses what SQLite does not sync, and keeps what it does") {
    int lossesWithout = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        int acknowledged = 0;
        CHECK(rowsLeft("FULL", seed, acknowledged) >= acknowledged);
        CHECK(acknowledged > 5);
        if (rowsLeft("NORMAL", seed, acknowledged) < acknowledged) ++lossesWithout;
    }
    CHECK(lossesWithout > 10);
}

TEST_CASE("a till whose power goes at any write keeps every acknowledged answer, once") {
    const ledger::testing::Folder folder;
    const ledger::LedgerOptions options = ledger::testing::optionsFor(folder.path);
    bool powersafe = false;
    SUBCASE("on a disk that spares the neighbours of a write") {
        powersafe = true;
    }
    SUBCASE("on one that may not") {}
    LossyDisk disk(powersafe);
    SeededRandom random(20261122);
    std::vector<ledger::testing::Ack> acks;
    for (int cut = 0; cut < 150; ++cut) {
        disk.cutAfter(1 + random.below(cut % 10 == 0 ? 400 : 60));
        captureUntilCut(options, acks, disk);
        REQUIRE(disk.isCut());
        disk.settle(random.below(UINT64_MAX));
        if (cut % 5 == 0) ledger::testing::checkCaptures(options, acks);
    }
    ledger::testing::checkCaptures(options, acks);
    CHECK(acks.size() > 100);
    CHECK(disk.sectorsLost() > 100);
}

TEST_CASE("an answer can be read at once, on a disk that promises nothing") {
    const ledger::testing::Folder folder;
    const LossyDisk disk;
    const ledger::testing::StandingClock clock;
    SystemRandom random;
    const auto till = ledger::Ledger::open(ledger::testing::optionsFor(folder.path), clock, random);
    REQUIRE(till.has_value());
    for (std::uint64_t i = 1; i <= 20; ++i) {
        REQUIRE((*till)->append(ledger::testing::capture(i)).has_value());
        const auto stats = (*till)->stats();
        REQUIRE_MESSAGE(stats.has_value(), (stats ? "" : stats.error().text()));
        CHECK(stats->ownEvents == i);
    }
}

TEST_CASE("an answer reaches the disk in one write and one sync of the log") {
    const ledger::testing::Folder folder;
    LossyDisk disk(true);
    const ledger::testing::StandingClock clock;
    SystemRandom random;
    auto till = ledger::Ledger::open(ledger::testing::optionsFor(folder.path), clock, random);
    REQUIRE(till.has_value());
    REQUIRE((*till)->append(ledger::testing::capture(0), "capture-0").has_value());
    disk.cutAfter(3);
    CHECK((*till)->append(ledger::testing::capture(1), "capture-1").has_value());
    CHECK_FALSE((*till)->append(ledger::testing::capture(2), "capture-2").has_value());
    till->reset();
    disk.settle(1);
}

TEST_CASE("a hub whose power goes at any write keeps every acknowledged batch, once") {
    const test::TemporaryFolder folder;
    const TestOrigin till = tillWith(900);
    LossyDisk disk;
    SeededRandom random(20261123);
    {
        auto store = store::openSqlite(folder.text(), store::StoreKeys{});
        REQUIRE(store.has_value());
        REQUIRE((*store)->enrol(till.enrolment()).has_value());
    }
    std::uint64_t acknowledged = 0;
    for (int cut = 0; cut < 60 && acknowledged < till.events.size(); ++cut) {
        disk.cutAfter(1 + random.below(80));
        {
            auto store = store::openSqlite(folder.text(), store::StoreKeys{});
            while (store && !disk.isCut() && acknowledged < till.events.size()) {
                const std::size_t last = std::min<std::size_t>(
                    static_cast<std::size_t>(acknowledged) + 1 + random.below(6),
                    till.events.size());
                const auto placed = till.push(**store, static_cast<std::size_t>(acknowledged) + 1,
                                              last, kNoon + kDayMs);
                if (placed) acknowledged = placed->seq;
            }
            disk.cut();
        }
        disk.settle(random.below(UINT64_MAX));
        auto store = store::openSqlite(folder.text(), store::StoreKeys{});
        REQUIRE_MESSAGE(store.has_value(), (store ? "" : store.error().text()));
        const auto origin = (*store)->origin(till.id);
        REQUIRE(origin.has_value());
        CHECK(origin->seq >= acknowledged);
        CHECK(origin->head == till.heads[static_cast<std::size_t>(origin->seq)]);
        CHECK((*store)->counts(kNoon)->events == origin->seq);
        const auto verified = (*store)->verify();
        CHECK_MESSAGE(verified.has_value(), (verified ? "" : verified.error().text()));
        acknowledged = origin->seq;
    }
    CHECK(acknowledged > 50);
    CHECK(disk.sectorsLost() > 50);
}
