// rooms: drivers-transport
// What a printer says of itself, and what somebody typed as its address: never more than is there,
// and an address that was understood is read back the same.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "drivers/transport/UsbTransport.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace souffleur::transport;
    const DeviceId id = parseDeviceId({data, size});
    for (const auto* field : {&id.manufacturer, &id.model, &id.serial, &id.commandSet})
        if (field->size() > kMaxDeviceIdField) std::abort();
    const std::string text(reinterpret_cast<const char*>(data), size);
    (void) fromAddress(text);
    (void) fromAddress("serial:///dev/null?" + text);
    if (const auto address = parseUsbAddress(text)) {
        const auto again = parseUsbAddress(address->text().substr(6));
        if (!again || *again != *address) std::abort();
    }
    return 0;
}
