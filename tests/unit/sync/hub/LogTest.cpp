// The log over HTTP, to devices and to staff, and as the one file that `ledger prove` writes.
#include "sync/hub/LogViews.h"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include "sync/hub/Commands.h"
#include "sync/hub/SyncRoutes.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestOrigin.h"

using namespace souffleur;
using namespace souffleur::hub;

namespace {

struct Hub {
    test::TemporaryFolder folder;
    SystemClock clock;
    SystemRandom random;
    std::unique_ptr<Home> home = Home::found(folder.path() / "hub", clock, random).value();
    SyncRoutes routes{*home, clock, {}};
    http::Router router;
    test::TestOrigin till{3};

    Hub() {
        routes.addTo(router);
        auto enrolment = till.enrolment();
        enrolment.fingerprint = crypto::toHex(crypto::bytesOf(crypto::Hash{}));
        REQUIRE(home->store().enrol(enrolment));
    }
    EventId say(consent::Choice choice) {
        const auto event = till.add(till.newSubject(), test::act(choice), clock.now().at);
        REQUIRE(till.push(home->store(), till.events.size(), till.events.size()));
        return event.id;
    }
    http::Response ask(const std::string& path, const std::string& from, std::string body = {}) {
        http::Request request;
        request.method = body.empty() ? http::Method::get : http::Method::post;
        request.path = path;
        if (!from.empty()) request.query["from"] = from;
        request.body = std::move(body);
        request.peer.tls = request.peer.hasCertificate = true;
        request.peer.notAfter = kMaxTime;
        return router.handle(std::move(request));
    }
    protocol::LogAnswer log(const protocol::LogSizes& from) {
        const auto response = ask("/sync/v1/log", protocol::sizesText(from));
        REQUIRE(response.status == 200);
        return protocol::decodeLogAnswer(response.body).value();
    }
    [[nodiscard]] protocol::LogFault judge(const protocol::LogState* kept,
                                           const protocol::LogAnswer& answer) const {
        return protocol::judgeLog(kept, answer, home->signingKey().publicKey());
    }
    [[nodiscard]] std::string alarm() const {
        const auto devices = home->store().origins();
        for (const store::Origin& origin : *devices) {
            if (origin.id == till.id) return origin.logAlarm;
        }
        return "no such till";
    }
};

std::string contentOf(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace

TEST_CASE("a device follows the log from head to head") {
    Hub hub;
    protocol::LogState kept = hub.log({}).now;
    CHECK(kept.head.size == 0);
    CHECK(kept.head.log == hub.home->origin());
    for (int i = 0; i < 40; ++i) {
        hub.say(consent::Choice::given);
        const auto answer = hub.log(protocol::sizesOf(kept.shards));
        CHECK(hub.judge(&kept, answer) == protocol::LogFault::none);
        CHECK(answer.now.head.size == kept.head.size + 1);
        kept = answer.now;
    }
    CHECK(hub.judge(nullptr, hub.log({})) == protocol::LogFault::none);
}

TEST_CASE("who may ask for the log, and for what") {
    Hub hub;
    CHECK(hub.ask("/sync/v1/log", "1.2.3").status == 400);
    CHECK(hub.ask("/sync/v1/log", std::string(70, '9')).status == 400);
    REQUIRE(hub.home->store().setStatus(hub.till.id, store::OriginStatus::revoked));
    CHECK(hub.ask("/sync/v1/log", "").status == 403);
    CHECK(hub.ask("/sync/v1/log/alarm", "", protocol::encodeLogAlarm(protocol::LogFault::forked))
              .status == 403);
    CHECK(hub.alarm().empty());
}

TEST_CASE("a device's alarm stands at head office until the device says that it is over") {
    Hub hub;
    const auto tell = [&](std::string body) {
        return hub.ask("/sync/v1/log/alarm", "", std::move(body)).status;
    };
    CHECK(tell(protocol::encodeLogAlarm(protocol::LogFault::forked)) == 204);
    CHECK(hub.alarm() == "forked");
    CHECK(tell(R"({"fault":"anything"})") == 400);
    CHECK(tell("{}") == 400);
    CHECK(hub.alarm() == "forked");
    CHECK(tell(protocol::encodeLogAlarm(protocol::LogFault::none)) == 204);
    CHECK(hub.alarm().empty());
    const auto trail = hub.home->store().auditTrail(10).value();
    REQUIRE(trail.size() == 2);
    CHECK(trail[0].action == "log.alarm-over");
    CHECK(trail[1].action == "log.alarm");
    CHECK(trail[1].about == hub.till.id.text());
}

TEST_CASE("an alarm that a device repeats, its answer being lost, is told once") {
    Hub hub;
    const auto tell = [&](protocol::LogFault fault) {
        return hub.ask("/sync/v1/log/alarm", "", protocol::encodeLogAlarm(fault)).status;
    };
    CHECK(tell(protocol::LogFault::none) == 204); // nothing was wrong before either
    CHECK(hub.home->store().auditTrail(10)->empty());
    for (int i = 0; i < 3; ++i) CHECK(tell(protocol::LogFault::forked) == 204);
    CHECK(hub.home->store().auditTrail(10)->size() == 1);
    CHECK(tell(protocol::LogFault::shorter) == 204);
    CHECK(hub.alarm() == "shorter");
    CHECK(hub.home->store().auditTrail(10)->size() == 2);
    for (int i = 0; i < 3; ++i) CHECK(tell(protocol::LogFault::none) == 204);
    CHECK(hub.home->store().auditTrail(10)->size() == 3);
}

TEST_CASE("a till that takes its alarm back and forth fills no audit trail") {
    Hub hub;
    int taken = 0;
    for (int i = 0; i < 200; ++i) {
        const auto fault = i % 2 == 0 ? protocol::LogFault::forked : protocol::LogFault::none;
        const auto answer = hub.ask("/sync/v1/log/alarm", "", protocol::encodeLogAlarm(fault));
        if (answer.status == 204) ++taken;
        if (answer.status != 204) CHECK(answer.headers.has("Retry-After"));
    }
    CHECK(taken == 48);
    CHECK(hub.home->store().auditTrail(1000)->size() == 48);
}

TEST_CASE("ledger prove writes one private file that head office's key checks") {
    Hub hub;
    const EventId id = hub.say(consent::Choice::refused);
    for (int i = 0; i < 20; ++i) hub.say(consent::Choice::given);
    const auto key = hub.home->signingKey().publicKey();
    const auto file = hub.folder.path() / "proof.json";
    const Context context{hub.folder.path() / "hub", hub.clock, hub.random};
    // Beside the hub, which serves on.
    REQUIRE(proveAct(context, {id.text(), file}) == 0);
    CHECK((std::filesystem::status(file).permissions() & std::filesystem::perms::others_all) ==
          std::filesystem::perms::none);
    const auto report = protocol::checkProof(contentOf(file), key);
    REQUIRE(report.has_value());
    CHECK(report->sound());
    CHECK(report->inclusionOk);
    CHECK(report->act.id == id);
    CHECK(report->proof.inclusion->head.size == 21);
    CHECK(hub.home->store().auditTrail(1)->front().about == id.text());

    CHECK(proveAct(context, {EventId{}.text(), file}) == 1);
    CHECK(proveAct(context, {"4711", file}) == 1);
    CHECK(protocol::checkProof(contentOf(file), key)->sound()); // left as it was
}

TEST_CASE("a no that has no place in the log yet is shown without one, and not proved") {
    Hub hub;
    const auto no = hub.till.add(hub.till.newSubject(), test::act(consent::Choice::refused),
                                 hub.clock.now().at);
    REQUIRE(hub.home->store().placeCopy(hub.till.id, hub.till.events[0], hub.clock.now().at));
    const LogVoice voice{hub.home->store(), hub.home->origin(), hub.home->signingKey(),
                         hub.clock.now().at};
    const auto report =
        protocol::checkProof(proofOf(voice, no.id).value(), hub.home->signingKey().publicKey());
    REQUIRE(report.has_value());
    CHECK(report->sound());
    CHECK_FALSE(report->proof.inclusion.has_value());
    const Context context{hub.folder.path() / "hub", hub.clock, hub.random};
    CHECK(proveAct(context, {no.id.text(), hub.folder.path() / "proof.json"}) == 1);
    CHECK_FALSE(std::filesystem::exists(hub.folder.path() / "proof.json"));
}
