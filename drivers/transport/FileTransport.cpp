// POSIX; the Win32 twin will be a file of its own.
#include "drivers/transport/FileTransport.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>
#include <utility>

namespace souffleur::transport {
namespace {

constexpr int kSliceMs = 25;

Fault faultOf(int code) {
    switch (code) {
    case EACCES:
    case EPERM:
    case EROFS:
        return Fault::denied;
    case EBUSY:
        return Fault::busy;
    case ENOTDIR:
    case EISDIR:
    case ENAMETOOLONG:
        return Fault::invalid;
    default:
        return Fault::unreachable;
    }
}

const char* adviceOf(int code) {
    switch (code) {
    case EACCES:
    case EPERM:
        return "not permitted; add this user to the device's group (usually lp)";
    case EROFS:
        return "the file system is read-only";
    case EBUSY:
        return "another program holds it";
    case ENOENT:
        return "no such file or folder";
    case ENOSPC:
        return "the disk is full";
    case ENXIO:
        return "nobody reads from it";
    default:
        return "cannot be opened";
    }
}

} // namespace

FileTransport::FileTransport(std::string path) : _path(std::move(path)) {}

FileTransport::~FileTransport() {
    close();
}

Result<void> FileTransport::open(Milliseconds /*timeout*/) {
    if (_fd >= 0) return {};
    // O_NONBLOCK: a FIFO without reader answers ENXIO instead of waiting for ever.
    _fd = ::open(_path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
                 0600);
    if (_fd >= 0) return {};
    return tl::make_unexpected(Error{faultOf(errno), describe() + ": " + adviceOf(errno)});
}

Written FileTransport::write(std::span<const std::uint8_t> bytes, Milliseconds timeout) {
    if (_fd < 0) return {0, Error{Fault::closed, describe() + ": not open"}};
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    std::size_t count = 0;
    while (count < bytes.size()) {
        if (_cancelled.exchange(false)) {
            return {count, Error{Fault::cancelled, describe() + ": cancelled"}};
        }
        const ssize_t sent = ::write(_fd, bytes.data() + count, bytes.size() - count);
        if (sent >= 0) {
            count += static_cast<std::size_t>(sent);
            continue;
        }
        if (errno == EINTR) continue;
        if (errno != EAGAIN)
            return {count, Error{Fault::gone, describe() + ": " + adviceOf(errno)}};
        if (std::chrono::steady_clock::now() >= deadline) {
            return {count, Error{Fault::timedOut, describe() + ": takes no more bytes"}};
        }
        pollfd wait{_fd, POLLOUT, 0};
        (void) ::poll(&wait, 1, kSliceMs);
    }
    return {count, std::nullopt};
}

Result<std::size_t> FileTransport::read(std::span<std::uint8_t> /*into*/,
                                        Milliseconds /*timeout*/) {
    if (_fd < 0) return tl::make_unexpected(Error{Fault::closed, describe() + ": not open"});
    return 0;
}

void FileTransport::close() noexcept {
    if (_fd >= 0) (void) ::close(_fd);
    _fd = -1;
}

void FileTransport::cancel() noexcept {
    _cancelled = true;
}

std::string FileTransport::describe() const {
    return "file " + _path;
}

} // namespace souffleur::transport
