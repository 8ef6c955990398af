#include "sync/protocol/Device.h"

#include <algorithm>
#include <span>

#include "plugin/crypto/Certificates.h"
#include "plugin/crypto/Encoding.h"
#include "plugin/crypto/PrivateFile.h"
#include "plugin/wire/Json.h"
#include "plugin/wire/JsonWriter.h"
#include "sync/protocol/HubLink.h"

namespace souffleur::protocol {
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
    out.field("place", device.place).field("pepper", crypto::toHex(crypto::bytesOf(device.pepper)));
    if (!device.former.empty()) {
        out.field("keys", device.keys).key("former").beginArray();
        for (const OriginId& id : device.former) out.value(id);
        out.endArray();
    }
    out.endObject();
    return out.take();
}

Result<crypto::CertificateInfo> certificateOf(const Device& device) {
    const auto pem = crypto::readPrivateFile(device.tls().certFile);
    if (!pem) return passOn(pem);
    return crypto::readCertificate(pem->view());
}

} // namespace

fs::path Device::keyFile(const char* file) const {
    return keys.empty() ? folder / file : folder / keys / file;
}

http::ClientTls Device::tls() const {
    http::ClientTls tls;
    tls.caFile = keyFile(kAuthorityFile);
    tls.certFile = keyFile(kCertificateFile);
    tls.keyFile = keyFile(kTlsKeyFile);
    return tls;
}

Result<crypto::SigningKey> Device::signingKey() const {
    return crypto::SigningKey::load(keyFile(kSigningKeyFile));
}

Result<Welcome> Device::welcome() const {
    if (!fs::exists(folder / kWelcomeFile))
        return fail(Code::notFound, "this device was not approved yet");
    const auto text = crypto::readPrivateFile(folder / kWelcomeFile, kWelcomeLimits.maxBytes);
    if (!text) return passOn(text);
    return decodeWelcome(text->view());
}

Result<void> Device::keepWelcome(const Welcome& welcome) const {
    return crypto::writePrivateFile(folder / kWelcomeFile, encodeWelcome(welcome));
}

Result<Device> Device::enrol(const fs::path& folder, const Invitation& invitation, Random& random) {
    if (fs::exists(folder / kDeviceFile)) {
        return fail(
            Code::conflict,
            "this folder belongs to an enrolled device: use another one, or give this one a "
            "new id with --again",
            folder.filename());
    }
    if (auto made = makeFolder(folder); !made) return passOn(made);
    Device device;
    device.folder = folder;
    random.fill(std::as_writable_bytes(std::span{device.pepper}));
    return apply(std::move(device), invitation, random, "");
}

Result<Device> Device::enrolAgain(const fs::path& folder, const Invitation& invitation,
                                  Random& random) {
    auto device = load(folder);
    if (!device) return device;
    if (device->former.size() >= kFormerMax)
        return fail(Code::tooLarge, "this device enrolled too often: use another folder");
    const auto authority = crypto::readPrivateFile(device->keyFile(kAuthorityFile));
    if (!authority) return passOn(authority);
    device->former.push_back(device->origin);
    return apply(std::move(*device), invitation, random, std::string(authority->view()));
}

Result<Device> Device::apply(Device device, const Invitation& invitation, Random& random,
                             const std::string& authority) {
    device.origin = OriginId::random(random);
    device.hubUrl = invitation.url;
    const auto signing = crypto::SigningKey::generate(random);
    const crypto::Secret tlsKey = crypto::newTlsKey();
    auto csr = crypto::makeRequest(tlsKey.view(), device.origin.text());
    if (!csr) return passOn(csr);
    EnrolRequest request{invitation.secret, device.origin, signing.publicKey(), std::move(*csr)};
    auto answer = requestEnrolment(invitation, request);
    if (!answer) return passOn(answer);
    if (!authority.empty() && authority != answer->authorityPem) {
        return fail(Code::conflict, "this invitation is of another house: use another folder",
                    device.folder.filename());
    }
    device.name = answer->name;
    device.place = answer->place;
    if (!device.former.empty()) {
        device.keys = "keys-" + device.origin.text();
        if (auto made = makeFolder(device.folder / device.keys); !made) return passOn(made);
    }
    if (auto saved = signing.save(device.keyFile(kSigningKeyFile)); !saved) return passOn(saved);
    for (const auto& [keyName, text] :
         {std::pair<const char*, std::string_view>{kTlsKeyFile, tlsKey.view()},
          {kCertificateFile, answer->certificatePem},
          {kAuthorityFile, answer->authorityPem}}) {
        if (auto saved = crypto::writePrivateFile(device.keyFile(keyName), text); !saved)
            return passOn(saved);
    }
    // Last: with this file the device counts as enrolled, or as enrolled anew.
    if (auto saved = crypto::writePrivateFile(device.folder / kDeviceFile, deviceJson(device));
        !saved) {
        return passOn(saved);
    }
    return device;
}

Result<Device> Device::load(const fs::path& folder) {
    if (!fs::exists(folder / kDeviceFile)) {
        return fail(Code::notFound,
                    "this device is not enrolled: run `souffleur terminal enrol`, "
                    "or `kiosk enrol`, with an invitation",
                    folder.string());
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
    device.keys = in.stringOr("keys", "", limits::kTokenMaxChars);
    const bool inside = device.keys.find_first_of("/\\.") == std::string::npos;
    for (const std::string& id : in.stringsOr("former", kFormerMax, 36)) {
        const auto origin = OriginId::parse(id);
        if (!origin) return fail(Code::corrupt, "the device's file is damaged", kDeviceFile);
        device.former.push_back(*origin);
    }
    if (!in.done() || !inside || !pepper || pepper->size() != device.pepper.size()) {
        return fail(Code::corrupt, "the device's file is damaged: enrol it anew", kDeviceFile);
    }
    std::copy(pepper->begin(), pepper->end(), device.pepper.begin());
    return device;
}

Result<TimeMs> Device::certificateEnds() const {
    const auto info = certificateOf(*this);
    if (!info) return passOn(info);
    return info->notAfter;
}

Result<TimeMs> Device::certificateBegins() const {
    const auto info = certificateOf(*this);
    if (!info) return passOn(info);
    return info->notBefore;
}

Result<std::string> Device::renewalRequest() const {
    const auto key = crypto::readPrivateFile(keyFile(kTlsKeyFile));
    if (!key) return passOn(key);
    return crypto::makeRequest(key->view(), origin.text());
}

Result<void> Device::keepCertificate(const std::string& pem, TimeMs now) const {
    const auto key = crypto::readPrivateFile(keyFile(kTlsKeyFile));
    if (!key) return passOn(key);
    const auto own = crypto::publicKeyFingerprint(key->view());
    const auto info = crypto::readCertificate(pem);
    // One on disk that cannot be read is no better than any.
    const auto held = certificateOf(*this);
    const bool next = !held || held->notBefore > now || (info && info->notAfter > held->notAfter);
    if (!own || !info || info->fingerprint != *own || info->commonName != origin.text() || !next) {
        return fail(Code::corrupt, "head office sent a certificate that is not this device's next");
    }
    return crypto::writePrivateFile(keyFile(kCertificateFile), pem);
}

Result<std::string> Device::fingerprint() const {
    const auto key = crypto::readPrivateFile(keyFile(kTlsKeyFile));
    if (!key) return passOn(key);
    const auto hash = crypto::publicKeyFingerprint(key->view());
    if (!hash) return passOn(hash);
    return crypto::toHex(crypto::bytesOf(*hash));
}

} // namespace souffleur::protocol
