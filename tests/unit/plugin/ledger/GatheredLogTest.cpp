#include "plugin/ledger/GatheredLog.h"

#include <sqlite3.h>

#include <map>

#include "plugin/base/Random.h"
#include "tests/support/Property.h"
#include "tests/support/TemporaryFolder.h"

using namespace souffleur;
using namespace souffleur::ledger;

namespace {

/// One SQLite connection, through a VFS or the system's own.
class Base {
public:
    Base(const std::string& file, const char* vfs) {
        REQUIRE(sqlite3_open_v2(file.c_str(), &_db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                                vfs) == SQLITE_OK);
        run("PRAGMA journal_mode=WAL");
    }
    ~Base() { sqlite3_close(_db); }
    Base(const Base&) = delete;
    Base& operator=(const Base&) = delete;

    void run(const std::string& sql) const {
        const int code = sqlite3_exec(_db, sql.c_str(), nullptr, nullptr, nullptr);
        REQUIRE_MESSAGE(code == SQLITE_OK, sqlite3_errmsg(_db));
    }
    /// Each row's number and how long its text is, when every letter of it is the row's own.
    [[nodiscard]] std::map<int, int> rows() const {
        std::map<int, int> out;
        sqlite3_stmt* all = nullptr;
        REQUIRE(sqlite3_prepare_v2(_db, "SELECT n, t FROM rows", -1, &all, nullptr) == SQLITE_OK);
        while (sqlite3_step(all) == SQLITE_ROW) {
            const int number = sqlite3_column_int(all, 0);
            const int size = sqlite3_column_bytes(all, 1);
            const std::string expected(static_cast<std::size_t>(size), letter(number, size));
            const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(all, 1));
            out[number] = expected == text ? size : -1;
        }
        REQUIRE(sqlite3_finalize(all) == SQLITE_OK);
        return out;
    }
    void put(int number, int size) const {
        run("INSERT OR REPLACE INTO rows VALUES (" + std::to_string(number) + ", '" +
            std::string(static_cast<std::size_t>(size), letter(number, size)) + "')");
    }
    [[nodiscard]] bool sound() const {
        bool ok = false;
        sqlite3_stmt* check = nullptr;
        REQUIRE(sqlite3_prepare_v2(_db, "PRAGMA integrity_check", -1, &check, nullptr) ==
                SQLITE_OK);
        if (sqlite3_step(check) == SQLITE_ROW) {
            ok = std::string("ok") == reinterpret_cast<const char*>(sqlite3_column_text(check, 0));
        }
        sqlite3_finalize(check);
        return ok;
    }

private:
    static char letter(int number, int size) {
        return static_cast<char>('a' + (number + size) % 26);
    }

    sqlite3* _db = nullptr;
};

/// A transaction of any size: within one gathered piece, over many, and so large that SQLite writes
/// pages before the end and reads them again.
void someTransaction(const Base& base, SeededRandom& random, std::map<int, int>& expected) {
    const std::map<int, int> before = expected;
    base.run("BEGIN IMMEDIATE");
    const auto changes = 1 + random.below(random.below(4) == 0 ? 200 : 5);
    for (std::uint64_t i = 0; i < changes; ++i) {
        const int number = static_cast<int>(random.below(300));
        const int size = static_cast<int>(random.below(3000));
        base.put(number, size);
        expected[number] = size;
    }
    REQUIRE(base.rows() == expected);
    if (random.below(4) != 0) {
        base.run("COMMIT");
        return;
    }
    base.run("ROLLBACK");
    expected = before;
}

} // namespace

PROPERTY("what was committed through a gathered log is there for every other connection",
         [](std::uint64_t seed) {
             const test::TemporaryFolder folder;
             const std::string file = (folder.path() / "rows.db").string();
             SeededRandom random(seed);
             GatheredLog log;
             const Base writer(file, log.name());
             writer.run("CREATE TABLE rows (n INTEGER PRIMARY KEY, t TEXT)");
             writer.run("PRAGMA cache_size = 10");
             writer.run("PRAGMA synchronous = FULL");
             const Base reader(file, nullptr);
             std::map<int, int> expected;
             for (int i = 0; i < 12; ++i) {
                 const auto dice = random.below(8);
                 if (dice == 0) writer.run("PRAGMA wal_checkpoint(PASSIVE)");
                 if (dice == 1) writer.run("PRAGMA wal_checkpoint(TRUNCATE)");
                 if (dice == 2) {
                     log.gather(false);
                     writer.run("PRAGMA synchronous = OFF");
                 }
                 if (dice == 3) {
                     writer.run("PRAGMA synchronous = FULL");
                     log.gather(true);
                 }
                 someTransaction(writer, random, expected);
                 RC_ASSERT(reader.rows() == expected);
             }
             RC_ASSERT(reader.sound());
             // A program that dies leaves the log as it is: what another finds must be whole.
             std::filesystem::create_directory(folder.path() / "copy");
             for (const char* suffix : {"", "-wal"}) {
                 std::filesystem::copy_file(file + suffix, folder.path() / "copy" /
                                                               ("rows.db" + std::string(suffix)));
             }
             const Base later((folder.path() / "copy" / "rows.db").string(), nullptr);
             RC_ASSERT(later.rows() == expected);
         })

TEST_CASE("connections with gathered logs of their own do not mix them up") {
    const test::TemporaryFolder folder;
    GatheredLog one;
    GatheredLog two;
    CHECK(std::string(one.name()) != two.name());
    const Base first((folder.path() / "1.db").string(), one.name());
    const Base second((folder.path() / "2.db").string(), two.name());
    for (const Base* each : {&first, &second}) {
        each->run("CREATE TABLE rows (n INTEGER PRIMARY KEY, t TEXT)");
        each->run("BEGIN IMMEDIATE");
    }
    first.put(1, 10);
    second.put(2, 20);
    first.run("COMMIT");
    second.run("COMMIT");
    CHECK(first.rows() == std::map<int, int>{{1, 10}});
    CHECK(second.rows() == std::map<int, int>{{2, 20}});
}
