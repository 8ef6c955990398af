#include "plugin/host/HostSocket.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "plugin/abi/souffleur.h"

namespace souffleur::host {

namespace {

constexpr int kBacklog = 16;

tl::unexpected<Error> systemError(const std::string& what, const std::string& path) {
    return fail(Code::storage, what + ": " + std::strerror(errno), path);
}

/// The folder must be ours (or root's) and writable by nobody else, or anybody could swap the
/// socket.
Result<void> ownFolder(const std::string& folder) {
    if (::mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
        return systemError("cannot make the folder of the host socket", folder);
    }
    struct stat info {};
    if (::lstat(folder.c_str(), &info) != 0) {
        return systemError("cannot look at the folder of the host socket", folder);
    }
    if (!S_ISDIR(info.st_mode) || (info.st_uid != ::geteuid() && info.st_uid != 0) ||
        (info.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        return fail(Code::invalid,
                    "the folder of the host socket must belong to this user and be writable by no "
                    "other; choose another or chmod go-w it",
                    folder);
    }
    return {};
}

Result<Descriptor> lockBeside(const std::string& path) {
    const std::string file = path + ".lock";
    Descriptor lock(
        ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR));
    if (lock.get() < 0) return systemError("cannot make the lock of the host socket", file);
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        return fail(Code::locked,
                    "another terminal already serves this host socket; stop it or choose another "
                    "path",
                    path);
    }
    return lock;
}

/// What a server that died left behind. Only a socket is ever removed.
Result<void> removeStale(const std::string& path) {
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) {
        if (errno == ENOENT) return {};
        return systemError("cannot look at the host socket", path);
    }
    if (!S_ISSOCK(info.st_mode)) {
        return fail(Code::invalid,
                    "something that is no socket lies where the host socket goes; "
                    "move it away or choose another path",
                    path);
    }
    if (::unlink(path.c_str()) != 0) return systemError("cannot remove a stale host socket", path);
    return {};
}

Result<Descriptor> bindAt(const std::string& path) {
    Descriptor fd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (fd.get() < 0) return systemError("cannot make the host socket", path);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    // fchmod first: the socket is born 0600, without touching the process's umask.
    if (::fchmod(fd.get(), S_IRUSR | S_IWUSR) != 0 ||
        ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(fd.get(), kBacklog) != 0) {
        return systemError("cannot open the host socket", path);
    }
    return fd;
}

} // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
    if (this != &other) {
        close();
        _fd = std::exchange(other._fd, -1);
    }
    return *this;
}

Descriptor::~Descriptor() {
    close();
}

void Descriptor::close() noexcept {
    if (_fd >= 0) ::close(std::exchange(_fd, -1));
}

Result<HostSocket> HostSocket::listenAt(const std::string& path) {
    const auto slash = path.rfind('/');
    if (path.empty() || path.front() != '/' || path.back() == '/' ||
        path.find('\0') != std::string::npos) {
        return fail(Code::invalid, "the host socket needs an absolute path to a file");
    }
    if (path.size() > SOUFFLEUR_PATH_MAX) {
        return fail(Code::invalid,
                    "the path of the host socket is longer than " +
                        std::to_string(SOUFFLEUR_PATH_MAX) + " bytes; choose a shorter one",
                    path);
    }
    if (auto folder = ownFolder(slash == 0 ? "/" : path.substr(0, slash)); !folder) {
        return passOn(folder);
    }
    HostSocket made;
    auto lock = lockBeside(path);
    if (!lock) return passOn(lock);
    made._lock = std::move(*lock);
    if (auto stale = removeStale(path); !stale) return passOn(stale);
    auto listener = bindAt(path);
    if (!listener) return passOn(listener);
    made._listener = std::move(*listener);
    made._path = path;
    return made;
}

HostSocket::~HostSocket() {
    if (_listener.get() >= 0) ::unlink(_path.c_str()); // while the lock is still ours
}

HostSocket::Guest HostSocket::accept() const {
    Guest guest{
        Descriptor(::accept4(_listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)),
        false};
    if (guest.fd.get() < 0) return guest;
    ucred peer{};
    socklen_t size = sizeof peer;
    guest.ours = ::getsockopt(guest.fd.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
                 peer.uid == ::geteuid();
    return guest;
}

} // namespace souffleur::host
