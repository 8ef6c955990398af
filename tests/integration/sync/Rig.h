// A real hub behind real mutual TLS, and tills with real ledgers. Header only.
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <future>

#include "plugin/crypto/Handle.h"
#include "plugin/http/Server.h"
#include "plugin/ledger/Ledger.h"
#include "plugin/ledger/Outbox.h"
#include "plugin/policy/House.h"
#include "sync/agent/HttpHub.h"
#include "sync/agent/LedgerEnds.h"
#include "sync/hub/Home.h"
#include "sync/hub/HubOrigin.h"
#include "sync/hub/Snapshots.h"
#include "sync/hub/SyncRoutes.h"
#include "sync/hub/WelcomeNumber.h"
#include "sync/protocol/Device.h"
#include "tests/support/Eventually.h"
#include "tests/support/Newsletter.h"
#include "tests/support/TemporaryFolder.h"

namespace souffleur::test {

using protocol::SyncLoop;
using protocol::SyncStatus;

/// A hub in its own folder on a port of its own.
class HubRig {
public:
    HubRig() { start(); }
    ~HubRig() { server->stop(); }

    void start() {
        auto opened = hub::Home::found(folder.path() / "hub", clock, random);
        REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error().text()));
        home = std::move(*opened);
        protocol::Welcome welcome;
        welcome.houseKey = home->houseKey();
        welcome.packName = packName;
        welcome.houseToml = houseToml;
        welcome.logKey = home->signingKey().publicKey();
        auto numbered = hub::numbered(home->store(), welcome, clock.now().at);
        REQUIRE(numbered.has_value());
        serve(*numbered, clock);
    }
    /// The same head office from now on with this welcome, by this clock (which must outlive us).
    void serve(const protocol::Welcome& welcome, const Clock& by) {
        if (server) server->stop();
        server.reset();
        router = std::make_unique<http::Router>();
        routes = std::make_unique<hub::SyncRoutes>(*home, by, welcome, leaseMs);
        if (withSnapshots) {
            snapshots = std::make_unique<hub::Snapshots>(*home, clock, random);
            routes->serveSnapshots(*snapshots);
        }
        routes->addTo(*router);
        http::ServerConfig config;
        config.tls = home->tls();
        config.port = port;
        auto bound = http::Server::bind(config);
        REQUIRE_MESSAGE(bound.has_value(), (bound ? "" : bound.error().text()));
        server = std::move(*bound);
        port = server->port();
        server->start(*router);
    }
    void stop() {
        server->stop();
        server.reset();
        routes.reset();
        snapshots.reset();
        home.reset();
    }
    void restart() {
        stop();
        start();
    }
    protocol::Invitation invite(TimeMs lifeMs = 10 * kMinuteMs) {
        const auto secret = crypto::randomHandle(random);
        protocol::Invitation invitation;
        invitation.url = "https://127.0.0.1:" + std::to_string(port);
        invitation.secret = std::string(crypto::bytesOf(secret));
        invitation.pin = home->pin().value();
        REQUIRE(home->store()
                    .invite(crypto::sha256(invitation.secret), "Till", "till", "terminal",
                            clock.now().at + lifeMs)
                    .has_value());
        return invitation;
    }

    std::string packName = "nl"; ///< in force from the next restart()
    std::string houseToml = policy::sampleHouseToml();
    TimeMs leaseMs = protocol::kLeaseMs;
    SystemClock clock;
    SystemRandom random;
    TemporaryFolder folder;
    std::unique_ptr<hub::Home> home;
    bool withSnapshots = false; ///< from the next restart()
    std::unique_ptr<hub::Snapshots> snapshots;
    std::unique_ptr<http::Router> router;
    std::unique_ptr<hub::SyncRoutes> routes;
    std::unique_ptr<http::Server> server;
    std::uint16_t port = 0;
};

/// An enrolled, approved till with its own ledger.
class TillRig {
public:
    TillRig(HubRig& hubRig, const std::string& name, bool approve = true) : rig(hubRig) {
        auto enrolled = protocol::Device::enrol(rig.folder.path() / name, rig.invite(), rig.random);
        REQUIRE_MESSAGE(enrolled.has_value(), (enrolled ? "" : enrolled.error().text()));
        device.emplace(std::move(*enrolled));
        if (approve) {
            REQUIRE(rig.home->store()
                        .setStatus(device->origin, store::OriginStatus::active)
                        .has_value());
        }
        open();
    }
    /// One that was enrolled before.
    TillRig(const std::filesystem::path& folder, HubRig& hubRig) : rig(hubRig) {
        auto loaded = protocol::Device::load(folder);
        REQUIRE_MESSAGE(loaded.has_value(), (loaded ? "" : loaded.error().text()));
        device.emplace(std::move(*loaded));
        open();
    }
    void close() {
        loop.reset();
        replica.reset();
        outbox.reset();
        lease.reset();
        ledger.reset();
    }
    void open() {
        ledger::LedgerOptions options;
        options.folder = device->folder / "ledger";
        options.origin = device->origin;
        options.formerly = device->former;
        options.contactKey = rig.home->houseKey();
        auto opened = ledger::Ledger::open(options, rig.clock, rig.random);
        REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error().text()));
        ledger = std::move(*opened);
        signing.emplace(std::move(*device->signingKey()));
        remote =
            std::make_unique<agent::HttpHub>(device->hubUrl, device->tls(), rig.clock, nullptr);
        lease = std::make_unique<agent::LeaseWatch>(
            agent::LeaseWatch::Parts{*remote, *ledger, rig.clock}, 0);
        outbox = std::make_unique<agent::LedgerOutbox>(*ledger, [this] { return lease->need(); });
        replica = std::make_unique<agent::LedgerReplica>(*ledger, rig.clock, nullptr);
        loop = std::make_unique<SyncLoop>(*outbox, *replica, *remote, *signing, rig.clock,
                                          rig.random, protocol::SyncConfig{}, nullptr);
    }

    EventId say(const SubjectId& subject, consent::Choice choice, const char* email = nullptr) {
        wire::PersonData person;
        if (email != nullptr) {
            person.displayName = "Anna Vermeer-Puig";
            person.contacts.push_back({"email", email, std::string("email:") + email});
        }
        auto said = test::say(*ledger, subject, choice, person);
        REQUIRE_MESSAGE(said.has_value(), (said ? "" : said.error().text()));
        return *said;
    }
    std::string state(const SubjectId& subject) const { return newsletterState(*ledger, subject); }

    HubRig& rig;
    std::optional<protocol::Device> device;
    std::unique_ptr<ledger::Ledger> ledger;
    std::optional<crypto::SigningKey> signing;
    std::unique_ptr<agent::HttpHub> remote;
    std::unique_ptr<agent::LeaseWatch> lease;
    std::unique_ptr<agent::LedgerOutbox> outbox;
    std::unique_ptr<agent::LedgerReplica> replica;
    std::unique_ptr<SyncLoop> loop;
};

inline std::string hubState(const HubRig& rig, const SubjectId& subject) {
    const auto person = rig.home->store().person(subject);
    return person && !person->states.empty()
               ? std::string(consent::name(person->states.front().view.state))
               : "none";
}

} // namespace souffleur::test
