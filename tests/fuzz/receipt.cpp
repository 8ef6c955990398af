// rooms: plugin-slip
// Any bytes as a receipt: an error or a report that is not sound, never a crash.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "plugin/slip/Receipt.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace souffleur;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto report = slip::verifyReceipt(text, crypto::PublicKey{}, text);
    if (report && report->sound()) {
        std::abort();
    }
    return 0;
}
