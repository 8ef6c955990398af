// The listening Unix socket of the host ABI with its folder and lock: POSIX only.
#pragma once

#include <string>
#include <utility>

#include "plugin/base/Result.h"

namespace souffleur::host {

/// A file descriptor that closes itself; -1 is none. Not thread-safe.
class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int fd) : _fd(fd) {}
    Descriptor(Descriptor&& other) noexcept : _fd(std::exchange(other._fd, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept;
    ~Descriptor();

    [[nodiscard]] int get() const noexcept { return _fd; }
    void close() noexcept;

private:
    int _fd = -1;
};

/// Owns the socket's path while it lives: a lock file beside it (flock(2), left behind on purpose:
/// removing it would let two servers lock two files) and the socket, removed at the end. Not
/// thread-safe.
class HostSocket {
public:
    /// See SelectionServer::start.
    [[nodiscard]] static Result<HostSocket> listenAt(const std::string& path);

    HostSocket(HostSocket&&) noexcept = default;
    HostSocket& operator=(HostSocket&&) = delete;
    ~HostSocket();

    [[nodiscard]] int listener() const noexcept { return _listener.get(); }

    /// The next waiting connection, non-blocking and close-on-exec; `ours` tells whether its
    /// process runs as our user. none: nobody waits (errno kept: EMFILE and its kin need a pause).
    struct Guest {
        Descriptor fd;
        bool ours = false;
    };
    [[nodiscard]] Guest accept() const;

private:
    HostSocket() = default;

    std::string _path;
    Descriptor _lock;
    Descriptor _listener;
};

} // namespace souffleur::host
