#include "sync/hub/ConsoleViews.h"

#include <algorithm>

#include "plugin/contact/Email.h"
#include "plugin/contact/Mask.h"
#include "plugin/contact/Phone.h"
#include "plugin/crypto/Encoding.h"
#include "plugin/wire/Header.h"
#include "plugin/wire/Json.h"
#include "plugin/wire/JsonWriter.h"

namespace souffleur::hub {
namespace {

std::string masked(const store::ContactRow& row) {
    if (row.channel == "email") {
        const auto email = contact::Email::parse(row.address);
        return email ? contact::mask(*email) : std::string("•••");
    }
    if (row.channel == "post") return contact::maskPostal(row.address);
    const auto phone = contact::Phone::parse(row.address, {});
    return phone ? contact::mask(*phone) : std::string("•••");
}

std::string hex(const crypto::Hash& hash) {
    return crypto::toHex(crypto::bytesOf(hash));
}

void writeContacts(wire::JsonWriter& out, const store::PersonRow& person) {
    out.key("contacts").beginArray();
    for (const store::ContactRow& row : person.contacts) {
        out.beginObject().field("channel", row.channel).field("masked", masked(row));
        out.field("status", row.status).field("key", row.key).endObject();
    }
    out.endArray();
}

std::string placeName(const consent::Token& place, std::span<const store::Origin> devices) {
    const auto found = std::find_if(devices.begin(), devices.end(),
                                    [&](const store::Origin& one) { return one.place == place; });
    return found == devices.end() ? place : found->name;
}

void writeState(wire::JsonWriter& out, const store::StateRow& row, const StateDetail& detail,
                std::span<const store::Origin> devices, TimeMs now) {
    const consent::StateView view = consent::asOf(row.view, now);
    out.beginObject().field("controller", row.key.controller).field("purpose", row.key.purpose);
    out.field("channel", row.key.channel).field("state", consent::name(view.state));
    out.field("at", view.at).field("place", view.place);
    out.field("placeName", placeName(view.place, devices));
    out.field("method", consent::name(view.method)).field("basis", consent::name(view.basis));
    out.field("pending", view.pending);
    out.key("validUntil");
    if (view.validUntil >= consent::kForever) {
        out.null();
    } else {
        out.value(view.validUntil);
    }
    out.key("because");
    if (view.because.none()) {
        out.null();
    } else {
        out.value(view.because);
    }
    out.key("notice");
    // A yes that lapsed falls back to what stands behind it, with that one's wording.
    const consent::NoticeRef& notice =
        view.because == row.view.because ? detail.notice : view.notice;
    if (notice.id.empty()) {
        out.null();
    } else {
        out.beginObject().field("id", notice.id).field("version", notice.version);
        out.field("language", notice.language).field("sha256", notice.sha256).endObject();
    }
    out.key("against");
    if (detail.against.empty()) {
        out.null();
    } else {
        out.value(detail.against);
    }
    out.endObject();
}

} // namespace

void writeDevice(wire::JsonWriter& out, const store::Origin& origin, TimeMs now) {
    out.beginObject().field("id", origin.id).field("kind", origin.kind);
    out.field("name", origin.name).field("place", origin.place);
    out.field("status", store::name(origin.status)).field("fingerprint", origin.fingerprint);
    out.field("events", origin.seq).field("quarantined", origin.kept);
    out.field("keptAll", origin.keptAll);
    out.fieldIf("logAlarm", origin.logAlarm).field("enrolledAt", origin.enrolledAt);
    out.field("lastSeen", origin.kind == "hub" ? now : origin.lastSeen).endObject();
}

void writePersonRow(wire::JsonWriter& out, const store::PersonRow& person,
                    const store::StateRow* everything, TimeMs now) {
    out.beginObject().field("id", person.person).field("name", person.display);
    out.field("language", person.language).field("records", person.subjects);
    out.field("changedAt", person.changedAt);
    writeContacts(out, person);
    out.key("states").beginArray();
    const auto state = [&](const store::StateRow& row) {
        out.beginObject().field("purpose", row.key.purpose).field("channel", row.key.channel);
        out.field("state", consent::name(consent::stateAsOf(row.view, now))).endObject();
    };
    for (const store::StateRow& row : person.states) state(row);
    if (everything != nullptr) state(*everything);
    out.endArray().endObject();
}

void writePerson(wire::JsonWriter& out, const store::PersonRow& person,
                 std::span<const StateDetail> details, const store::StateRow* everything,
                 std::span<const store::Origin> devices, TimeMs now) {
    out.beginObject().field("id", person.person).field("name", person.display);
    out.field("language", person.language).field("records", person.subjects);
    out.field("changedAt", person.changedAt).field("restricted", person.restricted);
    writeContacts(out, person);
    out.key("states").beginArray();
    for (std::size_t i = 0; i < person.states.size(); ++i)
        writeState(out, person.states[i], i < details.size() ? details[i] : StateDetail{}, devices,
                   now);
    out.endArray().key("everything");
    if (everything == nullptr) {
        out.null();
    } else {
        writeState(out, *everything, {}, devices, now);
    }
    out.endObject();
}

TimeMs eventTime(const store::ProofRow& row) {
    const auto header = wire::decodeHeader(row.header);
    return header ? header->event.at : 0;
}

void writeEvent(wire::JsonWriter& out, const store::ProofRow& row,
                std::span<const store::Origin> devices) {
    const auto device = std::find_if(devices.begin(), devices.end(), [&](const store::Origin& one) {
        return one.id == row.origin;
    });
    out.beginObject().field("id", row.id).field("kind", row.kind).field("at", eventTime(row));
    out.key("origin").beginObject().field("id", row.origin);
    out.field("kind", device == devices.end() ? std::string() : device->kind);
    out.field("name", device == devices.end() ? std::string() : device->name).endObject();
    out.field("seq", row.seq).field("shard", row.shard).field("position", row.position);
    out.field("leaf", hex(row.leaf)).field("receivedAt", row.receivedAt);
    // Stored bytes: what cannot be read any more is shown as nothing, and is still in the proof.
    const auto header = wire::Json::parse(row.header);
    out.key("header");
    if (header) {
        out.raw(header->text());
    } else {
        out.null();
    }
    out.endObject();
}

protocol::Proof proofFrom(const store::ProofRow& row, const store::Origin& origin, TimeMs now) {
    protocol::Proof proof;
    proof.event = row.id;
    proof.kind = row.kind;
    proof.madeAt = now;
    proof.receivedAt = row.receivedAt;
    proof.header = row.header;
    proof.leaf = row.leaf;
    proof.shard = row.shard;
    proof.position = row.position;
    proof.origin = origin.id;
    proof.originKind = origin.kind;
    proof.originName = origin.name;
    proof.originPlace = origin.place;
    proof.originPosition = row.seq;
    proof.originKey = origin.publicKey;
    return proof;
}

void writeEligibility(wire::JsonWriter& out, const store::EligibilityQuery& query,
                      std::span<const store::EligibilityRow> rows) {
    const auto yes = std::find_if(rows.begin(), rows.end(), [](const store::EligibilityRow& row) {
        return row.verdict.eligible;
    });
    const auto& deciding = yes == rows.end() ? rows.front() : *yes;
    out.beginObject().field("person", query.person).field("purpose", query.purpose);
    out.field("channel", query.channel).field("at", query.at);
    out.field("eligible", deciding.verdict.eligible).field("reason", deciding.verdict.reason);
    out.key("contacts").beginArray();
    for (const store::EligibilityRow& row : rows) {
        if (row.contact.key.empty()) continue;
        out.beginObject().field("key", row.contact.key).field("masked", masked(row.contact));
        out.field("eligible", row.verdict.eligible).field("reason", row.verdict.reason).endObject();
    }
    out.endArray().endObject();
}

void writeAudit(wire::JsonWriter& out, const store::AuditRow& row,
                std::span<const store::Origin> devices) {
    const auto deviceOf = [&](const std::string& text) {
        return std::find_if(devices.begin(), devices.end(), [&](const store::Origin& one) {
            return one.id.text() == text || (!text.empty() && one.fingerprint == text);
        });
    };
    out.beginObject().field("at", row.at).field("who", row.who);
    out.field("action", row.action).field("about", row.about).field("reason", row.reason);
    for (const auto& [key, text] :
         {std::pair{"whoDevice", row.who}, std::pair{"aboutDevice", row.about}}) {
        const auto device = deviceOf(text);
        out.key(key);
        if (device == devices.end()) {
            out.null();
        } else {
            out.beginObject().field("kind", device->kind).field("name", device->name);
            out.field("since", device->enrolledAt).endObject();
        }
    }
    out.endObject();
}

} // namespace souffleur::hub
