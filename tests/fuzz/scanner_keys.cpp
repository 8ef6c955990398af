// rooms: drivers-scanner
// Any keys in any layout: what is typed on and what is ours together are what was pressed; no key
// stays down at the end; codes are bounded; bytes of a line are cut the same in whatever pieces.
#include <bitset>
#include <cstdint>
#include <cstdlib>

#include "drivers/scanner/CodeText.h"
#include "drivers/scanner/Wedge.h"

using namespace souffleur;
using scanner::KeyEvent;

namespace {

struct Out final : scanner::WedgeOut {
    std::bitset<768> down;
    std::size_t typed = 0;
    std::size_t codes = 0;
    void type(std::span<const KeyEvent> events) override {
        for (const KeyEvent& event : events) {
            if (event.type != 1 || event.value == 2) std::abort();
            down.set(event.code, event.value == 1);
            ++typed;
        }
    }
    void found(scanner::Found code) override {
        if (code.text.empty() || code.text.size() > scanner::kCodeMaxBytes) std::abort();
        for (const char c : code.text)
            if (static_cast<unsigned char>(c) < 0x20 && c != 0x1D) std::abort();
        ++codes;
    }
    void passed() override {}
    void broken() override {}
};

const scanner::Layout& layout(std::uint8_t which) {
    static const std::array<scanner::Layout, 3> all{scanner::Layout::load("us").value(),
                                                    scanner::Layout::load("de").value(),
                                                    scanner::Layout::load("fr").value()};
    return all.at(which % 3U);
}

void keys(std::uint8_t which, std::span<const std::uint8_t> bytes) {
    Out out;
    scanner::Wedge wedge(
        layout(which), [](std::string_view text) { return (text.size() & 1U) != 0; }, out);
    std::size_t pressed = 0;
    bool dropped = false;
    for (; bytes.size() >= 2; bytes = bytes.subspan(2)) {
        const std::uint8_t kind = bytes[0];
        if (kind == 0xFF) {
            wedge.silence();
        } else if (kind == 0xFE) {
            wedge.feed({0, 3, 0});
            dropped = true;
        } else if (kind == 0xFD) {
            wedge.feed({0, 0, 0});
        } else {
            wedge.feed({1, static_cast<std::uint16_t>(bytes[1] + ((kind >> 4U) << 8U)), kind % 3});
            pressed += kind % 3 != 2 ? 1U : 0U;
        }
    }
    wedge.silence();
    if (!dropped && out.typed > pressed) std::abort(); // nothing is made up
    wedge.lost();
    if (out.down.any()) std::abort();
    if (wedge.busy()) std::abort();
}

std::vector<std::string> codes(std::span<const std::uint8_t> bytes, std::size_t piece) {
    scanner::Assembler assembler;
    scanner::Found found;
    std::vector<std::string> out;
    while (!bytes.empty()) {
        auto part = bytes.first(std::min(piece, bytes.size()));
        bytes = bytes.subspan(part.size());
        for (;;) {
            const auto end = assembler.feed(part, found);
            if (end == scanner::Assembler::End::none) break;
            out.push_back(end == scanner::Assembler::End::code ? found.text : "");
        }
    }
    return out;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const std::span<const std::uint8_t> bytes(data + 1, size - 1);
    keys(data[0], bytes);
    if (codes(bytes, size) != codes(bytes, 1U + data[0] % 8U)) std::abort();
    return 0;
}
