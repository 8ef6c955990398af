// rooms: drivers-escpos
// Any bytes from the printer: the reader never loses its place for good.
#include <cstdint>
#include <cstdlib>

#include "drivers/escpos/Status.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace souffleur;
    bool done = false;
    escpos::StatusReader reader([&](const escpos::StatusEvent& event) {
        done = std::holds_alternative<escpos::ProcessDone>(event);
    });
    if (size > 0 && (data[0] & 1) != 0) reader.expectIdentity();
    if (size > 0 && (data[0] & 2) != 0) reader.expectTransmitted();
    reader.feed({data, size});
    const std::uint8_t end[] = {0xFF, 0xFF, 0xFF, 0x37, 0x22, '0', '0', '0', '7', 0};
    reader.feed(end);
    if (!done) std::abort();
    return 0;
}
