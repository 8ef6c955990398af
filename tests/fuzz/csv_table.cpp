// rooms: plugin-base plugin-contact plugin-intake
// Any bytes as CSV (or XLSX) through the whole reader: no crash, no hang, no row lost.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <string>

#include "plugin/intake/CsvTable.h"
#include "plugin/intake/RecordReader.h"
#include "plugin/intake/XlsxTable.h"

using namespace souffleur;
using namespace souffleur::intake;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string bytes(reinterpret_cast<const char*>(data), size);
    std::unique_ptr<Table> table;
    if (looksLikeZip(bytes))
        table = std::make_unique<XlsxTable>(bytes, TableOptions{});
    else
        table = std::make_unique<CsvTable>(
            [&]() -> std::unique_ptr<std::istream> {
                return std::make_unique<std::istringstream>(bytes);
            },
            TableOptions{});
    std::uint64_t records = 0;
    std::uint64_t rejects = 0;
    const auto result = readRecords(
        *table, {}, 1795305600000,
        [&](Record&&) {
            ++records;
            return true;
        },
        [&](const Reject& reject) {
            ++rejects;
            if (reject.reason.empty()) std::abort();
        });
    if (result && (result->counts.records != records || result->counts.rejects != rejects ||
                   records + rejects > result->counts.rows))
        std::abort();
    return 0;
}
