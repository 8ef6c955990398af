// rooms: plugin-host
// Any bytes through the tap's reader: bounded, and the same receipts in whatever pieces they come.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "plugin/host/TapCuts.h"
#include "plugin/host/TapReader.h"

namespace {

using namespace souffleur;

std::vector<host::TapReceipt> read(std::span<const std::uint8_t> bytes, std::size_t piece) {
    static const auto patterns = host::TapPatterns::load("generic").value();
    std::vector<host::TapReceipt> out;
    host::TapReader reader(patterns,
                           [&](const host::TapReceipt& receipt) { out.push_back(receipt); });
    while (!bytes.empty()) {
        const std::size_t count = std::min(piece, bytes.size());
        reader.feed(bytes.first(count));
        bytes = bytes.subspan(count);
    }
    const std::string ahead = reader.alterable();
    reader.finish();
    if (!ahead.empty() && (out.empty() || out.back().number != ahead || out.back().fiscal))
        std::abort();
    return out;
}

/// Where cuts begin; each is let pass.
std::vector<std::size_t> cuts(std::span<const std::uint8_t> bytes, std::size_t piece) {
    host::TapCuts finder;
    std::vector<std::size_t> out;
    std::size_t at = 0;
    for (std::size_t end = 0; at < bytes.size();) {
        if (end <= at) end = std::min(bytes.size(), at + piece);
        const auto step = finder.look(bytes.subspan(at, end - at));
        if (step.pass > end - at) std::abort();
        at += step.pass;
        if (step.pass > 0) continue;
        if (step.cut) {
            out.push_back(at);
            finder.allow();
        } else if (end == bytes.size()) {
            finder.letGo(bytes[at++]);
        } else {
            end = std::min(bytes.size(), end + piece);
        }
    }
    return out;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::span<const std::uint8_t> bytes(data + 1, size - 1);
    const auto whole = read(bytes, size);
    const auto pieces = read(bytes, 1U + data[0] % 16U);
    if (whole.size() != pieces.size()) std::abort();
    for (std::size_t i = 0; i < whole.size(); ++i) {
        if (whole[i].number != pieces[i].number || whole[i].blind != pieces[i].blind) std::abort();
        if (whole[i].blind && !whole[i].number.empty()) std::abort();
    }
    if (cuts(bytes, size) != cuts(bytes, 1U + data[0] % 16U)) std::abort();
    return 0;
}
