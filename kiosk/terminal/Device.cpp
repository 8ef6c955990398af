#include "kiosk/terminal/Device.h"

#include <algorithm>
#include <span>

#include "plugin/crypto/Certificates.h"
#include "plugin/crypto/Encoding.h"
#include "plugin/crypto/PrivateFile.h"
#include "plugin/wire/Json.h"
#include "plugin/wire/JsonWriter.h"
#include "sync/agent/HttpHub.h"

namespace souffleur::terminal {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDeviceFile = "device.json";
constexpr const char* kWelcomeFile = "welcome.json";
constexpr const char* kSigningKeyFile = "signing.key";
constexpr const char* kTlsKeyFile = "tls.key";
constexpr const char* kCertificateFile = "tls.pem";
constexpr const char* kAuthorityFile = "authority.pem";
constexpr wire::JsonLimits kWelcomeLimits{.maxBytes = 2 * 1024 * 1024};

Result<void> makeFolder(const fs::path& folder) {
    std::error_code failed;
    fs::create_directories(folder, failed);
    if (failed) return fail(Code::storage, "the device's folder cannot be made", folder.filename());
    fs::permissions(folder, fs::perms::owner_all, failed);
    return {};
}

std::string deviceJson(const Device& device) {
    wire::JsonWriter out;
    out.beginObject()
        .field("origin", device.origin)
        .field("hub", device.hubUrl)
        .field("name", device.name);
    out.field("place", device.place)
        .field("pepper", crypto::toHex(crypto::bytesOf(device.pepper)))
        .endObject();
    return out.take();
}

} // namespace

http::ClientTls Device::tls() const {
    http::ClientTls tls;
    tls.caFile = folder / kAuthorityFile;
    tls.certFile = folder / kCertificateFile;
    tls.keyFile = folder / kTlsKeyFile;
    return tls;
}

Result<crypto::SigningKey> Device::signingKey() const {
    return crypto::SigningKey::load(folder / kSigningKeyFile);
}

Result<protocol::Welcome> Device::welcome() const {
    if (!fs::exists(folder / kWelcomeFile))
        return fail(Code::notFound, "this device was not approved yet");
    const auto text = crypto::readPrivateFile(folder / kWelcomeFile, kWelcomeLimits.maxBytes);
    if (!text) return passOn(text);
    return protocol::decodeWelcome(text->view());
}

Result<void> Device::keepWelcome(const protocol::Welcome& welcome) const {
    return crypto::writePrivateFile(folder / kWelcomeFile, protocol::encodeWelcome(welcome));
}

Result<Device> Device::enrol(const fs::path& folder, const protocol::Invitation& invitation,
                             Random& random) {
    if (fs::exists(folder / kDeviceFile)) {
        return fail(Code::conflict, "this folder belongs to an enrolled device: use another one",
                    folder.filename());
    }
    if (auto made = makeFolder(folder); !made) return passOn(made);
    Device device;
    device.folder = folder;
    device.origin = OriginId::random(random);
    device.hubUrl = invitation.url;
    random.fill(std::as_writable_bytes(std::span{device.pepper}));
    const auto signing = crypto::SigningKey::generate(random);
    const crypto::Secret tlsKey = crypto::newTlsKey();
    auto csr = crypto::makeRequest(tlsKey.view(), device.origin.text());
    if (!csr) return passOn(csr);
    protocol::EnrolRequest request{invitation.secret, device.origin, signing.publicKey(),
                                   std::move(*csr)};
    auto answer = agent::requestEnrolment(invitation, request);
    if (!answer) return passOn(answer);
    device.name = answer->name;
    device.place = answer->place;
    if (auto saved = signing.save(folder / kSigningKeyFile); !saved) return passOn(saved);
    if (auto saved = crypto::writePrivateFile(folder / kTlsKeyFile, tlsKey.view()); !saved)
        return passOn(saved);
    if (auto saved = crypto::writePrivateFile(folder / kCertificateFile, answer->certificatePem);
        !saved) {
        return passOn(saved);
    }
    if (auto saved = crypto::writePrivateFile(folder / kAuthorityFile, answer->authorityPem);
        !saved)
        return passOn(saved);
    // Last: with this file the device counts as enrolled.
    if (auto saved = crypto::writePrivateFile(folder / kDeviceFile, deviceJson(device)); !saved)
        return passOn(saved);
    return device;
}

Result<Device> Device::load(const fs::path& folder) {
    if (!fs::exists(folder / kDeviceFile)) {
        return fail(
            Code::notFound,
            "this device is not enrolled: run `souffleur terminal enrol` with an invitation");
    }
    const auto text = crypto::readPrivateFile(folder / kDeviceFile);
    if (!text) return passOn(text);
    Device device;
    device.folder = folder;
    wire::JsonReader in(wire::Json::parse(text->view()));
    device.origin = in.id<OriginId>("origin");
    device.hubUrl = in.string("hub", 512);
    device.name = in.string("name", limits::kNameMaxChars);
    device.place = in.string("place", limits::kTokenMaxChars);
    const auto pepper = crypto::fromHex(in.string("pepper", 64));
    if (!in.done() || !pepper || pepper->size() != device.pepper.size()) {
        return fail(Code::corrupt, "the device's file is damaged: enrol it anew", kDeviceFile);
    }
    std::copy(pepper->begin(), pepper->end(), device.pepper.begin());
    return device;
}

Result<std::string> Device::fingerprint() const {
    const auto key = crypto::readPrivateFile(folder / kTlsKeyFile);
    if (!key) return passOn(key);
    const auto hash = crypto::publicKeyFingerprint(key->view());
    if (!hash) return passOn(hash);
    return crypto::toHex(crypto::bytesOf(*hash));
}

} // namespace souffleur::terminal
