// rooms: kiosk-cli sync-hub
// What a kiosk may not, what may not be done to it, and what a thief finds.
#include <algorithm>
#include <fstream>

#include "Paths.h"
#include "plugin/crypto/Aead.h"
#include "plugin/crypto/Certificates.h"
#include "plugin/crypto/Encoding.h"
#include "plugin/crypto/Sealed.h"
#include "plugin/wire/Header.h"
#include "plugin/wire/Payload.h"
#include "sync/protocol/HubLink.h"
#include "tests/integration/kiosk/KioskRig.h"

using namespace souffleur;
using test::answersJson;
using test::eventually;

namespace {

constexpr const char* kAnna = R"(,"name":"Anna de Vries","email":"anna.kiosk@example.org")";

std::string contentOf(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// A kiosk without a screen: seals what it likes.
struct Bench {
    explicit Bench(test::Office& at, const std::string& kind = "kiosk",
                   const std::string& name = "Foyer")
        : office(at), device(at.enrolled(at.folder.path() / name, kind, name)),
          key(std::move(*device.signingKey())), link(device.hubUrl, device.tls(), at.clock, {}) {}

    protocol::Intake intake() {
        const auto answer = link.get("/sync/v1/intake");
        REQUIRE_MESSAGE(answer.has_value(), (answer ? "" : answer.error().text()));
        return protocol::decodeIntake(answer->body).value();
    }
    protocol::SignUp signUp(consent::Act act, wire::PersonData person = {},
                            SubjectId subject = {}) {
        if (subject.none()) subject = SubjectId::random(office.random);
        consent::Event event;
        event.id = EventId::random(office.random);
        event.origin = device.origin;
        event.subject = subject;
        event.at = office.clock.now().at;
        event.body = std::move(act);
        wire::Salt salt{};
        salt.fill(1);
        const auto payload = wire::encodePayload(salt, person).value();
        const auto header =
            wire::encodeHeader(event, crypto::toHex(crypto::bytesOf(crypto::sha256(payload))))
                .value();
        return {{{header, payload}}};
    }
    consent::Act act(consent::Choice choice = consent::Choice::given) const {
        consent::Act out;
        out.controller = office.policy.controller.id;
        out.method = consent::Method::kiosk;
        out.place = device.place;
        consent::ChoiceItem item;
        item.purpose = "newsletter";
        item.channel = "email";
        item.choice = choice;
        item.confirm = choice == consent::Choice::given;
        item.notice = office.policy.notice("newsletter", "email", "nl")->ref;
        out.choices.push_back(item);
        return out;
    }
    protocol::SealedItem sealed(std::uint64_t number, std::string_view plain) {
        const auto now = intake();
        protocol::SealedItem item{
            number, now.number, crypto::seal(now.certificatePem, plain).value(), {}};
        protocol::sign(item, device.origin, key);
        return item;
    }
    protocol::SealedItem sealed(std::uint64_t number, const protocol::SealedContent& content) {
        return sealed(number, protocol::encodeContent(content)->view());
    }
    std::vector<protocol::SealedFate> send(std::vector<protocol::SealedItem> items) {
        const auto answer =
            link.postJson("/sync/v1/sealed", protocol::encodeSealedBatch({std::move(items), 1}));
        REQUIRE_MESSAGE(answer.has_value(), (answer ? "" : answer.error().text()));
        std::vector<protocol::SealedFate> fates;
        const auto told = protocol::decodeSealedAnswer(answer->body).value();
        for (const auto& one : told.fates) fates.push_back(one.fate);
        return fates;
    }

    test::Office& office;
    protocol::Device device;
    crypto::SigningKey key;
    protocol::HubLink link;
};

using Fates = std::vector<protocol::SealedFate>;
using enum protocol::SealedFate;

} // namespace

TEST_CASE("each item once, in whatever order and however often it comes; a bad one holds up none") {
    test::Office office;
    Bench kiosk(office);
    Bench other(office, "kiosk", "Balcony");
    wire::PersonData anna;
    anna.displayName = "Anna de Vries";
    anna.contacts.push_back({"email", "anna@example.org", "email:anna@example.org"});
    const auto one = kiosk.sealed(1, kiosk.signUp(kiosk.act(), anna));
    const auto two = kiosk.sealed(2, kiosk.signUp(kiosk.act(consent::Choice::refused)));
    auto misSigned = kiosk.sealed(3, kiosk.signUp(kiosk.act()));
    misSigned.signature[5] ^= 1;
    const auto foreign = other.sealed(4, other.signUp(other.act()));
    auto rotten = kiosk.sealed(5, kiosk.signUp(kiosk.act()));
    rotten.sealed[rotten.sealed.size() / 2] ^= 1;
    protocol::sign(rotten, kiosk.device.origin, kiosk.key);
    auto lostKey = kiosk.sealed(6, kiosk.signUp(kiosk.act()));
    lostKey.key = 999;
    protocol::sign(lostKey, kiosk.device.origin, kiosk.key);
    const auto noise = kiosk.sealed(7, std::string_view("[[[[[["));
    const auto bomb = kiosk.sealed(8, std::string(128 * 1024, '['));
    const auto before = office.home->store().counts(office.clock.now().at)->events;

    CHECK(kiosk.send({two, misSigned, foreign, rotten, lostKey, noise, bomb, one, one}) ==
          Fates{placed, refused, refused, kept, kept, kept, kept, placed, had});
    CHECK(kiosk.send({one, two, rotten}) == Fates{had, had, had});
    CHECK(office.home->store().counts(office.clock.now().at)->events == before + 2);
    CHECK(office.people("anna@example.org").size() == 1);
    // A disk that was copied gives one number twice: neither is lost.
    CHECK(kiosk.send({kiosk.sealed(1, kiosk.signUp(kiosk.act()))}) == Fates{placed});
    const auto trail = office.home->store().auditTrail(50).value();
    for (const char* action : {"kiosk.unsigned", "kiosk.kept", "kiosk.copied"}) {
        CAPTURE(action);
        CHECK(std::any_of(trail.begin(), trail.end(),
                          [&](const store::AuditRow& row) { return row.action == action; }));
    }
    CHECK(office.home->store().verify().has_value());
}

TEST_CASE("what head office cannot take for now stays at the kiosk, and holds up nothing") {
    test::Office office;
    Bench kiosk(office);
    const std::string code = R"("code":"00112233445566778899aabbccddeeff")";
    const auto newer = kiosk.sealed(1, R"({"v":2,"kind":"slip-withdrawal",)" + code + "}");
    const auto other = kiosk.sealed(2, R"({"v":1,"kind":"song",)" + code + "}");
    auto lost = kiosk.sealed(3, kiosk.signUp(kiosk.act()));
    lost.origin = OriginId::random(office.random); // of a life that this head office forgot
    const auto good = kiosk.sealed(4, kiosk.signUp(kiosk.act()));
    for (int i = 0; i < 2; ++i)
        CHECK(kiosk.send({newer, other, lost, good}) ==
              Fates{later, later, later, i == 0 ? placed : had});
    CHECK(office.home->store().keptCounts()->empty());
    // Told once, not with every try.
    const auto trail = office.home->store().auditTrail(50).value();
    CHECK(std::ranges::count(trail, std::string("kiosk.later"), &store::AuditRow::action) == 1);
}

TEST_CASE("when enough is kept of a kiosk the rest stays there") {
    test::Office office;
    Bench kiosk(office);
    auto& store = office.home->store();
    for (std::uint64_t n = 1; n <= store::kSealedKeptMax; ++n) {
        const store::SealedKey key{kiosk.device.origin, n, crypto::sha256(std::to_string(n)), 1};
        REQUIRE(store.keepSealed(key, "x", "noise", office.clock.now().at).has_value());
    }
    const auto noise = kiosk.sealed(5000, std::string_view("[[[[[["));
    const auto good = kiosk.sealed(5001, kiosk.signUp(kiosk.act()));
    CHECK(kiosk.send({noise, good}) == Fates{later, placed});
    CHECK(store.keptCounts()->front().count == store::kSealedKeptMax);
    // What stays unreadable is tried without an end, not for ever.
    const auto tried = office.sealed->tryKept({});
    REQUIRE(tried.has_value());
    CHECK(tried->kept == store::kSealedKeptMax);
    CHECK(tried->placed == 0);
}

TEST_CASE("what was kept for want of its key is placed once the key is there") {
    test::Office office;
    Bench kiosk(office);
    wire::PersonData anna;
    anna.displayName = "Anna de Vries";
    anna.contacts.push_back({"email", "anna@example.org", "email:anna@example.org"});
    auto item = kiosk.sealed(1, kiosk.signUp(kiosk.act(), anna));
    auto& store = office.home->store();
    auto key = store.intakeKeys()->front();
    item.key = key.number + 6;
    protocol::sign(item, kiosk.device.origin, kiosk.key);
    CHECK(kiosk.send({item}) == Fates{kept});
    REQUIRE(office.sealed->tidy().has_value());
    CHECK(office.people("anna@example.org").empty());
    const auto about = [](std::uint64_t number) {
        return "souffleur-intake-key-1 " + std::to_string(number);
    };
    const auto open =
        crypto::openWith(office.home->intakeSecret(), about(key.number), key.sealedKey);
    REQUIRE(open.has_value());
    key.number = item.key;
    key.sealedKey =
        crypto::sealWith(office.home->intakeSecret(), {}, about(key.number), open->view()).value();
    REQUIRE(store.putIntakeKey(key).has_value());
    // It holds up the key that it needs.
    REQUIRE(office.keys->tidy().has_value());
    REQUIRE(office.sealed->tidy().has_value());
    CHECK(office.people("anna@example.org").size() == 1);
    CHECK(store.keptCounts()->empty());
    CHECK(kiosk.send({item}) == Fates{had});
    CHECK(store.verify().has_value());
}

TEST_CASE("a former id is a kiosk's own, and its signature is looked at as any other") {
    test::Office office;
    Bench kiosk(office);
    Bench former(office, "kiosk", "Balcony");
    Bench till(office, "terminal", "Till");
    auto good = former.sealed(1, former.signUp(former.act()));
    good.origin = former.device.origin;
    auto forged = kiosk.sealed(2, kiosk.signUp(kiosk.act()));
    forged.origin = former.device.origin;
    auto tills = kiosk.sealed(3, kiosk.signUp(kiosk.act()));
    protocol::sign(tills, till.device.origin, till.key);
    tills.origin = till.device.origin;
    // Its own answers under another's name.
    auto mixed = former.sealed(4, kiosk.signUp(kiosk.act()));
    mixed.origin = former.device.origin;
    CHECK(kiosk.send({good, forged, tills, mixed}) == Fates{placed, refused, later, kept});
    good.origin = {};
    CHECK(former.send({good}) == Fates{had});
}

TEST_CASE("a kiosk says no more than a visitor may, whatever it signs") {
    test::Office office;
    Bench kiosk(office);
    std::uint64_t number = 0;
    const auto fate = [&](const consent::Act& act, wire::PersonData person = {},
                          SubjectId subject = {}) {
        return kiosk.send({kiosk.sealed(++number, kiosk.signUp(act, std::move(person), subject))})
            .front();
    };
    auto act = kiosk.act();
    const SubjectId anna = SubjectId::random(office.random);
    CHECK(fate(act, {}, anna) == placed);
    CHECK(fate(act, {}, anna) == kept); // somebody on file
    act.choices.front().confirm = false;
    CHECK(fate(act) == kept); // counts at once
    act = kiosk.act();
    act.method = consent::Method::screen;
    CHECK(fate(act) == kept);
    act = kiosk.act();
    act.place = "till-1";
    CHECK(fate(act) == kept);
    act = kiosk.act();
    act.seen.push_back(EventId::random(office.random));
    CHECK(fate(act) == kept);
    act = kiosk.act();
    act.by = OperatorId::random(office.random);
    CHECK(fate(act) == kept);
    CHECK(fate(kiosk.act(consent::Choice::withdrawn)) == kept);
    CHECK(fate(kiosk.act(consent::Choice::objected)) == kept);
    act = kiosk.act(consent::Choice::refused);
    act.choices.front().purpose = "*";
    CHECK(fate(act) == kept);
    wire::PersonData known;
    known.externalIds.push_back({"boxoffice", "4711"});
    CHECK(fate(kiosk.act(), known) == kept);
    auto stolen = kiosk.signUp(kiosk.act());
    stolen.events.push_back(kiosk.signUp(kiosk.act()).events.front());
    CHECK(kiosk.send({kiosk.sealed(++number, stolen)}).front() == kept); // two people
}

TEST_CASE("head office tells a kiosk nothing of anybody, and takes nothing sealed of a till") {
    test::Office office;
    Bench kiosk(office);
    Bench till(office, "terminal", "Till");
    CHECK(kiosk.device.welcome()->houseKey == crypto::Hash{});
    CHECK(till.device.welcome()->houseKey == office.home->houseKey());
    for (const char* path : {"/sync/v1/pull?limit=10&cursor=", "/sync/v1/log?from=",
                             "/sync/v1/lease?of=00112233445566778899aabbccddeeff"}) {
        CAPTURE(path);
        CHECK(kiosk.link.get(path).error().code == Code::refused);
    }
    for (const char* path : {"/sync/v1/push", "/sync/v1/urgent", "/sync/v1/log/alarm"}) {
        CAPTURE(path);
        CHECK(kiosk.link.postJson(path, "{}").error().code == Code::refused);
    }
    CHECK(till.link.get("/sync/v1/intake").error().code == Code::refused);
    CHECK(till.link.postJson("/sync/v1/sealed", R"({"v":1,"items":[]})").error().code ==
          Code::refused);
    REQUIRE(office.home->store()
                .setStatus(kiosk.device.origin, store::OriginStatus::revoked)
                .has_value());
    CHECK(kiosk.link.postJson("/sync/v1/sealed", R"({"v":1,"items":[]})").error().code ==
          Code::refused);
}

TEST_CASE("a thief of the whole disk reads nobody, with every key that is on it") {
    test::Office office;
    test::Kiosk kiosk(office);
    office.close();
    REQUIRE(kiosk.page->post("/sign-ups", answersJson(office.policy, kAnna, {"newsletter/email"}))
                .status == 201);
    kiosk.close();
    std::vector<std::string> files;
    std::vector<crypto::Secret> keys;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(kiosk.device.folder)) {
        files.push_back(entry.path().filename());
        const std::string bytes = contentOf(entry.path());
        CAPTURE(entry.path().string());
        for (const char* typed : {"anna.kiosk", "example.org\"}", "de Vries"})
            CHECK(bytes.find(typed) == std::string::npos);
        if (bytes.find("PRIVATE KEY") != std::string::npos) keys.emplace_back(bytes);
        CHECK((entry.status().permissions() &
               (std::filesystem::perms::group_all | std::filesystem::perms::others_all)) ==
              std::filesystem::perms::none);
    }
    std::sort(files.begin(), files.end());
    // Every file that the process makes.
    CHECK(files == std::vector<std::string>{"authority.pem", "device.json", "intake.json",
                                            "kiosk.launch", "sealed.db", "sealed.db-journal",
                                            "signing.key", "tls.key", "tls.pem", "welcome.json"});
    const auto store = lobby::SealedStore::open(kiosk.device.folder);
    REQUIRE(store.has_value());
    const auto items = (*store)->waiting(0, 1024 * 1024).value();
    REQUIRE(items.size() == 1);
    REQUIRE(keys.size() == 2);
    const auto intake =
        protocol::decodeIntake(contentOf(kiosk.device.folder / "intake.json")).value();
    for (const crypto::Secret& key : keys) {
        for (const std::string& certificate :
             {intake.certificatePem, contentOf(kiosk.device.folder / "tls.pem")})
            CHECK_FALSE(
                crypto::openSealed(key.view(), certificate, items.front().sealed).has_value());
    }
    // Head office can.
    CHECK(office.keys->open(items.front().key, items.front().sealed).has_value());
}

TEST_CASE("the page may ask this and nothing else, and nothing of it reads a person") {
    const std::string api = "/api/kiosk/v1";
    CHECK(lobby::Lobby::routes() ==
          std::vector<std::string>{
              "POST " + api + "/session", "GET " + api + "/house", "GET " + api + "/health",
              "POST " + api + "/checks", "POST " + api + "/sign-ups",
              "POST " + api + "/sign-ups/slip", "POST " + api + "/surveys",
              "POST " + api + "/withdrawals", "POST " + api + "/wipe",
              "POST " + api + "/staff/sign-in", "POST " + api + "/staff/status",
              "POST " + api + "/staff/test-slip", "POST " + api + "/staff/sign-out",
              "POST " + api + "/staff/close"});
    const std::string contract = contentOf(std::string(kSourceDir) + "/kiosk/lobby/openapi.yaml");
    for (const std::string& route : lobby::Lobby::routes()) {
        CAPTURE(route);
        CHECK(contract.find("\n  " + route.substr(route.find(api) + api.size()) + ":\n") !=
              std::string::npos);
    }
}

TEST_CASE("the page stands at two addresses that a browser keeps in two processes") {
    test::Office office;
    test::Kiosk kiosk(office);
    const auto page = [&](const std::string& path, http::Headers headers = {}) {
        http::ClientRequest request;
        request.url = kiosk.page->base + path;
        request.headers = std::move(headers);
        http::Client client;
        return client.send(request).value();
    };
    const auto first = page("/");
    const auto again = page("/again");
    CHECK(first.status == 200);
    CHECK(again.status == 200);
    CHECK(first.body == again.body);
    // Isolated (same-origin and require-corp) beside not isolated: never one process.
    const std::string opener = "Cross-Origin-Opener-Policy";
    const std::string embedder = "Cross-Origin-Embedder-Policy";
    CHECK(first.headers.get(opener) == "same-origin");
    CHECK(again.headers.get(opener) == "same-origin");
    CHECK_FALSE(first.headers.has(embedder));
    CHECK(again.headers.get(embedder) == "require-corp");
    CHECK(again.headers.get("Cache-Control") == "no-store");
    CHECK(again.headers.get("Content-Security-Policy") ==
          first.headers.get("Content-Security-Policy"));
    // What it loads may be loaded there, and the doors are the same.
    CHECK(first.headers.get("Cross-Origin-Resource-Policy") == "same-origin");
    CHECK(page("/again", {{"Host", "evil.example.net"}}).status == 400);
    CHECK(page("/again", {{"Origin", "https://evil.example.net"}}).status == 403);
    CHECK(page("/again", {{"Sec-Fetch-Site", "cross-site"}}).status == 403);
}

TEST_CASE("other sites, pages and programs of this machine get nothing") {
    test::Office office;
    test::Kiosk kiosk(office);
    const auto status = [&](http::Headers headers, const std::string& path = "/house") {
        http::ClientRequest request;
        request.url = kiosk.page->base + "/api/kiosk/v1" + path;
        request.headers = std::move(headers);
        http::Client client;
        return client.send(request).value().status;
    };
    const http::Headers own{{"Cookie", kiosk.page->cookie},
                            {"X-Souffleur-Session", kiosk.page->secret}};
    CHECK(status(own) == 200);
    CHECK(status({}) == 401);
    CHECK(status({{"Cookie", kiosk.page->cookie}}) == 403);
    auto rebound = own;
    rebound.set("Host", "evil.example.net");
    CHECK(status(rebound) == 400);
    auto foreign = own;
    foreign.set("Origin", "https://evil.example.net");
    CHECK(status(foreign) == 403);
    auto crossed = own;
    crossed.set("Sec-Fetch-Site", "cross-site");
    CHECK(status(crossed) == 403);
    // The launch token worked once.
    CHECK(kiosk.page->post("/session", R"({"launchToken":"aaaaaaaaaaaaaaaaaaaaaaaa"})").code() ==
          "launch-token-refused");
    CHECK(kiosk.page->post("/staff/status", "").code() == "staff-needed");
    CHECK(kiosk.page->post("/staff/sign-in", R"({"pin":"1234"})").code() == "no-staff-menu");
}
