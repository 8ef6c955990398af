// What files, FIFOs and serial lines share on POSIX. Inside the transport room only.
#pragma once

#include <span>

#include "drivers/transport/Transport.h"

namespace souffleur::transport {

/// write(2) without SIGPIPE: a reader that left is an error (EPIPE), not the end of the program.
/// -1 with errno as ever.
[[nodiscard]] long writeQuietly(int fd, std::span<const std::uint8_t> bytes);

/// Waits until `fd` can be written (else: read), at most `slice`; a hang-up counts as ready.
void waitFor(int fd, bool toWrite, Milliseconds slice);

} // namespace souffleur::transport
