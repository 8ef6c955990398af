// rooms: drivers-emulator drivers-escpos
// Any bytes to the printer: the decoder accounts for every one, the paper survives.
#include <cstdint>
#include <cstdlib>

#include "drivers/emulator/VirtualPrinter.h"
#include "drivers/escpos/Decoder.h"

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
