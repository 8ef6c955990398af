// A connection to PostgreSQL and the statements that are prepared on it. Private to this room.
#pragma once

#include <memory>
#include <pqxx/pqxx>

#include "sync/store/PostgresBatch.h"
#include "sync/store/Session.h"

namespace souffleur::store {

/// One connection, without libpqxx's own transactions: it would connect again unasked.
class PostgresLink {
public:
    explicit PostgresLink(const std::string& text) : _connection(text), _quiet(_connection) {
        _door = std::make_unique<pqxx::nontransaction>(_connection);
    }
    /// Several statements may stand in one text; gives the last one's result.
    pqxx::result run(const std::string& text);
    pqxx::result run(const std::string& text, const SqlValues& values);
    pqxx::result runPrepared(const std::string& name, const SqlValues& values);
    void prepare(const std::string& name, const std::string& text);
    /// COPY: each row holds a value a column. False: not into this table.
    bool copy(const ManyRows& into, const std::vector<SqlValues>& rows);
    /// Is there still a server behind it, as far as is known?
    [[nodiscard]] bool alive() const { return !_lost && _connection.is_open(); }
    [[nodiscard]] int serverVersion() const { return _connection.server_version(); }

private:
    template <typename F>
    auto told(F&& work) -> decltype(work());

    pqxx::connection _connection;
    pqxx::quiet_errorhandler _quiet; // what the server says may hold values
    std::unique_ptr<pqxx::nontransaction> _door;
    bool _lost = false;
};

class PostgresPrepared;

class PostgresStatements final : public Statements {
public:
    PostgresStatements();
    ~PostgresStatements() override;
    Prepared& operator[](std::string_view name) override;
    [[nodiscard]] bool distant() const noexcept override { return true; }
    void ahead(std::string_view name, const std::vector<std::string>& keys) override;
    /// Of another connection from now on; null: of none.
    void useLink(PostgresLink* link);
    /// Runs what was left for later.
    void flush();
    /// The transaction is over: what was left for later is not run any more, what was read ahead
    /// forgotten.
    void forget() noexcept;

    // For its own statements.
    [[nodiscard]] PostgresLink& link() const; ///< a DatabaseFailure where there is none
    [[nodiscard]] bool alive() const { return _link != nullptr && _link->alive(); }
    [[nodiscard]] const RowsAhead* rowsAhead(std::string_view name) const;
    void noteWrite(const std::string& table, const SqlValues& values);
    void leave(PostgresPrepared& statement, SqlValues values);

private:
    PostgresPrepared& prepared(std::string_view name);

    StatementTexts _texts;
    std::map<std::string, std::unique_ptr<PostgresPrepared>, std::less<>> _prepared;
    std::map<std::string, RowsAhead, std::less<>> _ahead;
    std::map<PostgresPrepared*, std::vector<SqlValues>> _later;
    std::vector<PostgresPrepared*> _laterOrder; ///< by their first
    PostgresLink* _link = nullptr;
};

/// "?" and "?2" as PostgreSQL writes them: "$1" and "$2".
std::string numbered(std::string_view text);

} // namespace souffleur::store
