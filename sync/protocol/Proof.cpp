#include "sync/protocol/Proof.h"

#include "plugin/crypto/Chain.h"
#include "plugin/crypto/Encoding.h"
#include "plugin/wire/Header.h"
#include "plugin/wire/Json.h"
#include "plugin/wire/JsonWriter.h"
#include "sync/protocol/HashText.h"
#include "sync/protocol/LogJson.h"

namespace souffleur::protocol {
namespace {

constexpr std::string_view kFormat = "souffleur-proof-1";
constexpr std::size_t kWordBytes = 256;
constexpr std::int64_t kNumberMax = std::int64_t{1} << 53;

/// What head office signs: one field a line. None of the fields can hold a line feed.
std::string signedText(const Proof& proof) {
    std::string text(kFormat);
    for (const std::string& field :
         {proof.event.text(), proof.kind, formatTime(proof.madeAt), formatTime(proof.receivedAt),
          hashText(proof.leaf), std::to_string(proof.shard), std::to_string(proof.position),
          proof.origin.text(), proof.originKind, proof.originPlace,
          std::to_string(proof.originPosition), crypto::publicKeyText(proof.originKey),
          hashText(crypto::sha256(proof.originName))}) {
        text += '\n';
        text += field;
    }
    // So that nobody takes the place in the log away unseen.
    if (proof.inclusion) text += '\n' + hashText(proof.inclusion->head.root);
    return text;
}

/// The members of the document; the first thing wrong is in `in`.
struct Read {
    Proof proof;
    std::string signature;
};

TimeMs timeFrom(wire::JsonReader& in, std::string_view key) {
    const auto at = parseTime(in.string(key, kWordBytes));
    if (at) return *at;
    in.reject(key, "this is no time");
    return 0;
}

void readInclusion(wire::JsonReader& in, Proof& proof) {
    wire::JsonReader part = in.objectOr("inclusion");
    if (!part.present()) return;
    ProofInclusion inclusion;
    inclusion.treeSize = static_cast<std::uint64_t>(part.integer("treeSize", 0, kNumberMax));
    inclusion.path = readPath(part, "path");
    inclusion.shardPath = readPath(part, "shardPath");
    wire::JsonReader head = part.object("head");
    inclusion.head = readHead(head);
    part.require(head.done());
    in.require(part.done());
    proof.inclusion = std::move(inclusion);
}

/// Does the path lead from this leaf, at this place, to the root that was signed?
bool leadsToRoot(const Proof& proof, const ProofInclusion& inclusion) {
    if (proof.position == 0 || proof.shard >= crypto::kLogShards) return false;
    const auto shard = crypto::headFromInclusion(crypto::leafHash(proof.header), proof.position - 1,
                                                 inclusion.treeSize, inclusion.path);
    if (!shard) return false;
    const auto place = static_cast<std::size_t>(proof.shard);
    return crypto::checkInclusion(crypto::shardLeaf(place, {inclusion.treeSize, *shard}), place,
                                  crypto::kLogShards, inclusion.shardPath, inclusion.head.root);
}

Result<Read> readProof(std::string_view json) {
    Read read;
    Proof& proof = read.proof;
    const wire::JsonLimits limits{.maxBytes = kProofMaxBytes};
    wire::JsonReader in(wire::Json::parse(json, limits));
    if (in.string("format", kWordBytes) != kFormat)
        return fail(Code::invalid, "this is not a proof that head office hands out", "/format");
    proof.event = in.id<EventId>("event");
    proof.kind = in.string("kind", kWordBytes);
    proof.madeAt = timeFrom(in, "madeAt");
    proof.receivedAt = timeFrom(in, "receivedAt");
    const auto header = crypto::fromBase64(in.string("header", kProofMaxBytes));
    const auto leaf = parseHash(in.string("leaf", kWordBytes));
    wire::JsonReader tree = in.object("tree");
    proof.shard = static_cast<std::uint64_t>(tree.integer("shard", 0, kNumberMax));
    proof.position = static_cast<std::uint64_t>(tree.integer("position", 0, kNumberMax));
    wire::JsonReader origin = in.object("origin");
    proof.origin = origin.id<OriginId>("id");
    proof.originKind = origin.string("kind", kWordBytes);
    proof.originName = origin.string("name", kWordBytes);
    proof.originPlace = origin.string("place", kWordBytes);
    proof.originPosition = static_cast<std::uint64_t>(origin.integer("position", 0, kNumberMax));
    const auto key = crypto::parsePublicKey(origin.string("publicKey", kWordBytes));
    read.signature = in.stringOr("signature", "", kWordBytes);
    readInclusion(in, proof);
    if (auto ok = tree.done(); !ok) return passOn(ok);
    if (auto ok = origin.done(); !ok) return passOn(ok);
    if (auto ok = in.done(); !ok) return passOn(ok);
    if (!header) return fail(Code::invalid, header.error().message, "/header");
    if (!leaf) return fail(Code::invalid, leaf.error().message, "/leaf");
    if (!key) return fail(Code::invalid, key.error().message, "/origin/publicKey");
    proof.header = *header;
    proof.leaf = *leaf;
    proof.originKey = *key;
    return read;
}

} // namespace

std::string encodeProof(const Proof& proof, const crypto::SigningKey* key) {
    wire::JsonWriter out;
    out.beginObject().field("format", kFormat).field("event", proof.event);
    out.field("kind", proof.kind).field("madeAt", formatTime(proof.madeAt));
    out.field("receivedAt", formatTime(proof.receivedAt));
    out.field("header", crypto::toBase64(proof.header));
    out.field("leaf", hashText(proof.leaf)).field("leafRule", "SHA-256(0x00 || header)");
    out.key("tree").beginObject().field("shard", proof.shard).field("position", proof.position);
    out.endObject();
    out.key("origin").beginObject().field("id", proof.origin).field("kind", proof.originKind);
    out.field("name", proof.originName).field("place", proof.originPlace);
    out.field("position", proof.originPosition);
    out.field("publicKey", crypto::publicKeyText(proof.originKey)).endObject();
    if (proof.inclusion) {
        const ProofInclusion& inclusion = *proof.inclusion;
        out.key("inclusion").beginObject().field("treeSize", inclusion.treeSize);
        writePath(out, "path", inclusion.path);
        writePath(out, "shardPath", inclusion.shardPath);
        out.key("head").beginObject();
        writeHead(out, inclusion.head);
        out.endObject().endObject();
    }
    if (key != nullptr) out.field("signature", crypto::signatureText(key->sign(signedText(proof))));
    out.endObject();
    return out.take();
}

Result<ProofReport> checkProof(std::string_view json, const crypto::PublicKey& headOffice,
                               std::string_view payload) {
    if (json.size() > kProofMaxBytes) return fail(Code::tooLarge, "a proof is smaller than this");
    auto read = readProof(json);
    if (!read) return passOn(read);
    ProofReport report;
    report.proof = std::move(read->proof);
    const auto header = wire::decodeHeader(report.proof.header);
    if (!header) return fail(Code::invalid, "its event cannot be read", "/header");
    report.act = header->event;
    report.commitment = header->commitment;
    const auto demand = [&](bool holds, const char* otherwise) {
        if (!holds) report.problems.emplace_back(otherwise);
    };
    demand(crypto::leafHash(report.proof.header) == report.proof.leaf,
           "the leaf is not the hash of this event: one of the two was changed");
    demand(report.act.id == report.proof.event, "the event names itself otherwise");
    demand(report.act.origin == report.proof.origin, "the event was made by another device");
    demand(consent::kindName(report.act.body) == report.proof.kind, "the event is of another kind");
    report.isSigned = !read->signature.empty();
    if (report.isSigned) {
        const auto signature = crypto::parseSignature(read->signature);
        report.signatureOk =
            signature && crypto::verify(headOffice, signedText(report.proof), *signature);
        demand(report.signatureOk,
               "the signature is not head office's: something was changed, or it is another key");
    } else {
        demand(false, "it carries no signature: an older head office made it; download it again");
    }
    if (report.proof.inclusion) {
        const ProofInclusion& inclusion = *report.proof.inclusion;
        const bool headOk = signedBy(inclusion.head, headOffice);
        const bool pathOk = leadsToRoot(report.proof, inclusion);
        report.inclusionOk = headOk && pathOk;
        demand(headOk, "the head of the log is not signed by head office: it was changed, or it is "
                       "another key");
        demand(pathOk, "the log that head office signed does not hold this event at this place");
    }
    report.hasPayload = !payload.empty();
    if (report.hasPayload) {
        report.commitmentOk = hashText(crypto::sha256(payload)) == report.commitment;
        demand(report.commitmentOk, "the personal data is not what this event committed to");
    }
    return report;
}

} // namespace souffleur::protocol
