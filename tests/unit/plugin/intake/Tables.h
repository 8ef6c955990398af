// Tables from text and workbooks from XML, for the suites of this room.
#pragma once

#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "plugin/intake/CsvTable.h"
#include "plugin/intake/XlsxTable.h"

namespace souffleur::intake {

inline CsvTable csv(std::string text, TableOptions options = {}) {
    return {[text = std::move(text)]() -> std::unique_ptr<std::istream> {
                return std::make_unique<std::istringstream>(text);
            },
            std::move(options)};
}

struct Read {
    Result<TableInfo> info;
    std::vector<TableRow> rows;

    /// "1:a|b 2:c|d"
    [[nodiscard]] std::string text() const {
        std::string out;
        for (const TableRow& row : rows) {
            out += (out.empty() ? "" : " ") + std::to_string(row.number) + ":";
            for (std::size_t i = 0; i < row.cells.size(); ++i)
                out += (i == 0 ? "" : "|") + row.cells[i];
            if (!row.problem.empty()) out += "!";
        }
        return out;
    }
};

inline Read readAll(Table& table) {
    std::vector<TableRow> rows;
    Result<TableInfo> info = table.read([&](const TableRow& row) {
        rows.push_back(row);
        return true;
    });
    return {std::move(info), std::move(rows)};
}

/// A ZIP archive without compression (APPNOTE.TXT 4.3), enough for a workbook.
std::string storedZip(const std::vector<std::pair<std::string, std::string>>& files);

/// A workbook with two sheets: `sheetData` on "Klanten", an empty one "Leeg".
std::string workbook(const std::string& sheetData, const std::string& workbookProperties = "");

/// `count` times `letter`, built at run time (GCC 12 mistakes long constants for overruns).
inline std::string repeated(std::size_t count, char letter) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out.push_back(letter);
    return out;
}

} // namespace souffleur::intake
