// Private to plugin/intake: one row of a table and a mapping to a record.
#pragma once

#include <array>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "plugin/contact/Folder.h"
#include "plugin/intake/RecordReader.h"

namespace souffleur::intake {

/// Words for yes and no, folded.
struct Words {
    std::set<std::string> yes;
    std::set<std::string> no;
    std::set<std::string> objected;
};

class RowReader {
public:
    /// Errors: invalid (a mapped column is not among the headings).
    static Result<RowReader> make(const Mapping& mapping, const std::vector<std::string>& headings,
                                  TimeMs now);

    /// A record, or the reason why there is none (without personal data).
    std::variant<Record, std::string> read(const TableRow& row);

private:
    /// A permission column and where its companions are.
    struct PermissionColumn {
        ColumnMapping mapping;
        std::size_t column = 0;
        std::size_t date = 0;      ///< kNone: no such column
        std::size_t confirmed = 0; ///< kNone: no such column
        Words words;
    };
    static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

    RowReader(const Mapping& mapping, TimeMs now, std::size_t columns);

    Result<std::size_t> columnOf(const std::string& heading,
                                 const std::vector<std::string>& folded);
    Words wordsOf(const ColumnMapping& column);
    const std::string& value(const TableRow& row, Field field) const;
    static const std::string& cell(const TableRow& row, std::size_t column);
    void warn(Record& record, std::string_view what, std::size_t column) const;
    /// Why the name cannot be taken; empty: it is in the record, or there is none.
    std::string readName(const TableRow& row, Record& record) const;
    void readEmails(std::string_view text, std::size_t column, Record& record) const;
    void readPhone(std::string_view text, std::size_t column, Record& record) const;
    void readAddress(const TableRow& row, Record& record) const;
    void readPermission(const TableRow& row, const PermissionColumn& column, Record& record);
    void readOrder(const TableRow& row, Record& record) const;
    std::optional<TimeMs> readPast(std::string_view text, std::size_t column, std::string_view what,
                                   Record& record) const;
    bool isYes(std::string_view text);
    /// Whether only the order differs from the last row that became a record.
    bool sameButOrder(const TableRow& row) const;

    const Mapping* _mapping;
    TimeMs _now;
    std::size_t _columns;
    std::vector<std::string> _headings;
    std::array<std::vector<std::size_t>, static_cast<std::size_t>(Field::orderAmount) + 1> _byField;
    std::vector<PermissionColumn> _permissions;
    std::set<std::size_t> _orderColumns;
    std::vector<std::string> _last; ///< cells of the last row that became a record
    Words _words;
    contact::Folder _folder;
};

/// Adds what `more`, a further row of the same person, knows.
void mergeRecord(Record& into, Record&& more);

} // namespace souffleur::intake
