// A stranger's table, row by row, whatever file it came in.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/base/Result.h"

namespace souffleur::intake {

inline constexpr std::size_t kCellMaxBytes = 64 * 1024;
inline constexpr std::size_t kColumnsMax = 512;

/// One row as it stands in the file. Cells are well-formed UTF-8 and otherwise untouched; a formula
/// is its text.
struct TableRow {
    std::uint64_t number = 0;         ///< physical line (CSV) or row (XLSX) it begins on, from 1
    std::vector<std::string> cells{}; ///< at most kColumnsMax
    std::string problem{};            ///< not empty: why this row cannot be trusted (NUL bytes)
};

/// What the reader found out about the file.
struct TableInfo {
    std::string format{};   ///< "csv" or "xlsx"
    std::string encoding{}; ///< "utf-8", "utf-16le", "utf-16be", "windows-1252", "windows-1251", as
                            ///< ICU names it
    char delimiter = '\0';  ///< CSV only
    std::uint64_t rows = 0; ///< rows handed out, the heading too
    std::uint64_t repaired =
        0; ///< rows that were not UTF-8 in a UTF-8 file and were read as Windows-1252
};

struct TableOptions {
    char delimiter = '\0';  ///< one of , ; tab |; '\0' finds out
    std::string encoding{}; ///< an ICU converter name; empty finds out
    std::string sheet{};    ///< XLSX: name of the sheet; empty takes the first
};

/// Takes one row; false stops the reading without an error. The row is valid during the call only.
using RowSink = std::function<bool(const TableRow&)>;
/// Bytes of the file read so far and its size (0: unknown), for a progress bar.
using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

/// A file of rows. Blocks while reading; one thread at a time.
class Table {
public:
    virtual ~Table() = default;
    /// Reads all rows in order, the heading first; may be called again. Errors: invalid (not a
    /// table: a picture, a PDF, a web page, an old .xls; a cell over kCellMaxBytes), tooLarge,
    /// unavailable (cannot be read), unsupported (unknown encoding); `where` is a line or row, the
    /// message never holds a cell.
    virtual Result<TableInfo> read(const RowSink& sink, const Progress& progress = {}) = 0;
    /// TableInfo::delimiter, known as soon as read() hands out its first row.
    [[nodiscard]] virtual char delimiter() const { return '\0'; }
};

/// Opens by content, not by name: XLSX or CSV. Errors: notFound, unavailable, invalid.
[[nodiscard]] Result<std::unique_ptr<Table>> openTable(const std::string& path,
                                                       const TableOptions& options = {});

/// Why these first bytes of a file are certainly no table ("this is a PNG picture, not a table");
/// empty if they may be.
[[nodiscard]] std::string notATable(std::string_view head);

} // namespace souffleur::intake
