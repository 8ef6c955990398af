// Named, prepared, cached SQL. The text lives in sql/*.sql: `-- :name` starts a statement.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "plugin/base/Id.h"
#include "plugin/crypto/Hash.h"

namespace souffleur::store {

std::string_view file(std::string_view name); // made by embed_sql

/// Raw bytes to bind as a BLOB; the view must outlive the call.
struct Blob {
    std::string_view bytes;
};

/// A cached statement on loan; reset when the loan ends. Arguments bind in order.
class Query {
public:
    explicit Query(SQLite::Statement& statement) : _statement(statement) {}
    ~Query();
    Query(const Query&) = delete;
    Query& operator=(const Query&) = delete;

    template <typename... Args>
    Query& with(const Args&... args) {
        (bind(args), ...);
        return *this;
    }
    bool step() { return _statement.executeStep(); }
    /// Runs to the end; rows changed.
    int run() { return _statement.exec(); }
    SQLite::Column operator[](int column) { return _statement.getColumn(column); }
    [[nodiscard]] std::string text(int column) { return _statement.getColumn(column).getString(); }
    [[nodiscard]] std::int64_t number(int column) {
        return _statement.getColumn(column).getInt64();
    }
    [[nodiscard]] std::string_view bytes(int column);
    [[nodiscard]] Uuid uuid(int column);
    [[nodiscard]] crypto::Hash hash(int column);

private:
    template <typename Tag>
    void bind(const Id<Tag>& id) {
        bind(Blob{{reinterpret_cast<const char*>(id.uuid.bytes.data()), id.uuid.bytes.size()}});
    }
    void bind(const crypto::Hash& hash) { bind(Blob{crypto::bytesOf(hash)}); }
    void bind(Blob blob);
    void bind(std::string_view text) { _statement.bind(++_index, std::string(text)); }
    void bind(const std::string& text) { _statement.bind(++_index, text); }
    void bind(const char* text) { _statement.bind(++_index, std::string(text)); }
    void bind(std::int64_t value) { _statement.bind(++_index, value); }
    void bind(std::uint64_t value) { bind(static_cast<std::int64_t>(value)); }
    void bind(int value) { _statement.bind(++_index, value); }
    void bind(bool value) { _statement.bind(++_index, value ? 1 : 0); }

    SQLite::Statement& _statement;
    int _index = 0;
};

/// The statements of one connection. Not thread-safe.
class Statements {
public:
    explicit Statements(SQLite::Database& db);
    /// An unknown name is a bug: throws std::logic_error.
    SQLite::Statement& operator[](std::string_view name);
    /// Closes every prepared statement (before the connection closes).
    void clear() { _prepared.clear(); }

private:
    SQLite::Database& _db;
    std::map<std::string, std::string, std::less<>> _texts;
    std::map<std::string, std::unique_ptr<SQLite::Statement>, std::less<>> _prepared;
};

} // namespace souffleur::store
