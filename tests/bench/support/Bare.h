// The same rows as a hub's store holds, put by bare statements: the limit that the store is
// measured against. Same tables, same bytes, same durability, a transaction for each batch. Header
// only; needs SQLiteCpp and libpqxx.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <array>
#include <chrono>
#include <map>
#include <pqxx/pqxx>
#include <set>
#include <string>
#include <vector>

#include "plugin/base/Id.h"
#include "plugin/crypto/Encoding.h"

namespace souffleur::bench {

struct Value {
    enum class Type { null, number, text, blob } type = Type::null;
    std::int64_t number = 0;
    std::string bytes;
};
using Row = std::vector<Value>;

/// Rows of one table.
struct Rows {
    std::string table;
    std::vector<std::string> columns;
    std::vector<Row> rows;
};

/// Reads what a store made of the events that it was given.
class Finished {
public:
    explicit Finished(const std::string& file) : _db(file) {}

    /// What this batch put into the log; with `all`, also the rows of everybody who is first named
    /// in it, as they are in the end.
    std::vector<Rows> batch(const OriginId& origin, std::uint64_t first, std::uint64_t last,
                            bool all) {
        std::vector<Rows> out;
        out.push_back({"events", {}, {}});
        auto& select = statement("SELECT * FROM events WHERE origin = ?1 AND seq BETWEEN ?2 AND ?3 "
                                 "ORDER BY seq");
        const std::string id(reinterpret_cast<const char*>(origin.uuid.bytes.data()),
                             origin.uuid.bytes.size());
        select.bind(1, id.data(), static_cast<int>(id.size()));
        select.bind(2, static_cast<std::int64_t>(first));
        select.bind(3, static_cast<std::int64_t>(last));
        drain(select, out.front());
        if (!all) return out;
        std::vector<std::string> subjects;
        for (const Row& row : out.front().rows) {
            if (_had.insert(row.front().bytes).second) subjects.push_back(row.front().bytes);
        }
        for (const auto& [table, column] : kOfSubjects) {
            out.push_back({table, {}, {}});
            auto& its =
                statement(std::string("SELECT * FROM ") + table + " WHERE " + column + " = ?1");
            for (const std::string& subject : subjects) {
                its.bind(1, subject.data(), static_cast<int>(subject.size()));
                drain(its, out.back());
            }
        }
        return out;
    }

private:
    static constexpr std::array<std::pair<const char*, const char*>, 4> kOfSubjects{
        {{"subjects", "subject"},
         {"contacts", "subject"},
         {"search_tokens", "subject"},
         {"states", "person"}}};

    SQLite::Statement& statement(const std::string& text) {
        auto& slot = _statements[text];
        if (!slot) slot = std::make_unique<SQLite::Statement>(_db, text);
        return *slot;
    }
    static void drain(SQLite::Statement& select, Rows& into) {
        for (int i = 0; into.columns.empty() && i < select.getColumnCount(); ++i)
            for (int n = 0; n < select.getColumnCount(); ++n)
                into.columns.emplace_back(select.getColumnName(n));
        while (select.executeStep()) {
            Row row;
            for (int i = 0; i < select.getColumnCount(); ++i) {
                const SQLite::Column column = select.getColumn(i);
                Value value;
                if (column.isInteger()) {
                    value = {Value::Type::number, column.getInt64(), {}};
                } else if (!column.isNull()) {
                    value = {column.isText() ? Value::Type::text : Value::Type::blob, 0,
                             column.getString()};
                }
                row.push_back(std::move(value));
            }
            into.rows.push_back(std::move(row));
        }
        select.reset();
        select.clearBindings();
    }

    SQLite::Database _db;
    std::map<std::string, std::unique_ptr<SQLite::Statement>> _statements;
    std::set<std::string> _had;
};

/// `file`: the store's own, with its tables and none of these rows.
class BareSqlite {
public:
    explicit BareSqlite(const std::string& file) : _db(file, SQLite::OPEN_READWRITE) {
        _db.exec("PRAGMA synchronous = FULL");
        _db.exec("PRAGMA cache_size = -32768");
        _db.exec("PRAGMA wal_autocheckpoint = 8000"); // as the store's own
    }
    /// In one transaction; seconds.
    double put(const std::vector<Rows>& batch) {
        for (const Rows& rows : batch) statementFor(rows);
        const auto start = std::chrono::steady_clock::now();
        SQLite::Transaction transaction(_db);
        for (const Rows& rows : batch) {
            SQLite::Statement& insert = statementFor(rows);
            for (const Row& row : rows.rows) {
                for (std::size_t i = 0; i < row.size(); ++i)
                    bind(insert, static_cast<int>(i) + 1, row[i]);
                insert.exec();
                insert.reset();
            }
        }
        transaction.commit();
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    }

private:
    SQLite::Statement& statementFor(const Rows& rows) {
        auto& slot = _inserts[rows.table];
        if (slot) return *slot;
        std::string places;
        for (std::size_t i = 0; i < rows.columns.size(); ++i) places += i > 0 ? ",?" : "?";
        slot = std::make_unique<SQLite::Statement>(_db, "INSERT INTO " + rows.table + " VALUES (" +
                                                            places + ")");
        return *slot;
    }
    static void bind(SQLite::Statement& insert, int at, const Value& value) {
        if (value.type == Value::Type::null)
            insert.bind(at);
        else if (value.type == Value::Type::number)
            insert.bind(at, value.number);
        else if (value.type == Value::Type::text)
            insert.bindNoCopy(at, value.bytes);
        else
            insert.bindNoCopy(at, value.bytes.data(), static_cast<int>(value.bytes.size()));
    }

    SQLite::Database _db;
    std::map<std::string, std::unique_ptr<SQLite::Statement>> _inserts;
};

/// INSERT … ON CONFLICT DO NOTHING, one statement for each table of a batch.
class BarePostgres {
public:
    explicit BarePostgres(const std::string& address) : _connection(address), _door(_connection) {}

    /// In one transaction; seconds.
    double put(const std::vector<Rows>& batch) {
        std::vector<std::string> texts;
        for (const Rows& rows : batch)
            if (!rows.rows.empty()) texts.push_back(textOf(rows));
        const auto start = std::chrono::steady_clock::now();
        if (texts.size() > 1) _door.exec("BEGIN");
        for (const std::string& text : texts) _door.exec(text);
        if (texts.size() > 1) _door.exec("COMMIT");
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    }

private:
    std::string textOf(const Rows& rows) {
        const std::set<std::string>& known = columnsOf(rows.table);
        const auto here = [&](std::size_t i) { return known.contains(rows.columns[i]); };
        std::string text = "INSERT INTO " + rows.table + " (";
        for (std::size_t i = 0; i < rows.columns.size(); ++i)
            if (here(i)) text += rows.columns[i] + ",";
        text.back() = ')';
        text += " VALUES ";
        for (const Row& row : rows.rows) {
            text += '(';
            for (std::size_t i = 0; i < row.size(); ++i)
                if (here(i)) text += literal(row[i]) + ",";
            text.back() = ')';
            text += ',';
        }
        text.pop_back();
        return text + " ON CONFLICT DO NOTHING";
    }
    /// SQLite's tables kept some that PostgreSQL's never had.
    const std::set<std::string>& columnsOf(const std::string& table) {
        auto& columns = _columns[table];
        if (!columns.empty()) return columns;
        for (const auto& row : _door.exec("SELECT column_name FROM information_schema.columns "
                                          "WHERE table_name = " +
                                          _door.quote(table)))
            columns.insert(row[0].c_str());
        return columns;
    }
    std::string literal(const Value& value) {
        switch (value.type) {
        case Value::Type::number:
            return std::to_string(value.number);
        case Value::Type::text:
            return _door.quote(value.bytes);
        case Value::Type::blob:
            return "'\\x" + crypto::toHex(value.bytes) + "'";
        case Value::Type::null:
            break;
        }
        return "NULL";
    }

    pqxx::connection _connection;
    pqxx::nontransaction _door;
    std::map<std::string, std::set<std::string>> _columns;
};

} // namespace souffleur::bench
