#include "plugin/ledger/GatheredLog.h"

#include <sqlite3.h>

#include <map>
#include <utility>

#include "plugin/base/Random.h"
#include "plugin/ledger/Database.h"
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

    /// What SQLite says to it; for what may fail.
    [[nodiscard]] int tryRun(const std::string& sql) const {
        return sqlite3_exec(_db, sql.c_str(), nullptr, nullptr, nullptr);
    }
    [[nodiscard]] bool inTransaction() const { return sqlite3_get_autocommit(_db) == 0; }

private:
    static char letter(int number, int size) {
        return static_cast<char>('a' + (number + size) % 26);
    }

    sqlite3* _db = nullptr;
};

/// A transaction of any size: within one gathered piece, over many, and so large that SQLite writes
/// pages before the end and reads them again.
void someTransaction(const Base& base, GatheredLog& log, SeededRandom& random,
                     std::map<int, int>& expected) {
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
    log.forget();
    expected = before;
}

/// While it lives every log that is opened lies on a disk of which one write can be made to fail.
class FaultyDisk {
public:
    FaultyDisk() : _vfs(*system()) {
        code = SQLITE_OK;
        _vfs.zName = "faulty-disk";
        _vfs.pNext = nullptr;
        _vfs.xOpen = open;
        REQUIRE(sqlite3_vfs_register(&_vfs, 1) == SQLITE_OK);
    }
    ~FaultyDisk() { sqlite3_vfs_unregister(&_vfs); }
    FaultyDisk(const FaultyDisk&) = delete;
    FaultyDisk& operator=(const FaultyDisk&) = delete;

    static void failOnce(int with) { code = with; }
    [[nodiscard]] static bool hasFailed() { return code == SQLITE_OK; }

private:
    static sqlite3_vfs* system() {
        static sqlite3_vfs* const found = sqlite3_vfs_find("unix");
        return found;
    }
    static int open(sqlite3_vfs* /*vfs*/, const char* name, sqlite3_file* file, int flags,
                    int* out) {
        const int opened = system()->xOpen(system(), name, file, flags, out);
        if (opened != SQLITE_OK || (flags & SQLITE_OPEN_WAL) == 0) return opened;
        real = file->pMethods;
        faulty = *real;
        faulty.xWrite = write;
        file->pMethods = &faulty;
        return opened;
    }
    static int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 at) {
        if (code != SQLITE_OK) return std::exchange(code, SQLITE_OK);
        return real->xWrite(file, data, size, at);
    }

    // SQLite hands a method nothing of ours.
    static inline int code = SQLITE_OK;
    static inline const sqlite3_io_methods* real = nullptr;
    static inline sqlite3_io_methods faulty{};

    sqlite3_vfs _vfs;
};

/// So many pages of rows from `first` on; more than the caches of these tests hold.
std::map<int, int> putPages(const Base& base, int first) {
    std::map<int, int> out;
    for (int number = first; number < first + 14; ++number) {
        base.put(number, 3500);
        out[number] = 3500;
    }
    return out;
}

Result<int> failure() {
    return fail(Code::internal, "changed my mind");
}

/// A ledger's database with a small cache and a table of rows.
struct Till {
    Till() {
        REQUIRE(database->write<int>([](Connection& c) -> Result<int> {
            c.execute("CREATE TABLE rows (n INTEGER PRIMARY KEY, t TEXT)");
            return 0;
        }));
        // An empty log: a rollback has nothing of it to read, so what is held stays held.
        REQUIRE(database->maintain([](Connection& c) -> Result<void> {
            c.number("PRAGMA wal_checkpoint(TRUNCATE)");
            return {};
        }));
    }
    /// Pages of rows that count as ours.
    static void put(Connection& c) {
        for (int i = 0; i < 14; ++i) {
            c.execute("INSERT INTO rows VALUES (" + std::to_string(i) + ", hex(zeroblob(1700)))");
        }
    }
    [[nodiscard]] std::int64_t count() const {
        return database
            ->read<std::int64_t>([](Connection& c) -> Result<std::int64_t> {
                return c.number("SELECT count(*) FROM rows");
            })
            .value();
    }
    [[nodiscard]] std::string file() const { return database->file().string(); }

    test::TemporaryFolder folder;
    std::unique_ptr<Database> database = Database::open(folder.path(), 20).value();
};

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
                 someTransaction(writer, log, random, expected);
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

TEST_CASE("a late write that fails takes the whole transaction along") {
    int code = 0;
    SUBCASE("full") {
        code = SQLITE_FULL;
    }
    SUBCASE("broken") {
        code = SQLITE_IOERR_WRITE;
    }
    const test::TemporaryFolder folder;
    const FaultyDisk disk;
    GatheredLog log;
    const std::string file = (folder.path() / "rows.db").string();
    const Base writer(file, log.name());
    writer.run("PRAGMA synchronous = FULL");
    writer.run("PRAGMA cache_size = 5");
    writer.run("CREATE TABLE rows (n INTEGER PRIMARY KEY, t TEXT)");
    writer.run("CREATE TABLE copies (n INTEGER PRIMARY KEY, t TEXT)");
    writer.put(99, 10);
    const Base other(file, "unix");
    writer.run("BEGIN IMMEDIATE");
    (void) putPages(writer, 0);
    FaultyDisk::failOnce(code);
    // It reads what was written before its time; SQLite could undo this statement alone.
    CHECK((writer.tryRun("INSERT INTO copies SELECT n, t FROM rows") & 0xff) == SQLITE_IOERR);
    REQUIRE(FaultyDisk::hasFailed());
    CHECK_FALSE(writer.inTransaction());
    // Until it is told that the transaction is over it gives nothing for true.
    CHECK(writer.tryRun("INSERT INTO rows VALUES (98, 'x')") != SQLITE_OK);
    log.forget();
    const std::map<int, int> expected{{99, 10}};
    for (const Base* each : {&writer, &other}) {
        CHECK(each->sound());
        CHECK(each->rows() == expected);
    }
    writer.run("BEGIN IMMEDIATE");
    auto later = putPages(writer, 0);
    writer.run("COMMIT");
    later.merge(std::map(expected));
    for (const Base* each : {&writer, &other}) {
        CHECK(each->sound());
        CHECK(each->rows() == later);
    }
}

TEST_CASE("what was rolled back is not written over what another connection committed") {
    const test::TemporaryFolder folder;
    GatheredLog log;
    const std::string file = (folder.path() / "rows.db").string();
    const Base writer(file, log.name());
    writer.run("PRAGMA synchronous = FULL");
    writer.run("PRAGMA cache_size = 5");
    writer.run("CREATE TABLE rows (n INTEGER PRIMARY KEY, t TEXT)");
    const Base other(file, nullptr);
    CHECK(other.rows().empty());
    writer.run("PRAGMA wal_checkpoint(TRUNCATE)");
    writer.run("BEGIN IMMEDIATE");
    (void) putPages(writer, 0);
    writer.run("ROLLBACK");
    log.forget();
    std::map<int, int> expected;
    for (int number = 50; number < 60; ++number) {
        other.put(number, 9);
        expected[number] = 9;
    }
    CHECK(writer.rows() == expected); // a read: what is held would be written first
    const Base later(file, "unix");
    for (const Base* each : {&writer, &other, &later}) {
        CHECK(each->rows() == expected);
        CHECK(each->sound());
    }
}

TEST_CASE("the ledger's log forgets a transaction that ended without a commit") {
    const FaultyDisk disk;
    Till till;
    SUBCASE("by an error of the work") {
        CHECK_FALSE(till.database->write<int>([](Connection& c) {
            Till::put(c);
            return failure();
        }));
    }
    SUBCASE("by a statement that fails") {
        CHECK_FALSE(till.database->write<int>([](Connection& c) -> Result<int> {
            Till::put(c);
            c.execute("INSERT INTO rows VALUES (0, '')");
            return 0;
        }));
    }
    SUBCASE("by a late write that fails") {
        const auto done = till.database->write<int>([](Connection& c) -> Result<int> {
            FaultyDisk::failOnce(SQLITE_FULL);
            Till::put(c);
            c.execute("UPDATE rows SET t = t || 'x'");
            return 0;
        });
        CHECK(done.error().code == Code::storage);
        CHECK(FaultyDisk::hasFailed());
    }
    SUBCASE("by a commit that fails") {
        const auto done = till.database->write<int>([](Connection& c) -> Result<int> {
            c.execute("INSERT INTO rows VALUES (1, '')");
            FaultyDisk::failOnce(SQLITE_FULL);
            return 0;
        });
        CHECK(done.error().code == Code::storage);
        CHECK(FaultyDisk::hasFailed());
    }
    SUBCASE("outside of the ledger's own transactions") {
        CHECK_FALSE(till.database->maintain([](Connection& c) -> Result<void> {
            c.execute("BEGIN IMMEDIATE");
            Till::put(c);
            FaultyDisk::failOnce(SQLITE_FULL);
            c.execute("COMMIT");
            return {};
        }));
    }
    CHECK(till.count() == 0);
    const Base other(till.file(), "unix");
    std::map<int, int> expected;
    for (int number = 50; number < 60; ++number) {
        other.put(number, 9);
        expected[number] = 9;
    }
    REQUIRE(till.database->write<int>([](Connection& c) -> Result<int> {
        CHECK(c.number("SELECT count(*) FROM rows") == 10);
        c.execute("INSERT INTO rows SELECT 60, replace(hex(zeroblob(4)), '0', 'q') || 'q'");
        return 0;
    }));
    CHECK(till.count() == 11);
    CHECK(other.sound());
    auto rows = other.rows();
    CHECK(rows.erase(60) == 1);
    CHECK(rows == expected);
}
