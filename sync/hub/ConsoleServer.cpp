#include "sync/hub/ConsoleServer.h"

#include <span>

#include "plugin/http/Assets.h"
#include "plugin/http/LoopbackGuard.h"
#include "plugin/http/Server.h"
#include "sync/hub/ConsoleRoutes.h"
#include "sync/hub/Home.h"
#include "sync/hub/HubOrigin.h"

namespace souffleur::assets {
std::span<const http::Asset> console();
} // namespace souffleur::assets

namespace souffleur::hub {
namespace {

http::SessionConfig sessionConfig() {
    http::SessionConfig config;
    config.cookieName = "souffleur_console";
    config.lifetimeMs = 10 * kHourMs;
    config.maxSessions = 64;
    return config;
}

} // namespace

struct ConsoleServer::Parts {
    http::Sessions sessions;
    ConsoleSignIn signIn;
    ConsoleRoutes routes;
    http::Assets assets;
    http::Router router;
    std::unique_ptr<http::LoopbackGuard> guard;
    std::unique_ptr<http::Server> server; // last: it stops before what it borrows goes

    Parts(Home& home, Clock& clock, Random& random, const ConsoleConfig& config)
        : sessions(sessionConfig(), clock, random),
          signIn(home.store(), clock, random, home.pepper()),
          routes({home.store(), sessions, signIn, clock, random, [&home] { return home.pin(); },
                  config.syncUrl, config.policy, &home.signingKey(), home.origin(), &home.chain(),
                  config.questionnaires}),
          assets(config.uiDir.empty() ? http::Assets(assets::console())
                                      : http::Assets(config.uiDir)) {}
};

ConsoleServer::ConsoleServer(std::unique_ptr<Parts> parts) : _parts(std::move(parts)) {}

ConsoleServer::~ConsoleServer() {
    stop();
}

Result<std::unique_ptr<ConsoleServer>>
ConsoleServer::start(Home& home, Clock& clock, Random& random, const ConsoleConfig& config) {
    http::ServerConfig wanted;
    wanted.port = config.port;
    wanted.findPeerUser = true;
    auto server = http::Server::bind(wanted);
    if (!server) return passOn(server);
    auto made = std::make_unique<Parts>(home, clock, random, config);
    made->server = std::move(*server);
    http::GuardConfig rules = http::GuardConfig::forPort(made->server->port());
    rules.secretOnReads = true;
    made->guard = std::make_unique<http::LoopbackGuard>(rules, &made->sessions);
    made->routes.addTo(made->router);
    made->router.otherwise(made->assets.handler());
    made->server->start(made->router, {made->guard.get()});
    return std::unique_ptr<ConsoleServer>(new ConsoleServer(std::move(made)));
}

std::uint16_t ConsoleServer::port() const noexcept {
    return _parts->server->port();
}

std::string ConsoleServer::url() const {
    return _parts->server->origin() + "/";
}

void ConsoleServer::tick() {
    _parts->sessions.sweep();
}

void ConsoleServer::stop() {
    _parts->server->stop();
}

} // namespace souffleur::hub
