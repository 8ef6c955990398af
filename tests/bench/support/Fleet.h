// Thousands of devices that ask one hub, on one thread: mutual TLS 1.3, each with its own key, each
// shows the session of its last connection again. Sockets never block. Header only.
#pragma once

#include <openssl/ssl.h>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include "plugin/crypto/OpenSsl.h"

namespace souffleur::bench {

using SteadyClock = std::chrono::steady_clock;
using Moment = SteadyClock::time_point;

/// What became of one request.
struct Answer {
    std::size_t device = 0;
    int status = 0;     ///< 0: none came
    double ms = 0;      ///< from when it was due, connecting included
    bool fresh = false; ///< on a connection made for it
    bool resumed = false;
    std::string why; ///< of no answer: what was being done then
    std::string tag; ///< its ETag
    std::string body;
};

class Fleet {
public:
    using OnAnswer = std::function<void(Answer&)>;
    using OnTime = std::function<void(std::size_t device)>;
    static constexpr int kTimeoutMs = 30'000; ///< as a till's

    Fleet(std::uint16_t port, const std::string& authorityFile)
        : _port(port), _context(SSL_CTX_new(TLS_client_method())),
          _poll(::epoll_create1(EPOLL_CLOEXEC)) {
        if (_context == nullptr || _poll < 0 ||
            SSL_CTX_load_verify_locations(_context, authorityFile.c_str(), nullptr) != 1)
            throw std::runtime_error("no TLS for the fleet");
        (void) std::signal(SIGPIPE, SIG_IGN); // the hub may hang up while we write
        SSL_CTX_set_verify(_context, SSL_VERIFY_PEER, nullptr);
        SSL_CTX_set_mode(_context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                       SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
        SSL_CTX_set_session_cache_mode(_context,
                                       SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
        SSL_CTX_sess_set_new_cb(_context, keepSession);
    }
    ~Fleet() {
        for (const auto& each : _links) {
            close(*each);
            SSL_SESSION_free(each->session);
        }
        SSL_CTX_free(_context);
        ::close(_poll);
    }
    Fleet(const Fleet&) = delete;
    Fleet& operator=(const Fleet&) = delete;

    /// Gives its number; the first is 0.
    std::size_t add(const std::string& certificatePem, std::string_view keyPem) {
        auto link = std::make_unique<Link>();
        link->number = _links.size();
        link->certificate = crypto::certificateOf(certificatePem);
        link->key = crypto::privateKeyOf(keyPem);
        if (!link->certificate || !link->key) throw std::runtime_error("no key of a device");
        _links.push_back(std::move(link));
        return _links.size() - 1;
    }
    /// Sends this now, on the connection that is there or a new one. One request at a time each.
    void ask(std::size_t device, std::string request, Moment due = SteadyClock::now()) {
        Link& link = *_links.at(device);
        if (link.busy) throw std::logic_error("this device asks already");
        link.busy = true;
        link.due = due;
        link.out = std::move(request);
        link.sent = 0;
        link.in.clear();
        link.fresh = link.tls == nullptr;
        ++_asking;
        link.ends = SteadyClock::now() + std::chrono::milliseconds(kTimeoutMs);
        _ends.emplace(link.ends, link.number, ++link.request);
        if (link.fresh && !connect(link)) return fail(link, "connecting");
        go(link);
    }
    /// Calls back at this moment.
    void at(Moment when, std::size_t device) { _times.emplace(when, device); }
    [[nodiscard]] std::size_t asking() const { return _asking; }
    /// Until `done` says so, asked between events.
    void run(const OnAnswer& onAnswer, const OnTime& onTime, const std::function<bool()>& done) {
        std::array<epoll_event, 256> events{};
        while (!done()) {
            const int count = ::epoll_wait(_poll, events.data(), events.size(), waitMs());
            for (int i = 0; i < count; ++i) go(*static_cast<Link*>(events.at(i).data.ptr));
            const Moment now = SteadyClock::now();
            while (!_times.empty() && _times.top().first <= now) {
                const std::size_t device = _times.top().second;
                _times.pop();
                onTime(device);
            }
            expire(now);
            while (!_answers.empty()) {
                Answer answer = std::move(_answers.front());
                _answers.pop();
                onAnswer(answer);
            }
        }
    }

    std::uint64_t connections = 0;
    std::uint64_t resumptions = 0;

private:
    struct Link {
        std::size_t number = 0;
        crypto::CertificatePtr certificate;
        crypto::PkeyPtr key;
        SSL_SESSION* session = nullptr;
        SSL* tls = nullptr;
        int fd = -1;
        bool joined = false; ///< the handshake is done
        bool busy = false;
        bool fresh = false;
        bool resumed = false;
        std::string out;
        std::size_t sent = 0;
        std::string in;
        Moment due;
        Moment ends;
        std::uint64_t request = 0;
    };
    struct Head {
        int status = 0;
        std::size_t size = 0; ///< of head and body
        std::size_t body = 0; ///< where it begins
        bool close = false;
    };

    static int keepSession(SSL* tls, SSL_SESSION* session) {
        auto* link = static_cast<Link*>(SSL_get_app_data(tls));
        SSL_SESSION_free(link->session);
        link->session = session;
        return 1; // ours now
    }

    bool connect(Link& link) {
        link.fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (link.fd < 0) return false;
        const int on = 1;
        ::setsockopt(link.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(_port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(link.fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 &&
            errno != EINPROGRESS)
            return false;
        link.tls = SSL_new(_context);
        SSL_set_app_data(link.tls, &link);
        SSL_set_fd(link.tls, link.fd);
        SSL_use_certificate(link.tls, link.certificate.get());
        SSL_use_PrivateKey(link.tls, link.key.get());
        if (link.session != nullptr) SSL_set_session(link.tls, link.session);
        SSL_set_connect_state(link.tls);
        link.joined = false;
        epoll_event event{};
        event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
        event.data.ptr = &link;
        ++connections;
        return ::epoll_ctl(_poll, EPOLL_CTL_ADD, link.fd, &event) == 0;
    }

    void close(Link& link) {
        if (link.tls != nullptr) {
            // Without it the session would not be shown again.
            SSL_set_shutdown(link.tls, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
            SSL_free(link.tls);
        }
        link.tls = nullptr;
        if (link.fd >= 0) ::close(link.fd);
        link.fd = -1;
    }

    void settle(Link& link, Answer answer) {
        answer.device = link.number;
        answer.ms =
            std::chrono::duration<double, std::milli>(SteadyClock::now() - link.due).count();
        answer.fresh = link.fresh;
        answer.resumed = link.resumed;
        link.busy = false;
        ++link.request;
        --_asking;
        _answers.push(std::move(answer));
    }

    void fail(Link& link, const char* doing) {
        close(link);
        // The hub closed the idle connection just as it was used: asked again on a new one.
        if (link.busy && !link.fresh && link.in.empty() && SteadyClock::now() < link.ends) {
            link.fresh = true;
            link.sent = 0;
            if (connect(link)) return go(link);
        }
        Answer answer;
        answer.why = doing;
        if (link.busy) settle(link, std::move(answer));
    }

    /// As far as it goes now.
    void go(Link& link) {
        if (link.tls == nullptr) return;
        if (!link.joined) {
            const int done = SSL_do_handshake(link.tls);
            if (done != 1) return onStop(link, done, "joining");
            link.joined = true;
            link.resumed = SSL_session_reused(link.tls) == 1;
            resumptions += link.resumed ? 1 : 0;
        }
        while (link.busy && link.sent < link.out.size()) {
            const int done = SSL_write(link.tls, link.out.data() + link.sent,
                                       static_cast<int>(link.out.size() - link.sent));
            if (done <= 0) return onStop(link, done, "sending");
            link.sent += static_cast<std::size_t>(done);
        }
        read(link);
    }

    void read(Link& link) {
        std::array<char, 16 * 1024> piece{};
        while (link.tls != nullptr) {
            const int got = SSL_read(link.tls, piece.data(), piece.size());
            if (got <= 0) return onStop(link, got, "reading");
            link.in.append(piece.data(), static_cast<std::size_t>(got));
            const Head head = headOf(link.in);
            if (!link.busy || head.status == 0 || link.in.size() < head.size) continue;
            Answer answer;
            answer.status = head.status;
            answer.body = link.in.substr(head.body, head.size - head.body);
            answer.tag =
                std::string(field(std::string_view(link.in).substr(0, head.body), "\r\nETag: "));
            settle(link, std::move(answer));
            if (head.close) close(link);
        }
    }

    void onStop(Link& link, int outcome, const char* doing) {
        const int why = SSL_get_error(link.tls, outcome);
        if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) return;
        ERR_clear_error();
        fail(link, doing);
    }

    void expire(Moment now) {
        while (!_ends.empty() && std::get<0>(_ends.top()) <= now) {
            Link& link = *_links.at(std::get<1>(_ends.top()));
            const bool still = link.busy && link.request == std::get<2>(_ends.top());
            _ends.pop();
            if (still) fail(link, "waiting");
        }
    }

    [[nodiscard]] int waitMs() const {
        constexpr int kMostMs = 100;
        if (_times.empty()) return kMostMs;
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(_times.top().first -
                                                                                SteadyClock::now());
        return static_cast<int>(std::clamp<std::int64_t>(left.count() + 1, 0, kMostMs));
    }

    static std::string_view field(std::string_view head, std::string_view name) {
        const std::size_t at = head.find(name);
        if (at == std::string_view::npos) return {};
        head.remove_prefix(at + name.size());
        return head.substr(0, head.find("\r\n"));
    }

    static Head headOf(const std::string& text) {
        const std::size_t end = text.find("\r\n\r\n");
        if (end == std::string::npos) return {};
        const std::string_view head(text.data(), end);
        Head out;
        std::from_chars(text.data() + 9, text.data() + 12, out.status);
        out.body = end + 4;
        std::size_t length = 0;
        const std::string_view said = field(head, "\r\nContent-Length: ");
        std::from_chars(said.data(), said.data() + said.size(), length);
        const bool bare = out.status == 204 || out.status == 304;
        out.size = out.body + (bare ? 0 : length);
        out.close = field(head, "\r\nConnection: ") == "Close";
        return out;
    }

    std::uint16_t _port;
    SSL_CTX* _context;
    int _poll;
    std::vector<std::unique_ptr<Link>> _links;
    std::size_t _asking = 0;
    std::queue<Answer> _answers;
    std::priority_queue<std::pair<Moment, std::size_t>, std::vector<std::pair<Moment, std::size_t>>,
                        std::greater<>>
        _times;
    std::priority_queue<std::tuple<Moment, std::size_t, std::uint64_t>,
                        std::vector<std::tuple<Moment, std::size_t, std::uint64_t>>, std::greater<>>
        _ends;
};

} // namespace souffleur::bench
