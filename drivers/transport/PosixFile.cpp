// POSIX; the Win32 twin will be a file of its own.
#include "drivers/transport/PosixFile.h"

#include <cerrno>
#include <csignal>
#include <ctime>
#include <poll.h>
#include <unistd.h>

namespace souffleur::transport {

long writeQuietly(int fd, std::span<const std::uint8_t> bytes) {
    sigset_t pipe;
    sigset_t before;
    sigset_t pending;
    (void) sigemptyset(&pipe);
    (void) sigaddset(&pipe, SIGPIPE);
    (void) sigpending(&pending);
    const bool already = sigismember(&pending, SIGPIPE) == 1;
    // Only this thread: what the program does with the signal elsewhere is its own affair.
    (void) pthread_sigmask(SIG_BLOCK, &pipe, &before);
    const long written = ::write(fd, bytes.data(), bytes.size());
    const int code = errno;
    if (written < 0 && code == EPIPE && !already) {
        const timespec now{0, 0};
        (void) sigtimedwait(&pipe, nullptr, &now);
    }
    (void) pthread_sigmask(SIG_SETMASK, &before, nullptr);
    errno = code;
    return written;
}

void waitFor(int fd, bool toWrite, Milliseconds slice) {
    const auto events = static_cast<short>(toWrite ? POLLOUT : POLLIN);
    pollfd wait{fd, events, 0};
    (void) ::poll(&wait, 1, static_cast<int>(slice.count()));
}

} // namespace souffleur::transport
