// The socket's folder, lock and leftovers.
#include "plugin/host/HostSocket.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "plugin/host/SelectionServer.h"

using namespace souffleur;
using namespace souffleur::host;

namespace {

struct Folder {
    Folder() { REQUIRE(::mkdtemp(path.data()) != nullptr); }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    std::string path = "/tmp/souffleur-socket-XXXXXX";
};

mode_t modeOf(const std::string& path) {
    struct stat info {};
    REQUIRE(::lstat(path.c_str(), &info) == 0);
    return info.st_mode & 07777;
}

int connectTo(const std::string& path) {
    const int fd = ::socket(AF_UNIX, SOCK_SEQPACKET, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    const int failed = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    const int reason = failed == 0 ? 0 : errno;
    ::close(fd);
    return reason;
}

/// A bound socket whose process is gone.
void leaveStale(const std::string& path) {
    const int fd = ::socket(AF_UNIX, SOCK_SEQPACKET, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    ::close(fd);
}

} // namespace

TEST_CASE("the folder is made 0700, the socket 0600, and the socket goes in the end") {
    const Folder folder;
    const mode_t before = ::umask(0);
    const std::string path = folder.path + "/run/host.sock";
    {
        const auto socket = HostSocket::listenAt(path);
        ::umask(before);
        REQUIRE(socket);
        CHECK(modeOf(folder.path + "/run") == 0700);
        CHECK(modeOf(path) == 0600);
        CHECK(modeOf(path + ".lock") == 0600);
        CHECK(connectTo(path) == 0);
        CHECK(socket->accept().ours);
        CHECK(socket->accept().fd.get() < 0);
    }
    CHECK_FALSE(std::filesystem::exists(path));
    CHECK(HostSocket::listenAt(path).has_value());
}

TEST_CASE("a second server on the same path is refused and harms nothing") {
    const Folder folder;
    const std::string path = folder.path + "/host.sock";
    const auto first = HostSocket::listenAt(path);
    REQUIRE(first);
    const auto second = HostSocket::listenAt(path);
    REQUIRE_FALSE(second);
    CHECK(second.error().code == Code::locked);
    CHECK(second.error().message.find("another terminal") != std::string::npos);
    CHECK(connectTo(path) == 0);
}

TEST_CASE("the socket of a server that died is replaced") {
    const Folder folder;
    const std::string path = folder.path + "/host.sock";
    leaveStale(path);
    CHECK(connectTo(path) == ECONNREFUSED);
    const auto socket = HostSocket::listenAt(path);
    REQUIRE(socket);
    CHECK(connectTo(path) == 0);
}

TEST_CASE("what is no socket is never removed") {
    const Folder folder;
    const std::string path = folder.path + "/host.sock";
    std::ofstream(path) << "precious";
    const auto socket = HostSocket::listenAt(path);
    REQUIRE_FALSE(socket);
    CHECK(socket.error().code == Code::invalid);
    CHECK(std::filesystem::file_size(path) == 8);
}

TEST_CASE("a folder that others may write is refused") {
    const Folder folder;
    ::chmod(folder.path.c_str(), 0777);
    const auto socket = HostSocket::listenAt(folder.path + "/host.sock");
    REQUIRE_FALSE(socket);
    CHECK(socket.error().code == Code::invalid);
    CHECK(socket.error().message.find("chmod go-w") != std::string::npos);
}

TEST_CASE("a link in the lock's place is not followed") {
    const Folder folder;
    const std::string path = folder.path + "/host.sock";
    std::filesystem::create_symlink(folder.path + "/elsewhere", path + ".lock");
    const auto socket = HostSocket::listenAt(path);
    REQUIRE_FALSE(socket);
    CHECK(socket.error().code == Code::storage);
    CHECK_FALSE(std::filesystem::exists(folder.path + "/elsewhere"));
}

TEST_CASE("paths that cannot be are refused with the reason") {
    for (const std::string& path : {std::string(), std::string("host.sock"), std::string("/tmp/"),
                                    std::string("/tmp/a\0b", 8), "/tmp/" + std::string(200, 'x')}) {
        CAPTURE(path);
        const auto socket = HostSocket::listenAt(path);
        REQUIRE_FALSE(socket);
        CHECK(socket.error().code == Code::invalid);
    }
    const auto socket = HostSocket::listenAt("/nonexistent-folder/deep/host.sock");
    REQUIRE_FALSE(socket);
    CHECK(socket.error().code == Code::storage);
}

TEST_CASE("the default path is where the client library looks") {
    const char* set = std::getenv("XDG_RUNTIME_DIR");
    const std::string before = set != nullptr ? set : "";
    ::setenv("XDG_RUNTIME_DIR", "/run/user/4711", 1);
    CHECK(SelectionServer::defaultPath() == "/run/user/4711/souffleur/host.sock");
    ::setenv("XDG_RUNTIME_DIR", "relative", 1);
    CHECK(SelectionServer::defaultPath() ==
          "/tmp/souffleur-" + std::to_string(::geteuid()) + "/host.sock");
    if (set != nullptr) {
        ::setenv("XDG_RUNTIME_DIR", before.c_str(), 1);
    } else {
        ::unsetenv("XDG_RUNTIME_DIR");
    }
}
