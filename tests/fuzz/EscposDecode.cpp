// rooms: drivers-emulator drivers-escpos
// Any bytes to the printer: the decoder accounts for every one, the paper survives.
#include <cstdint>
#include <cstdlib>

#include "drivers/emulator/VirtualPrinter.h"
#include "drivers/escpos/Decoder.h"

// fontconfig keeps its tables until the process ends.
extern "C" __attribute__((visibility("default"), used)) const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
    return "leak:libfontconfig\n";
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace souffleur;
    std::uint64_t sum = 0;
    escpos::Decoder decoder([&](const escpos::Command& command) { sum += command.length; });
    decoder.feed({data, size});
    decoder.finish();
    if (sum != size) std::abort();
    emulator::VirtualPrinter printer{escpos::Profile{}};
    printer.feed({data, size});
    printer.tear();
    return 0;
}
