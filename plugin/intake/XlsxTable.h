// The first (or a named) sheet of an Excel workbook.
#pragma once

#include <string>

#include "plugin/intake/Table.h"

namespace souffleur::intake {

/// Unpacked by liborcus. The workbook is in memory while it is read: at most kXlsxMaxBytes on
/// disk and kXlsxMaxUnpackedBytes unpacked (checked before unpacking). Dates come as ISO 8601 text,
/// numbers without needless zeros, booleans as "true"/"false", a formula as its last result, never
/// computed.
inline constexpr std::size_t kXlsxMaxBytes = 64UL * 1024 * 1024;
inline constexpr std::size_t kXlsxMaxUnpackedBytes = 512UL * 1024 * 1024;

class XlsxTable final : public Table {
public:
    /// `bytes` is the whole file.
    XlsxTable(std::string bytes, TableOptions options);

    Result<TableInfo> read(const RowSink& sink, const Progress& progress) override;

private:
    std::string _bytes;
    TableOptions _options;
};

/// Whether the file begins like a ZIP archive, as every XLSX does.
[[nodiscard]] bool looksLikeZip(std::string_view head) noexcept;

} // namespace souffleur::intake
