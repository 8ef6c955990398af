// Who is at the other end of a connection on this machine, by real sockets.
#include "plugin/host/TapUsers.h"

#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <cstdio>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "plugin/host/HostSocket.h"

using namespace souffleur;
using host::Descriptor;
using host::TapEnd;

namespace {

sockaddr* raw(sockaddr_in& address) {
    return reinterpret_cast<sockaddr*>(&address);
}

sockaddr_in nameOf(int fd, bool peer) {
    sockaddr_in out{};
    socklen_t size = sizeof out;
    REQUIRE((peer ? ::getpeername(fd, raw(out), &size) : ::getsockname(fd, raw(out), &size)) == 0);
    return out;
}

struct Pair {
    Descriptor far;
    Descriptor near;
};

/// `far` speaks both versions of IP; without them here, it stays closed.
Pair connected(bool both) {
    const Descriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in any{};
    any.sin_family = AF_INET;
    any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::bind(listener.get(), raw(any), sizeof any) == 0);
    REQUIRE(::listen(listener.get(), 1) == 0);
    any = nameOf(listener.get(), false);
    Pair out;
    out.far = Descriptor(::socket(both ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (out.far.get() < 0) return out;
    if (both) {
        sockaddr_in6 mapped{};
        mapped.sin6_family = AF_INET6;
        mapped.sin6_port = any.sin_port;
        REQUIRE(::inet_pton(AF_INET6, "::ffff:127.0.0.1", &mapped.sin6_addr) == 1);
        REQUIRE(::connect(out.far.get(), reinterpret_cast<sockaddr*>(&mapped), sizeof mapped) == 0);
    } else {
        REQUIRE(::connect(out.far.get(), raw(any), sizeof any) == 0);
    }
    out.near = Descriptor(::accept(listener.get(), nullptr, nullptr));
    REQUIRE(out.near.get() >= 0);
    return out;
}

TapEnd end(const sockaddr_in& address) {
    return {address.sin_addr.s_addr, address.sin_port};
}

} // namespace

TEST_CASE("the user of a connection is the one whose program holds its other end") {
    for (const bool both : {false, true}) {
        CAPTURE(both);
        auto pair = connected(both);
        if (pair.far.get() < 0) {
            std::puts("SKIPPED: a program that speaks both IP versions: this machine has one");
            continue;
        }
        const auto far = end(nameOf(pair.near.get(), true));
        const auto near = end(nameOf(pair.near.get(), false));
        CHECK(host::userBehind(far, near) == ::getuid());
        CHECK_FALSE(host::userBehind(near, TapEnd{near.address, 1})); // no such connection
        pair.far.close();
        CHECK_FALSE(host::userBehind(far, near)); // and not root, as the kernel's table has it
    }
}

TEST_CASE("the terminal's own user, root, and who is named are believed") {
    const auto users = host::TapUsers::of({}).value();
    CHECK(users.believes(::geteuid()));
    CHECK(users.believes(0));
    CHECK_FALSE(users.believes(65'534));
    CHECK_FALSE(users.believes(std::nullopt));
    CHECK(host::TapUsers::of({"nobody"}).value().believes(65'534));
    CHECK(host::TapUsers::of({"no-such-user-here"}).error().code == Code::invalid);
}
