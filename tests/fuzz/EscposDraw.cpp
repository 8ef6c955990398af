// rooms: drivers-emulator drivers-escpos
// Any bytes to the printer that draws its paper: the picture is one, and the text is the same as
// without. Slow, for Pango draws each character: EscposDecode.cpp is the quick one.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "drivers/emulator/VirtualPrinter.h"

// fontconfig keeps its tables until the process ends.
extern "C" __attribute__((visibility("default"), used)) const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
    return "leak:libfontconfig\n";
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace souffleur::emulator;
    VirtualPrinter drawn{souffleur::escpos::Profile{}};
    VirtualPrinter plain{souffleur::escpos::Profile{}, {.pictures = Pictures::none}};
    for (auto* const printer : {&drawn, &plain}) {
        printer->feed({data, size});
        printer->tear();
    }
    const auto pictures = drawn.receipts();
    const auto texts = plain.receipts();
    if (pictures.size() != texts.size() || drawn.reply() != plain.reply()) std::abort();
    static constexpr std::uint8_t kPng[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    for (std::size_t i = 0; i < texts.size(); ++i) {
        if (pictures[i].text != texts[i].text || !texts[i].png.empty()) std::abort();
        if (pictures[i].heightPx > 2 * kMaxReceiptDots || pictures[i].heightPx < 1) std::abort();
        if (pictures[i].png.size() < sizeof kPng ||
            !std::equal(std::begin(kPng), std::end(kPng), pictures[i].png.begin()))
            std::abort();
    }
    return 0;
}
