// A batch in few round trips: rows of many keys read ahead with one statement, rows of many writes
// inserted with one. Private to this room; what a Query gives is the same with and without.
#pragma once

#include <map>
#include <optional>
#include <pqxx/pqxx>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace souffleur::store {

using SqlValues = std::vector<std::string>;

/// The table that a statement changes; empty: none.
std::string tableWritten(std::string_view text);
/// The tables that a statement reads.
std::set<std::string> tablesRead(std::string_view text);
/// A statement of one argument ($1), for each of the keys in an array ($1) at once: first which key
/// (from 1), then what the statement gives for it.
std::string forEachKey(std::string_view text);
/// Bytes as PostgreSQL's texts of bytea, in an array's text.
std::string arrayOf(std::span<const std::string> keys);

/// Where a statement that inserts VALUES stands for many rows.
struct ManyRows {
    std::string table;
    std::vector<std::string> names; ///< of the columns
    std::string head;               ///< up to VALUES
    std::string tail;               ///< ON CONFLICT …
    std::size_t columns = 0;
    std::vector<std::size_t> key; ///< columns of ON CONFLICT … DO UPDATE: no row twice in one go

    /// Nothing where the statement is of another form: it runs row by row.
    static std::optional<ManyRows> of(std::string_view text);
    /// Nothing is to be looked at but the rows: they may be copied into the table.
    [[nodiscard]] bool plain() const;
    [[nodiscard]] std::string text(std::size_t rows) const;
    /// Splits what is to be inserted so that no key stands twice in one part.
    [[nodiscard]] std::vector<std::vector<const SqlValues*>>
    parts(std::span<const SqlValues> rows) const;
};

/// What one statement gives for keys that were asked ahead.
struct RowsAhead {
    pqxx::result result; ///< its first column is the key's number
    std::map<std::string, std::vector<pqxx::result::size_type>, std::less<>> rows; ///< by key
    std::set<std::string> tables;
};

} // namespace souffleur::store
