// The certificate of a device near its end, after it, and after the device was revoked; over real
// TLS.
#include "kiosk/terminal/CertificateWatch.h"
#include "kiosk/terminal/Terminal.h"
#include "plugin/crypto/Certificates.h"
#include "plugin/crypto/Encoding.h"
#include "plugin/crypto/PrivateFile.h"
#include "tests/integration/sync/Rig.h"

using namespace souffleur;
using namespace souffleur::test;

namespace {

/// Puts one in the place of the device's certificate that ends at this time.
void endCertificate(const HubRig& rig, const terminal::Device& device, TimeMs at) {
    const auto csr = device.renewalRequest();
    REQUIRE(csr.has_value());
    const auto pem =
        rig.home->authority().issueClient(*csr, device.origin.text(), at - 90 * kDayMs, at);
    REQUIRE(pem.has_value());
    REQUIRE(crypto::writePrivateFile(device.tls().certFile, *pem).has_value());
}

} // namespace

TEST_CASE("a certificate is renewed near its end, and the same connection goes on with it") {
    HubRig rig;
    TillRig till(rig, "till");
    const terminal::Device& device = *till.device;
    terminal::CertificateWatch watch(device, {*till.remote, *till.ledger, rig.clock});
    const TimeMs first = device.certificateEnds().value();
    REQUIRE(till.loop->round().has_value());
    watch.check(false);
    CHECK(device.certificateEnds() == first); // far from its end
    watch.check(true);                        // head office would have said so, and did not
    CHECK(device.certificateEnds() == first);

    endCertificate(rig, device, rig.clock.now().at + 10 * kDayMs);
    till.remote->certificateChanged();
    terminal::CertificateWatch later(device, {*till.remote, *till.ledger, rig.clock});
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
    CHECK(device.keepCertificate(std::string(theirs.view())).error().code == Code::corrupt);
    CHECK(device.keepCertificate("rubbish").error().code == Code::corrupt);
}

TEST_CASE("a till that slept all summer sends what it has, renews and is in step again") {
    HubRig rig;
    std::optional<TillRig> enrolled(std::in_place, rig, "till");
    const terminal::Device device = *enrolled->device;
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
        CHECK(
            soon([&] { return till->syncStatus().state == protocol::SyncStatus::State::inStep; }));
        till->stop();
        CHECK(device.certificateEnds().value() > rig.clock.now().at + 80 * kDayMs);
    }
    SUBCASE("not as one that was revoked meanwhile") {
        REQUIRE(rig.home->store().setStatus(device.origin, store::OriginStatus::revoked));
        const auto till = start();
        CHECK(soon([&] { return till->syncStatus().reason == "revoked"; }));
        till->stop();
        CHECK(device.certificateEnds().value() < rig.clock.now().at);
    }
}
