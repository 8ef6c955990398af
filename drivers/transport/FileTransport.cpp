// POSIX; the Win32 twin will be a file of its own.
#include "drivers/transport/FileTransport.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

#include "drivers/transport/Patience.h"
#include "drivers/transport/PosixFile.h"

namespace souffleur::transport {
namespace {

constexpr std::size_t kPiece = 64 * 1024; ///< between two looks for cancel()

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
    case EPIPE:
        return "nobody reads from it";
    case ENODEV:
    case EIO:
        return "the device left";
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
    Patience patience(_cancelled, timeout);
    std::size_t count = 0;
    while (count < bytes.size()) {
        if (!patience.next()) {
            const bool cancelled = patience.ended() == Fault::cancelled;
            return {count,
                    Error{patience.ended(),
                          describe() + (cancelled ? ": cancelled" : ": takes no more bytes")}};
        }
        const auto piece = bytes.subspan(count, std::min(kPiece, bytes.size() - count));
        const long sent = writeQuietly(_fd, piece);
        if (sent >= 0) {
            count += static_cast<std::size_t>(sent);
        } else if (errno == EAGAIN) {
            waitFor(_fd, true, patience.slice());
        } else if (errno != EINTR) {
            const char* const advice = adviceOf(errno);
            close();
            return {count, Error{Fault::gone, describe() + ": " + advice}};
        }
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
