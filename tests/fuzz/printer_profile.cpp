// rooms: drivers-printer
// Any text as a printer profile: refused in words, or something that the encoder can work with.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "drivers/escpos/Encoder.h"
#include "drivers/printer/ProfileFile.h"

// fontconfig keeps its tables until the process ends.
extern "C" __attribute__((visibility("default"), used)) const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
    return "leak:libfontconfig\n";
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace souffleur;
    const std::string text(data, data + size);
    const auto model = printer::parseModel(text, "fuzz.toml");
    if (!model) {
        if (model.error().message.empty()) std::abort();
        return 0;
    }
    if (model->language != printer::Language::escPos) return 0;
    escpos::Document slip;
    slip.text("Café Москва €").row("left", "right").rule().qr("https://example.org/");
    const auto bytes = escpos::Encoder(model->profile).encode(slip);
    // The code of the slip may be too wide for a very narrow paper.
    if (!bytes && bytes.error().fault != escpos::Fault::tooLarge) std::abort();
    return 0;
}
