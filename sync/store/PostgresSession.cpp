#include "sync/store/PostgresSession.h"

#include <array>
#include <thread>

#include "plugin/crypto/Encoding.h"
#include "sync/store/PostgresStatements.h"
#include "sync/store/SqlStore.h"

namespace souffleur::store {
namespace {

using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

constexpr std::array kMigrations{"postgres-001-hub.sql",    "postgres-012-mails.sql",
                                 "postgres-013-sealed.sql", "postgres-014-copies.sql",
                                 "postgres-015-kept.sql",   "postgres-016-early.sql",
                                 "postgres-018-surveys.sql"};
constexpr int kVersion = static_cast<int>(kMigrations.size());
/// Of one piece of work whose transaction failed without having stored anything.
constexpr int kAttemptsMax = 6;
constexpr int kPauseMs = 20;
constexpr milliseconds kBetweenTriesMs{1000};

/// A writer that waits longer than this tells its device to come back; one that stopped in the
/// middle of its work loses its place.
constexpr const char* kSettings =
    "SET standard_conforming_strings = on; SET bytea_output = 'hex'; SET jit = off; "
    "SET client_min_messages = warning; SET lock_timeout = '10s'; "
    "SET idle_in_transaction_session_timeout = '60s'";
constexpr const char* kBeginRead = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
/// The lock first: what is read behind it was committed by whoever held it before.
constexpr const char* kBeginWrite = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; "
                                    "SELECT version FROM souffleur_hub FOR UPDATE";
constexpr const char* kFacts =
    "SELECT current_setting('server_encoding'), pg_is_in_recovery()::int, "
    "(current_setting('default_transaction_read_only') = 'on')::int, "
    "(current_setting('fsync') = 'on' AND current_setting('full_page_writes') = 'on')::int, "
    "(current_setting('synchronous_commit') = 'off')::int";
/// Another cluster, another timeline of it, another database or tables made anew.
constexpr const char* kLineage =
    "SELECT concat_ws('.', (SELECT system_identifier FROM pg_control_system()), "
    "substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8), "
    "(SELECT oid FROM pg_database WHERE datname = current_database()), "
    "CAST(to_regclass('events') AS oid))";
constexpr const char* kHouse = "house";
constexpr std::array kForgetful{"events",   "quarantine",   "forked",        "subjects",
                                "contacts", "external_ids", "search_tokens", "states"};

Error unknownOutcome() {
    return {Code::unavailable,
            "the database server went away while it stored this, and may have stored it: send it "
            "again",
            "PostgreSQL"};
}

std::string textOf(const pqxx::result& result) {
    return result.empty() || result[0][0].is_null() ? std::string() : result[0][0].c_str();
}

std::unique_ptr<PostgresLink> openLink(const crypto::Secret& text) {
    try {
        return std::make_unique<PostgresLink>(std::string(text.view()));
    } catch (const pqxx::failure& failure) {
        throw DatabaseFailure(connectionError(failure.what()));
    }
}

} // namespace

PostgresSession::PostgresSession(crypto::Secret connection, FolderLock lock)
    : _connection(std::move(connection)), _lock(std::move(lock)),
      _statements(std::make_unique<PostgresStatements>()) {}

PostgresSession::~PostgresSession() {
    drop();
}

Statements& PostgresSession::statements() {
    return *_statements;
}

void PostgresSession::drop() noexcept {
    _statements->useLink(nullptr);
    _link.reset();
    _inTransaction = false;
    _lineage.clear();
}

void PostgresSession::connect() {
    if (_link && _link->alive()) return;
    drop();
    const auto now = Steady::now();
    if (now < _nextTry) throw DatabaseFailure(connectionError({})); // asked a moment ago
    _nextTry = now + kBetweenTriesMs;
    auto link = openLink(_connection);
    const pqxx::result row = link->run(kFacts);
    const auto yes = [&](int column) { return std::string_view(row[0][column].c_str()) == "1"; };
    ServerFacts facts;
    facts.version = link->serverVersion();
    facts.encoding = row[0][0].c_str();
    facts.standby = yes(1);
    facts.readOnly = yes(2);
    facts.durable = yes(3);
    if (auto fit = checkServer(facts); !fit) throw DatabaseFailure(fit.error());
    link->run(kSettings);
    if (yes(4)) link->run("SET synchronous_commit = on");
    _link = std::move(link);
    _statements->useLink(_link.get());
    _nextTry = {};
}

void PostgresSession::begin(Mode mode) {
    connect();
    _inTransaction = true;
    const pqxx::result result = _link->run(mode == Mode::write ? kBeginWrite : kBeginRead);
    if (mode == Mode::write && textOf(result) != std::to_string(kVersion)) {
        throw DatabaseFailure(Error{Code::unavailable,
                                    "the database was changed by another souffleur-hub: this one "
                                    "must be the same version",
                                    "PostgreSQL"});
    }
}

void PostgresSession::commit() {
    if (!_inTransaction) return;
    _statements->flush();
    try {
        _link->run("COMMIT");
    } catch (const DatabaseFailure&) {
        drop();
        throw DatabaseFailure(unknownOutcome());
    }
    _statements->forget();
    _inTransaction = false;
}

void PostgresSession::rollback() noexcept {
    _statements->forget();
    if (!_inTransaction || !_link) return;
    try {
        if (_link->alive()) _link->run("ROLLBACK");
        _inTransaction = false;
        if (_link->alive()) return;
    } catch (const std::exception&) { // NOLINT(bugprone-empty-catch)
        // Without its connection the server rolls back by itself.
    }
    drop();
}

std::string PostgresSession::lineage() {
    if (_lineage.empty()) _lineage = textOf(_link->run(kLineage));
    return _lineage;
}

bool PostgresSession::retry(int attempts) {
    if (attempts >= kAttemptsMax) return false;
    const int most = kPauseMs << attempts;
    const auto drawn = static_cast<int>(_random.below(static_cast<std::uint64_t>(most)));
    std::this_thread::sleep_for(milliseconds(drawn));
    return true;
}

bool PostgresSession::forget(const std::string& mark) {
    const auto own = openLink(_connection);
    own->run(kSettings);
    // A snapshot of before the erasure keeps its rows.
    const pqxx::result held =
        own->run("SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND "
                 "backend_xmin IS NOT NULL AND age(backend_xmin) >= "
                 "age(CAST(CAST(CAST($1 AS NUMERIC) % 4294967296 AS TEXT) AS xid))",
                 SqlValues{mark});
    if (textOf(held) != "0") return false;
    for (const char* table : kForgetful) own->run(std::string("VACUUM ") + table);
    return true;
}

Result<void> PostgresSession::migrate(const std::string& house) {
    try {
        connect();
        _inTransaction = true;
        // Of all programs that use this server ours alone takes this number.
        _link->run("BEGIN; SELECT pg_advisory_xact_lock(7307497689)");
        auto migrated = migrateLocked(house);
        if (migrated)
            commit();
        else
            rollback();
        return migrated;
    } catch (const DatabaseFailure& failure) {
        rollback();
        return tl::make_unexpected(failure.error());
    }
}

Result<void> PostgresSession::migrateLocked(const std::string& house) {
    const bool known = !textOf(_link->run("SELECT to_regclass('souffleur_hub')")).empty();
    if (!known) {
        const auto others = textOf(_link->run(
            "SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace "
            "AND relkind IN ('r', 'p', 'v', 'm')"));
        if (others != "0") {
            return fail(Code::conflict,
                        "this database holds other things: name an empty one for the head office",
                        "PostgreSQL");
        }
    }
    const std::string found =
        known ? textOf(_link->run("SELECT version FROM souffleur_hub FOR UPDATE")) : "0";
    const int version = std::stoi(found.empty() ? "0" : found);
    if (version > kVersion) {
        return fail(Code::unsupported,
                    "the database was made by a newer souffleur-hub: update this one");
    }
    for (auto i = static_cast<std::size_t>(version); i < kMigrations.size(); ++i)
        _link->run(std::string(file(kMigrations.at(i))));
    if (version < kVersion)
        _link->run("UPDATE souffleur_hub SET version = " + std::to_string(kVersion));
    {
        Query row((*_statements)["setting-get"]);
        if (row.with(kHouse).step()) {
            if (row.bytes(0) == house) return {};
            return fail(Code::conflict,
                        "this database is another head office's: its keys are not those of this "
                        "folder (every node needs a copy of the first one's folder)",
                        "PostgreSQL");
        }
    }
    Query((*_statements)["setting-put"]).with(kHouse, Blob{house}).run();
    return {};
}

Result<std::unique_ptr<Store>> openPostgres(const std::string& folder, const PostgresPlace& place,
                                            const StoreKeys& keys, bool alone) {
    auto text = connectionText(place);
    if (!text) return passOn(text);
    auto lock = FolderLock::take(folder, alone);
    if (!lock) return passOn(lock);
    auto session = std::make_unique<PostgresSession>(*std::move(text), std::move(*lock));
    if (auto migrated = session->migrate(contactKey(keys, "this house")); !migrated)
        return passOn(migrated);
    return SqlStore::open(std::move(session), keys, alone);
}

} // namespace souffleur::store
