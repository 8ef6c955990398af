#include "plugin/api/PanelServer.h"

#include <span>

#include "plugin/api/Api.h"
#include "plugin/api/Feed.h"
#include "plugin/crypto/PrivateFile.h"
#include "plugin/http/Assets.h"
#include "plugin/http/LoopbackGuard.h"
#include "plugin/http/Router.h"
#include "plugin/http/Server.h"
#include "plugin/http/Sessions.h"

namespace souffleur::assets {
std::span<const http::Asset> panel();
} // namespace souffleur::assets

namespace souffleur::api {

namespace {

http::SessionConfig sessionConfig() {
    http::SessionConfig config;
    config.cookieName = "souffleur_till";
    // The file is ours alone and its token works once: it may wait for the next morning.
    config.launchMs = 365 * kDayMs;
    config.maxSessions = 16;
    return config;
}

http::Assets pageFiles(const std::filesystem::path& uiDir) {
    return uiDir.empty() ? http::Assets(assets::panel()) : http::Assets(uiDir);
}

} // namespace

struct PanelServer::Parts {
    PanelConfig config;
    Feed& feed;
    http::Sessions sessions;
    Api api;
    http::Assets assets;
    http::Router router;
    std::unique_ptr<http::LoopbackGuard> guard;
    std::unique_ptr<http::Server> server; // last: it stops before what it borrows goes

    Parts(PanelParts& parts, PanelConfig wanted)
        : config(std::move(wanted)), feed(parts.feed),
          sessions(sessionConfig(), parts.clock, parts.random),
          api({parts.counter, sessions, parts.feed, parts.clock, parts.ledger}, config.api),
          assets(pageFiles(config.uiDir)) {}

    [[nodiscard]] std::string launchUrl() {
        return server->origin() + "/#launch=" + sessions.launchToken();
    }

    Result<void> writeLaunchFile() {
        if (config.launchFile.empty()) return {};
        return crypto::writePrivateFile(config.launchFile, launchUrl() + "\n");
    }
};

PanelServer::PanelServer(std::unique_ptr<Parts> parts) : _parts(std::move(parts)) {}

PanelServer::~PanelServer() {
    stop();
}

Result<std::unique_ptr<PanelServer>> PanelServer::start(PanelParts parts, PanelConfig config) {
    http::ServerConfig wanted;
    wanted.port = config.port;
    wanted.findPeerUser = true;
    auto server = http::Server::bind(wanted);
    if (!server) return passOn(server);

    auto made = std::make_unique<Parts>(parts, std::move(config));
    made->server = std::move(*server);
    http::GuardConfig rules = http::GuardConfig::forPort(made->server->port());
    rules.secretOnReads = true;
    made->guard = std::make_unique<http::LoopbackGuard>(rules, &made->sessions);
    if (auto written = made->writeLaunchFile(); !written) return passOn(written);
    // A disk that is full later costs the next launch, not the session that has just begun.
    made->api.onLaunched(
        [own = made.get()] { static_cast<void>(own->writeLaunchFile().has_value()); });
    made->api.addTo(made->router);
    made->router.otherwise(made->assets.handler());
    made->server->start(made->router, {made->guard.get()});
    return std::unique_ptr<PanelServer>(new PanelServer(std::move(made)));
}

std::uint16_t PanelServer::port() const noexcept {
    return _parts->server->port();
}

std::string PanelServer::url() const {
    return _parts->server->origin() + "/";
}

std::string PanelServer::launchUrl() {
    return _parts->launchUrl();
}

Api& PanelServer::api() noexcept {
    return _parts->api;
}

void PanelServer::tick() {
    _parts->sessions.sweep();
}

void PanelServer::stop() {
    _parts->feed.stop();
    _parts->server->stop();
}

} // namespace souffleur::api
