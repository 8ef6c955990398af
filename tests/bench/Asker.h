// A page that asks the same again and again, over one connection. Header only.
#pragma once

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <string>

#include "plugin/api/PanelServer.h"

namespace souffleur::bench {

/// One kept connection; asks the same bytes again and reads one answer with a Content-Length.
class Asker {
public:
    Asker(std::uint16_t port, std::string request) : _port(port), _request(std::move(request)) {
        connect();
    }
    ~Asker() { ::close(_fd); }
    Asker(const Asker&) = delete;
    Asker& operator=(const Asker&) = delete;

    /// Microseconds from the first byte sent to the last byte read.
    double ask() {
        const auto start = std::chrono::steady_clock::now();
        if (::send(_fd, _request.data(), _request.size(), MSG_NOSIGNAL) < 0 || !read()) {
            throw std::runtime_error("the server hung up");
        }
        return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start)
            .count();
    }
    [[nodiscard]] const std::string& answer() const { return _answer; }

private:
    void connect() {
        _fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const int on = 1;
        ::setsockopt(_fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(_port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(_fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
            throw std::runtime_error("no connection");
        }
    }
    bool read() {
        _answer.clear();
        std::size_t whole = std::string::npos;
        while (whole == std::string::npos || _answer.size() < whole) {
            char buffer[16384];
            const ssize_t count = ::recv(_fd, buffer, sizeof buffer, 0);
            if (count <= 0) return false;
            _answer.append(buffer, static_cast<std::size_t>(count));
            const std::size_t head = _answer.find("\r\n\r\n");
            if (whole != std::string::npos || head == std::string::npos) continue;
            const std::size_t length = _answer.find("Content-Length: ");
            if (length == std::string::npos) return false;
            whole = head + 4 + std::stoul(_answer.substr(length + 16));
        }
        return _answer.starts_with("HTTP/1.1 200");
    }

    std::uint16_t _port;
    std::string _request;
    std::string _answer;
    int _fd = -1;
};

/// A signed-in page's GET /desk as bytes.
inline std::string pageRequest(api::PanelServer& server) {
    const std::string url = server.launchUrl();
    const std::string token = url.substr(url.find("#launch=") + 8);
    const std::string host = "Host: 127.0.0.1:" + std::to_string(server.port()) + "\r\n";
    const std::string body = R"({"launchToken":")" + token + "\"}";
    Asker trade(server.port(), "POST /api/v1/session HTTP/1.1\r\n" + host +
                                   "Content-Type: application/json\r\nX-Souffleur-Session: none"
                                   "\r\nContent-Length: " +
                                   std::to_string(body.size()) + "\r\n\r\n" + body);
    try {
        trade.ask();
    } catch (const std::runtime_error&) {
        if (!trade.answer().starts_with("HTTP/1.1 201")) throw;
    }
    const std::string& answer = trade.answer();
    const auto between = [&](const std::string& from, char to) {
        const std::size_t begin = answer.find(from) + from.size();
        return answer.substr(begin, answer.find(to, begin) - begin);
    };
    return "GET /api/v1/desk HTTP/1.1\r\n" + host +
           "Accept-Language: en\r\nCookie: " + between("Set-Cookie: ", ';') +
           "\r\nX-Souffleur-Session: " + between("\"secret\":\"", '"') + "\r\n\r\n";
}

} // namespace souffleur::bench
