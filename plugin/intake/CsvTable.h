// CSV as ticketing systems write it: any delimiter, four encodings, quoted newlines, ragged rows.
#pragma once

#include <functional>
#include <iosfwd>
#include <memory>
#include <string>

#include "plugin/intake/Table.h"

namespace souffleur::intake {

/// Reads through libcsv in constant memory. Encoding: BOM, the pattern of NUL bytes of UTF-16, then
/// UTF-8 or a Windows code page by the letters seen. Excel's first line "sep=;" is obeyed. Blank
/// lines are skipped.
class CsvTable final : public Table {
public:
    /// `open` gives a fresh stream of the file for every read; null when it cannot be opened.
    CsvTable(std::function<std::unique_ptr<std::istream>()> open, TableOptions options);

    Result<TableInfo> read(const RowSink& sink, const Progress& progress) override;
    [[nodiscard]] char delimiter() const override { return _delimiter; }

private:
    std::function<std::unique_ptr<std::istream>()> _open;
    TableOptions _options;
    char _delimiter = '\0';
};

/// The delimiter that splits these first lines most evenly; ',' when nothing does.
[[nodiscard]] char sniffDelimiter(std::string_view head);
/// "utf-8", "utf-16le", "utf-16be", "windows-1252" or "windows-1251"; `head` may end inside a
/// letter.
[[nodiscard]] std::string sniffEncoding(std::string_view head);

} // namespace souffleur::intake
