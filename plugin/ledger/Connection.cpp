#include "plugin/ledger/Connection.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include <cstring>
#include <stdexcept>
#include <unordered_map>

#include "plugin/ledger/GatheredLog.h"

namespace souffleur::ledger {

namespace sql {
std::string_view file(std::string_view name); // made by embed_sql
}

std::string_view sqlFile(std::string_view name) {
    return sql::file(name);
}

namespace {

/// statements.sql by name: "-- name: x" begins each.
std::unordered_map<std::string_view, std::string_view> namedStatements() {
    constexpr std::string_view kMark = "-- name: ";
    const std::string_view text = sqlFile("statements.sql");
    std::unordered_map<std::string_view, std::string_view> out;
    std::size_t at = text.find(kMark);
    while (at != std::string_view::npos) {
        const std::size_t nameAt = at + kMark.size();
        const std::size_t bodyAt = text.find('\n', nameAt);
        at = text.find(kMark, bodyAt);
        const std::size_t size = at == std::string_view::npos ? at : at - bodyAt;
        out.emplace(text.substr(nameAt, bodyAt - nameAt), text.substr(bodyAt, size));
    }
    return out;
}

constexpr int kBusyMs = 5000;

/// SQLite tells of every end of a transaction without a commit: one that was asked for, one after
/// an error, a commit that failed (https://www.sqlite.org/c3ref/commit_hook.html). Not of a
/// savepoint's.
void forgetRolledBack(SQLite::Database& database, GatheredLog& log) {
    sqlite3_rollback_hook(
        database.getHandle(), [](void* held) { static_cast<GatheredLog*>(held)->forget(); }, &log);
}

} // namespace

/// What was asked for lately, by where the name lies: mostly a text of the program.
struct Recent {
    std::string_view name; ///< of the texts below
    SQLite::Statement* statement = nullptr;
};

struct Connection::Statements {
    static constexpr std::size_t kRecent = 64;

    Recent& recent(std::string_view name) {
        return lately[reinterpret_cast<std::uintptr_t>(name.data()) % kRecent];
    }

    std::array<Recent, kRecent> lately{};
    std::unordered_map<std::string_view, std::string_view> texts = namedStatements();
    std::unordered_map<std::string_view, std::unique_ptr<SQLite::Statement>> prepared;
};

Query::~Query() {
    if (_statement != nullptr) _statement->tryReset();
}

Query& Query::bind(int index, std::int64_t value) {
    _statement->bind(index, value);
    return *this;
}

Query& Query::bindText(int index, std::string_view text) {
    _statement->bind(index, std::string(text));
    return *this;
}

Query& Query::bindBlob(int index, std::string_view bytes) {
    // An empty view may hold a null pointer, which SQLite would take for NULL.
    _statement->bind(index, bytes.empty() ? static_cast<const void*>("") : bytes.data(),
                     static_cast<int>(bytes.size()));
    return *this;
}

Query& Query::bindBlobOrNull(int index, std::string_view bytes) {
    return bytes.empty() ? bindNull(index) : bindBlob(index, bytes);
}

Query& Query::bindNull(int index) {
    _statement->bind(index);
    return *this;
}

bool Query::step() {
    return _statement->executeStep();
}

void Query::run() {
    _statement->exec();
}

void Query::again() {
    _statement->reset();
}

std::int64_t Query::integer(int column) const {
    return _statement->getColumn(column).getInt64();
}

std::string_view Query::bytes(int column) const {
    const SQLite::Column value = _statement->getColumn(column);
    const auto* data = static_cast<const char*>(value.getBlob());
    return data == nullptr ? std::string_view()
                           : std::string_view(data, static_cast<std::size_t>(value.getBytes()));
}

bool Query::isNull(int column) const {
    return _statement->getColumn(column).isNull();
}

Uuid Query::uuid(int column) const {
    Uuid out;
    const std::string_view raw = bytes(column);
    if (raw.size() == out.bytes.size()) std::memcpy(out.bytes.data(), raw.data(), raw.size());
    return out;
}

crypto::Hash Query::hash(int column) const {
    crypto::Hash out{};
    const std::string_view raw = bytes(column);
    if (raw.size() == out.size()) std::memcpy(out.data(), raw.data(), raw.size());
    return out;
}

Connection::Connection(const std::filesystem::path& file, Mode mode, std::size_t cacheKib)
    // One thread at a time by our own locks: SQLite need not lock as well.
    : _log(mode == Mode::write ? std::make_unique<GatheredLog>() : nullptr),
      _database(std::make_unique<SQLite::Database>(
          file.string(),
          (mode == Mode::write ? SQLite::OPEN_READWRITE : SQLite::OPEN_READONLY) |
              SQLite::OPEN_NOMUTEX,
          kBusyMs, _log ? _log->name() : "")),
      _statements(std::make_unique<Statements>()) {
    _database->exec("PRAGMA cache_size = -" + std::to_string(cacheKib));
    _database->exec("PRAGMA temp_store = MEMORY");
    _database->exec("PRAGMA trusted_schema = OFF");
    if (mode == Mode::write) {
        forgetRolledBack(*_database, *_log);
        _database->exec("PRAGMA journal_mode = WAL");
        syncCommits(true);
        _database->exec("PRAGMA secure_delete = ON");
        _database->exec("PRAGMA journal_size_limit = 4194304");
    }
}

Connection::~Connection() = default;

Query Connection::query(std::string_view name) {
    Recent& recent = _statements->recent(name);
    if (recent.statement != nullptr && recent.name == name) return Query(*recent.statement);
    const auto ready = _statements->prepared.find(name);
    if (ready != _statements->prepared.end()) {
        recent = {ready->first, ready->second.get()};
        return Query(*ready->second);
    }
    const auto text = _statements->texts.find(name);
    if (text == _statements->texts.end()) {
        throw std::logic_error("no statement named " + std::string(name));
    }
    auto made = std::make_unique<SQLite::Statement>(*_database, std::string(text->second));
    return Query(*_statements->prepared.emplace(text->first, std::move(made)).first->second);
}

void Connection::execute(std::string_view sql) {
    _database->exec(std::string(sql));
}

std::int64_t Connection::number(std::string_view sql) {
    SQLite::Statement statement(*_database, std::string(sql));
    return statement.executeStep() ? statement.getColumn(0).getInt64() : 0;
}

void Connection::syncCommits(bool on) {
    if (!on) _log->gather(false);
    _database->exec(on ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = OFF");
    if (on) _log->gather(true);
}

std::int64_t Connection::lastRowId() const {
    return _database->getLastInsertRowid();
}

} // namespace souffleur::ledger
