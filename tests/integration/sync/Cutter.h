// A line that breaks: forwards to a port of this machine and cuts each connection after so many
// bytes of the answers. Header only.
#pragma once

#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <thread>

namespace souffleur::test {

class Cutter {
public:
    Cutter(std::uint16_t to, std::size_t budget) : _to(to), _budget(budget) {
        _listening = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in at = loopback(0);
        socklen_t size = sizeof at;
        REQUIRE(::bind(_listening, reinterpret_cast<sockaddr*>(&at), size) == 0);
        REQUIRE(::listen(_listening, 8) == 0);
        REQUIRE(::getsockname(_listening, reinterpret_cast<sockaddr*>(&at), &size) == 0);
        _port = ntohs(at.sin_port);
        _thread = std::thread([this] { serve(); });
    }
    ~Cutter() {
        _stopping = true;
        _thread.join();
        ::close(_listening);
    }
    Cutter(const Cutter&) = delete;
    Cutter& operator=(const Cutter&) = delete;

    [[nodiscard]] std::uint16_t port() const { return _port; }
    [[nodiscard]] int cuts() const { return _cuts; }

private:
    static constexpr int kLookMs = 50;

    static sockaddr_in loopback(std::uint16_t port) {
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        at.sin_port = htons(port);
        return at;
    }
    /// One connection after the other: a client of ours has one.
    void serve() {
        while (!_stopping) {
            pollfd ready{_listening, POLLIN, 0};
            if (::poll(&ready, 1, kLookMs) <= 0) continue;
            const int client = ::accept4(_listening, nullptr, nullptr, SOCK_CLOEXEC);
            const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
            sockaddr_in at = loopback(_to);
            if (client >= 0 && server >= 0 &&
                ::connect(server, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0)
                forward(client, server);
            if (server >= 0) ::close(server);
            if (client >= 0) ::close(client);
        }
    }
    void forward(int client, int server) {
        std::size_t left = _budget;
        std::array<char, 4096> piece{};
        while (!_stopping) {
            std::array<pollfd, 2> ready{pollfd{client, POLLIN, 0}, pollfd{server, POLLIN, 0}};
            if (::poll(ready.data(), ready.size(), kLookMs) < 0) return;
            for (const auto& [from, to] : {std::pair{0, server}, std::pair{1, client}}) {
                if (ready[static_cast<std::size_t>(from)].revents == 0) continue;
                const int in = ready[static_cast<std::size_t>(from)].fd;
                const ssize_t got = ::recv(in, piece.data(), piece.size(), 0);
                if (got <= 0 ||
                    ::send(to, piece.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL) != got)
                    return;
                if (from == 0) continue;
                if (static_cast<std::size_t>(got) >= left) {
                    ++_cuts;
                    return;
                }
                left -= static_cast<std::size_t>(got);
            }
        }
    }

    std::uint16_t _to;
    std::size_t _budget;
    int _listening = -1;
    std::uint16_t _port = 0;
    std::atomic<bool> _stopping{false};
    std::atomic<int> _cuts{0};
    std::thread _thread;
};

} // namespace souffleur::test
