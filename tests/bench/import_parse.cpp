// rooms: plugin-base plugin-contact plugin-intake kiosk-cli
// Rows a second of a whole import (parse, normalise, group) beside libcsv alone on the same bytes.
#include <csv.h>
#include <unicode/translit.h>

#include <chrono>
#include <cstdio>
#include <functional>
#include <memory>
#include <sstream>
#include <string>

#include "kiosk/cli/SampleHouse.h"
#include "plugin/contact/Folder.h"
#include "plugin/intake/CsvTable.h"
#include "plugin/intake/RecordReader.h"

using namespace souffleur;

namespace {

double secondsOf(const std::function<void()>& work) {
    double best = 1e9;
    for (int run = 0; run < 3; ++run) {
        const auto start = std::chrono::steady_clock::now();
        work();
        best = std::min(
            best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    return best;
}

void row(const char* name, double ours, const char* unit, double reference,
         const char* referenceName, double budget, bool met) {
    std::printf("{\"name\":\"%s\",\"ours\":%.3f,\"unit\":\"%s\",\"reference\":%.3f,"
                "\"referenceName\":\"%s\",\"ratio\":%.4f,"
                "\"budget\":%.3f,\"met\":%s}\n",
                name, ours, unit, reference, referenceName, reference > 0 ? ours / reference : 0.0,
                budget, met ? "true" : "false");
}

std::size_t rawRows(const std::string& bytes) {
    csv_parser parser{};
    csv_init(&parser, 0);
    csv_set_delim(&parser, ';');
    std::size_t rows = 0;
    const auto onCell = [](void*, std::size_t, void*) {};
    const auto onRow = [](int, void* count) { ++*static_cast<std::size_t*>(count); };
    csv_parse(&parser, bytes.data(), bytes.size(), onCell, onRow, &rows);
    csv_fini(&parser, onCell, onRow, &rows);
    csv_free(&parser);
    return rows;
}

} // namespace

int main() {
    std::ostringstream out;
    const TimeMs now = parseTime("2026-11-22").value();
    cli::writeSampleHouse(out, {.people = 20000, .seed = 1, .now = now});
    const std::string bytes = out.str();
    std::size_t rows = 0;
    const double raw = secondsOf([&] { rows = rawRows(bytes); });
    const auto open = [&]() -> std::unique_ptr<std::istream> {
        return std::make_unique<std::istringstream>(bytes);
    };
    std::size_t tableRows = 0;
    const double table = secondsOf([&] {
        intake::CsvTable csv(open, {});
        tableRows = csv.read([](const intake::TableRow&) { return true; }, {})->rows;
    });
    std::size_t records = 0;
    const double whole = secondsOf([&] {
        intake::CsvTable csv(open, {});
        const auto result = intake::readRecords(
            csv, {}, now, [](intake::Record&&) { return true; }, [](const intake::Reject&) {});
        records = result ? result->counts.records : 0;
    });
    const auto count = static_cast<double>(rows);
    if (tableRows != rows || records == 0) return 1;
    // What is left of libcsv's speed; the second does all that an import does before it stores.
    row("import-table", count / table, "rows/s", count / raw, "libcsv", 0.2, table * 0.2 <= raw);
    row("import-records", count / whole, "rows/s", count / raw, "libcsv", 0.01,
        whole * 0.01 <= raw);

    contact::Folder folder;
    UErrorCode status = U_ZERO_ERROR;
    const std::unique_ptr<icu::Transliterator> icu(icu::Transliterator::createInstance(
        u"Any-Latin; NFKD; [:Mn:] Remove; Latin-ASCII; Lower", UTRANS_FORWARD, status));
    if (U_FAILURE(status)) return 1;
    constexpr int kFolds = 50000;
    for (const auto& [name, text] : {std::pair("fold-ascii", "Jan van den Berg"),
                                     std::pair("fold-accents", "Hélène Lefèvre-Dupré"),
                                     std::pair("fold-cyrillic", "Чехов Антон Павлович"),
                                     std::pair("fold-greek", "Ελένη Παπαδάκη")}) {
        std::size_t letters = 0;
        const double ours = secondsOf([&] {
            for (int i = 0; i < kFolds; ++i) letters += folder.fold(text).size();
        });
        const double theirs = secondsOf([&] {
            for (int i = 0; i < kFolds; ++i) {
                icu::UnicodeString wide = icu::UnicodeString::fromUTF8(text);
                icu->transliterate(wide);
                std::string latin;
                letters += wide.toUTF8String(latin).size();
            }
        });
        if (letters == 0) return 1;
        row(name, ours * 1e6 / kFolds, "us", theirs * 1e6 / kFolds, "ICU Any-Latin", 1.1,
            ours <= theirs * 1.1);
    }
    return 0;
}
