#include "sync/hub/PublicServer.h"

#include <span>

#include "plugin/http/Assets.h"
#include "sync/hub/PublicRoutes.h"

namespace souffleur::assets {
std::span<const http::Asset> preferences();
} // namespace souffleur::assets

namespace souffleur::hub {

struct PublicServer::Parts {
    mail::Answers answers;
    PublicRoutes routes;
    http::Assets assets;
    http::Router router;
    std::unique_ptr<PublicGate> gate;
    std::unique_ptr<http::Server> server; // last: it stops before what it borrows goes

    Parts(const mail::House& house, const Clock& clock, const PublicConfig& config)
        : answers(house, clock), routes(house, answers, clock),
          assets(config.uiDir.empty() ? http::Assets(assets::preferences())
                                      : http::Assets(config.uiDir)) {}
};

PublicServer::PublicServer(std::unique_ptr<Parts> parts) : _parts(std::move(parts)) {}

PublicServer::~PublicServer() {
    stop();
}

Result<std::unique_ptr<PublicServer>>
PublicServer::start(const mail::House& house, const Clock& clock, const PublicConfig& config) {
    http::ServerConfig wanted;
    wanted.address = config.address;
    wanted.port = config.port;
    auto server = http::Server::bind(wanted);
    if (!server) return passOn(server);
    auto made = std::make_unique<Parts>(house, clock, config);
    made->server = std::move(*server);
    made->gate = std::make_unique<PublicGate>(made->server->port(), config.publicUrl);
    made->routes.addTo(made->router);
    // One page: /c answers a mail, /w takes back a slip.
    Parts* parts = made.get();
    for (const char* path : {"/c", "/w"}) {
        made->router.get(path, [parts](const http::Request& request) {
            http::Request index = request;
            index.path = "/";
            return parts->assets.serve(index);
        });
    }
    made->router.otherwise(made->assets.handler());
    made->server->start(made->router, {made->gate.get()});
    return std::unique_ptr<PublicServer>(new PublicServer(std::move(made)));
}

std::uint16_t PublicServer::port() const noexcept {
    return _parts->server->port();
}

void PublicServer::stop() {
    _parts->server->stop();
}

} // namespace souffleur::hub
