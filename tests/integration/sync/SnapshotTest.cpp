// A new till's first load: real hub, real TLS, a line that breaks.
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "kiosk/terminal/FirstLoad.h"
#include "kiosk/terminal/Terminal.h"
#include "plugin/crypto/PrivateFile.h"
#include "plugin/ledger/Operators.h"
#include "tests/integration/sync/Cutter.h"
#include "tests/integration/sync/Rig.h"
#include "tests/support/TestOrigin.h"

using namespace souffleur;
using namespace souffleur::test;

namespace {

constexpr const char* kCanary = "zelda.canary@example.org";
constexpr std::size_t kPeople = 1200;

std::string contentOf(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

consent::Act answered(consent::Choice choice) {
    consent::Act out;
    out.controller = kController;
    out.choices.emplace_back();
    out.choices[0].purpose = "newsletter";
    out.choices[0].channel = "email";
    out.choices[0].choice = choice;
    return out;
}

wire::PersonData person(const std::string& name, const std::string& email) {
    wire::PersonData out;
    out.displayName = name;
    out.contacts.push_back({"email", email, "email:" + email});
    out.externalIds.push_back({"pretix", "C-" + email});
    return out;
}

/// A house with people, a linked pair, one who said no long ago, one who said yes long ago, and one
/// who was erased.
struct Town {
    Town() {
        rig.withSnapshots = true;
        rig.restart();
        REQUIRE(rig.home->store().enrol(origin.enrolment()).has_value());
        const TimeMs now = rig.clock.now().at;
        for (std::size_t i = 0; i < kPeople; ++i) {
            const auto one = origin.newSubject();
            people.push_back(one);
            const auto data = person("Anna Vermeer " + std::to_string(i),
                                     "anna" + std::to_string(i) + "@example.org");
            origin.add(one,
                       answered(i % 5 == 0 ? consent::Choice::refused : consent::Choice::given),
                       now - kDayMs, &data);
        }
        const auto zelda = person("Zelda Puig", kCanary);
        origin.add(canary, answered(consent::Choice::given), now - kDayMs, &zelda);
        const auto old = person("Olga Oud", "olga@example.org");
        origin.add(saidNoLongAgo, answered(consent::Choice::refused), now - 1500 * kDayMs, &old);
        const auto older = person("Yara Ouder", "yara@example.org");
        origin.add(saidYesLongAgo, answered(consent::Choice::given), now - 1500 * kDayMs, &older);
        const auto gone = person("Gerda Gone", "gerda@example.org");
        origin.add(erased, answered(consent::Choice::given), now - kDayMs, &gone);
        for (std::size_t first = 1; first <= origin.events.size(); first += 1000) {
            const auto last = std::min(first + 999, origin.events.size());
            REQUIRE(origin.push(rig.home->store(), first, last, now).has_value());
        }
        say(people[1], consent::Link{people[2], "operator"});
        say(erased, consent::Erase{});
    }
    void say(const SubjectId& subject, consent::Body body) {
        const std::vector<people::NewEvent> events{{subject, std::move(body), {}, 0, kSecondMs}};
        const auto done = rig.home->chain().append(events);
        REQUIRE_MESSAGE(done.has_value(), (done ? "" : done.error().text()));
    }
    protocol::Device device(const std::string& name) {
        auto enrolled = protocol::Device::enrol(rig.folder.path() / name, rig.invite(), rig.random);
        REQUIRE(enrolled.has_value());
        REQUIRE(
            rig.home->store().setStatus(enrolled->origin, store::OriginStatus::active).has_value());
        return *enrolled;
    }
    [[nodiscard]] protocol::Welcome welcome() const {
        protocol::Welcome out;
        out.houseKey = rig.home->houseKey();
        out.logKey = rig.home->signingKey().publicKey();
        return out;
    }
    [[nodiscard]] ledger::LedgerOptions options(const protocol::Device& device) const {
        ledger::LedgerOptions out;
        out.folder = device.folder / "ledger";
        out.origin = device.origin;
        out.contactKey = rig.home->houseKey();
        return out;
    }
    Result<bool> load(const protocol::Device& device, std::uint16_t port = 0) {
        agent::HttpHub hub("https://127.0.0.1:" + std::to_string(port == 0 ? rig.port : port),
                           device.tls(), rig.clock, nullptr);
        return terminal::firstLoad(device, welcome(), options(device),
                                   {hub, rig.clock, rig.random, [](TimeMs) { return true; },
                                    [this](const std::string& line) { said.push_back(line); }});
    }

    HubRig rig;
    TestOrigin origin{77};
    std::vector<SubjectId> people;
    SubjectId canary = origin.newSubject();
    SubjectId saidNoLongAgo = origin.newSubject();
    SubjectId saidYesLongAgo = origin.newSubject();
    SubjectId erased = origin.newSubject();
    std::vector<std::string> said;
};

/// What the hub's snapshot holds, unpacked.
std::string unpacked(Town& town) {
    const auto made = town.rig.snapshots->latest();
    REQUIRE_MESSAGE(made.has_value(), (made ? "" : made.error().text()));
    const auto packed = town.rig.folder.path() / "hub" / "snapshots" / (made->id + ".zst");
    const auto raw = town.rig.folder.path() / "unpacked";
    REQUIRE(protocol::unpackFile(packed, raw, made->rawBytes).has_value());
    return contentOf(raw);
}

std::filesystem::path soleSnapshot(const Town& town) {
    for (const auto& file :
         std::filesystem::directory_iterator(town.rig.folder.path() / "hub" / "snapshots")) {
        if (file.path().extension() == ".zst") return file.path();
    }
    return {};
}

} // namespace

TEST_CASE("a new till has by snapshot and tail what another has that pulled all of it") {
    Town town;
    const auto device = town.device("loaded");
    const Cutter line(town.rig.port, 100'000);
    const auto loaded = town.load(device, line.port());
    REQUIRE_MESSAGE(loaded.has_value(), (loaded ? "" : loaded.error().text()));
    REQUIRE_MESSAGE(*loaded, town.said.back());
    CHECK(line.cuts() > 1);
    CHECK_FALSE(std::filesystem::exists(device.folder / "ledger-loading"));
    CHECK_FALSE(std::filesystem::exists(device.folder / "snapshot.db"));

    TillRig till(device.folder, town.rig);
    // Before the tail: flags and search work.
    CHECK(till.state(town.people[0]) == "refused");
    CHECK(till.state(town.people[3]) == "given");
    CHECK(till.ledger->search("anna7@example.org", 3)->hits.size() == 1);
    CHECK(till.ledger->search("Zelda", 3)->hits.size() == 1);
    CHECK(till.ledger->person(town.people[1])->subjects.size() == 2);
    CHECK(till.state(town.saidNoLongAgo) == "refused"); // a no is never too old
    CHECK(till.state(town.saidYesLongAgo) == "none");   // out of scope
    CHECK(till.ledger->search("Gerda", 3)->hits.empty());
    CHECK(till.ledger->verify().has_value());

    // The tail: what came after the snapshot, and no more.
    const auto late = town.origin.newSubject();
    const auto data = person("Late Lara", "lara@example.org");
    const std::size_t next = town.origin.events.size() + 1;
    town.origin.add(late, answered(consent::Choice::given), town.rig.clock.now().at, &data);
    REQUIRE(town.origin.push(town.rig.home->store(), next, next, town.rig.clock.now().at));
    const auto before = till.ledger->stats()->events;
    REQUIRE(till.loop->round().has_value());
    CHECK(till.ledger->stats()->events == before + 1);
    CHECK(till.state(late) == "given");

    // An answer that names a no of the snapshot counts: head office knows that it was shown.
    till.say(town.people[0], consent::Choice::given, "anna0@example.org");
    REQUIRE(till.loop->round().has_value());
    CHECK(hubState(town.rig, town.people[0]) == "given");

    TillRig pulled(town.rig, "pulled");
    REQUIRE(pulled.loop->round().has_value());
    REQUIRE(till.loop->round().has_value());
    for (std::size_t i = 0; i < town.people.size(); i += 7)
        CHECK(till.state(town.people[i]) == pulled.state(town.people[i]));
    CHECK(pulled.ledger->stats()->events == till.ledger->stats()->events + 1); // out of scope
    till.close();
    for (const auto& file : std::filesystem::recursive_directory_iterator(device.folder)) {
        if (file.is_regular_file())
            CHECK(contentOf(file.path()).find("zelda.canary") == std::string::npos);
    }
}

TEST_CASE("a load that was cut off goes on where it was when the till is started again") {
    Town town;
    const auto device = town.device("cut");
    {
        agent::HttpHub hub(device.hubUrl, device.tls(), town.rig.clock, nullptr);
        const auto made = hub.snapshot();
        REQUIRE(made.has_value());
        // What the first start got, before the plug was pulled.
        const auto part = hub.snapshotPart(made->id, 0, 50'000);
        REQUIRE(part.has_value());
        CHECK(part->size() == 50'000);
        REQUIRE(crypto::writePrivateFile(device.folder / "snapshot.part", *part).has_value());
        REQUIRE(crypto::writePrivateFile(device.folder / "snapshot.json",
                                         protocol::encodeManifest(*made))
                    .has_value());
        std::filesystem::create_directory(device.folder / "ledger-loading");
        std::ofstream(device.folder / "ledger-loading" / "ledger.db") << "half";
    }
    const auto loaded = town.load(device);
    REQUIRE(loaded.has_value());
    CHECK(*loaded);
    TillRig till(device.folder, town.rig);
    CHECK(till.state(town.people[3]) == "given");
    CHECK(till.ledger->verify().has_value());
}

TEST_CASE("a snapshot that is not what head office signed is refused, and the till pulls") {
    Town town;
    REQUIRE(town.rig.snapshots->latest().has_value());
    const auto file = soleSnapshot(town);
    REQUIRE_FALSE(file.empty());
    std::string bytes = contentOf(file);
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    std::ofstream(file, std::ios::binary) << bytes;
    const auto device = town.device("wary");
    const auto loaded = town.load(device);
    REQUIRE(loaded.has_value());
    CHECK_FALSE(*loaded);
    REQUIRE_FALSE(town.said.empty());
    CHECK(town.said.back().find("signed") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(device.folder / "snapshot.part"));
    TillRig till(device.folder, town.rig);
    CHECK(till.ledger->stats()->events == 0);
    REQUIRE(till.loop->round().has_value());
    CHECK(till.state(town.people[3]) == "given");
}

TEST_CASE("who signs in at a till is there after its first load, and a till at work has no other") {
    Town town;
    const auto device = town.device("staffed");
    {
        auto ledger =
            ledger::Ledger::open(town.options(device), town.rig.clock, town.rig.random).value();
        ledger::Operator noor;
        noor.id = OperatorId::random(town.rig.random);
        noor.name = "Noor";
        noor.role = "cashier";
        REQUIRE(ledger->operators().put(noor).has_value());
    }
    CHECK(town.load(device).value());
    {
        auto ledger =
            ledger::Ledger::open(town.options(device), town.rig.clock, town.rig.random).value();
        CHECK(ledger->operators().named("Noor").has_value());
        CHECK(ledger->stats()->subjects > kPeople);
    }
    town.said.clear();
    CHECK_FALSE(town.load(device).value());
    CHECK(town.said.empty());
}

TEST_CASE("a snapshot holds no full address, and nobody who was erased stays in one") {
    Town town;
    const std::string first = unpacked(town);
    CHECK(first.find("Zelda") != std::string::npos);
    CHECK(first.find(kCanary) == std::string::npos);
    CHECK(first.find("zelda.canary") == std::string::npos);
    CHECK(first.find("Gerda") == std::string::npos);
    CHECK(first.find("Yara") == std::string::npos);
    const auto id = town.rig.snapshots->latest()->id;
    town.rig.snapshots->tidy();
    CHECK(town.rig.snapshots->latest()->id == id); // nothing happened
    town.say(town.canary, consent::Erase{});
    town.rig.snapshots->tidy();
    CHECK(town.rig.snapshots->part(id, 0, 1).error().code == Code::notFound);
    CHECK(soleSnapshot(town).empty());
    const std::string second = unpacked(town);
    CHECK(second.find("Zelda") == std::string::npos);
    CHECK(town.rig.snapshots->latest()->id != id);
}

TEST_CASE("a part is one range, within the file, for a till that may read") {
    Town town;
    const auto device = town.device("asks");
    agent::HttpHub hub(device.hubUrl, device.tls(), town.rig.clock, nullptr);
    const auto made = hub.snapshot();
    REQUIRE(made.has_value());
    CHECK_FALSE(hub.snapshotPart(made->id, made->bytes, 10).has_value());
    CHECK(hub.snapshotPart(std::string(32, '0'), 0, 10).error().code == Code::notFound);
    CHECK(hub.snapshotPart(made->id, made->bytes - 3, 10)->size() == 3);
    REQUIRE(
        town.rig.home->store().setStatus(device.origin, store::OriginStatus::revoked).has_value());
    CHECK(hub.snapshot().error().code == Code::refused);
    CHECK(hub.snapshotPart(made->id, 0, 10).error().code == Code::refused);
    CHECK_FALSE(town.load(device).value());
}
