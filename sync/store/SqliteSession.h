// SQLite behind Session. Private to this room.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <optional>

#include "sync/store/FolderLock.h"
#include "sync/store/Session.h"

namespace souffleur::store {

/// The statements of one SQLite database, which must outlive them.
class SqliteStatements final : public Statements {
public:
    explicit SqliteStatements(SQLite::Database& db);
    ~SqliteStatements() override;
    Prepared& operator[](std::string_view name) override;

private:
    SQLite::Database& _db;
    StatementTexts _texts;
    std::map<std::string, std::unique_ptr<Prepared>, std::less<>> _prepared;
};

/// The writer is the bottleneck of SQLite in any case, and readers are short: one connection.
class SqliteSession final : public Session {
public:
    /// Errors as DatabaseFailure. `lock` is held for the session's life.
    SqliteSession(const std::string& file, FolderLock lock);
    /// Brings the tables up to this build. Gives the version that it found; 0: a new database.
    Result<int> migrate();

    Statements& statements() override { return _statements; }
    void begin(Mode mode) override;
    void commit() override;
    void rollback() noexcept override;
    [[nodiscard]] bool shared() const noexcept override { return false; }
    bool retry(int) override { return false; }
    [[nodiscard]] bool forgetsApart() const noexcept override { return false; }
    bool forget(const std::string& mark) override;

private:
    FolderLock _lock;
    SQLite::Database _db;
    SqliteStatements _statements;
    std::optional<SQLite::Transaction> _transaction;
};

/// Runs the tables' files in a database made for one proof.
void makeTables(SQLite::Database& db, std::initializer_list<std::string_view> files);

} // namespace souffleur::store
