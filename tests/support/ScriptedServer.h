// A server on loopback that answers each request with exactly the bytes a script gives: what a
// well-behaved server library refuses to send.
#pragma once

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace souffleur::test {

class ScriptedServer {
public:
    /// Gets a request's head (up to the blank line), gives the whole answer. One at a time, on the
    /// server's thread; the connection is closed after it.
    using Script = std::function<std::string(const std::string& head)>;

    explicit ScriptedServer(Script script) : _script(std::move(script)) {
        _listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        if (_listener < 0 ||
            ::bind(_listener, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
            ::listen(_listener, 16) != 0 ||
            ::getsockname(_listener, reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
            ::pipe(_stop) != 0) {
            throw std::runtime_error("no loopback listener");
        }
        _port = ntohs(address.sin_port);
        _thread = std::thread([this] { run(); });
    }
    ~ScriptedServer() {
        static_cast<void>(!::write(_stop[1], "x", 1));
        _thread.join();
        ::close(_stop[0]);
        ::close(_stop[1]);
        ::close(_listener);
    }
    ScriptedServer(const ScriptedServer&) = delete;
    ScriptedServer& operator=(const ScriptedServer&) = delete;

    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(_port); }
    /// The heads of all requests so far.
    [[nodiscard]] std::vector<std::string> heads() const {
        const std::lock_guard lock(_mutex);
        return _heads;
    }

    /// An answer as it should be.
    static std::string json(const std::string& body, const std::string& headers = {},
                            const std::string& status = "200 OK") {
        return "HTTP/1.1 " + status + "\r\nContent-Type: application/json\r\n" + headers +
               "Connection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
               body;
    }

private:
    void run() {
        for (;;) {
            pollfd wait[2]{{_listener, POLLIN, 0}, {_stop[0], POLLIN, 0}};
            if (::poll(wait, 2, -1) < 0 || wait[1].revents != 0) return;
            const int peer = ::accept4(_listener, nullptr, nullptr, SOCK_CLOEXEC);
            if (peer < 0) continue;
            serve(peer);
            ::close(peer);
        }
    }
    void serve(int peer) {
        std::string head;
        while (head.find("\r\n\r\n") == std::string::npos && head.size() < 65536) {
            pollfd wait[2]{{peer, POLLIN, 0}, {_stop[0], POLLIN, 0}};
            if (::poll(wait, 2, -1) < 0 || wait[1].revents != 0) return;
            char bytes[4096];
            const ssize_t got = ::recv(peer, bytes, sizeof bytes, 0);
            if (got <= 0) return;
            head.append(bytes, static_cast<std::size_t>(got));
        }
        {
            const std::lock_guard lock(_mutex);
            _heads.push_back(head);
        }
        const std::string answer = _script(head);
        for (std::size_t sent = 0; sent < answer.size();) {
            const ssize_t put =
                ::send(peer, answer.data() + sent, answer.size() - sent, MSG_NOSIGNAL);
            if (put <= 0) return;
            sent += static_cast<std::size_t>(put);
        }
        ::shutdown(peer, SHUT_WR);
    }

    Script _script;
    int _listener = -1;
    int _stop[2]{-1, -1};
    std::uint16_t _port = 0;
    mutable std::mutex _mutex;
    std::vector<std::string> _heads;
    std::thread _thread;
};

} // namespace souffleur::test
