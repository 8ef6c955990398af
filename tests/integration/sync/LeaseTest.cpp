// A till's lease: real hub, real TLS, real ledger.
#include <SQLiteCpp/SQLiteCpp.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "kiosk/terminal/Terminal.h"
#include "plugin/counter/Counter.h"
#include "plugin/crypto/Pin.h"
#include "tests/integration/sync/Rig.h"
#include "tests/support/Deaf.h"

using namespace souffleur;
using namespace souffleur::test;

namespace {

constexpr const char* kPin = "204816";
constexpr const char* kCanary = "zelda.canary@example.org";

bool onDisk(const std::filesystem::path& folder, const std::string& text) {
    for (const auto& file : std::filesystem::recursive_directory_iterator(folder)) {
        if (!file.is_regular_file()) continue;
        std::ifstream in(file.path(), std::ios::binary);
        const std::string bytes((std::istreambuf_iterator<char>(in)), {});
        if (bytes.find(text) != std::string::npos) return true;
    }
    return false;
}

/// Captures that were sealed, as another reader of the till's file sees it.
std::int64_t sealedOf(const protocol::Device& device) {
    SQLite::Database file((device.folder / "ledger" / "ledger.db").string(), SQLite::OPEN_READONLY,
                          5000);
    return file.execAndGet("SELECT COUNT(*) FROM sealed").getInt64();
}

std::string addressAtHub(const HubRig& rig, const SubjectId& subject) {
    const auto person = rig.home->store().person(subject);
    return person && !person->contacts.empty() ? person->contacts.front().address : "none";
}

/// A till with a counter, in step with a hub that granted it a lease.
struct Counting {
    explicit Counting(HubRig& rig) : till(rig, "till") {
        const auto welcome = till.remote->welcome();
        REQUIRE(welcome.has_value());
        counter = std::make_unique<counter::Counter>(
            counter::CounterParts{*till.ledger, pins, rig.clock, rig.random, deaf},
            counter::CounterSettings{}, terminal::policyFrom(*welcome).value());
        const auto noor = counter->enrolOperator({}, "Noor", "cashier", kPin);
        REQUIRE(noor);
        REQUIRE(counter->signIn(*noor, kPin));
        REQUIRE(till.loop->round().has_value());
        till.lease->renew();
    }
    bool tick() {
        const bool readable = till.lease->tick();
        counter->setReadable(readable);
        return readable;
    }
    [[nodiscard]] std::string found() const {
        const auto people = counter->search("vermeer", 5);
        return people ? std::to_string(people->people.size()) : people.error().problem;
    }

    TillRig till;
    crypto::PinHasher pins{crypto::Secret(std::string(32, 'p'))};
    Deaf deaf;
    std::unique_ptr<counter::Counter> counter;
};

} // namespace

TEST_CASE("a lapsed lease hides who is on file; answers are taken and sent; a new one shows them") {
    HubRig rig;
    Counting c(rig);
    const auto anna = SubjectId::random(rig.random);
    c.till.say(anna, consent::Choice::given, "anna@example.org");
    REQUIRE(c.till.loop->round().has_value());
    REQUIRE(c.tick());
    CHECK(c.found() == "1");

    rig.leaseMs = 1;
    rig.restart();
    c.till.lease->renew();
    REQUIRE(eventually([&] { return !c.tick(); }));
    CHECK(c.found() == "lease-over");
    counter::HostCustomer host;
    host.system = "pretix";
    host.id = "C-1";
    host.name = "Anna Vermeer";
    const auto blind = c.counter->hostSelected(host);
    REQUIRE(blind.has_value());
    REQUIRE(c.counter->desk("en")->flag.has_value());
    CHECK(c.counter->desk("en")->flag->reasons.front().code == "lease-lapsed");
    // Over a restart too.
    CHECK_FALSE(agent::leaseStands(*c.till.ledger, rig.clock));

    c.till.say(anna, consent::Choice::refused);
    CHECK(c.till.outbox->pending().value() == 1);
    REQUIRE(c.till.loop->round().has_value());
    CHECK(c.till.outbox->pending().value() == 0);
    CHECK(hubState(rig, anna) == "refused");
    CHECK_FALSE(c.tick());

    rig.leaseMs = protocol::kLeaseMs;
    rig.restart();
    c.till.lease->renew();
    REQUIRE(c.tick());
    c.counter->hostCleared();
    CHECK(c.found() == "1");
}

TEST_CASE("a captured address reaches head office whole and is on no file of the till") {
    HubRig rig;
    TillRig till(rig, "till");
    REQUIRE(till.loop->round().has_value());
    till.lease->renew();
    const auto zelda = SubjectId::random(rig.random);
    till.say(zelda, consent::Choice::given, kCanary);
    CHECK_FALSE(onDisk(till.device->folder, kCanary));
    REQUIRE(till.loop->round().has_value());
    CHECK(addressAtHub(rig, zelda) == kCanary);
    CHECK(till.ledger->search(kCanary, 3)->hits.size() == 1);
    CHECK(till.ledger->search(kCanary, 3)->hits.front().contacts.front().masked.find("canary") ==
          std::string::npos);
    till.close();
    CHECK_FALSE(onDisk(till.device->folder, kCanary));
    CHECK_FALSE(onDisk(till.device->folder, "zelda.canary"));
}

TEST_CASE("a till that starts anew opens what it sealed to send it again") {
    HubRig rig;
    TillRig till(rig, "till");
    REQUIRE(till.loop->round().has_value());
    till.lease->renew();
    const auto before = SubjectId::random(rig.random);
    till.say(before, consent::Choice::given, "before@example.org");
    REQUIRE(till.loop->round().has_value());
    rig.stop();
    const auto hub = rig.folder.path() / "hub";
    const auto backup = rig.folder.path() / "backup";
    std::filesystem::copy(hub, backup, std::filesystem::copy_options::recursive);
    rig.start();
    const auto zelda = SubjectId::random(rig.random);
    till.say(zelda, consent::Choice::given, kCanary);
    REQUIRE(till.loop->round().has_value());
    till.say(zelda, consent::Choice::given, "waiting@example.org"); // while head office is away
    till.close();
    rig.stop();
    std::filesystem::remove_all(hub);
    std::filesystem::copy(backup, hub, std::filesystem::copy_options::recursive);
    rig.start();
    CHECK(addressAtHub(rig, zelda) == "none");
    till.open();
    CHECK_FALSE(till.ledger->holdsKey());
    CHECK(eventually(
        [&] { return till.loop->round().has_value() && !till.outbox->pending().value(); }));
    CHECK(till.ledger->holdsKey());
    CHECK(addressAtHub(rig, zelda) != "none");
    const auto person = rig.home->store().person(zelda);
    REQUIRE(person.has_value());
    CHECK(person->contacts.size() == 2);
    CHECK(till.ledger->verify().has_value());
}

TEST_CASE("a whole till seals what was captured before it had a key, and keeps its lease") {
    HubRig rig;
    std::optional<TillRig> enrolled(std::in_place, rig, "till");
    const protocol::Device device = *enrolled->device;
    REQUIRE(device.keepWelcome(*enrolled->remote->welcome()).has_value());
    enrolled.reset();
    const auto opened = [&] {
        const auto welcome = device.welcome().value();
        const auto policy = terminal::policyFrom(welcome).value();
        return std::move(ledger::Ledger::open(
                             terminal::ledgerOptions(device, welcome, *policy, rig.clock.now().at),
                             rig.clock, rig.random)
                             .value());
    };
    {
        const auto ledger = opened();
        consent::Act act;
        act.controller = kController;
        act.choices.emplace_back();
        act.choices[0].purpose = "newsletter";
        act.choices[0].channel = "email";
        ledger::Draft draft;
        draft.subject = SubjectId::random(rig.random);
        draft.body = act;
        draft.person.displayName = "Zelda Vermeer";
        draft.person.contacts.push_back({"email", kCanary, std::string("email:") + kCanary});
        REQUIRE(ledger->append(draft).has_value());
    }
    REQUIRE(onDisk(device.folder, kCanary));
    terminal::TerminalOptions options;
    options.apiPort = 0;
    options.hostSocket = (rig.folder.path() / "host.sock").string();
    options.syncIntervalMs = 20;
    options.leaseIntervalMs = 1;
    {
        auto till = terminal::Terminal::open(device, options, rig.clock, rig.random);
        REQUIRE_MESSAGE(till.has_value(), (till ? "" : till.error().text()));
        (*till)->start();
        CHECK(eventually([&] {
            const auto status = (*till)->syncStatus();
            return status.state == SyncStatus::State::inStep && status.pending == 0;
        }));
        // The ticker seals it; the end of the till leaves no older page behind.
        CHECK(eventually([&] { return sealedOf(device) == 1; }));
        (*till)->stop();
    }
    CHECK_FALSE(onDisk(device.folder, kCanary));
    const auto ledger = opened();
    CHECK(agent::leaseStands(*ledger, rig.clock));
    CHECK(ledger->setting("lease.held").has_value());
    CHECK(ledger->verify().has_value());
}
