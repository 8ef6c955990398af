#include "plugin/http/Server.h"

#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SecureServerSocket.h>
#include <Poco/Net/TCPServer.h>
#include <Poco/ThreadPool.h>

#include <algorithm>
#include <stdexcept>

#include "plugin/http/Connection.h"
#include "plugin/http/TlsContext.h"

namespace souffleur::http {

namespace {

constexpr int kBacklogMin = 64;
constexpr std::size_t kThreadsPerClient =
    6; // a browser opens up to six connections, streams hold theirs
constexpr std::size_t kThreadsSpare = 4;
constexpr int kThreadIdleSeconds = 30;

Poco::Timespan span(int ms) {
    return {static_cast<Poco::Timespan::TimeDiff>(ms) * 1000};
}

} // namespace

struct Server::State {
    ServerConfig config;
    std::unique_ptr<Poco::Net::ServerSocket> socket;
    std::uint16_t port = 0;
    std::unique_ptr<Poco::ThreadPool> pool;
    Serving serving;
    std::unique_ptr<Poco::Net::TCPServer> server;
};

Server::Server(std::unique_ptr<State> state) : _state(std::move(state)) {}

Server::~Server() {
    stop();
}

Result<std::unique_ptr<Server>> Server::bind(const ServerConfig& config) {
    auto state = std::make_unique<State>();
    state->config = config;
    try {
        if (config.tls) {
            auto context = makeServerContext(*config.tls);
            if (!context) return passOn(context);
            state->socket = std::make_unique<Poco::Net::SecureServerSocket>(*context);
        } else {
            state->socket = std::make_unique<Poco::Net::ServerSocket>();
        }
        // Not with SO_REUSEPORT, as POCO does by default: a second program would silently share the
        // port.
        state->socket->bind(Poco::Net::SocketAddress(config.address, config.port), true, false);
        state->socket->listen(std::max(kBacklogMin, config.maxQueued));
        state->port = state->socket->address().port();
    } catch (const Poco::Exception&) {
        return fail(Code::unavailable,
                    "cannot listen: the address is in use or not ours; choose another port",
                    config.address + ":" + std::to_string(config.port));
    }
    return std::unique_ptr<Server>(new Server(std::move(state)));
}

std::uint16_t Server::port() const noexcept {
    return _state->socket->address().port();
}

std::string Server::origin() const {
    const bool v6 = _state->config.address.find(':') != std::string::npos;
    return (_state->config.tls ? "https://" : "http://") + std::string(v6 ? "[" : "") +
           _state->config.address + (v6 ? "]:" : ":") + std::to_string(port());
}

void Server::start(const Router& router, std::vector<Gate*> gates) {
    if (_state->server) throw std::logic_error("server: started already");
    const ServerConfig& config = _state->config;
    _state->serving.router = &router;
    _state->serving.gates = std::move(gates);
    _state->serving.keepAliveMs = config.keepAliveMs;
    _state->serving.readTimeoutMs = config.readTimeoutMs;
    _state->serving.writeTimeoutMs = config.writeTimeoutMs;
    _state->serving.findPeerUser = config.findPeerUser;
    _state->serving.acceptExpired = config.tls && config.tls->acceptExpired;

    const auto threads = static_cast<int>(kThreadsPerClient * config.clients + kThreadsSpare);
    // A quarter of the threads is always for who comes next.
    _state->serving.crowdedAbove = threads * 3 / 4;
    // One more than the connections need: POCO's dispatcher must never wait for the pool.
    _state->pool = std::make_unique<Poco::ThreadPool>(2, threads + 1, kThreadIdleSeconds);
    Poco::Net::HTTPServerParams::Ptr params = new Poco::Net::HTTPServerParams;
    params->setMaxThreads(threads);
    params->setMaxQueued(config.maxQueued);
    params->setKeepAlive(true);
    params->setKeepAliveTimeout(span(config.keepAliveMs));
    params->setMaxKeepAliveRequests(0);
    params->setTimeout(span(config.readTimeoutMs));
    _state->server = std::make_unique<Poco::Net::TCPServer>(
        new ConnectionFactory(_state->serving, params), *_state->pool, *_state->socket, params);
    _state->server->start();
}

void Server::stop() {
    if (!_state->server) return;
    _state->serving.stopping = true;
    _state->server->stop();
    _state->serving.watchdog.cutAll();
    _state->pool->joinAll();
    _state->server.reset();
    _state->socket->close();
}

} // namespace souffleur::http
