#include "sync/store/SqliteSession.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

#include "sync/store/SqlStore.h"

namespace souffleur::store {
namespace {

constexpr std::array kMigrations{"001-events.sql",   "002-house.sql",        "003-safe.sql",
                                 "004-wordings.sql", "005-clocks.sql",       "006-forks.sql",
                                 "007-times.sql",    "008-slips.sql",        "009-slips.sql",
                                 "010-trees.sql",    "011-office.sql",       "012-mails.sql",
                                 "013-sealed.sql",   "014-copies.sql",       "015-kept.sql",
                                 "016-early.sql",    "017-fingerprints.sql", "018-surveys.sql"};
constexpr int kBusyTimeoutMs = 5000;
/// The first schema whose contact points and facts do not go by a till's word about time, nor by
/// one that takes back head office's, and whose bounces a later confirmation heals.
constexpr int kWordsSettled = 11;

/// An SQLite failure as an Error without the statement's values.
Error storageError(int code) {
    const auto is = [code](int c) { return (code & 0xff) == c; };
    if (is(SQLITE_FULL))
        return {Code::storage, "the hub's disk is full: free space, nothing was stored", "hub.db"};
    if (is(SQLITE_READONLY)) return {Code::storage, "the hub's data folder is read-only", "hub.db"};
    if (is(SQLITE_CORRUPT) || is(SQLITE_NOTADB)) {
        return {Code::corrupt, "the hub's database is damaged: restore the last backup", "hub.db"};
    }
    return {Code::storage, "the hub's database failed (" + std::to_string(code) + ")", "hub.db"};
}

template <typename F>
auto told(F&& work) -> decltype(work()) {
    try {
        return work();
    } catch (const SQLite::Exception& failure) {
        throw DatabaseFailure(storageError(failure.getErrorCode()));
    }
}

/// SQLite's own interface: a hub that takes a backlog in runs twenty of these for an event.
class SqlitePrepared final : public Prepared {
public:
    SqlitePrepared(SQLite::Database& db, const std::string& text) {
        check(sqlite3_prepare_v3(db.getHandle(), text.c_str(), static_cast<int>(text.size()) + 1,
                                 SQLITE_PREPARE_PERSISTENT, &_statement, nullptr));
    }
    ~SqlitePrepared() override { sqlite3_finalize(_statement); }

    void bindBytes(int index, std::string_view bytes) override {
        // A null pointer would bind NULL: an empty blob is not the same thing.
        const char* data = bytes.empty() ? "" : bytes.data();
        check(sqlite3_bind_blob(_statement, index, data, static_cast<int>(bytes.size()),
                                SQLITE_TRANSIENT));
    }
    void bindText(int index, std::string_view text) override {
        const char* data = text.empty() ? "" : text.data();
        check(sqlite3_bind_text(_statement, index, data, static_cast<int>(text.size()),
                                SQLITE_TRANSIENT));
    }
    void bindNumber(int index, std::int64_t value) override {
        check(sqlite3_bind_int64(_statement, index, value));
    }
    bool step() override {
        if (_done) throw DatabaseFailure(storageError(SQLITE_MISUSE)); // it would begin anew
        const int came = sqlite3_step(_statement);
        if (came == SQLITE_ROW) return true;
        if (came != SQLITE_DONE) throw DatabaseFailure(storageError(came));
        _done = true;
        return false;
    }
    int run() override {
        if (step()) throw DatabaseFailure(storageError(SQLITE_MISUSE)); // rows that nobody reads
        return sqlite3_changes(sqlite3_db_handle(_statement));
    }
    int columns() override { return sqlite3_column_count(_statement); }
    std::string_view bytes(int column) override {
        const void* data = sqlite3_column_blob(_statement, column);
        if (data == nullptr) return {};
        return {static_cast<const char*>(data),
                static_cast<std::size_t>(sqlite3_column_bytes(_statement, column))};
    }
    std::int64_t number(int column) override { return sqlite3_column_int64(_statement, column); }
    void reset() noexcept override {
        sqlite3_reset(_statement);
        sqlite3_clear_bindings(_statement);
        _done = false;
    }

private:
    static void check(int outcome) {
        if (outcome != SQLITE_OK) throw DatabaseFailure(storageError(outcome));
    }

    sqlite3_stmt* _statement = nullptr;
    bool _done = false;
};

} // namespace

SqliteStatements::SqliteStatements(SQLite::Database& db)
    : _db(db), _texts(statementTexts({"statements.sql", "sqlite.sql"})) {}

SqliteStatements::~SqliteStatements() = default;

Prepared& SqliteStatements::operator[](std::string_view name) {
    if (const auto found = _prepared.find(name); found != _prepared.end()) return *found->second;
    const auto text = _texts.find(name);
    if (text == _texts.end()) throw std::logic_error("no statement " + std::string(name));
    auto& slot = _prepared[std::string(name)];
    slot = std::make_unique<SqlitePrepared>(_db, text->second);
    return *slot;
}

void makeTables(SQLite::Database& db, std::initializer_list<std::string_view> files) {
    told([&] {
        for (const std::string_view each : files) db.exec(std::string(file(each)));
    });
}

SqliteSession::SqliteSession(const std::string& name, FolderLock lock)
    : _lock(std::move(lock)), _db(told([&] {
          return SQLite::Database(name, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE,
                                  kBusyTimeoutMs);
      })),
      _statements(_db) {
    told([&] {
        _db.exec("PRAGMA journal_mode = WAL");
        _db.exec("PRAGMA synchronous = FULL");
        _db.exec("PRAGMA secure_delete = ON");
        _db.exec("PRAGMA cache_size = -32768");
        // A backlog changes the same pages batch after batch: into the file goes the last of them.
        // What is durable does not depend on it; a start after a crash reads 32 MB at most.
        _db.exec("PRAGMA wal_autocheckpoint = 8000");
    });
}

Result<int> SqliteSession::migrate() {
    try {
        SQLite::Transaction transaction(_db, SQLite::TransactionBehavior::IMMEDIATE);
        const int version = _db.execAndGet("PRAGMA user_version").getInt();
        if (version > static_cast<int>(kMigrations.size())) {
            return fail(Code::unsupported,
                        "the database was made by a newer souffleur-hub: update this one");
        }
        for (std::size_t i = static_cast<std::size_t>(version); i < kMigrations.size(); ++i) {
            _db.exec(std::string(file(kMigrations.at(i))));
        }
        _db.exec("PRAGMA user_version = " + std::to_string(kMigrations.size()));
        for (std::size_t shard = 0; version == 0 && shard < kShards; ++shard) {
            _db.exec("INSERT INTO shards (shard, pos) VALUES (" + std::to_string(shard) + ", 0)");
        }
        if (version > 0 && version < kWordsSettled)
            Query(_statements["setting-put"]).with(kResettle, Blob{"1"}).run();
        transaction.commit();
        return version;
    } catch (const SQLite::Exception& failure) {
        return tl::make_unexpected(storageError(failure.getErrorCode()));
    }
}

void SqliteSession::begin(Mode mode) {
    if (mode == Mode::loose) return;
    told([&] {
        if (mode == Mode::snapshot)
            _transaction.emplace(_db);
        else
            _transaction.emplace(_db, SQLite::TransactionBehavior::IMMEDIATE);
    });
}

void SqliteSession::commit() {
    if (!_transaction) return;
    told([&] { _transaction->commit(); });
    _transaction.reset();
}

void SqliteSession::rollback() noexcept {
    _transaction.reset();
}

/// What was deleted is still in the write-ahead log until that is truncated.
bool SqliteSession::forget(const std::string& /*mark*/) {
    return told([&] {
        _db.setBusyTimeout(0); // nobody waits for a reader
        const int done = sqlite3_wal_checkpoint_v2(_db.getHandle(), nullptr,
                                                   SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
        _db.setBusyTimeout(kBusyTimeoutMs);
        if (done == SQLITE_BUSY || done == SQLITE_LOCKED) return false;
        if (done != SQLITE_OK) throw DatabaseFailure(storageError(done));
        return true;
    });
}

Result<std::unique_ptr<Store>> openSqlite(const std::string& folder, const StoreKeys& keys,
                                          bool alone) {
    auto lock = FolderLock::take(folder, alone);
    if (!lock) return passOn(lock);
    const std::string file = folder + "/hub.db";
    // Created by us, so that it is ours alone from its first byte.
    const int made = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (made >= 0) ::close(made);
    try {
        auto session = std::make_unique<SqliteSession>(file, std::move(*lock));
        if (auto migrated = session->migrate(); !migrated) return passOn(migrated);
        return SqlStore::open(std::move(session), keys, alone);
    } catch (const DatabaseFailure& failure) {
        return tl::make_unexpected(failure.error());
    }
}

} // namespace souffleur::store
