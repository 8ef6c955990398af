// One SQLite connection with its prepared statements, each prepared once. Internal to this room.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "plugin/base/Id.h"
#include "plugin/crypto/Hash.h"

namespace SQLite {
class Database;
class Statement;
} // namespace SQLite

namespace souffleur::ledger {

class GatheredLog;

/// A statement in use: bind, step, read; reset when it goes out of scope. Throws SQLite::Exception.
/// Columns count from 0, parameters from 1. Views last until the next step.
class Query {
public:
    explicit Query(SQLite::Statement& statement) noexcept : _statement(&statement) {}
    ~Query();
    Query(Query&& other) noexcept : _statement(other._statement) { other._statement = nullptr; }
    Query& operator=(Query&&) = delete;
    Query(const Query&) = delete;
    Query& operator=(const Query&) = delete;

    Query& bind(int index, std::int64_t value);
    Query& bind(int index, int value) { return bind(index, static_cast<std::int64_t>(value)); }
    Query& bind(int index, std::uint64_t value) {
        return bind(index, static_cast<std::int64_t>(value));
    }
    Query& bindText(int index, std::string_view text);
    Query& bindBlob(int index, std::string_view bytes);
    /// NULL when empty.
    Query& bindBlobOrNull(int index, std::string_view bytes);
    Query& bindNull(int index);
    Query& bind(int index, const Uuid& id) { return bindBlob(index, crypto::bytesOf(id.bytes)); }
    template <typename Tag>
    Query& bind(int index, const Id<Tag>& id) {
        return bind(index, id.uuid);
    }
    Query& bind(int index, const crypto::Hash& hash) {
        return bindBlob(index, crypto::bytesOf(hash));
    }

    /// True while there is a row.
    bool step();
    /// Runs a statement that gives no rows.
    void run();
    /// Ready for another round of binding.
    void again();

    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] std::uint64_t natural(int column) const {
        return static_cast<std::uint64_t>(integer(column));
    }
    [[nodiscard]] std::string_view bytes(int column) const;
    [[nodiscard]] std::string text(int column) const { return std::string(bytes(column)); }
    [[nodiscard]] bool isNull(int column) const;
    [[nodiscard]] Uuid uuid(int column) const;
    template <typename IdType>
    [[nodiscard]] IdType id(int column) const {
        return IdType{uuid(column)};
    }
    [[nodiscard]] crypto::Hash hash(int column) const;

private:
    SQLite::Statement* _statement;
};

/// Not thread-safe. Throws SQLite::Exception.
class Connection {
public:
    enum class Mode { write, read };
    Connection(const std::filesystem::path& file, Mode mode, std::size_t cacheKib);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// A statement of sql/statements.sql by name; an unknown name is a bug (std::logic_error).
    Query query(std::string_view name);
    /// Runs SQL that gives no rows.
    void execute(std::string_view sql);
    /// The first column of the first row, 0 without a row.
    std::int64_t number(std::string_view sql);
    [[nodiscard]] std::int64_t lastRowId() const;
    /// Writing: does a transaction end with a sync (so it begins)? Between two transactions only.
    void syncCommits(bool on);

private:
    struct Statements;
    std::unique_ptr<GatheredLog> _log; ///< writing only; outlives what it opened
    std::unique_ptr<SQLite::Database> _database;
    std::unique_ptr<Statements> _statements;
};

/// An embedded file of sql/.
std::string_view sqlFile(std::string_view name);

} // namespace souffleur::ledger
