// rooms: plugin-abi
// The frame decoder on a stranger's bytes: whatever it accepts, the encoder writes and it reads
// again.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "plugin/abi/frame.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    souffleur_message_t message;
    if (souffleur_frame_decode(bytes, size, &message) != SOUFFLEUR_DECODED) return 0;
    std::vector<std::uint8_t> out(SOUFFLEUR_FRAME_MAX);
    const std::size_t written = souffleur_frame_encode(&message, out.data(), out.size());
    if (written == 0 || written > size) std::abort(); // unknown fields may have gone, nothing else
    souffleur_message_t again;
    if (souffleur_frame_decode(out.data(), written, &again) != SOUFFLEUR_DECODED) std::abort();
    return 0;
}
