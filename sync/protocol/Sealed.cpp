#include "sync/protocol/Sealed.h"

#include <algorithm>
#include <array>
#include <utility>

#include "plugin/base/Limits.h"
#include "plugin/crypto/Encoding.h"
#include "plugin/wire/Json.h"
#include "plugin/wire/JsonWriter.h"

namespace souffleur::protocol {
namespace {

constexpr std::int64_t kVersion = 1;
constexpr std::string_view kSignUpKind = "sign-up";
constexpr std::string_view kWithdrawalKind = "slip-withdrawal";
constexpr std::string_view kItemTag = "souffleur-sealed-1";
constexpr std::string_view kIntakeTag = "souffleur-intake-1\n";
constexpr int kOffsetMaxMin = 1440;
constexpr std::size_t kPemMaxBytes = 16 * 1024;
constexpr std::size_t kKindMaxBytes = 32;
constexpr wire::JsonLimits kContentLimits{
    .maxBytes = kSealedPlainMaxBytes, .maxDepth = 6, .maxValues = 200};
constexpr wire::JsonLimits kBatchLimits{
    .maxBytes = kSealedBodyMaxBytes, .maxDepth = 6, .maxValues = 10 * kSealedItemsMax};
constexpr wire::JsonLimits kSmallLimits{.maxBytes = limits::kApiBodyMaxBytes, .maxDepth = 6};

constexpr std::array<std::pair<SealedFate, std::string_view>, 5> kFates{{
    {SealedFate::placed, "placed"},
    {SealedFate::had, "had"},
    {SealedFate::kept, "kept"},
    {SealedFate::refused, "refused"},
    {SealedFate::later, "later"},
}};

std::string bigEndian(std::uint64_t value) {
    std::string out(8, '\0');
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = static_cast<char>(value >> (8 * (out.size() - 1 - i)) & 0xffU);
    return out;
}

Result<void> checkVersion(wire::JsonReader& in) {
    const std::int64_t version = in.integer("v", 1, 1'000'000);
    if (!in.ok()) return in.done();
    if (version != kVersion)
        return fail(Code::unsupported, "this program does not know that version", "/v");
    return {};
}

void writeSignUp(wire::JsonWriter& out, const SignUp& signUp) {
    out.field("kind", kSignUpKind).key("events").beginArray();
    for (const SignUp::Item& one : signUp.events) {
        out.beginObject().field("header", crypto::toBase64(one.header));
        if (!one.payload.empty()) out.field("payload", crypto::toBase64(one.payload));
        out.endObject();
    }
    out.endArray();
}

void writeWithdrawal(wire::JsonWriter& out, const SlipWithdrawal& slip) {
    out.field("kind", kWithdrawalKind)
        .field("code", crypto::toHex(crypto::bytesOf(slip.code)))
        .field("event", slip.event)
        .field("at", slip.at);
    if (slip.unc != kUncInfinite) out.field("unc", slip.unc);
    out.field("offset", slip.offsetMin);
}

Result<SealedContent> readSignUp(wire::JsonReader& in) {
    SignUp signUp;
    for (const wire::Json& each : in.items("events", kSealedEventsMax)) {
        wire::JsonReader one(each);
        auto header = crypto::fromBase64(one.string("header", 2 * limits::kEventMaxBytes));
        auto payload = crypto::fromBase64(one.stringOr("payload", "", 2 * limits::kEventMaxBytes));
        in.require(one.done());
        if (!in.ok()) break;
        if (!header || header->empty() || !payload ||
            header->size() + payload->size() > limits::kEventMaxBytes)
            return fail(Code::invalid, "an event of the sign-up is malformed", "/events");
        signUp.events.push_back({std::move(*header), std::move(*payload)});
    }
    if (auto ok = in.done(); !ok) return passOn(ok);
    if (signUp.events.empty()) return fail(Code::invalid, "a sign-up holds events", "/events");
    return SealedContent(std::move(signUp));
}

Result<SealedContent> readWithdrawal(wire::JsonReader& in) {
    SlipWithdrawal slip;
    const auto code = crypto::fromHex(in.string("code", 2 * slip.code.size()));
    slip.event = in.id<EventId>("event");
    slip.at = in.time("at");
    slip.unc = in.integerOr("unc", kUncInfinite, 0, kUncInfinite);
    slip.offsetMin = static_cast<int>(in.integer("offset", -kOffsetMaxMin, kOffsetMaxMin));
    if (auto ok = in.done(); !ok) return passOn(ok);
    if (!code || code->size() != slip.code.size() || slip.event.none())
        return fail(Code::invalid, "the code is malformed", "/code");
    std::copy(code->begin(), code->end(), slip.code.begin());
    return SealedContent(slip);
}

Result<SealedItem> readItem(const wire::Json& each) {
    wire::JsonReader in(each);
    SealedItem item;
    constexpr auto kMost = static_cast<std::int64_t>(kSealedNumberMax);
    item.number = static_cast<std::uint64_t>(in.integer("number", 1, kMost));
    item.key = static_cast<std::uint64_t>(in.integer("key", 1, kMost));
    auto sealed = crypto::fromBase64(in.string("sealed", 2 * kSealedItemMaxBytes));
    const auto signature = crypto::parseSignature(in.string("sig", 128));
    item.origin = in.idOr<OriginId>("origin");
    if (auto ok = in.done(); !ok) return passOn(ok);
    if (!sealed || sealed->empty() || !signature)
        return fail(Code::invalid, "a sealed item is malformed", each.pointer());
    if (sealed->size() > kSealedItemMaxBytes)
        return fail(Code::tooLarge, "a sealed item is too large", each.pointer());
    item.sealed = std::move(*sealed);
    item.signature = *signature;
    return item;
}

SealedTold readTold(const wire::Json& each, wire::JsonReader& whole) {
    wire::JsonReader in(each);
    constexpr auto kMost = static_cast<std::int64_t>(kSealedNumberMax);
    SealedTold told;
    told.origin = in.idOr<OriginId>("origin");
    told.from = static_cast<std::uint64_t>(in.integer("from", 1, kMost));
    told.to = static_cast<std::uint64_t>(in.integer("to", 1, kMost));
    told.count = static_cast<std::uint64_t>(in.integer("count", 1, kMost));
    whole.require(in.done());
    return told;
}

} // namespace

std::string_view name(SealedFate fate) noexcept {
    for (const auto& [each, text] : kFates) {
        if (each == fate) return text;
    }
    return "refused";
}

Result<crypto::Secret> encodeContent(const SealedContent& content) {
    wire::JsonWriter out;
    out.beginObject().field("v", kVersion);
    if (const auto* signUp = std::get_if<SignUp>(&content)) {
        if (signUp->events.empty() || signUp->events.size() > kSealedEventsMax)
            return fail(Code::invalid, "a sign-up holds one to four events");
        writeSignUp(out, *signUp);
    } else {
        writeWithdrawal(out, std::get<SlipWithdrawal>(content));
    }
    out.endObject();
    crypto::Secret plain(out.take());
    if (plain.view().size() > kSealedPlainMaxBytes)
        return fail(Code::tooLarge, "the answers are too large to be sealed");
    return plain;
}

Result<SealedContent> decodeContent(std::string_view json) {
    wire::JsonReader in(wire::Json::parse(json, kContentLimits));
    if (auto known = checkVersion(in); !known) return passOn(known);
    const std::string kind = in.string("kind", kKindMaxBytes);
    if (auto ok = in.done(); !ok) return passOn(ok);
    if (kind == kSignUpKind) return readSignUp(in);
    if (kind == kWithdrawalKind) return readWithdrawal(in);
    return fail(Code::unsupported, "this program does not know that kind", "/kind");
}

std::string sealedSigningInput(const OriginId& origin, const SealedItem& item) {
    std::string out(kItemTag);
    out.append(reinterpret_cast<const char*>(origin.uuid.bytes.data()), origin.uuid.bytes.size());
    out += bigEndian(item.number) + bigEndian(item.key);
    out += crypto::bytesOf(crypto::sha256(item.sealed));
    return out;
}

void sign(SealedItem& item, const OriginId& origin, const crypto::SigningKey& key) {
    item.signature = key.sign(sealedSigningInput(origin, item));
}

Result<void> checkItem(const SealedItem& item, const OriginId& origin,
                       const crypto::PublicKey& key) {
    if (crypto::verify(key, sealedSigningInput(origin, item), item.signature)) return {};
    return fail(Code::corrupt, "the item is not signed by its device");
}

std::string encodeSealedBatch(const SealedBatch& batch) {
    wire::JsonWriter out;
    out.beginObject().field("v", kVersion);
    if (batch.needsFrom != 0) out.field("needsFrom", batch.needsFrom);
    out.key("items").beginArray();
    for (const SealedItem& item : batch.items) {
        out.beginObject().field("number", item.number).field("key", item.key);
        out.field("sealed", crypto::toBase64(item.sealed))
            .field("sig", crypto::signatureText(item.signature));
        if (!item.origin.none()) out.field("origin", item.origin);
        out.endObject();
    }
    out.endArray();
    if (!batch.told.empty()) {
        out.key("told").beginArray();
        for (const SealedTold& one : batch.told) {
            out.beginObject();
            if (!one.origin.none()) out.field("origin", one.origin);
            out.field("from", one.from).field("to", one.to).field("count", one.count).endObject();
        }
        out.endArray();
    }
    out.endObject();
    return out.take();
}

Result<SealedBatch> decodeSealedBatch(std::string_view json) {
    wire::JsonReader in(wire::Json::parse(json, kBatchLimits));
    if (auto known = checkVersion(in); !known) return passOn(known);
    SealedBatch batch;
    batch.needsFrom = static_cast<std::uint64_t>(
        in.integerOr("needsFrom", 0, 0, static_cast<std::int64_t>(kSealedNumberMax)));
    for (const wire::Json& each : in.items("items", kSealedItemsMax)) {
        auto item = readItem(each);
        if (!item) return passOn(item);
        batch.items.push_back(std::move(*item));
    }
    for (const wire::Json& each : in.itemsOr("told", kSealedToldMax))
        batch.told.push_back(readTold(each, in));
    if (auto ok = in.done(); !ok) return passOn(ok);
    return batch;
}

std::string encodeSealedAnswer(const SealedAnswer& answer) {
    wire::JsonWriter out;
    out.beginObject().field("v", kVersion).key("items").beginArray();
    for (const SealedAnswer::Fate& one : answer.fates)
        out.beginObject().field("number", one.number).field("fate", name(one.fate)).endObject();
    out.endArray();
    if (answer.again) out.field("again", true);
    out.endObject();
    return out.take();
}

Result<SealedAnswer> decodeSealedAnswer(std::string_view json) {
    wire::JsonReader in(wire::Json::parse(json, kSmallLimits));
    if (auto known = checkVersion(in); !known) return passOn(known);
    SealedAnswer answer;
    for (const wire::Json& each : in.items("items", kSealedItemsMax)) {
        wire::JsonReader one(each);
        SealedAnswer::Fate fate;
        fate.number = static_cast<std::uint64_t>(
            one.integer("number", 1, static_cast<std::int64_t>(kSealedNumberMax)));
        const std::string text = one.string("fate", kKindMaxBytes);
        const auto* const known = std::find_if(
            kFates.begin(), kFates.end(), [&](const auto& pair) { return pair.second == text; });
        if (one.ok() && known == kFates.end()) one.reject("fate", "no such fate");
        if (known != kFates.end()) fate.fate = known->first;
        in.require(one.done());
        answer.fates.push_back(fate);
    }
    answer.again = in.booleanOr("again", false);
    if (auto ok = in.done(); !ok) return passOn(ok);
    return answer;
}

std::string intakeSigningInput(const Intake& intake) {
    return std::string(kIntakeTag) + std::to_string(intake.number) + "\n" + intake.certificatePem;
}

std::string encodeIntake(const Intake& intake) {
    wire::JsonWriter out;
    out.beginObject().field("v", kVersion).field("number", intake.number);
    out.field("certificate", intake.certificatePem)
        .field("sig", crypto::signatureText(intake.signature))
        .endObject();
    return out.take();
}

Result<Intake> decodeIntake(std::string_view json) {
    wire::JsonReader in(wire::Json::parse(json, kSmallLimits));
    if (auto known = checkVersion(in); !known) return passOn(known);
    Intake intake;
    intake.number = static_cast<std::uint64_t>(
        in.integer("number", 1, static_cast<std::int64_t>(kSealedNumberMax)));
    intake.certificatePem = in.string("certificate", kPemMaxBytes);
    const auto signature = crypto::parseSignature(in.string("sig", 128));
    if (auto ok = in.done(); !ok) return passOn(ok);
    if (!signature) return passOn(signature);
    intake.signature = *signature;
    return intake;
}

Result<void> checkIntake(const Intake& intake, const crypto::PublicKey& houseKey) {
    if (crypto::verify(houseKey, intakeSigningInput(intake), intake.signature)) return {};
    return fail(Code::corrupt, "this key for sign-ups is not head office's");
}

} // namespace souffleur::protocol
