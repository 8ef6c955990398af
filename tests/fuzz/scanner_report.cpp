// rooms: drivers-scanner
// Any report descriptor, and any report against it and against the usual layout: bounded, and a
// layout that was read gives nothing from outside of the report.
#include <cstdint>
#include <cstdlib>

#include "drivers/scanner/CodeText.h"
#include "drivers/scanner/HidReport.h"

using namespace souffleur;

namespace {

void decode(const scanner::HidLayout& layout, std::span<const std::uint8_t> report) {
    const auto piece = layout.decode(report);
    if (!piece) return;
    if (piece->data.size() > report.size()) std::abort();
    if (!piece->symbology.empty() && piece->symbology.size() != 3) std::abort();
    const auto code = scanner::cleanCode(piece->data);
    if (code && (code->text.empty() || code->text.size() > scanner::kCodeMaxBytes)) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const std::span<const std::uint8_t> bytes(data + 1, size - 1);
    const std::size_t cut = std::min<std::size_t>(data[0], bytes.size());
    decode(scanner::HidLayout::standard(), bytes.subspan(cut));
    const auto layout = scanner::HidLayout::parse(bytes.subspan(cut));
    if (!layout) return 0;
    if (layout->maxBytes() > scanner::kReportMaxBytes) std::abort();
    if (layout->reports().size() > scanner::kReportsMax) std::abort();
    for (const scanner::HidReport& report : layout->reports()) {
        if (report.dataAt + report.dataBytes > report.bytes) std::abort();
        // The bytes in front of the descriptor as a report, with its id where it has one.
        std::vector<std::uint8_t> one(bytes.begin(), bytes.begin() + static_cast<long>(cut));
        if (report.id) one.insert(one.begin(), *report.id);
        const auto piece = layout->decode(one);
        if (piece && piece->data.size() > one.size()) std::abort();
    }
    return 0;
}
