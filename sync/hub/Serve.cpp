// `souffleur-hub serve`: the composition root of the running hub.
#include <cstdio>
#include <fstream>

#include "plugin/base/StopSignal.h"
#include "plugin/crypto/PrivateFile.h"
#include "plugin/http/Server.h"
#include "plugin/policy/PackLoader.h"
#include "plugin/wire/JsonWriter.h"
#include "sync/hub/Commands.h"
#include "sync/hub/ConsoleServer.h"
#include "sync/hub/Home.h"
#include "sync/hub/SyncRoutes.h"

namespace souffleur::hub {
namespace {

int failed(const Error& error) {
    (void) std::fprintf(stderr, "souffleur-hub: %s\n", error.text().c_str());
    return 1;
}

Result<protocol::Welcome> welcomeFor(const Home& home, const std::filesystem::path& houseFile) {
    protocol::Welcome welcome;
    welcome.houseKey = home.houseKey();
    if (houseFile.empty()) {
        welcome.packName = policy::sampleHouse().pack;
        return welcome;
    }
    auto house = policy::loadHouse(houseFile);
    if (!house) return passOn(house);
    // Loaded once here, so that a pack with a hole stops the hub and not a till.
    if (auto pack = policy::PackLoader(*house).builtIn(house->pack); !pack) return passOn(pack);
    std::ifstream in(houseFile, std::ios::binary);
    welcome.houseToml.assign(std::istreambuf_iterator<char>(in), {});
    welcome.packName = house->pack;
    return welcome;
}

} // namespace

int serve(const Context& context, const ServeOptions& options) {
    StopSignal stop(options.withParent);
    auto home = Home::open(context.data, context.clock, context.random);
    if (!home) return failed(home.error());
    auto welcome = welcomeFor(**home, options.house);
    if (!welcome) return failed(welcome.error());

    SyncRoutes routes(**home, context.clock, std::move(*welcome));
    http::Router router;
    routes.addTo(router);
    http::ServerConfig config;
    config.address = options.address;
    config.port = options.syncPort;
    config.clients = 8;
    config.tls = (*home)->tls();
    auto sync = http::Server::bind(config);
    if (!sync) return failed(sync.error());
    (*sync)->start(router);

    ConsoleConfig page;
    page.port = options.consolePort;
    page.syncUrl = (*sync)->origin();
    page.uiDir = options.uiDir;
    auto console = ConsoleServer::start(**home, context.clock, context.random, page);
    if (!console) return failed(console.error());

    wire::JsonWriter ports;
    ports.beginObject()
        .field("sync", (*sync)->port())
        .field("console", (*console)->port())
        .endObject();
    const std::string text = ports.take();
    if (!options.portsFile.empty()) {
        if (auto written = crypto::writePrivateFile(options.portsFile, text); !written)
            return failed(written.error());
    }
    (void) std::fprintf(stderr, "souffleur-hub: devices at %s, staff at %s\n",
                        (*sync)->origin().c_str(), (*console)->url().c_str());
    while (!stop.wait(kMinuteMs)) (*console)->tick();
    (*console)->stop();
    (*sync)->stop();
    return 0;
}

} // namespace souffleur::hub
