// rooms: sync-hub sync-agent kiosk-terminal
// Promise 2 with several hubs: what any of them acknowledged is in the one database once, whatever
// is killed, and everybody comes to the same states.
#include <doctest/doctest.h>
#include <spawn.h>

#include <atomic>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "Paths.h"
#include "plugin/ledger/Ledger.h"
#include "plugin/ledger/Outbox.h"
#include "plugin/policy/PackLoader.h"
#include "sync/agent/HttpHub.h"
#include "sync/agent/LedgerEnds.h"
#include "sync/hub/Home.h"
#include "sync/protocol/Device.h"
#include "tests/support/Eventually.h"
#include "tests/support/Newsletter.h"
#include "tests/support/Postgres.h"

using namespace souffleur;
using namespace souffleur::test;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t kTills = 3;
constexpr std::size_t kActsPerTill = 60;

std::string textIn(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// souffleur-hub as a process; what it says goes into `log`.
pid_t spawnHub(const fs::path& log, std::vector<std::string> words) {
    words.insert(words.begin(), std::string(kBinaryDir) + "/bin/souffleur-hub");
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions{};
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                       0600);
    ::posix_spawn_file_actions_adddup2(&actions, 1, 2);
    pid_t pid = -1;
    const int failed = ::posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    REQUIRE(failed == 0);
    return pid;
}

int runHub(const fs::path& log, std::vector<std::string> words) {
    const pid_t pid = spawnHub(log, std::move(words));
    int status = 0;
    REQUIRE(::waitpid(pid, &status, 0) == pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

class Server {
public:
    explicit Server(fs::path folder, std::vector<std::string> house = {"--sample-house"})
        : _folder(std::move(folder)), _house(std::move(house)) {}
    ~Server() { end(SIGKILL); }
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// On a port of its own from the first start on.
    void start() {
        const fs::path ports = _folder.string() + ".ports";
        fs::remove(ports);
        std::vector<std::string> words{"--data",      _folder.string(),      "serve",
                                       "--sync-port", std::to_string(_port), "--console-port",
                                       "0",           "--ports-file",        ports.string()};
        words.insert(words.end(), _house.begin(), _house.end());
        _pid = spawnHub(_folder.string() + ".log", std::move(words));
        const bool listens = eventually([&] {
            if (_pid > 0 && ::waitpid(_pid, nullptr, WNOHANG) != 0) _pid = -1;
            return _pid < 0 || fs::exists(ports);
        });
        REQUIRE_MESSAGE((listens && _pid > 0), textIn(_folder.string() + ".log"));
        _port = nlohmann::json::parse(textIn(ports)).at("sync").get<int>();
    }
    void end(int signal) {
        if (_pid <= 0) return;
        ::kill(_pid, signal);
        ::waitpid(_pid, nullptr, 0);
        _pid = -1;
    }
    [[nodiscard]] std::string said() const { return textIn(_folder.string() + ".log"); }
    [[nodiscard]] std::string url() const { return "https://127.0.0.1:" + std::to_string(_port); }

private:
    fs::path _folder;
    std::vector<std::string> _house;
    pid_t _pid = -1;
    int _port = 0;
};

/// Whichever hub answers; another one after each failure.
class AnyHub final : public protocol::Hub {
public:
    AnyHub(const protocol::Device& device, const std::vector<std::string>& urls, const Clock& clock,
           std::size_t first)
        : _at(first) {
        for (const std::string& url : urls)
            _hubs.push_back(std::make_unique<agent::HttpHub>(url, device.tls(), clock, nullptr));
    }
    Result<protocol::PushAnswer> push(const protocol::Batch& batch) override {
        return tried([&](protocol::Hub& hub) { return hub.push(batch); });
    }
    Result<void> urgent(const protocol::Batch& batch) override {
        return tried([&](protocol::Hub& hub) { return hub.urgent(batch); });
    }
    Result<protocol::PullPage> pull(const std::string& cursor, std::size_t limit) override {
        return tried([&](protocol::Hub& hub) { return hub.pull(cursor, limit); });
    }
    void cancel() override {}
    void turn() { ++_at; }

private:
    template <typename F>
    auto tried(F&& call) -> decltype(call(std::declval<protocol::Hub&>())) {
        auto answer = call(*_hubs[_at % _hubs.size()]);
        if (!answer) ++_at;
        return answer;
    }

    std::vector<std::unique_ptr<agent::HttpHub>> _hubs;
    std::size_t _at;
};

/// Those of the sample house, which `serve` serves.
consent::StateRules rulesInForce(TimeMs now) {
    const policy::House house = policy::sampleHouse();
    return policy::PackLoader(house).builtIn(house.pack).value().stateRules(now);
}

struct Till {
    Till(protocol::Device which, const std::vector<std::string>& urls, const Clock& clock,
         Random& random, std::size_t number)
        : device(std::move(which)), signing(device.signingKey().value()),
          hub(device, urls, clock, number) {
        ledger::LedgerOptions options;
        options.folder = device.folder / "ledger";
        options.origin = device.origin;
        options.rules = rulesInForce(clock.now().at);
        auto opened = ledger::Ledger::open(options, clock, random);
        REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error().text()));
        ledger = std::move(*opened);
        outbox = std::make_unique<agent::LedgerOutbox>(*ledger);
        replica = std::make_unique<agent::LedgerReplica>(*ledger, clock, nullptr);
        loop = std::make_unique<protocol::SyncLoop>(*outbox, *replica, hub, signing, clock, random,
                                                    protocol::SyncConfig{}, nullptr);
    }
    EventId say(const SubjectId& subject, consent::Choice choice) {
        return test::say(*ledger, subject, choice).value();
    }
    std::string state(const SubjectId& subject) const { return newsletterState(*ledger, subject); }

    protocol::Device device;
    crypto::SigningKey signing;
    AnyHub hub;
    std::unique_ptr<ledger::Ledger> ledger;
    std::unique_ptr<agent::LedgerOutbox> outbox;
    std::unique_ptr<agent::LedgerReplica> replica;
    std::unique_ptr<protocol::SyncLoop> loop;
    std::vector<EventId> said;
};

/// A house of two hubs, and its tills.
struct Town {
    Town() {
        const std::string address = postgres.database("house");
        const fs::path log = folder.path() / "commands.log";
        const auto hub = [&](std::vector<std::string> words) {
            words.insert(words.begin(), {"--data", first.string()});
            REQUIRE_MESSAGE(runHub(log, std::move(words)) == 0, textIn(log));
        };
        hub({"init", "--store", address});
        fs::copy(first, second, fs::copy_options::recursive);
        one.start();
        two.start();
        for (std::size_t i = 0; i < kTills; ++i) {
            const std::string name = "till-" + std::to_string(i);
            const fs::path file = folder.path() / (name + ".invitation");
            hub({"invite", "--name", name, "--place", name, "--url", one.url(), "--out",
                 file.string()});
            const auto invitation = protocol::decodeInvitation(textIn(file));
            REQUIRE(invitation.has_value());
            auto device = protocol::Device::enrol(folder.path() / name, *invitation, random);
            REQUIRE_MESSAGE(device.has_value(), (device ? "" : device.error().text()));
            tills.push_back(std::make_unique<Till>(
                std::move(*device), std::vector{one.url(), two.url()}, clock, random, i));
        }
        hub({"approve", "pending"});
    }

    TemporaryFolder folder;
    Postgres postgres;
    SystemClock clock;
    SystemRandom random;
    fs::path first = folder.path() / "one";
    fs::path second = folder.path() / "two";
    Server one{first};
    Server two{second};
    std::vector<std::unique_ptr<Till>> tills;
};

/// Until everything of the till's arrived and everything of the others' came; false: in time.
bool settle(Till& till) {
    return eventually([&] { return till.loop->round() && till.outbox->pending().value_or(1) == 0; },
                      std::chrono::minutes(2), std::chrono::milliseconds(50));
}

} // namespace

TEST_CASE("two hubs on one database: kill one, stop the database, lose and double nothing") {
    Town town;
    std::vector<SubjectId> shared;
    for (int i = 0; i < 12; ++i) shared.push_back(SubjectId::random(town.random));
    std::atomic<std::size_t> told = 0;
    std::atomic<std::size_t> arrived = 0;
    std::vector<std::thread> working;
    for (std::size_t i = 0; i < kTills; ++i) {
        working.emplace_back([&, i] {
            Till& till = *town.tills[i];
            for (std::size_t n = 0; n < kActsPerTill; ++n) {
                const auto choice = (n + i) % 4 == 0   ? consent::Choice::refused
                                    : (n + i) % 7 == 0 ? consent::Choice::withdrawn
                                                       : consent::Choice::given;
                till.said.push_back(till.say(shared[(n * 5 + i) % shared.size()], choice));
                ++told;
                if (n % 2 == 0) continue;
                till.hub.turn(); // now to the other one
                (void) till.loop->round();
            }
            arrived += settle(till) ? 1 : 0;
        });
    }
    const auto until = [&](std::size_t count) {
        return eventually([&] { return told >= count; }, std::chrono::minutes(2));
    };
    CHECK(until(kTills * kActsPerTill / 4));
    town.two.end(SIGKILL);
    CHECK(until(kTills * kActsPerTill / 2));
    town.postgres.restart(SIGQUIT); // as if its machine had gone down
    town.two.start();
    for (std::thread& each : working) each.join();
    REQUIRE(arrived == kTills);
    for (const auto& till : town.tills) REQUIRE(settle(*till));

    town.one.end(SIGTERM);
    town.two.end(SIGTERM);
    const auto home = hub::Home::open(town.first, town.clock, town.random);
    REQUIRE_MESSAGE(home.has_value(), (home ? "" : home.error().text()));
    const store::Store& store = (*home)->store();
    const auto verified = store.verify();
    CHECK_MESSAGE(verified.has_value(), (verified ? "" : verified.error().text()));
    CHECK(store.counts(town.clock.now().at)->quarantined == 0);
    std::size_t proved = 0;
    for (const SubjectId& subject : shared) proved += store.proof(subject)->size();
    CHECK(proved == kTills * kActsPerTill);
    for (const auto& till : town.tills) {
        CHECK(store.origin(till->device.origin)->seq == kActsPerTill);
        for (std::size_t n = 0; n < kActsPerTill; ++n)
            CHECK(store.event(till->said[n])->seq == n + 1);
        CHECK(till->ledger->verify().has_value());
        for (const SubjectId& subject : shared) {
            const consent::Key key{kController, "newsletter", "email"};
            CHECK(till->state(subject) == consent::name(store.state(subject, key)->state));
        }
    }
}

TEST_CASE("a database that is away is no reason to forget a till: 503, and later all is well") {
    Town town;
    Till& till = *town.tills[0];
    REQUIRE(settle(till));
    till.said.push_back(till.say(SubjectId::random(town.random), consent::Choice::refused));
    town.postgres.end(SIGINT);
    const auto away = till.loop->round();
    REQUIRE_FALSE(away.has_value());
    CHECK(away.error().code == Code::unavailable);
    CHECK(till.loop->status().state == protocol::SyncStatus::State::offline);
    town.postgres.start();
    CHECK(settle(till));
}

TEST_CASE("the house that one hub was given is the one of the others, and of imports") {
    const TemporaryFolder folder;
    Postgres postgres;
    const fs::path log = folder.path() / "log";
    const fs::path first = folder.path() / "one";
    const fs::path second = folder.path() / "two";
    const fs::path house = folder.path() / "house.toml";
    const fs::path people = folder.path() / "export.csv";
    std::ofstream(house) << "id = \"de-lantaarn\"\nname = \"Schouwburg De Lantaarn\"\n"
                            "address = \"Markt 1, Zutphen\"\nphone = \"+31 57 000 0000\"\n"
                            "email = \"info@lantaarn.example.org\"\npack = \"nl\"\n"
                            "withdraw-url = \"https://lantaarn.example.org/w\"\n"
                            "privacy-url = \"https://lantaarn.example.org/privacy\"\n";
    std::ofstream(people) << "customer_id;name;email\n1;Anna Bakker;anna@example.org\n";
    REQUIRE(runHub(log,
                   {"--data", first.string(), "init", "--store", postgres.database("house")}) == 0);
    fs::copy(first, second, fs::copy_options::recursive);

    // Nobody said whose it is: neither serves anybody, and nobody comes in.
    CHECK(runHub(log, {"--data", first.string(), "serve"}) == 1);
    CHECK(runHub(log, {"--data", first.string(), "import", people.string()}) == 1);
    CHECK(textIn(log).find("--house house.toml") != std::string::npos);
    CHECK(runHub(log, {"--data", first.string(), "serve", "--house", house.string(),
                       "--sample-house"}) == 2);

    Server one(first, {"--house", house.string()});
    one.start();
    CHECK(one.said().find("head office of Schouwburg De Lantaarn (de-lantaarn), by house.toml") !=
          std::string::npos);
    Server two(second, {});
    two.start();
    CHECK(two.said().find("head office of Schouwburg De Lantaarn (de-lantaarn), by the house file "
                          "kept here since 20") != std::string::npos);
    one.end(SIGTERM);
    two.end(SIGTERM);
    CHECK(runHub(log, {"--data", second.string(), "import", people.string()}) == 0);
    CHECK(textIn(log).find("head office of Schouwburg De Lantaarn") != std::string::npos);
    CHECK(runHub(log, {"--data", first.string(), "serve", "--sample-house"}) == 1);
}

TEST_CASE("a hub says at its start what is wrong with its store, and never the password") {
    const TemporaryFolder folder;
    const fs::path log = folder.path() / "log";
    const fs::path data = folder.path() / "hub";
    CHECK(runHub(log, {"--data", data.string(), "init", "--store",
                       "postgresql://hub:Geheim1@127.0.0.1/house"}) == 1);
    CHECK_FALSE(fs::exists(data));
    CHECK(runHub(log, {"--data", data.string(), "init", "--store",
                       "host=" + folder.text() + " dbname=house"}) == 1);
    CHECK(runHub(log, {"--data", data.string(), "init"}) == 1); // it remembers where
    const std::string said = textIn(log);
    CHECK(said.find("cannot be reached") != std::string::npos);
    CHECK(said.find("Geheim1") == std::string::npos);
    std::ofstream(data / "hub.toml") << "store = \"dbname=house password=Geheim1\"\n";
    CHECK(runHub(log, {"--data", data.string(), "serve", "--sample-house"}) == 1);
    std::ofstream(data / "hub.toml") << "store = \"dbname=house\nGeheim1\"\n";
    CHECK(runHub(log, {"--data", data.string(), "serve", "--sample-house"}) == 1);
    CHECK(textIn(log).find("Geheim1") == std::string::npos);
}
