// An HTTP/1.1 server with its own threads. Request bodies need a Content-Length (chunked requests
// get 411): POCO cannot tell a truncated chunked body from a whole one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "plugin/base/Result.h"
#include "plugin/http/Router.h"
#include "plugin/http/Tls.h"

namespace souffleur::http {

/// Looks at a request before its body is read, and at each response before it leaves. Thread-safe.
class Gate {
public:
    virtual ~Gate() = default;
    /// Nothing: go on (`request` may have been completed). A response: answer with it.
    virtual std::optional<Response> admit(Request& request) = 0;
    /// Adds headers. Called for every response, problems included.
    virtual void dress(const Request& request, Response& response) {
        (void) request, (void) response;
    }
};

struct ServerConfig {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;     ///< 0: the system chooses, see Server::port()
    std::size_t clients = 4;    ///< browsers at once; threads = 6 x clients + 4
    int maxQueued = 64;         ///< connections waiting for a thread; more are dropped
    int keepAliveMs = 2000;     ///< none is kept while three quarters of the threads are busy
    int readTimeoutMs = 10000;  ///< for one request to arrive in whole, handshake included
    int writeTimeoutMs = 10000; ///< for one write to a peer that does not read
    std::optional<ServerTls> tls;
    bool findPeerUser = false; ///< fill Peer::uid for loopback peers (LoopbackGuard wants it)
};

/// Binds in bind(), serves from start() to stop() or destruction. start and stop from one thread.
class Server {
public:
    /// Errors: unavailable (address in use or not ours), corrupt or refused (TLS files).
    static Result<std::unique_ptr<Server>> bind(const ServerConfig& config);
    ~Server();

    [[nodiscard]] std::uint16_t port() const noexcept;
    /// "http://127.0.0.1:8123" or https.
    [[nodiscard]] std::string origin() const;
    /// Router and gates are borrowed and must outlive stop(). Gates are asked in order.
    void start(const Router& router, std::vector<Gate*> gates = {});
    /// Ends streams, closes connections, joins the threads. Handlers that run are waited for.
    void stop();

private:
    struct State;
    explicit Server(std::unique_ptr<State> state);
    std::unique_ptr<State> _state;
};

} // namespace souffleur::http
