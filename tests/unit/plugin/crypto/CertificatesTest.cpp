#include "plugin/crypto/Certificates.h"

#include <doctest/doctest.h>

#include "plugin/crypto/Encoding.h"
#include "plugin/crypto/PrivateFile.h"
#include "plugin/crypto/SigningKey.h"
#include "tests/support/Folder.h"

using namespace souffleur;
using namespace souffleur::crypto;

namespace {
constexpr TimeMs kFrom = 1795000000000;
constexpr TimeMs kTo = kFrom + 90 * kDayMs;
constexpr const char* kOrigin = "0190a5c3-7d2e-7b1a-8c4d-1e2f3a4b5c6d";
} // namespace

TEST_CASE("a server certificate carries its names, its times and its issuer") {
    const auto ca = Authority::make("Example Theatre", kFrom, kTo).value();
    const auto key = newTlsKey();
    const auto request = makeRequest(key.view(), "whatever it says").value();
    const auto pem = ca.issueServer(request, {"localhost", "127.0.0.1"}, kFrom, kTo).value();
    const auto info = readCertificate(pem).value();
    CHECK(info.commonName == "localhost");
    CHECK(info.issuer == "Example Theatre");
    CHECK(info.names == std::vector<std::string>{"localhost", "127.0.0.1"});
    CHECK(info.notBefore == kFrom);
    CHECK(info.notAfter == kTo);
    CHECK(info.serial.size() == 32);
    CHECK_FALSE(info.authority);
    CHECK(info.fingerprint == publicKeyFingerprint(key.view()).value());
    CHECK(info.fingerprint == publicKeyFingerprint(request).value());
    CHECK(info.fingerprint == publicKeyFingerprint(pem).value());
    const auto authority = readCertificate(ca.certificatePem()).value();
    CHECK(authority.authority);
    CHECK(authority.commonName == "Example Theatre");
}

TEST_CASE("a renewed certificate has another serial and the same fingerprint") {
    const auto ca = Authority::make("Example Theatre", kFrom, kTo).value();
    const auto key = newTlsKey();
    const auto request = makeRequest(key.view(), kOrigin).value();
    const auto one = readCertificate(ca.issueClient(request, kOrigin, kFrom, kTo).value()).value();
    const auto two = readCertificate(ca.issueClient(request, kOrigin, kFrom, kTo).value()).value();
    CHECK(one.commonName == kOrigin);
    CHECK(one.serial != two.serial);
    CHECK(one.fingerprint == two.fingerprint);
}

TEST_CASE("a request whose signature is wrong gets nothing") {
    const auto ca = Authority::make("Example Theatre", kFrom, kTo).value();
    const auto key = newTlsKey();
    const std::string request = makeRequest(key.view(), "x").value();
    const auto lines = request.find('\n') + 1;
    const auto end = request.find("\n-----END");
    std::string body = request.substr(lines, end - lines);
    std::erase(body, '\n');
    std::string der = fromBase64(body).value();
    der.back() = static_cast<char>(der.back() ^ 1);
    const std::string forged = request.substr(0, lines) + toBase64(der) + request.substr(end);
    CHECK(ca.issueClient(forged, kOrigin, kFrom, kTo).error().code == Code::corrupt);
    CHECK(ca.issueClient("", kOrigin, kFrom, kTo).error().code == Code::corrupt);
}

TEST_CASE("names and times that make no certificate are refused") {
    const auto ca = Authority::make("Example Theatre", kFrom, kTo).value();
    const auto request = makeRequest(newTlsKey().view(), "x").value();
    for (const char* name : {"", "a,DNS:evil.example.org", "a\nb"}) {
        CAPTURE(name);
        CHECK(ca.issueServer(request, {name}, kFrom, kTo).error().code == Code::invalid);
        CHECK(ca.issueClient(request, name, kFrom, kTo).error().code == Code::invalid);
    }
    CHECK(ca.issueServer(request, {}, kFrom, kTo).error().code == Code::invalid);
    CHECK(ca.issueClient(request, std::string(65, 'a'), kFrom, kTo).error().code == Code::invalid);
    CHECK(ca.issueClient(request, kOrigin, kTo, kFrom).error().code == Code::invalid);
    CHECK(Authority::make("", kFrom, kTo).error().code == Code::invalid);
}

TEST_CASE("an authority comes back from its folder, and only whole") {
    const Folder folder;
    const auto ca = Authority::make("Example Theatre", kFrom, kTo).value();
    REQUIRE(ca.save(folder.path()).has_value());
    CHECK(Authority::load(folder.path()).value().certificatePem() == ca.certificatePem());
    const auto other = Authority::make("Another", kFrom, kTo).value();
    REQUIRE(writePrivateFile(folder.path() / "ca.cert.pem", other.certificatePem()).has_value());
    CHECK(Authority::load(folder.path()).error().code == Code::corrupt);
    CHECK(Authority::load(folder.path() / "none").error().code == Code::notFound);
}

TEST_CASE("what is no certificate is corrupt") {
    CHECK(readCertificate("").error().code == Code::corrupt);
    CHECK(readCertificate(std::string(1 << 20, 'x')).error().code == Code::corrupt);
    CHECK(readCertificateDer("\x30\x03").error().code == Code::corrupt);
    CHECK(publicKeyFingerprint("x").error().code == Code::corrupt);
    CHECK(makeRequest("x", "y").error().code == Code::corrupt);
    CHECK(makeRequest(newTlsKey().view(), "").error().code == Code::invalid);
}
