// A peer that speaks raw bytes, so that it can break every rule; and a server with a guard to break
// them on.
#pragma once

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <string>

#include "plugin/http/LoopbackGuard.h"
#include "plugin/http/Server.h"

namespace peer {

/// One TCP connection to 127.0.0.1; every read ends within 20 s.
class Connection {
public:
    explicit Connection(std::uint16_t port)
        : _fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        _good = ::connect(_fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    }
    ~Connection() { ::close(_fd); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    [[nodiscard]] bool good() const { return _good; }
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t count = ::send(_fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (count <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
        return true;
    }
    void finishSending() { ::shutdown(_fd, SHUT_WR); }
    /// Reads until `word` was seen or the connection ends; gives all that was read so far.
    std::string readUntil(const std::string& word) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (_text.find(word) == std::string::npos && std::chrono::steady_clock::now() < end) {
            pollfd wait{_fd, POLLIN, 0};
            if (::poll(&wait, 1, 1000) <= 0) continue;
            char buffer[4096];
            const ssize_t count = ::recv(_fd, buffer, sizeof buffer, 0);
            if (count <= 0) {
                _ended = true;
                break;
            }
            _text.append(buffer, static_cast<std::size_t>(count));
        }
        return _text;
    }
    /// Reads until the other side closes.
    std::string readAll() { return readUntil("\x01 never sent \x01"); }
    [[nodiscard]] bool ended() const { return _ended; }

private:
    int _fd;
    bool _good = false;
    bool _ended = false;
    std::string _text;
};

/// The status of an answer, 0 when there is none.
inline int statusIn(const std::string& answer) {
    return answer.starts_with("HTTP/1.1 ") ? std::stoi(answer.substr(9, 3)) : 0;
}

} // namespace peer
