// The certificate of a device near its end, after it, and after the device was revoked; over real
// TLS.
#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>

#include "kiosk/terminal/Terminal.h"
#include "plugin/crypto/Certificates.h"
#include "plugin/crypto/Encoding.h"
#include "plugin/crypto/PrivateFile.h"
#include "sync/protocol/CertificateWatch.h"
#include "tests/integration/sync/Rig.h"

using namespace souffleur;
using namespace souffleur::test;

namespace {

/// A client whose sessions the test keeps and shows again.
class ResumingClient {
public:
    explicit ResumingClient(const http::ClientTls& tls)
        : _context(SSL_CTX_new(TLS_client_method())) {
        REQUIRE(SSL_CTX_use_certificate_chain_file(_context, tls.certFile.c_str()) == 1);
        REQUIRE(SSL_CTX_use_PrivateKey_file(_context, tls.keyFile.c_str(), SSL_FILETYPE_PEM) == 1);
        REQUIRE(SSL_CTX_load_verify_locations(_context, tls.caFile.c_str(), nullptr) == 1);
        SSL_CTX_set_verify(_context, SSL_VERIFY_PEER, nullptr);
    }
    ~ResumingClient() {
        SSL_SESSION_free(_session);
        SSL_CTX_free(_context);
    }
    ResumingClient(const ResumingClient&) = delete;
    ResumingClient& operator=(const ResumingClient&) = delete;

    /// Asks on a connection of its own, with the session of the last one; gives the whole answer.
    std::string ask(std::uint16_t port) {
        const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        REQUIRE(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
        SSL* tls = SSL_new(_context);
        SSL_set_fd(tls, fd);
        if (_session != nullptr) SSL_set_session(tls, _session);
        REQUIRE(SSL_connect(tls) == 1);
        resumed = SSL_session_reused(tls) == 1;
        const std::string request = "GET /sync/v1/pull HTTP/1.1\r\nHost: localhost\r\n"
                                    "Connection: close\r\n\r\n";
        REQUIRE(SSL_write(tls, request.data(), static_cast<int>(request.size())) > 0);
        std::string answer;
        char buffer[4096];
        for (int got = 0; (got = SSL_read(tls, buffer, sizeof buffer)) > 0;)
            answer.append(buffer, static_cast<std::size_t>(got));
        SSL_SESSION_free(_session);
        _session = SSL_get1_session(tls); // the tickets came before the answer
        SSL_shutdown(tls);                // else the session is not shown again
        SSL_free(tls);
        ::close(fd);
        return answer;
    }

    bool resumed = false;

private:
    SSL_CTX* _context;
    SSL_SESSION* _session = nullptr;
};

/// Puts one in the place of the device's certificate that ends at this time.
void endCertificate(const HubRig& rig, const protocol::Device& device, TimeMs at) {
    const auto csr = device.renewalRequest();
    REQUIRE(csr.has_value());
    const auto pem =
        rig.home->authority().issueClient(*csr, device.origin.text(), at - 90 * kDayMs, at);
    REQUIRE(pem.has_value());
    REQUIRE(crypto::writePrivateFile(device.tls().certFile, *pem).has_value());
}

/// Head office's clock, some time off.
class OffClock final : public Clock {
public:
    [[nodiscard]] Reading now() const override {
        Reading out = _real.now();
        out.at += off.load();
        return out;
    }
    [[nodiscard]] TimeMs monotonicMs() const override { return _real.monotonicMs(); }
    std::atomic<TimeMs> off = 0;

private:
    SystemClock _real;
};

constexpr TimeMs kAhead = 400 * kDayMs;

} // namespace

TEST_CASE("a revoked device is refused at once, also where its TLS session is resumed") {
    HubRig rig;
    const TillRig till(rig, "till");
    ResumingClient client(till.device->tls());
    CHECK(client.ask(rig.port).starts_with("HTTP/1.1 200"));
    CHECK_FALSE(client.resumed);
    CHECK(client.ask(rig.port).starts_with("HTTP/1.1 200"));
    REQUIRE(client.resumed);
    REQUIRE(rig.home->store().setStatus(till.device->origin, store::OriginStatus::revoked));
    const std::string refused = client.ask(rig.port);
    CHECK(client.resumed);
    CHECK(refused.starts_with("HTTP/1.1 403"));
    CHECK(refused.find("revoked") != std::string::npos);
}

TEST_CASE("a session that outlives its certificate reads nothing") {
    HubRig rig;
    const TillRig till(rig, "till");
    // Good for a moment: long enough for the handshake, over by the second one.
    endCertificate(rig, *till.device, rig.clock.now().at + 2 * kSecondMs);
    ResumingClient client(till.device->tls());
    CHECK(client.ask(rig.port).starts_with("HTTP/1.1"));
    REQUIRE(eventually([&] { return client.ask(rig.port).starts_with("HTTP/1.1 403"); }));
    CHECK(client.resumed);
}

TEST_CASE("a certificate is renewed near its end, and the same connection goes on with it") {
    HubRig rig;
    TillRig till(rig, "till");
    const protocol::Device& device = *till.device;
    protocol::CertificateWatch watch(device, {*till.remote, rig.clock, [](const char*) {}});
    const TimeMs first = device.certificateEnds().value();
    REQUIRE(till.loop->round().has_value());
    watch.check(false);
    CHECK(device.certificateEnds() == first); // far from its end
    watch.check(true);                        // head office would have said so, and did not
    CHECK(device.certificateEnds() == first);

    endCertificate(rig, device, rig.clock.now().at + 10 * kDayMs);
    till.remote->certificateChanged();
    protocol::CertificateWatch later(device, {*till.remote, rig.clock, [](const char*) {}});
    later.check(false);
    CHECK(device.certificateEnds().value() > rig.clock.now().at + 80 * kDayMs);
    CHECK(device.fingerprint() ==
          crypto::toHex(
              crypto::bytesOf(crypto::publicKeyFingerprint(
                                  crypto::readPrivateFile(device.tls().certFile).value().view())
                                  .value())));
    REQUIRE(till.loop->round().has_value());
    // Of somebody else, or older than what is there, nothing is taken.
    const TillRig other(rig, "other");
    const auto theirs = crypto::readPrivateFile(other.device->tls().certFile).value();
    CHECK(device.keepCertificate(std::string(theirs.view()), rig.clock.now().at).error().code ==
          Code::corrupt);
    CHECK(device.keepCertificate("rubbish", rig.clock.now().at).error().code == Code::corrupt);
}

TEST_CASE("a till that slept all summer sends what it has, renews and is in step again") {
    HubRig rig;
    std::optional<TillRig> enrolled(std::in_place, rig, "till");
    const protocol::Device device = *enrolled->device;
    REQUIRE(device.keepWelcome(enrolled->remote->welcome().value()).has_value());
    const SubjectId anna = SubjectId::random(rig.random);
    enrolled->say(anna, consent::Choice::refused);
    endCertificate(rig, device, rig.clock.now().at - 60 * kDayMs);
    enrolled->remote->certificateChanged();
    CHECK_FALSE(enrolled->loop->round().has_value());
    CHECK(enrolled->loop->status().reason == protocol::kExpired);
    CHECK(enrolled->loop->status().pending == 0); // what it heard is at head office
    CHECK(hubState(rig, anna) == "refused");
    enrolled.reset();

    terminal::TerminalOptions options;
    options.apiPort = 0;
    options.hostSocket = (rig.folder.path() / "host.sock").string();
    options.syncIntervalMs = 20;
    const auto start = [&] {
        auto till = terminal::Terminal::open(device, options, rig.clock, rig.random);
        REQUIRE_MESSAGE(till.has_value(), (till ? "" : till.error().text()));
        (*till)->start();
        return std::move(*till);
    };
    SUBCASE("as an approved one") {
        const auto till = start();
        CHECK(eventually(
            [&] { return till->syncStatus().state == protocol::SyncStatus::State::inStep; }));
        till->stop();
        CHECK(device.certificateEnds().value() > rig.clock.now().at + 80 * kDayMs);
    }
    SUBCASE("not as one that was revoked meanwhile") {
        REQUIRE(rig.home->store().setStatus(device.origin, store::OriginStatus::revoked));
        const auto till = start();
        CHECK(eventually([&] { return till->syncStatus().reason == "revoked"; }));
        till->stop();
        CHECK(device.certificateEnds().value() < rig.clock.now().at);
    }
}

TEST_CASE("head office's clock ran a year ahead for a while: the tills stay in") {
    OffClock clock;
    HubRig rig;
    TillRig till(rig, "till");
    const protocol::Device& device = *till.device;
    rig.serve(till.remote->welcome().value(), clock);
    const TimeMs begun = device.certificateBegins().value();
    clock.off = kAhead;
    CHECK_FALSE(till.loop->round().has_value());
    REQUIRE(till.loop->status().reason == protocol::kExpired);
    protocol::CertificateWatch watch(device, {*till.remote, rig.clock, [](const char*) {}});
    watch.check(true);
    REQUIRE(device.certificateEnds().value() > rig.clock.now().at + kAhead);
    CHECK(device.certificateBegins() == begun);
    clock.off = 0;
    const SubjectId anna = SubjectId::random(rig.random);
    till.say(anna, consent::Choice::refused);
    const auto round = till.loop->round();
    CHECK_MESSAGE(round.has_value(), (round ? "" : round.error().text()));
    CHECK(till.loop->status().pending == 0);
    CHECK(hubState(rig, anna) == "refused");
}

TEST_CASE("a till whose certificate is yet to begin comes back by itself, and renews") {
    OffClock clock;
    HubRig rig;
    const auto folder = rig.folder.path() / "till";
    std::optional<TillRig> till;
    const TimeMs now = rig.clock.now().at;
    SUBCASE("it enrolled while head office's clock ran ahead") {
        rig.serve(protocol::Welcome{}, clock);
        clock.off = kAhead;
        const auto device =
            protocol::Device::enrol(folder, rig.invite(kAhead + kHourMs), rig.random);
        REQUIRE(device.has_value());
        REQUIRE(rig.home->store().setStatus(device->origin, store::OriginStatus::active));
        clock.off = 0;
        till.emplace(folder, rig);
    }
    SUBCASE("it renewed then") {
        till.emplace(rig, "till");
        REQUIRE(till->loop->round().has_value());
        endCertificate(rig, *till->device, now + kAhead + 90 * kDayMs);
        till->remote->certificateChanged();
    }
    const protocol::Device& device = *till->device;
    REQUIRE(device.certificateBegins().value() > now + kDayMs);
    const SubjectId anna = SubjectId::random(rig.random);
    till->say(anna, consent::Choice::refused);
    auto round = till->loop->round();
    CHECK_MESSAGE(round.has_value(), (round ? "" : round.error().text()));
    CHECK(hubState(rig, anna) == "refused");
    protocol::CertificateWatch watch(device, {*till->remote, rig.clock, [](const char*) {}});
    watch.check(false);
    CHECK(device.certificateBegins().value() <= rig.clock.now().at);
    CHECK(device.certificateEnds().value() < now + 100 * kDayMs);
    till->say(anna, consent::Choice::given);
    round = till->loop->round();
    CHECK_MESSAGE(round.has_value(), (round ? "" : round.error().text()));
    CHECK(till->loop->status().pending == 0);
}
