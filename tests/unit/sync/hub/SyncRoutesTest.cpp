// What the hub answers to a device whose batch is a bomb, a stump or more than a batch may hold.
#include "sync/hub/SyncRoutes.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "plugin/base/Limits.h"
#include "plugin/crypto/Certificates.h"
#include "sync/hub/Home.h"
#include "sync/protocol/Batch.h"
#include "sync/protocol/Pull.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestOrigin.h"

using namespace souffleur;
using namespace souffleur::hub;

namespace {

/// The machine's own, or what somebody set it to.
class SetClock final : public Clock {
public:
    [[nodiscard]] Reading now() const override {
        return {at.value_or(machine.now().at), kSecondMs, 0};
    }
    [[nodiscard]] TimeMs monotonicMs() const override { return machine.monotonicMs(); }
    SystemClock machine;
    std::optional<TimeMs> at;
};

struct Hub {
    test::TemporaryFolder folder;
    SetClock clock;
    SystemRandom random;
    std::unique_ptr<Home> home = Home::found(folder.path() / "hub", clock, random).value();
    SyncRoutes routes{*home, clock, {}};
    http::Router router;
    test::TestOrigin till{3};
    crypto::SigningKey key = crypto::SigningKey::generate(random);
    std::uint64_t before = 0;
    TimeMs notAfter = kMaxTime; ///< of the till's certificate

    Hub() {
        routes.addTo(router);
        auto enrolment = till.enrolment();
        enrolment.publicKey = key.publicKey();
        enrolment.fingerprint = crypto::toHex(crypto::bytesOf(crypto::Hash{}));
        REQUIRE(home->store().enrol(enrolment));
        before = events();
    }
    [[nodiscard]] std::uint64_t events() const {
        return home->store().counts(clock.now().at)->events;
    }
    http::Response push(std::string body, bool compressed) {
        http::Request request;
        request.method = http::Method::post;
        request.path = "/sync/v1/push";
        request.body = std::move(body);
        request.peer.tls = request.peer.hasCertificate = true;
        request.peer.notAfter = notAfter;
        if (compressed) request.headers.set("Content-Encoding", "zstd");
        return router.handle(std::move(request));
    }
    std::string batch(std::size_t count) {
        consent::Act act;
        act.controller = "house";
        consent::ChoiceItem item;
        item.purpose = "newsletter";
        item.channel = "email";
        item.choice = consent::Choice::refused;
        act.choices.push_back(item);
        protocol::Batch out;
        out.origin = till.id;
        out.firstSeq = 1;
        for (std::size_t i = 0; i < count; ++i) {
            till.add(till.newSubject(), act, clock.now().at);
            const auto& made = till.events.back();
            out.events.push_back({made.subject, made.negative, made.header, made.payload});
        }
        protocol::seal(out, key);
        return protocol::encodeBatch(out);
    }
};

/// The till with a key of its own.
struct TestDevice {
    Hub& hub;
    crypto::Hash fingerprint{};

    TestDevice(Hub& at, const crypto::Hash& key) : hub(at), fingerprint(key) {
        hub.till = test::TestOrigin(4);
        auto enrolment = hub.till.enrolment();
        enrolment.publicKey = hub.key.publicKey();
        enrolment.fingerprint = crypto::toHex(crypto::bytesOf(fingerprint));
        REQUIRE(hub.home->store().enrol(enrolment));
    }
    http::Response renew(const std::string& csr, TimeMs ends) const {
        http::Request request;
        request.method = http::Method::post;
        request.path = "/sync/v1/renew";
        request.body = protocol::encodeRenewal({csr});
        request.peer.tls = request.peer.hasCertificate = true;
        request.peer.fingerprint = fingerprint;
        request.peer.notAfter = ends;
        return hub.router.handle(std::move(request));
    }
    [[nodiscard]] std::ptrdiff_t told() const {
        const auto rows = hub.home->store().auditTrail(100).value();
        return std::count_if(rows.begin(), rows.end(), [](const store::AuditRow& row) {
            return row.action == "device.renew";
        });
    }
};

} // namespace

TEST_CASE("a bomb, a stump and rubbish are refused before they are unpacked, and store nothing") {
    Hub hub;
    const std::string bomb = protocol::compress(std::string(256UL * 1024 * 1024, '0'));
    REQUIRE(bomb.size() < limits::kBatchMaxBytes);
    CHECK(hub.push(bomb, true).status == 413);
    CHECK(hub.push(protocol::compress(std::string(limits::kBatchMaxBytes + 1, ' ')), true).status ==
          413);
    const std::string good = protocol::compress(hub.batch(3));
    for (const std::string& body :
         {good.substr(0, good.size() / 2), good + "x", std::string("not zstd"), std::string()}) {
        const int status = hub.push(body, true).status;
        CHECK(status >= 400);
        CHECK(status < 500);
    }
    CHECK(hub.events() == hub.before);
    CHECK(hub.push(good, true).status == 200);
    CHECK(hub.events() == hub.before + 3);
}

TEST_CASE("a batch comes plain or as zstd, a page goes out as whoever asks can take it") {
    Hub hub;
    const auto ask = [&](const char* accepted) {
        http::Request request;
        request.path = "/sync/v1/pull";
        request.peer.tls = request.peer.hasCertificate = true;
        request.peer.notAfter = kMaxTime;
        if (accepted != nullptr) request.headers.set("Accept-Encoding", accepted);
        return hub.router.handle(std::move(request));
    };
    CHECK(ask("gzip, zstd").headers.get("Content-Encoding") == "zstd");
    const auto plain = ask(nullptr);
    CHECK_FALSE(plain.headers.has("Content-Encoding"));
    CHECK(protocol::decodePage(plain.body).has_value());
    CHECK(protocol::decodePage(
              protocol::decompress(ask("zstd").body, protocol::kPageMaxBytes).value())
              ->cursor == protocol::decodePage(plain.body)->cursor);

    http::Request request;
    request.method = http::Method::post;
    request.path = "/sync/v1/push";
    request.body = hub.batch(1);
    request.peer.tls = request.peer.hasCertificate = true;
    request.peer.notAfter = kMaxTime;
    request.headers.set("Content-Encoding", "gzip");
    CHECK(hub.router.handle(request).status == 415);
    request.headers.set("Content-Encoding", "identity");
    CHECK(hub.router.handle(request).status == 200);
    CHECK(hub.events() == hub.before + 1);
}

TEST_CASE("a batch of more events than a batch may hold is refused whole") {
    Hub hub;
    const auto answer = hub.push(hub.batch(limits::kBatchMaxEvents + 1), false);
    CHECK(answer.status >= 400);
    CHECK(answer.status < 500);
    CHECK(hub.events() == hub.before);
}

TEST_CASE(
    "by a clock that cannot be right the hub takes nothing, judges nobody and sets no clock") {
    Hub hub;
    const std::string batch = hub.batch(2);
    for (const char* day : {"2099-01-01", "1970-01-01"}) {
        hub.clock.at = parseTime(day).value();
        const auto answer = hub.push(batch, false);
        CHECK(answer.status == 503);
        CHECK(answer.headers.get("Retry-After") == "30");
        CHECK_FALSE(answer.headers.has("X-Souffleur-Time"));
        CHECK(answer.body.find(day) != std::string::npos);
    }
    hub.clock.at.reset();
    CHECK(hub.events() == hub.before);
    const auto rows = hub.home->store().auditTrail(100);
    CHECK(std::none_of(rows->begin(), rows->end(), [](const store::AuditRow& row) {
        return row.action == "device.clock-judged";
    }));
    CHECK(hub.push(batch, false).status == 200);
    CHECK(hub.events() == hub.before + 2); // as they were made: nobody's clock is doubted
}

TEST_CASE("a device that has the welcome in force already is told so") {
    Hub hub;
    const auto ask = [&](const std::string& tag) {
        http::Request request;
        request.path = "/sync/v1/welcome";
        request.peer.tls = request.peer.hasCertificate = true;
        request.peer.notAfter = kMaxTime;
        if (!tag.empty()) request.headers.set("If-None-Match", tag);
        return hub.router.handle(std::move(request));
    };
    const auto first = ask("");
    REQUIRE(first.status == 200);
    const std::string tag(first.headers.get("ETag"));
    CHECK(tag == '"' + protocol::welcomeTag({}) + '"');
    CHECK(ask(tag).status == 304);
    CHECK(ask(tag).body.empty());
    CHECK(ask("\"other\"").status == 200);
}

TEST_CASE("a certificate is renewed near its end and after it, for its own key alone") {
    Hub hub;
    const crypto::Secret key = crypto::newTlsKey();
    const auto csr = crypto::makeRequest(key.view(), hub.till.id.text()).value();
    const auto other = crypto::makeRequest(crypto::newTlsKey().view(), hub.till.id.text()).value();
    TestDevice device{hub, crypto::publicKeyFingerprint(csr).value()};
    const TimeMs now = hub.clock.now().at;
    CHECK(device.renew(csr, now + protocol::kRenewBeforeMs + kMinuteMs).status == 409);
    for (const TimeMs end :
         {now + protocol::kRenewBeforeMs - kMinuteMs, now - kDayMs, now - 200 * kDayMs}) {
        const auto answer = device.renew(csr, end);
        REQUIRE(answer.status == 200);
        const auto info =
            crypto::readCertificate(protocol::decodeRenewed(answer.body).value()).value();
        CHECK(info.fingerprint == device.fingerprint);
        CHECK(info.commonName == hub.till.id.text());
        CHECK(info.issuer == "Souffleur house authority");
        CHECK(info.notAfter > now + kDeviceLifeMs - kMinuteMs);
        CHECK(info.notBefore <= now);
    }
    CHECK(device.told() == 1); // however often
    CHECK(device.renew(other, now).status == 403);
    CHECK(device.renew("rubbish", now).status >= 400);
    for (const auto status : {store::OriginStatus::revoked, store::OriginStatus::pending}) {
        REQUIRE(hub.home->store().setStatus(hub.till.id, status));
        const auto refused = device.renew(csr, now);
        CHECK(refused.status == 403);
        CHECK(refused.body.find(std::string(store::name(status))) != std::string::npos);
    }
    // Its history forked: it still sends, and so needs one.
    REQUIRE(hub.home->store().setStatus(hub.till.id, store::OriginStatus::frozen));
    CHECK(device.renew(csr, now).status == 200);
}

TEST_CASE("an expired, unrevoked device sends, and is told to renew before it reads") {
    Hub hub;
    hub.notAfter = hub.clock.now().at - 90 * kDayMs;
    CHECK(hub.push(hub.batch(2), false).status == 200);
    http::Request request;
    request.path = "/sync/v1/pull";
    request.peer.tls = request.peer.hasCertificate = true;
    request.peer.notAfter = hub.notAfter;
    const auto answer = hub.router.handle(request);
    CHECK(answer.status == 403);
    CHECK(answer.body.find("\"where\":\"expired\"") != std::string::npos);
    REQUIRE(hub.home->store().setStatus(hub.till.id, store::OriginStatus::revoked));
    CHECK(hub.push(hub.batch(1), false).status == 403);
}

TEST_CASE("a frozen device may still send, and reads nothing; a revoked one is told why") {
    Hub hub;
    const std::string batch = hub.batch(2);
    REQUIRE(hub.home->store().setStatus(hub.till.id, store::OriginStatus::frozen));
    const auto forked = hub.push(batch, false);
    CHECK(forked.status == 409);
    CHECK(forked.body.find("\"fork\"") != std::string::npos);
    CHECK(hub.home->store().counts(hub.clock.now().at)->quarantined == 2);
    CHECK(hub.events() == hub.before);
    REQUIRE(hub.home->store().setStatus(hub.till.id, store::OriginStatus::revoked));
    const auto revoked = hub.push(batch, false);
    CHECK(revoked.status == 403);
    CHECK(revoked.body.find("\"revoked\"") != std::string::npos);
}

TEST_CASE("a batch that is refused leaves no judgement of its clock, however often it comes") {
    Hub hub;
    const TimeMs ahead = hub.clock.now().at + 10 * kDayMs;
    const auto push = [&](std::uint64_t firstSeq, const crypto::Hash& prev) {
        protocol::Batch out;
        out.origin = hub.till.id;
        out.firstSeq = firstSeq;
        out.prev = prev;
        hub.till.add(hub.till.newSubject(), test::act(consent::Choice::given), ahead);
        const auto& made = hub.till.events.back();
        out.events.push_back({made.subject, made.negative, made.header, made.payload});
        protocol::seal(out, hub.key);
        return protocol::encodeBatch(out);
    };
    const auto audited = [&] { return hub.home->store().auditTrail(100)->size(); };
    const std::size_t rows = audited();
    for (std::uint64_t i = 0; i < 5; ++i) CHECK(hub.push(push(1000 + i, {}), false).status == 409);
    CHECK(hub.events() == hub.before);
    CHECK(audited() == rows);
    SUBCASE("one that is placed is judged once") {
        const std::string batch = push(1, {});
        CHECK(hub.push(batch, false).status == 200);
        CHECK(hub.push(batch, false).status == 200);
        CHECK(hub.events() == hub.before + 2); // the act and the judgement
        CHECK(audited() == rows + 1);
    }
    SUBCASE("a fork freezes the device, and no more") {
        crypto::Hash other{};
        other[0] = 1;
        CHECK(hub.push(push(1, other), false).status == 409);
        CHECK(hub.push(push(1, other), false).status == 409);
        CHECK(hub.events() == hub.before);
        CHECK(audited() == rows + 1);
    }
}

TEST_CASE("a batch that goes on from another history is a fork, and its clock is not judged") {
    Hub hub;
    const TimeMs ahead = hub.clock.now().at + 10 * kDayMs;
    REQUIRE(hub.push(hub.batch(2), false).status == 200);
    const auto audited = [&] { return hub.home->store().auditTrail(100)->size(); };
    const std::size_t rows = audited();
    const auto push = [&](bool forked) {
        protocol::Batch out;
        out.origin = hub.till.id;
        out.firstSeq = 2;
        out.prev = hub.till.heads[1];
        test::TestOrigin other(3); // the same device, put back to a backup
        auto& from = forked ? other : hub.till;
        while (from.events.size() < 2)
            from.add(from.newSubject(), test::act(consent::Choice::refused), hub.clock.now().at);
        from.add(from.newSubject(), test::act(consent::Choice::given), ahead);
        for (const std::size_t at : {std::size_t{1}, from.events.size() - 1}) {
            const auto& made = from.events[at];
            out.events.push_back({made.subject, made.negative, made.header, made.payload});
        }
        protocol::seal(out, hub.key);
        return hub.push(protocol::encodeBatch(out), false).status;
    };
    SUBCASE("it forks") {
        CHECK(push(true) == 409);
        CHECK(hub.events() == hub.before + 2); // no judgement
        CHECK(audited() == rows + 1);          // the fork
    }
    SUBCASE("it is the same and goes on") {
        CHECK(push(false) == 200);
        CHECK(hub.events() == hub.before + 4); // the act and the judgement
        CHECK(audited() == rows + 1);
    }
}

TEST_CASE(
    "the key of what a till sealed is by its own number, and the same whenever it is asked for") {
    Hub hub;
    const auto ask = [&](const std::string& of, TimeMs notAfter = kMaxTime) {
        http::Request request;
        request.path = "/sync/v1/lease";
        request.query["of"] = of;
        request.peer.tls = request.peer.hasCertificate = true;
        request.peer.notAfter = notAfter;
        return hub.router.handle(std::move(request));
    };
    const std::string one(32, 'a');
    const auto lease = protocol::decodeLease(ask(one).body);
    REQUIRE(lease.has_value());
    CHECK(lease->lengthMs == protocol::kLeaseMs);
    CHECK(protocol::decodeLease(ask(one).body)->key == lease->key);
    CHECK(protocol::decodeLease(ask(std::string(32, 'b')).body)->key != lease->key);
    for (const std::string& bad : {std::string(), std::string(31, 'a'), std::string(32, 'x')})
        CHECK(ask(bad).status == 400);
    // What may only send may open what it sealed, to send it, and shows nobody longer.
    CHECK(protocol::decodeLease(ask(one, 1).body)->lengthMs == 0);
    CHECK(protocol::decodeLease(ask(one, 1).body)->key == lease->key);
    using store::OriginStatus;
    REQUIRE(hub.home->store().setStatus(hub.till.id, OriginStatus::frozen).has_value());
    CHECK(protocol::decodeLease(ask(one).body)->lengthMs == 0);
    for (const OriginStatus status : {OriginStatus::pending, OriginStatus::revoked}) {
        REQUIRE(hub.home->store().setStatus(hub.till.id, status).has_value());
        CHECK(ask(one).status == 403);
    }
}
