#include "plugin/ledger/Database.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "plugin/ledger/Rows.h"

namespace souffleur::ledger {
namespace {

/// Runs `work` and turns what SQLite throws into an error: the only catch of this room.
Result<void> caught(const std::function<Result<void>()>& work) {
    try {
        return work();
    } catch (const SQLite::Exception& failure) {
        return tl::make_unexpected(storageError(failure));
    } catch (const CorruptRow& row) {
        return fail(Code::corrupt, row.what());
    }
}

std::string migrationName(int version) {
    const std::string digits = std::to_string(version);
    return std::string(4 - std::min<std::size_t>(4, digits.size()), '0') + digits + ".sql";
}

Error osError(const char* what) {
    return {Code::storage,
            std::string(what) + ": " + std::generic_category().message(errno) +
                "; check that the data folder is writable and has space",
            {}};
}

} // namespace

Error storageError(const std::exception& failure) {
    const auto* sqlite = dynamic_cast<const SQLite::Exception*>(&failure);
    const int code = sqlite == nullptr ? SQLITE_ERROR : sqlite->getErrorCode() & 0xff;
    const std::string text = sqlite3_errstr(code);
    switch (code) {
    case SQLITE_FULL:
        return {Code::storage, "the disk is full; nothing was written", {}};
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
        return {Code::storage, "the data folder cannot be written; nothing was written", {}};
    case SQLITE_IOERR:
        return {Code::storage, "the disk failed or is full; nothing was written", {}};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return {Code::corrupt, "the ledger's file is damaged; keep it and restore a copy", {}};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return {Code::locked, "another process holds the ledger's file", {}};
    default:
        return {Code::internal, "SQLite: " + text, {}};
    }
}

Database::Database(std::filesystem::path folder, std::size_t cacheKib)
    : _folder(std::move(folder)), _file(_folder / "ledger.db"), _cacheKib(cacheKib),
      _words(std::make_unique<Words>()) {}

Database::~Database() {
    _searcher.connection.reset();
    _reader.connection.reset();
    _writer.connection.reset();
    if (_lock >= 0) ::close(_lock);
}

Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& folder,
                                                 std::size_t cacheKib) {
    std::unique_ptr<Database> out(new Database(folder, cacheKib));
    if (auto ok = out->lockFolder(); !ok) return passOn(ok);
    if (auto ok = caught([&] { return out->openFile(); }); !ok) return passOn(ok);
    return out;
}

Result<void> Database::lockFolder() {
    std::error_code error;
    if (!std::filesystem::exists(_folder, error)) {
        std::filesystem::create_directories(_folder, error);
        if (error) {
            return fail(Code::storage, "the data folder cannot be made: " + error.message());
        }
        std::filesystem::permissions(_folder, std::filesystem::perms::owner_all, error);
    }
    _lock = ::open((_folder / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (_lock < 0) return tl::make_unexpected(osError("the data folder cannot be written"));
    if (::flock(_lock, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) return tl::make_unexpected(osError("the data folder's lock"));
        return fail(Code::locked, "another program has this data folder open; close it first");
    }
    return {};
}

Result<void> Database::openFile() {
    // Made by us so that it, and the log beside it, are nobody else's to read.
    const int made = ::open(_file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (made < 0) return tl::make_unexpected(osError("the ledger's file cannot be opened"));
    ::close(made);
    _writer.connection = std::make_unique<Connection>(_file, Connection::Mode::write, _cacheKib);
    if (auto ok = migrate(); !ok) return ok;
    _reader.connection = std::make_unique<Connection>(_file, Connection::Mode::read, _cacheKib);
    _searcher.connection = std::make_unique<Connection>(_file, Connection::Mode::read, _cacheKib);
    _words->load(*_writer.connection);
    return {};
}

Result<void> Database::migrate() {
    Connection& c = *_writer.connection;
    const auto version = static_cast<int>(c.number("PRAGMA user_version"));
    if (version > kSchemaVersion) {
        return fail(Code::unsupported,
                    "this data folder was made by a newer version; install that one");
    }
    for (int next = version + 1; next <= kSchemaVersion; ++next) {
        c.execute("BEGIN IMMEDIATE");
        c.execute(sqlFile(migrationName(next)));
        c.execute("PRAGMA user_version = " + std::to_string(next));
        c.execute("COMMIT");
    }
    return {};
}

Result<void> Database::inTransaction(const std::function<Result<void>(Connection&)>& work,
                                     const std::function<void()>& undo) {
    const std::lock_guard lock(_writer.mutex);
    Connection& c = *_writer.connection;
    _words->begin();
    bool open = false;
    Result<void> done = caught([&]() -> Result<void> {
        c.query("begin-immediate").run();
        open = true;
        if (auto ok = work(c); !ok) return ok;
        c.query("commit").run();
        open = false;
        return {};
    });
    if (done) return done;
    _words->rollback();
    if (open) {
        // After a full disk SQLite may have rolled back by itself: then this one has nothing to do.
        (void) caught([&]() -> Result<void> {
            c.execute("ROLLBACK");
            return {};
        });
    }
    if (undo) undo();
    return done;
}

Result<void> Database::reading(Lane lane,
                               const std::function<Result<void>(Connection&)>& work) const {
    Guarded& guarded = lane == Lane::point ? _reader : _searcher;
    const std::lock_guard lock(guarded.mutex);
    Connection& c = *guarded.connection;
    Result<void> done = caught([&]() -> Result<void> {
        c.query("begin").run(); // one snapshot for all statements of the work
        auto out = work(c);
        c.query("commit").run();
        return out;
    });
    if (!done) {
        (void) caught([&]() -> Result<void> {
            c.execute("ROLLBACK");
            return {};
        });
    }
    return done;
}

Result<void> Database::readLong(const std::function<Result<void>(Connection&)>& work) const {
    return caught([&]() -> Result<void> {
        Connection own(_file, Connection::Mode::read, _cacheKib);
        own.execute("BEGIN");
        return work(own);
    });
}

Result<void> Database::maintain(const std::function<Result<void>(Connection&)>& work) {
    const std::lock_guard lock(_writer.mutex);
    return caught([&] { return work(*_writer.connection); });
}

std::uint64_t Database::fileBytes() const {
    std::uint64_t sum = 0;
    for (const char* suffix : {"", "-wal"}) {
        std::error_code error;
        const auto size = std::filesystem::file_size(_file.string() + suffix, error);
        if (!error) sum += size;
    }
    return sum;
}

} // namespace souffleur::ledger
