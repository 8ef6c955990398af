// rooms: sync-hub sync-agent kiosk-terminal
// A pack that comes into force at head office after a till enrolled; and a till that is withdrawn.
#include <SQLiteCpp/SQLiteCpp.h>

#include <filesystem>
#include <fstream>

#include "kiosk/terminal/PolicyWatch.h"
#include "kiosk/terminal/Terminal.h"
#include "plugin/counter/Counter.h"
#include "plugin/crypto/Pin.h"
#include "plugin/http/Client.h"
#include "plugin/wire/Json.h"
#include "sync/protocol/Approval.h"
#include "tests/integration/sync/Rig.h"
#include "tests/support/Deaf.h"

using namespace souffleur;
using namespace souffleur::test;

namespace {

protocol::Welcome welcomed(const protocol::Device& device, agent::HttpHub& hub) {
    const auto welcome = hub.welcome();
    REQUIRE(welcome.has_value());
    REQUIRE(device.keepWelcome(*welcome).has_value());
    return *welcome;
}

/// A till with its counter and its eye on the hub.
struct Watching {
    explicit Watching(HubRig& rig)
        : till(rig, "till"), welcome(welcomed(*till.device, *till.remote)),
          counter({*till.ledger, pins, rig.clock, rig.random, deaf}, {},
                  terminal::policyFrom(welcome).value()),
          watch(*till.device, {*till.remote, *till.ledger, counter, rig.clock}, welcome, 0) {}

    [[nodiscard]] std::string inForce() const { return counter.policy()->id; }
    [[nodiscard]] std::string kept() const { return till.device->welcome().value().packName; }

    TillRig till;
    protocol::Welcome welcome;
    crypto::PinHasher pins{crypto::Secret(std::string(32, 'p'))};
    Deaf deaf;
    counter::Counter counter;
    terminal::PolicyWatch watch;
};

/// What a till's page is told to speak where nobody chose anything.
std::string spokenAt(const terminal::Terminal& till, const std::filesystem::path& launch) {
    std::ifstream in(launch);
    std::string url;
    std::getline(in, url);
    const std::string origin = "http://127.0.0.1:" + std::to_string(till.apiPort());
    http::ClientRequest request;
    request.method = http::Method::post;
    request.url = origin + "/api/v1/session";
    request.headers = {{"Content-Type", "application/json"},
                       {"Origin", origin},
                       {"Sec-Fetch-Site", "same-origin"},
                       {"X-Souffleur-Session", "none"}};
    request.body = R"({"launchToken":")" + url.substr(url.find("#launch=") + 8) + "\"}";
    http::Client client;
    const auto answer = client.send(request);
    REQUIRE(answer.has_value());
    REQUIRE(answer->status == 201);
    return std::string(
        wire::Json::parse(answer->body)->at("session")->at("language")->asString().value());
}

int audited(const TillRig& till, const char* action) {
    SQLite::Database file((till.device->folder / "ledger" / "ledger.db").string(),
                          SQLite::OPEN_READONLY, 5000);
    SQLite::Statement rows(file, "SELECT count(*) FROM audit WHERE action = ?");
    rows.bind(1, action);
    REQUIRE(rows.executeStep());
    return rows.getColumn(0).getInt();
}

counter::HostCustomer customer() {
    counter::HostCustomer host;
    host.system = "pretix";
    host.id = "C-1";
    host.name = "Anna Vermeer";
    return host;
}

} // namespace

TEST_CASE("another pack at head office comes into force at a till, between two customers") {
    HubRig rig;
    Watching w(rig);
    const std::string before = w.inForce();
    w.watch.check();
    CHECK(w.inForce() == before);
    CHECK_FALSE(w.till.remote->welcomeUnless(protocol::welcomeTag(w.welcome))->has_value());
    rig.packName = "de";
    rig.restart();
    SUBCASE("at once where nobody is on the desk") {
        w.watch.check();
    }
    SUBCASE("once the customer left") {
        REQUIRE(w.counter.hostSelected(customer()));
        w.watch.check();
        CHECK(w.inForce() == before);
        CHECK(w.kept() == "de"); // the next start has it
        w.counter.hostCleared();
    }
    SUBCASE("when the next customer comes") {
        REQUIRE(w.counter.hostSelected(customer()));
        w.watch.check();
        auto next = customer();
        next.id = "C-2";
        REQUIRE(w.counter.hostSelected(next));
    }
    CHECK(w.inForce() != before);
    CHECK(w.kept() == "de");
    CHECK(w.till.ledger->verify().has_value());
}

TEST_CASE("what cannot be used changes nothing, and is asked for once") {
    HubRig rig;
    Watching w(rig);
    const std::string before = w.inForce();
    SUBCASE("no such pack") {
        rig.packName = "atlantis";
    }
    SUBCASE("a house file with a hole") {
        rig.houseToml = "[house]\nname = \"";
    }
    rig.restart();
    w.watch.check();
    w.watch.check();
    CHECK(w.inForce() == before);
    CHECK(w.kept() == "nl");
    // Mended, it comes into force.
    rig.packName = "de";
    rig.houseToml = policy::sampleHouseToml();
    rig.restart();
    w.watch.check();
    CHECK(w.inForce() != before);
}

TEST_CASE("a head office restored from a backup takes no till back to an older pack") {
    HubRig rig;
    Watching w(rig);
    const std::string first = w.inForce();
    rig.stop();
    const auto hub = rig.folder.path() / "hub";
    const auto backup = rig.folder.path() / "backup";
    std::filesystem::copy(hub, backup, std::filesystem::copy_options::recursive);
    rig.packName = "de";
    rig.start();
    w.watch.check();
    REQUIRE(w.inForce() != first);
    const std::string second = w.inForce();
    rig.stop();
    std::filesystem::remove_all(hub);
    std::filesystem::copy(backup, hub, std::filesystem::copy_options::recursive);
    SUBCASE("with the house file of then: it stays, and is told") {
        rig.packName = "nl";
        rig.start();
        w.watch.check();
        CHECK(w.inForce() == second);
        CHECK(w.kept() == "de");
        SUBCASE("until head office has something new, whatever it says") {
            rig.packName = "gb";
            rig.restart();
            w.watch.check();
            CHECK(w.kept() == "gb");
        }
    }
    SUBCASE("with its present one nothing changes") {
        rig.start();
        w.watch.check();
        CHECK(w.inForce() == second);
        CHECK(w.kept() == "de");
    }
}

TEST_CASE("two nodes with different house files are told of once, not at every turn") {
    HubRig rig;
    Watching w(rig);
    protocol::Welcome later = w.welcome;
    later.packName = "de";
    ++later.number;
    for (int turn = 0; turn < 3; ++turn) {
        rig.serve(later, rig.clock);
        w.watch.check();
        CHECK(w.kept() == "de");
        rig.serve(w.welcome, rig.clock); // of before
        w.watch.check();
        CHECK(w.kept() == "de");
    }
    CHECK(audited(w.till, "policy.in-force") == 1);
    CHECK(audited(w.till, "policy.refused") == 1);
    // A new one is told of, and after it the old one again.
    later.packName = "gb";
    ++later.number;
    for (const protocol::Welcome& each : {later, w.welcome, later, w.welcome}) {
        rig.serve(each, rig.clock);
        w.watch.check();
    }
    CHECK(w.kept() == "gb");
    CHECK(audited(w.till, "policy.in-force") == 2);
    CHECK(audited(w.till, "policy.refused") == 2);
}

TEST_CASE("a till speaks the house's own language unless it was told another") {
    HubRig rig;
    std::optional<TillRig> enrolled(std::in_place, rig, "till");
    const protocol::Device device = *enrolled->device;
    (void) welcomed(device, *enrolled->remote);
    enrolled.reset();
    terminal::TerminalOptions options;
    options.apiPort = 0;
    options.hostSocket = (rig.folder.path() / "host.sock").string();
    options.launchFile = rig.folder.path() / "panel.launch";
    std::string wanted = "nl";
    SUBCASE("nobody said anything") {}
    SUBCASE("whoever set the till up said so") {
        wanted = options.language = "ca";
    }
    auto till = terminal::Terminal::open(device, options, rig.clock, rig.random);
    REQUIRE_MESSAGE(till.has_value(), (till ? "" : till.error().text()));
    (*till)->start();
    CHECK(spokenAt(**till, options.launchFile) == wanted);
    (*till)->stop();
}

TEST_CASE("a whole till follows head office, and shows nobody once it is withdrawn") {
    HubRig rig;
    std::optional<TillRig> enrolled(std::in_place, rig, "till");
    const protocol::Device device = *enrolled->device;
    (void) welcomed(device, *enrolled->remote);
    enrolled.reset();
    terminal::TerminalOptions options;
    options.apiPort = 0;
    options.hostSocket = (rig.folder.path() / "host.sock").string();
    options.syncIntervalMs = 20;
    options.policyIntervalMs = 1;
    {
        auto till = terminal::Terminal::open(device, options, rig.clock, rig.random);
        REQUIRE_MESSAGE(till.has_value(), (till ? "" : till.error().text()));
        (*till)->start();
        CHECK(eventually(
            [&] { return (*till)->syncStatus().state == protocol::SyncStatus::State::inStep; }));
        rig.packName = "de";
        rig.restart();
        CHECK(eventually([&] { return device.welcome().value().packName == "de"; }));
        REQUIRE(
            rig.home->store().setStatus(device.origin, store::OriginStatus::revoked).has_value());
        CHECK(eventually([&] { return (*till)->syncStatus().reason == "revoked"; }));
        (*till)->stop();
    }
    const auto lease = [&] {
        const auto welcome = device.welcome().value();
        const auto policy = terminal::policyFrom(welcome).value();
        const auto ledger = ledger::Ledger::open(
            terminal::ledgerOptions(device, welcome, *policy, rig.clock.now().at), rig.clock,
            rig.random);
        return (*ledger)->setting(agent::kLeaseSetting).value_or("none");
    };
    CHECK(lease() == agent::kLeaseWithdrawn);
    REQUIRE(rig.home->store().setStatus(device.origin, store::OriginStatus::active).has_value());
    {
        auto till = terminal::Terminal::open(device, options, rig.clock, rig.random);
        REQUIRE_MESSAGE(till.has_value(), (till ? "" : till.error().text()));
        (*till)->start();
        CHECK(eventually(
            [&] { return (*till)->syncStatus().state == protocol::SyncStatus::State::inStep; }));
        (*till)->stop();
    }
    CHECK(lease().empty());
}

TEST_CASE("no till speaks for the invented house: one that was told no house asks head office") {
    HubRig rig;
    TillRig till(rig, "till");
    auto old = till.remote->welcome().value();
    const std::string house = old.houseToml;
    CHECK(terminal::policyFrom(old).has_value());
    old.houseToml.clear();
    const auto none = terminal::policyFrom(old);
    REQUIRE_FALSE(none.has_value());
    CHECK(none.error().code == Code::notFound);
    CHECK(none.error().message.find("--house") != std::string::npos);

    REQUIRE(till.device->keepWelcome(old).has_value());
    const auto wait = [](TimeMs) { return false; };
    const auto asked = protocol::awaitWelcome(*till.device, rig.clock, rig.random, wait);
    REQUIRE_MESSAGE(asked.has_value(), (asked ? "" : asked.error().text()));
    CHECK(asked->houseToml == house);
    CHECK(till.device->welcome()->houseToml == house);
    // Of another house it takes none.
    old.houseKey.fill(1);
    REQUIRE(till.device->keepWelcome(old).has_value());
    CHECK(protocol::awaitWelcome(*till.device, rig.clock, rig.random, wait).error().code ==
          Code::conflict);
}
