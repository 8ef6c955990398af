// From a table to records: the use of this room.
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>

#include "plugin/intake/Mapping.h"
#include "plugin/intake/Record.h"

namespace souffleur::intake {

struct ReadCounts {
    std::uint64_t rows = 0; ///< data rows, without the heading
    std::uint64_t records = 0;
    std::uint64_t rejects = 0;
    std::uint64_t warnings = 0;
};

/// False stops the reading. A person of more than 1000 orders comes in several records of one
/// sourceId, of which only the first need have a name.
using RecordSink = std::function<bool(Record&&)>;
using RejectSink = std::function<void(const Reject&)>;
/// The heading row, before any record or reject.
using HeadingSink = std::function<void(const std::vector<std::string>&)>;

/// What one run found.
struct ReadResult {
    TableInfo table;
    Mapping mapping; ///< the one used: given or guessed
    std::vector<std::string> headings;
    ReadCounts counts;
};

/// Reads a whole table. Without `mapping` the heading row is guessed from. `now` bounds dates: an
/// answer or order dated in the future, or before 1980, has no date. Constant memory (but XLSX).
/// Errors: those of Table and Mapping; invalid when a mapped column is not in the file, or the file
/// has no rows.
[[nodiscard]] Result<ReadResult> readRecords(Table& table, const std::optional<Mapping>& mapping,
                                             TimeMs now, const RecordSink& records,
                                             const RejectSink& rejects,
                                             const Progress& progress = {},
                                             const HeadingSink& headings = {});

/// Writes rejects as CSV (UTF-8 with BOM, so that spreadsheets read it): row, reason, then the
/// cells as they stood. A cell that a spreadsheet would take for a formula (= + - @ tab return in
/// front) gets an apostrophe before it.
class RejectsWriter {
public:
    explicit RejectsWriter(std::ostream& out);
    /// Writes the heading; call once, first. `headings` and `delimiter` (Table::delimiter; '\0' is
    /// a comma): of the source, so that the corrected file is one of the same kind.
    void begin(const std::vector<std::string>& headings, char delimiter = '\0');
    void write(const Reject& reject);

private:
    std::ostream& _out;
    char _delimiter = ',';
};

/// One CSV cell, quoted where needed and harmless to spreadsheets.
[[nodiscard]] std::string csvCell(std::string_view text);

/// Reads a date in one of `formats` (%d %m %Y %y %H %M %S) or a usual one: ISO 8601, 31-12-2025,
/// 31/12/2025, 31.12.2025, with or without time. Days that do not exist are refused. Errors:
/// invalid.
[[nodiscard]] Result<TimeMs> readDate(std::string_view text,
                                      const std::vector<std::string>& formats = {});

/// "1.234,50", "1,234.50", "€ 12", "12,-" as cents. Errors: invalid.
[[nodiscard]] Result<std::int64_t> readAmount(std::string_view text);

} // namespace souffleur::intake
