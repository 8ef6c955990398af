// `souffleur-hub serve`: the composition root of the running hub.
#include <cstdio>
#include <optional>

#include "plugin/base/StopSignal.h"
#include "plugin/crypto/PrivateFile.h"
#include "plugin/http/Server.h"
#include "plugin/policy/PackLoader.h"
#include "plugin/wire/JsonWriter.h"
#include "sync/hub/BallotRoutes.h"
#include "sync/hub/Commands.h"
#include "sync/hub/ConsoleServer.h"
#include "sync/hub/Home.h"
#include "sync/hub/MailOffice.h"
#include "sync/hub/RestartReminder.h"
#include "sync/hub/SealedRoutes.h"
#include "sync/hub/Snapshots.h"
#include "sync/hub/SyncRoutes.h"
#include "sync/hub/WelcomeNumber.h"

namespace souffleur::hub {
namespace {

int failed(const Error& error) {
    (void) std::fprintf(stderr, "souffleur-hub: %s\n", error.text().c_str());
    return 1;
}

/// What the house file says, for the hub itself and for approved devices.
struct InForce {
    protocol::Welcome welcome;
    consent::Policy policy;
    std::vector<policy::Questionnaire> questionnaires;
    TimeMs leaseMs = protocol::kLeaseMs;
    std::map<std::string, std::string> names; ///< the house's, in each language
};

Result<InForce> putInForce(const Home& home, std::optional<HouseFile> given, TimeMs now) {
    const auto served = houseOf(home.store(), std::move(given));
    if (!served) return passOn(served);
    const policy::House& house = served->house;
    // Loaded once here, so that a pack with a hole stops the hub and not a till.
    auto pack = policy::PackLoader(house).builtIn(house.pack);
    if (!pack) return passOn(pack);
    auto asked = policy::questionnairesOf(house.pack, served->toml);
    if (!asked) return passOn(asked);
    InForce out{{}, std::move(*pack), std::move(*asked), house.leaseDays * kDayMs, house.names};
    out.welcome.houseKey = home.houseKey();
    out.welcome.packName = house.pack;
    out.welcome.logKey = home.signingKey().publicKey();
    out.welcome.houseToml = served->toml;
    if (auto kept = keepHouse(home.store(), *served, now); !kept) return passOn(kept);
    sayHouse(*served);
    return out;
}

/// A new folder becomes a head office only where it is said whose.
Result<std::unique_ptr<Home>> openHome(const Context& context, const ServeOptions& options,
                                       bool houseGiven) {
    if (!options.found)
        return Home::open(context.data, context.clock, context.random, true, options.names);
    const auto stands = Home::standsIn(context.data);
    if (!stands) return passOn(stands);
    if (!*stands && !houseGiven) return tl::make_unexpected(noHouse());
    return Home::found(context.data, context.clock, context.random, true, options.names);
}

/// Once a minute: rules of the pack that begin or end today, erasures that something held up.
Result<void> keepUp(store::Store& store, const consent::Policy& policy, TimeMs now) {
    if (auto used = store.useRules(policy.stateRules(now)); !used) return used;
    if (auto clean = store.maintain(); !clean) return passOn(clean);
    return {};
}

/// On stderr, and in the audit that staff read in the console.
void remind(RestartReminder& reminder, store::Store& store, TimeMs now) {
    const std::string words = reminder.look(now);
    if (words.empty()) return;
    (void) std::fprintf(stderr, "souffleur-hub: %s\n", words.c_str());
    if (auto noted = store.audit({now, "system", "certificate.ends", ""}); !noted)
        (void) failed(noted.error());
}

} // namespace

int serve(const Context& context, const ServeOptions& options) {
    StopSignal stop(options.withParent);
    auto given = givenHouse(options.house);
    if (!given) return failed(given.error());
    auto home = openHome(context, options, given->has_value());
    if (!home) return failed(home.error());
    auto house = putInForce(**home, std::move(*given), context.clock.now().at);
    if (!house) return failed(house.error());
    store::Store& store = (*home)->store();
    if (auto kept = keepUp(store, house->policy, context.clock.now().at); !kept)
        return failed(kept.error());

    std::vector<consent::Notice> wordings;
    for (const consent::Notice* notice : policy::wordingsOf(house->policy))
        wordings.push_back(*notice);
    if (auto kept = store.keepWordings(wordings); !kept) return failed(kept.error());

    const auto welcome = numbered(store, house->welcome, context.clock.now().at);
    if (!welcome) return failed(welcome.error());
    const auto ends = (*home)->certificateEnds();
    if (!ends) return failed(ends.error());
    RestartReminder reminder(*ends);
    SyncRoutes routes(**home, context.clock, *welcome, house->leaseMs);
    Snapshots snapshots(**home, context.clock, context.random);
    routes.serveSnapshots(snapshots);
    IntakeKeys intakeKeys(**home, context.clock, context.random);
    SealedRoutes sealed(**home, intakeKeys, context.clock);
    http::Router router;
    routes.addTo(router);
    sealed.addTo(router);
    BallotRoutes ballots(**home, intakeKeys, context.clock, house->questionnaires);
    ballots.addTo(router);
    http::ServerConfig config;
    config.address = options.address;
    config.port = options.syncPort;
    // A till on a slow line holds a thread while its handshake and its answer travel; thousands of
    // tills come at any moment, and wait rather than be hung up on.
    config.clients = 32;
    config.maxQueued = 1024;
    config.tls = (*home)->tls();
    auto sync = http::Server::bind(config);
    if (!sync) return failed(sync.error());
    (*sync)->start(router);

    ConsoleConfig page;
    page.port = options.consolePort;
    page.syncUrl = (*sync)->origin();
    page.uiDir = options.uiDir;
    page.policy = &house->policy;
    page.questionnaires = house->questionnaires;
    auto console = ConsoleServer::start(**home, context.clock, context.random, page);
    if (!console) return failed(console.error());
    auto mails = MailOffice::open(**home, house->policy, house->names, context, options);
    if (!mails) return failed(mails.error());

    wire::JsonWriter ports;
    ports.beginObject().field("sync", (*sync)->port()).field("console", (*console)->port());
    if ((*mails)->publicPort() != 0) ports.field("public", (*mails)->publicPort());
    ports.endObject();
    const std::string text = ports.take();
    if (!options.portsFile.empty()) {
        if (auto written = crypto::writePrivateFile(options.portsFile, text); !written)
            return failed(written.error());
    }
    (void) std::fprintf(stderr, "souffleur-hub: devices at %s, staff at %s\n",
                        (*sync)->origin().c_str(), (*console)->url().c_str());
    const auto tryKept = [&] {
        if (auto tried = sealed.tidy(); !tried) (void) failed(tried.error());
    };
    tryKept();
    while (!stop.wait(kMinuteMs)) {
        remind(reminder, store, context.clock.now().at);
        (*console)->tick();
        snapshots.tidy();
        if (auto tidied = intakeKeys.tidy(); !tidied) (void) failed(tidied.error());
        tryKept();
        if (auto kept = keepUp(store, house->policy, context.clock.now().at); !kept)
            (void) failed(kept.error());
    }
    (*mails)->stop();
    (*console)->stop();
    (*sync)->stop();
    return 0;
}

} // namespace souffleur::hub
