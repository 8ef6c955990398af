// A real head office behind mutual TLS and a kiosk with its own folder, both in this process; the
// page is played by an HTTP client. Header only.
#pragma once

#include <doctest/doctest.h>

#include <functional>

#include "kiosk/lobby/Lobby.h"
#include "kiosk/lobby/SealedStore.h"
#include "plugin/crypto/Handle.h"
#include "plugin/crypto/PrivateFile.h"
#include "plugin/http/Client.h"
#include "plugin/http/Server.h"
#include "plugin/policy/House.h"
#include "plugin/policy/InForce.h"
#include "plugin/policy/Wordings.h"
#include "plugin/wire/Json.h"
#include "sync/hub/BallotRoutes.h"
#include "sync/hub/Home.h"
#include "sync/hub/SealedRoutes.h"
#include "sync/hub/SyncRoutes.h"
#include "sync/hub/WelcomeNumber.h"
#include "sync/protocol/HubLink.h"
#include "tests/support/Eventually.h"
#include "tests/support/TemporaryFolder.h"

namespace souffleur::test {

class Office {
public:
    explicit Office(const std::string& houseToml = policy::sampleHouseToml()) {
        auto opened = hub::Home::found(folder.path() / "hub", clock, random);
        REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error().text()));
        home = std::move(*opened);
        protocol::Welcome welcome;
        welcome.houseKey = home->houseKey();
        welcome.packName = "nl";
        welcome.houseToml = houseToml;
        welcome.logKey = home->signingKey().publicKey();
        auto numbered = hub::numbered(home->store(), welcome, clock.now().at);
        REQUIRE(numbered.has_value());
        policy = policy::inForce("nl", "", welcome.houseToml).value().policy;
        questionnaires = policy::questionnairesOf("nl", welcome.houseToml).value();
        std::vector<consent::Notice> wordings;
        for (const consent::Notice* one : policy::wordingsOf(policy)) wordings.push_back(*one);
        REQUIRE(home->store().keepWordings(wordings).has_value());
        number = *numbered;
        serve();
        open();
    }
    void serve() {
        routes = std::make_unique<hub::SyncRoutes>(*home, clock, number);
        keys = std::make_unique<hub::IntakeKeys>(*home, clock, random);
        sealed = std::make_unique<hub::SealedRoutes>(*home, *keys, clock);
        router = std::make_unique<http::Router>();
        routes->addTo(*router);
        sealed->addTo(*router);
        ballots = std::make_unique<hub::BallotRoutes>(*home, *keys, clock, questionnaires);
        ballots->addTo(*router);
    }
    /// Does it with the folder of a closed head office.
    void put(const std::function<void()>& change) {
        ballots.reset();
        sealed.reset();
        keys.reset();
        routes.reset();
        home.reset();
        change();
        auto opened = hub::Home::open(folder.path() / "hub", clock, random);
        REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error().text()));
        home = std::move(*opened);
        serve();
    }
    ~Office() { close(); }
    void open() {
        http::ServerConfig config;
        config.tls = home->tls();
        config.port = port;
        auto bound = http::Server::bind(config);
        REQUIRE_MESSAGE(bound.has_value(), (bound ? "" : bound.error().text()));
        server = std::move(*bound);
        port = server->port();
        server->start(*router);
    }
    void close() {
        if (server) server->stop();
        server.reset();
    }
    protocol::Invitation invite(const std::string& kind = "kiosk",
                                const std::string& name = "Foyer") {
        const auto secret = crypto::randomHandle(random);
        protocol::Invitation invitation;
        invitation.url = "https://127.0.0.1:" + std::to_string(port);
        invitation.secret = std::string(crypto::bytesOf(secret));
        invitation.pin = home->pin().value();
        REQUIRE(home->store()
                    .invite(crypto::sha256(invitation.secret), name, "foyer", kind,
                            clock.now().at + 10 * kMinuteMs)
                    .has_value());
        return invitation;
    }
    protocol::Device enrolled(const std::filesystem::path& where, const std::string& kind = "kiosk",
                              const std::string& name = "Foyer") {
        auto device = protocol::Device::enrol(where, invite(kind, name), random);
        REQUIRE_MESSAGE(device.has_value(), (device ? "" : device.error().text()));
        REQUIRE(home->store().setStatus(device->origin, store::OriginStatus::active).has_value());
        protocol::HubLink link(device->hubUrl, device->tls(), clock, {});
        auto welcome = link.welcome();
        REQUIRE_MESSAGE(welcome.has_value(), (welcome ? "" : welcome.error().text()));
        REQUIRE(device->keepWelcome(*welcome).has_value());
        return *device;
    }
    [[nodiscard]] std::vector<store::PersonRow> people(const std::string& text) const {
        store::PeopleQuery query;
        query.text = text;
        return home->store().people(query).value();
    }

    SystemClock clock;
    SystemRandom random;
    TemporaryFolder folder;
    std::unique_ptr<hub::Home> home;
    protocol::Welcome number; ///< what is in force, numbered
    consent::Policy policy;
    std::unique_ptr<hub::SyncRoutes> routes;
    std::unique_ptr<hub::IntakeKeys> keys;
    std::unique_ptr<hub::SealedRoutes> sealed;
    std::vector<policy::Questionnaire> questionnaires;
    std::unique_ptr<hub::BallotRoutes> ballots;
    std::unique_ptr<http::Router> router;
    std::unique_ptr<http::Server> server;
    std::uint16_t port = 0;
};

struct Answer {
    int status = 0;
    std::string body;
    [[nodiscard]] std::string code() const {
        auto json = wire::Json::parse(body);
        return json ? wire::JsonReader(*json).stringOr("code", "", 100) : "";
    }
};

/// What the page does: trades the token, keeps cookie and secret.
class Page {
public:
    explicit Page(const std::filesystem::path& launchFile) {
        const auto line = crypto::readPrivateFile(launchFile);
        REQUIRE(line.has_value());
        std::string text(line->view());
        text.pop_back();
        const auto hash = text.find("/#launch=");
        REQUIRE(hash != std::string::npos);
        base = text.substr(0, hash);
        auto answer = post("/session", R"({"launchToken":")" + text.substr(hash + 9) + "\"}");
        REQUIRE(answer.status == 201);
        secret = wire::JsonReader(wire::Json::parse(answer.body)).string("secret", 100);
        REQUIRE(!cookie.empty());
    }
    Answer send(http::Method method, const std::string& path, std::string body) {
        http::ClientRequest request;
        request.method = method;
        request.url = base + "/api/kiosk/v1" + path;
        request.headers = {{"X-Souffleur-Session", secret}};
        if (!cookie.empty()) request.headers.add("Cookie", cookie);
        if (method == http::Method::post) request.headers.add("Content-Type", "application/json");
        request.body = std::move(body);
        client.reset(); // a kept connection may end at its age just now, and nobody sends a post
                        // twice
        auto answer = client.send(request);
        REQUIRE_MESSAGE(answer.has_value(), (answer ? "" : answer.error().text()));
        if (const auto set = answer->headers.get("Set-Cookie"); !set.empty())
            cookie = std::string(set.substr(0, set.find(';')));
        return {answer->status, std::move(answer->body)};
    }
    Answer get(const std::string& path) { return send(http::Method::get, path, ""); }
    Answer post(const std::string& path, std::string body) {
        return send(http::Method::post, path, std::move(body));
    }

    http::Client client;
    std::string base;
    std::string cookie;
    std::string secret = "none-yet";
};

/// What a visitor answered: `yes` and `no` are "newsletter/email", under the wordings in force.
inline std::string answersJson(const consent::Policy& policy, const std::string& more,
                               const std::vector<std::string>& yes,
                               const std::vector<std::string>& no = {}) {
    std::string choices;
    const auto add = [&](const std::string& key, const char* choice) {
        const std::string purpose = key.substr(0, key.find('/'));
        const std::string channel = key.substr(key.find('/') + 1);
        const consent::Notice* notice = policy.notice(purpose, channel, "nl");
        REQUIRE(notice != nullptr);
        if (!choices.empty()) choices += ',';
        choices += R"({"purpose":")" + purpose + R"(","channel":")" + channel + R"(","choice":")" +
                   choice + R"(","notice":{"id":")" + notice->ref.id + R"(","version":)" +
                   std::to_string(notice->ref.version) + R"(,"language":"nl","sha256":")" +
                   notice->ref.sha256 + R"("}})";
    };
    for (const std::string& key : yes) add(key, "given");
    for (const std::string& key : no) add(key, "refused");
    SystemRandom random;
    return R"({"requestId":")" + Uuid::random(random).text() +
           R"(","language":"nl","oldEnough":true,"choices":[)" + choices + "]" + more + "}";
}

class Kiosk {
public:
    explicit Kiosk(Office& at, lobby::LobbyOptions wanted = {})
        : office(at), device(at.enrolled(at.folder.path() / "kiosk")), options(std::move(wanted)) {
        options.port = 0;
        options.syncIntervalMs = 100;
        options.signUpsAMinute = 1000;
        options.signUpsAnHour = 1000;
        open();
    }
    void open() {
        auto opened = lobby::Lobby::open(device, options, clock, office.random);
        REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error().text()));
        kiosk = std::move(*opened);
        kiosk->start();
        page = std::make_unique<Page>(device.folder / "kiosk.launch");
        REQUIRE(eventually([&] { return takes(); }));
    }
    void close() {
        page.reset();
        if (kiosk) kiosk->stop();
        kiosk.reset();
    }
    ~Kiosk() { close(); }
    bool takes() { return page->get("/health").body.find(R"("takes":true)") != std::string::npos; }

    Office& office;
    SystemClock clock;
    protocol::Device device;
    lobby::LobbyOptions options;
    std::unique_ptr<lobby::Lobby> kiosk;
    std::unique_ptr<Page> page;
};

} // namespace souffleur::test
