#include "sync/protocol/Enrolment.h"

#include <algorithm>

#include "plugin/crypto/Encoding.h"
#include "plugin/crypto/Hash.h"
#include "plugin/wire/Json.h"
#include "plugin/wire/JsonWriter.h"
#include "sync/protocol/HashText.h"

namespace souffleur::protocol {
namespace {

constexpr std::size_t kPemMaxBytes = 16 * 1024;
constexpr std::size_t kUrlMaxBytes = 512;
constexpr std::size_t kPackMaxBytes = 512 * 1024;
constexpr wire::JsonLimits kWelcomeLimits{.maxBytes = 2 * 1024 * 1024};

} // namespace

std::string encodeInvitation(const Invitation& invitation) {
    wire::JsonWriter out;
    out.beginObject()
        .field("url", invitation.url)
        .field("secret", crypto::toHex(invitation.secret));
    out.field("pin", hashText(invitation.pin)).endObject();
    return crypto::toBase64Url(out.take());
}

Result<Invitation> decodeInvitation(std::string_view text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' '))
        text.remove_suffix(1);
    const auto json = crypto::fromBase64Url(text);
    if (!json)
        return fail(Code::invalid,
                    "this is no invitation: copy the whole line that `souffleur-hub invite` made");
    Invitation invitation;
    wire::JsonReader in(wire::Json::parse(*json));
    invitation.url = in.string("url", kUrlMaxBytes);
    const auto secret = crypto::fromHex(in.string("secret", 64));
    const auto pin = parseHash(in.string("pin", 64));
    if (!in.done() || !secret || !pin || secret->size() != 16) {
        return fail(Code::invalid,
                    "this is no invitation: copy the whole line that `souffleur-hub invite` made");
    }
    invitation.secret = *secret;
    invitation.pin = *pin;
    return invitation;
}

std::string encodeEnrolRequest(const EnrolRequest& request) {
    wire::JsonWriter out;
    out.beginObject()
        .field("secret", crypto::toHex(request.secret))
        .field("origin", request.origin);
    out.field("publicKey", crypto::publicKeyText(request.publicKey))
        .field("csr", request.csrPem)
        .endObject();
    return out.take();
}

Result<EnrolRequest> decodeEnrolRequest(std::string_view json) {
    EnrolRequest request;
    wire::JsonReader in(wire::Json::parse(json));
    const auto secret = crypto::fromHex(in.string("secret", 64));
    request.origin = in.id<OriginId>("origin");
    const auto key = crypto::parsePublicKey(in.string("publicKey", 64));
    request.csrPem = in.string("csr", kPemMaxBytes);
    if (auto ok = in.done(); !ok) return passOn(ok);
    if (!secret) return passOn(secret);
    if (!key) return passOn(key);
    request.secret = *secret;
    request.publicKey = *key;
    return request;
}

std::string encodeEnrolAnswer(const EnrolAnswer& answer) {
    wire::JsonWriter out;
    out.beginObject()
        .field("certificate", answer.certificatePem)
        .field("authority", answer.authorityPem);
    out.field("name", answer.name).field("place", answer.place).endObject();
    return out.take();
}

Result<EnrolAnswer> decodeEnrolAnswer(std::string_view json) {
    EnrolAnswer answer;
    wire::JsonReader in(wire::Json::parse(json));
    answer.certificatePem = in.string("certificate", kPemMaxBytes);
    answer.authorityPem = in.string("authority", kPemMaxBytes);
    answer.name = in.string("name", limits::kNameMaxChars);
    answer.place = in.string("place", limits::kTokenMaxChars);
    if (auto ok = in.done(); !ok) return passOn(ok);
    return answer;
}

std::string encodeRenewal(const Renewal& renewal) {
    wire::JsonWriter out;
    return out.beginObject().field("csr", renewal.csrPem).endObject().take();
}

Result<Renewal> decodeRenewal(std::string_view json) {
    Renewal renewal;
    wire::JsonReader in(wire::Json::parse(json));
    renewal.csrPem = in.string("csr", kPemMaxBytes);
    if (auto ok = in.done(); !ok) return passOn(ok);
    return renewal;
}

std::string encodeRenewed(const std::string& certificatePem) {
    wire::JsonWriter out;
    return out.beginObject().field("certificate", certificatePem).endObject().take();
}

Result<std::string> decodeRenewed(std::string_view json) {
    wire::JsonReader in(wire::Json::parse(json));
    std::string certificate = in.string("certificate", kPemMaxBytes);
    if (auto ok = in.done(); !ok) return passOn(ok);
    return certificate;
}

std::string encodeWelcome(const Welcome& welcome) {
    wire::JsonWriter out;
    out.beginObject().field("houseKey", hashText(welcome.houseKey));
    out.field("pack", welcome.packName)
        .field("packToml", welcome.packToml)
        .field("houseToml", welcome.houseToml)
        .field("number", welcome.number);
    if (welcome.logKey) out.field("logKey", crypto::publicKeyText(*welcome.logKey));
    return out.endObject().take();
}

std::string welcomeTag(const Welcome& welcome) {
    // Keyed, so that the tag says nothing of the key that is in it.
    return hashText(crypto::hmacSha256(crypto::bytesOf(welcome.houseKey), encodeWelcome(welcome)));
}

Result<Welcome> decodeWelcome(std::string_view json) {
    Welcome welcome;
    wire::JsonReader in(wire::Json::parse(json, kWelcomeLimits));
    const auto key = parseHash(in.string("houseKey", 64));
    welcome.packName = in.string("pack", limits::kTokenMaxChars);
    welcome.packToml = in.stringOr("packToml", "", kPackMaxBytes);
    welcome.houseToml = in.stringOr("houseToml", "", kPackMaxBytes);
    if (const std::string text = in.stringOr("logKey", "", 64); !text.empty()) {
        const auto logKey = crypto::parsePublicKey(text);
        if (!logKey) return passOn(logKey);
        welcome.logKey = *logKey;
    }
    welcome.number = in.integerOr("number", 0, 0, kMaxTime);
    if (auto ok = in.done(); !ok) return passOn(ok);
    if (!key) return passOn(key);
    welcome.houseKey = *key;
    return welcome;
}

} // namespace souffleur::protocol
