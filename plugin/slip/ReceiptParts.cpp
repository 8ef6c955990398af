#include "plugin/slip/ReceiptParts.h"

#include <algorithm>
#include <set>
#include <variant>

#include "plugin/crypto/Chain.h"
#include "plugin/crypto/Encoding.h"
#include "plugin/policy/Wordings.h"
#include "plugin/wire/JsonWriter.h"

namespace souffleur::slip {
namespace {

using consent::Act;
using consent::ChoiceItem;
using wire::JsonWriter;

/// DPV's consent states; "refused" is never mixed with "not asked".
std::string_view dpvState(const ChoiceItem& item) {
    switch (item.choice) {
    case consent::Choice::given:
        return item.confirm ? "dpv:ConsentRequested" : "dpv:ConsentGiven";
    case consent::Choice::refused:
        return "dpv:ConsentRefused";
    case consent::Choice::withdrawn:
    case consent::Choice::objected:
        return "dpv:ConsentWithdrawn";
    case consent::Choice::deferred:
        break;
    }
    return "dpv:ConsentRequestDeferred";
}

std::string_view lawfulBasis(consent::Basis basis) {
    switch (basis) {
    case consent::Basis::consent:
        return "dpv-gdpr:A6-1-a";
    case consent::Basis::legitimateInterest:
        return "dpv-gdpr:A6-1-f";
    case consent::Basis::softOptIn:
    case consent::Basis::legacy:
        break;
    }
    return consent::name(basis);
}

std::string_view consentType(consent::Method method) {
    return method == consent::Method::import || method == consent::Method::connector ? "IMPLICIT"
                                                                                     : "EXPLICIT";
}

std::string_view piiCategory(const consent::Token& channel) {
    using Pair = std::pair<std::string_view, std::string_view>;
    for (const auto& [name, category] :
         {Pair{"email", "E-mail address"}, Pair{"sms", "Telephone number"},
          Pair{"phone", "Telephone number"}, Pair{"messaging", "Telephone number"},
          Pair{"post", "Postal address"}, Pair{"record", "Visits, purchases and preferences"},
          Pair{"social", "Hashed e-mail address or telephone number"}}) {
        if (name == channel) {
            return category;
        }
    }
    return "Contact details";
}

const consent::Notice* wordingOf(const ChoiceItem& item,
                                 const std::vector<const consent::Notice*>& wordings) {
    for (const consent::Notice* one : wordings) {
        if (one->ref == item.notice) {
            return one;
        }
    }
    return nullptr;
}

void writeController(JsonWriter& out, const consent::Policy& policy) {
    const auto& c = policy.controller;
    out.key("piiControllers").beginArray().beginObject();
    out.field("piiController", c.name).field("contact", c.email).field("address", c.address);
    out.field("email", c.email).field("phone", c.phone).field("onBehalf", false);
    out.field("piiControllerUrl", c.privacyUrl);
    out.endObject().endArray();
    out.field("policyUrl", c.privacyUrl);
    out.key("party_identification").beginArray().beginObject();
    out.field("party_id", c.id).field("party_name", c.name).field("party_address", c.address);
    out.field("party_contact", c.email).field("party_type", "pii_controller");
    out.endObject().endArray();
}

/// Kantara's services[].purposes[].
void writeServices(JsonWriter& out, const ReceiptInput& input, const Act& act,
                   const std::vector<const consent::Notice*>& wordings) {
    out.key("services").beginArray().beginObject();
    out.field("service", input.policy->controller.name).key("purposes").beginArray();
    for (const ChoiceItem& item : act.choices) {
        const consent::Notice* wording = wordingOf(item, wordings);
        const consent::Purpose* purpose = input.policy->purpose(item.purpose);
        const bool partner = item.purpose.starts_with("partner:");
        out.beginObject();
        out.field("purpose", wording != nullptr ? wording->label + ", " + wording->detail
                                                : item.purpose + " / " + item.channel);
        out.key("purposeCategory").beginArray();
        out.value(purpose != nullptr ? purpose->dpv : "dpv:DirectMarketing").endArray();
        out.field("consentType", consentType(act.method));
        out.key("piiCategory").beginArray().value(piiCategory(item.channel)).endArray();
        out.field("primaryPurpose", false);
        out.field("termination", input.policy->controller.withdrawUrl);
        out.field("thirdPartyDisclosure", partner);
        if (partner) {
            out.field("thirdPartyName", wording != nullptr ? wording->label : item.purpose);
        }
        out.endObject();
    }
    out.endArray().endObject().endArray();
}

/// ISO/IEC TS 27560, PII processing section, one entry a choice.
void writeProcessing(JsonWriter& out, const ReceiptInput& input, const wire::Header& header,
                     const Act& act) {
    out.key("pii_processing").beginArray();
    for (const ChoiceItem& item : act.choices) {
        const consent::Purpose* purpose = input.policy->purpose(item.purpose);
        const consent::ChannelRule* rule =
            input.policy->rule(item.purpose, item.channel, header.event.at);
        const int retention = rule != nullptr && rule->retentionMonths > 0
                                  ? rule->retentionMonths
                                  : input.policy->retentionMonths;
        out.beginObject();
        out.field("privacy_notice",
                  item.notice.id.empty() ? std::string("none") : policy::wordingKey(item.notice));
        out.field("language", item.notice.language.empty() ? "und" : item.notice.language);
        out.field("purpose", item.purpose);
        out.field("purpose_type", purpose != nullptr ? purpose->dpv : "dpv:DirectMarketing");
        out.field("lawful_basis", lawfulBasis(item.basis));
        out.key("pii_information").beginArray().value(piiCategory(item.channel)).endArray();
        out.key("pii_controllers").beginArray().value(act.controller).endArray();
        out.field("collection_method", consent::name(act.method));
        out.field("processing_method", "contact by " + item.channel);
        out.key("storage_locations").beginArray();
        out.value(input.policy->region.empty() ? input.policy->jurisdiction : input.policy->region);
        out.endArray();
        out.field("retention_period", "P" + std::to_string(retention) + "M");
        out.field("jurisdiction", input.policy->jurisdiction);
        out.field("withdrawal_method", input.policy->controller.withdrawUrl);
        out.field("privacy_rights", input.policy->controller.privacyUrl);
        out.endObject();
    }
    out.endArray();
}

void writeWordings(JsonWriter& out, const std::vector<const consent::Notice*>& wordings) {
    out.key("wordings").beginArray();
    for (const consent::Notice* one : wordings) {
        out.beginObject();
        out.field("notice", policy::wordingKey(one->ref)).field("sha256", one->ref.sha256);
        out.field("label", one->label).field("detail", one->detail);
        out.field("line", one->line).field("text", one->text);
        out.endObject();
    }
    out.endArray();
}

void writeProof(JsonWriter& out, const ReceiptInput& input, const wire::Header& header) {
    out.key("proof").beginObject();
    out.field("header", crypto::toBase64(input.header));
    out.field("leaf", crypto::toHex(crypto::bytesOf(crypto::leafHash(input.header))));
    out.field("origin", header.event.origin).field("position", input.position);
    out.field("chainHead", input.chainHead);
    out.field("commitment", header.commitment);
    if (input.payload) {
        out.field("payload", crypto::toBase64(*input.payload));
    }
    out.endObject();
}

} // namespace

std::string receiptIdOf(std::string_view headerBytes) {
    const auto hash = crypto::leafHash(headerBytes);
    Uuid id;
    std::copy_n(hash.begin(), id.bytes.size(), id.bytes.begin());
    id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0FU) | 0x80U);
    id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3FU) | 0x80U);
    return id.text();
}

std::string actJson(const wire::Header& header) {
    const auto& event = header.event;
    const auto& act = std::get<Act>(event.body);
    JsonWriter out;
    out.beginObject().field("event", event.id).field("subject", event.subject);
    out.field("controller", act.controller).field("at", formatTime(event.at));
    out.field("offsetMin", event.offsetMin).field("method", consent::name(act.method));
    out.field("place", act.place).field("operator", act.by);
    out.key("choices").beginArray();
    for (const ChoiceItem& item : act.choices) {
        out.beginObject().field("purpose", item.purpose).field("channel", item.channel);
        out.field("choice", consent::name(item.choice)).field("basis", consent::name(item.basis));
        out.field("confirm", item.confirm);
        if (item.validUntil != consent::kForever) {
            out.field("validUntil", formatTime(item.validUntil));
        }
        if (!item.notice.id.empty()) {
            out.field("notice", policy::wordingKey(item.notice));
            out.field("sha256", item.notice.sha256);
        }
        out.endObject();
    }
    out.endArray().endObject();
    return out.take();
}

std::string eventsJson(const wire::Header& header) {
    const auto& event = header.event;
    const auto& act = std::get<Act>(event.body);
    JsonWriter out;
    out.beginArray();
    for (const ChoiceItem& item : act.choices) {
        out.beginObject().field("event_time", formatTime(event.at));
        out.field("validity_duration", item.validUntil == consent::kForever
                                           ? std::string("until withdrawn")
                                           : formatTime(item.validUntil));
        out.field("entity_id", event.subject).field("event_type", "explicit");
        out.field("event_state", dpvState(item));
        out.field("indication_method", consent::name(act.method));
        out.endObject();
    }
    out.endArray();
    return out.take();
}

void writeReceiptBody(JsonWriter& out, const ReceiptInput& input, const wire::Header& header,
                      const std::vector<const consent::Notice*>& wordings,
                      const crypto::PublicKey& key) {
    const auto& event = header.event;
    const auto& act = std::get<Act>(event.body);
    const std::string id = receiptIdOf(input.header);
    out.beginObject().field("format", kReceiptFormat);
    // Kantara Consent Receipt 1.1
    out.field("version", "KI-CR-v1.1.0").field("jurisdiction", input.policy->jurisdiction);
    out.field("consentTimestamp", event.at / kSecondMs);
    out.field("collectionMethod", consent::name(act.method));
    out.field("consentReceiptID", id).field("publicKey", crypto::publicKeyText(key));
    out.field("language", input.language).field("piiPrincipalId", event.subject);
    writeController(out, *input.policy);
    writeServices(out, input, act, wordings);
    out.field("sensitive", false).key("spiCat").beginArray().endArray();
    // ISO/IEC TS 27560
    out.field("schema_version", "ISO/IEC TS 27560:2023").field("record_id", event.id);
    out.field("pii_principal_id", event.subject).field("receipt_id", id);
    out.field("issued_at", formatTime(input.issuedAt));
    writeProcessing(out, input, header, act);
    out.key("events").raw(eventsJson(header));
    out.key("act").raw(actJson(header));
    writeWordings(out, wordings);
    writeProof(out, input, header);
    out.endObject();
}

} // namespace souffleur::slip
