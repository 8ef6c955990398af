// rooms: plugin-host
// Any bytes through the tap's reader: bounded, and the same receipts in whatever pieces they come.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

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
    reader.finish();
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
    return 0;
}
