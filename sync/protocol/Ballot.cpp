#include "sync/protocol/Ballot.h"

#include <algorithm>
#include <array>

#include "plugin/base/Limits.h"
#include "plugin/consent/Terms.h"
#include "plugin/crypto/Encoding.h"
#include "plugin/wire/Json.h"
#include "plugin/wire/JsonWriter.h"

namespace souffleur::protocol {
namespace {

constexpr std::int64_t kVersion = 1;
constexpr std::string_view kTag = "souffleur-ballot-1";
constexpr std::size_t kSealedMaxBytes = 2 * kBallotPlainBytes;
constexpr std::size_t kFateMaxBytes = 16;
constexpr std::int64_t kDayMost = kMaxTime / kDayMs;
constexpr wire::JsonLimits kPlainLimits{.maxBytes = kBallotPlainBytes,
                                        .maxDepth = 6,
                                        .maxValues =
                                            20 + kBallotAnswersMax * (kBallotValuesMax + 4)};
constexpr wire::JsonLimits kBatchLimits{
    .maxBytes = kSealedBodyMaxBytes, .maxDepth = 6, .maxValues = 10 * kBallotsMax};

constexpr std::array<std::string_view, 4> kFates{"counted", "had", "later", "refused"};

std::string bigEndian(std::uint64_t value) {
    std::string out(8, '\0');
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = static_cast<char>(value >> (8 * (out.size() - 1 - i)) & 0xffU);
    return out;
}

std::string_view bytesOf(const Uuid& id) {
    return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
}

Result<void> checkVersion(wire::JsonReader& in) {
    const std::int64_t version = in.integer("v", 1, 1'000'000);
    if (!in.ok()) return in.done();
    if (version != kVersion)
        return fail(Code::unsupported, "this program does not know that version", "/v");
    return {};
}

bool isShortToken(const std::string& text) {
    return text.size() <= kBallotIdMaxBytes && consent::isToken(text);
}

bool sound(const BallotAnswer& answer) {
    return isShortToken(answer.question) && !answer.values.empty() &&
           answer.values.size() <= kBallotValuesMax &&
           std::all_of(answer.values.begin(), answer.values.end(), isShortToken);
}

Result<void> check(const Ballot& ballot) {
    if (!isShortToken(ballot.questionnaire) || ballot.version < 1 ||
        ballot.version > kBallotVersionMax || ballot.day < 0 || ballot.day > kDayMost)
        return fail(Code::invalid, "this is no ballot");
    if (ballot.answers.empty() || ballot.answers.size() > kBallotAnswersMax)
        return fail(Code::invalid, "a ballot holds one answer at least", "/answers");
    if (!std::all_of(ballot.answers.begin(), ballot.answers.end(), sound))
        return fail(Code::invalid, "an answer is malformed", "/answers");
    return {};
}

} // namespace

Result<crypto::Secret> encodeBallot(const Ballot& ballot) {
    if (auto ok = check(ballot); !ok) return passOn(ok);
    wire::JsonWriter out;
    out.beginObject().field("v", kVersion).field("questionnaire", ballot.questionnaire);
    out.field("version", ballot.version).field("day", ballot.day).key("answers").beginArray();
    for (const BallotAnswer& answer : ballot.answers) {
        out.beginObject().field("question", answer.question);
        out.list("values", answer.values).endObject();
    }
    out.endArray().endObject();
    std::string plain = out.take();
    if (plain.size() > kBallotPlainBytes)
        return fail(Code::tooLarge, "the answers are too large to be sealed");
    // White space behind it is none of its content (RFC 8259, 2).
    plain.resize(kBallotPlainBytes, ' ');
    return crypto::Secret(std::move(plain));
}

Result<Ballot> decodeBallot(std::string_view json) {
    wire::JsonReader in(wire::Json::parse(json, kPlainLimits));
    if (auto known = checkVersion(in); !known) return passOn(known);
    Ballot ballot;
    ballot.questionnaire = in.string("questionnaire", kBallotIdMaxBytes);
    ballot.version =
        static_cast<std::uint32_t>(in.integer("version", 1, std::int64_t{kBallotVersionMax}));
    ballot.day = in.integer("day", 0, kDayMost);
    for (const wire::Json& each : in.items("answers", kBallotAnswersMax)) {
        wire::JsonReader one(each);
        BallotAnswer answer;
        answer.question = one.string("question", kBallotIdMaxBytes);
        answer.values = one.strings("values", kBallotValuesMax, kBallotIdMaxBytes);
        in.require(one.done());
        ballot.answers.push_back(std::move(answer));
    }
    if (auto ok = in.done(); !ok) return passOn(ok);
    if (auto ok = check(ballot); !ok) return passOn(ok);
    return ballot;
}

std::string ballotSigningInput(const OriginId& origin, const SealedBallot& ballot) {
    std::string out(kTag);
    out.append(bytesOf(origin.uuid)).append(bytesOf(ballot.id.uuid)).append(bigEndian(ballot.key));
    out += crypto::bytesOf(crypto::sha256(ballot.sealed));
    return out;
}

void sign(SealedBallot& ballot, const OriginId& origin, const crypto::SigningKey& key) {
    ballot.signature = key.sign(ballotSigningInput(origin, ballot));
}

Result<void> checkBallot(const SealedBallot& ballot, const OriginId& origin,
                         const crypto::PublicKey& key) {
    if (crypto::verify(key, ballotSigningInput(origin, ballot), ballot.signature)) return {};
    return fail(Code::corrupt, "the ballot is not signed by its device");
}

std::string encodeBallots(const std::vector<SealedBallot>& ballots) {
    wire::JsonWriter out;
    out.beginObject().field("v", kVersion).key("ballots").beginArray();
    for (const SealedBallot& ballot : ballots) {
        out.beginObject().field("id", ballot.id).field("key", ballot.key);
        out.field("sealed", crypto::toBase64(ballot.sealed))
            .field("sig", crypto::signatureText(ballot.signature))
            .endObject();
    }
    out.endArray().endObject();
    return out.take();
}

Result<std::vector<SealedBallot>> decodeBallots(std::string_view json) {
    wire::JsonReader in(wire::Json::parse(json, kBatchLimits));
    if (auto known = checkVersion(in); !known) return passOn(known);
    std::vector<SealedBallot> out;
    for (const wire::Json& each : in.items("ballots", kBallotsMax)) {
        wire::JsonReader one(each);
        SealedBallot ballot;
        ballot.id = one.id<BallotId>("id");
        ballot.key = static_cast<std::uint64_t>(
            one.integer("key", 1, static_cast<std::int64_t>(kSealedNumberMax)));
        auto sealed = crypto::fromBase64(one.string("sealed", 2 * kSealedMaxBytes));
        const auto signature = crypto::parseSignature(one.string("sig", 128));
        if (auto ok = one.done(); !ok) return passOn(ok);
        if (ballot.id.none() || !sealed || sealed->empty() || sealed->size() > kSealedMaxBytes ||
            !signature)
            return fail(Code::invalid, "a ballot is malformed", each.pointer());
        ballot.sealed = std::move(*sealed);
        ballot.signature = *signature;
        out.push_back(std::move(ballot));
    }
    if (auto ok = in.done(); !ok) return passOn(ok);
    return out;
}

std::string_view name(BallotFate fate) noexcept {
    return kFates[static_cast<std::size_t>(fate)];
}

std::string encodeBallotsAnswer(const BallotsAnswer& answer) {
    wire::JsonWriter out;
    out.beginObject().field("v", kVersion).key("ballots").beginArray();
    for (const BallotsAnswer::Fate& one : answer.fates)
        out.beginObject().field("id", one.id).field("fate", name(one.fate)).endObject();
    out.endArray().endObject();
    return out.take();
}

Result<BallotsAnswer> decodeBallotsAnswer(std::string_view json) {
    wire::JsonReader in(wire::Json::parse(json, kBatchLimits));
    if (auto known = checkVersion(in); !known) return passOn(known);
    BallotsAnswer answer;
    for (const wire::Json& each : in.items("ballots", kBallotsMax)) {
        wire::JsonReader one(each);
        BallotsAnswer::Fate fate;
        fate.id = one.id<BallotId>("id");
        const std::string text = one.string("fate", kFateMaxBytes);
        const auto* const known = std::find(kFates.begin(), kFates.end(), text);
        if (one.ok() && known == kFates.end()) one.reject("fate", "no such fate");
        if (known != kFates.end()) fate.fate = static_cast<BallotFate>(known - kFates.begin());
        in.require(one.done());
        answer.fates.push_back(fate);
    }
    if (auto ok = in.done(); !ok) return passOn(ok);
    return answer;
}

} // namespace souffleur::protocol
