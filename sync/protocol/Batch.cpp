#include "sync/protocol/Batch.h"

#include <zstd.h>

#include <algorithm>

#include "plugin/crypto/Chain.h"
#include "plugin/crypto/Encoding.h"
#include "plugin/wire/Json.h"
#include "plugin/wire/JsonWriter.h"
#include "sync/protocol/HashText.h"

namespace souffleur::protocol {
namespace {

constexpr int kVersion = 1;
constexpr std::size_t kReasonMaxBytes = 300;
constexpr int kZstdLevel = 3;
/// A frame that asks for more memory than 8 MiB to be unpacked in is none of ours: it could ask for
/// 128 before its first byte is out.
constexpr int kZstdWindowLogMax = 23;

/// The next line without its end; moves `rest` past it.
std::string_view takeLine(std::string_view& rest) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return line;
}

/// At most what decodeAnswer takes, cut between two characters.
std::string_view bounded(std::string_view reason) {
    if (reason.size() <= kReasonMaxBytes) return reason;
    std::size_t end = kReasonMaxBytes;
    while (end > 0 && (static_cast<unsigned char>(reason[end]) & 0xc0U) == 0x80U) --end;
    return reason.substr(0, end);
}

/// {subject,neg} TAB header TAB payload.
Result<WireEvent> decodeEvent(std::string_view line) {
    const std::size_t first = line.find('\t');
    const std::size_t second = first == std::string_view::npos ? first : line.find('\t', first + 1);
    if (second == std::string_view::npos)
        return fail(Code::invalid, "an event line has three parts");
    WireEvent event;
    wire::JsonReader in(wire::Json::parse(line.substr(0, first)));
    event.subject = in.id<SubjectId>("subject");
    event.negative = in.boolean("neg");
    if (auto ok = in.done(); !ok) return passOn(ok);
    event.header = std::string(line.substr(first + 1, second - first - 1));
    const std::string_view payload = line.substr(second + 1);
    if (payload.empty()) return fail(Code::invalid, "a payload is base64 or a hyphen");
    if (payload != "-") {
        auto bytes = crypto::fromBase64(payload);
        if (!bytes) return passOn(bytes);
        event.payload = std::move(*bytes);
    }
    if (event.header.empty() ||
        event.header.size() + event.payload.size() > limits::kEventMaxBytes) {
        return fail(Code::tooLarge, "an event is empty or over its limit");
    }
    return event;
}

} // namespace

std::string signingInput(const OriginId& origin, std::uint64_t lastSeq, const crypto::Hash& head) {
    std::string input = "souffleur-batch-1";
    input.append(reinterpret_cast<const char*>(origin.uuid.bytes.data()), origin.uuid.bytes.size());
    for (int shift = 56; shift >= 0; shift -= 8)
        input += static_cast<char>((lastSeq >> shift) & 0xffU);
    input += crypto::bytesOf(head);
    return input;
}

void seal(Batch& batch, const crypto::SigningKey& key) {
    batch.head = batch.prev;
    for (const WireEvent& event : batch.events) {
        batch.head = crypto::chainNext(batch.head, crypto::leafHash(event.header));
    }
    batch.signature = key.sign(signingInput(batch.origin, batch.lastSeq(), batch.head));
}

std::string encodeBatch(const Batch& batch) {
    wire::JsonWriter out;
    out.beginObject()
        .field("v", kVersion)
        .field("origin", batch.origin)
        .field("firstSeq", batch.firstSeq);
    out.field("prev", hashText(batch.prev))
        .field("count", batch.events.size())
        .field("head", hashText(batch.head));
    out.field("sig", crypto::signatureText(batch.signature)).endObject();
    std::string text = out.take();
    text += '\n';
    for (const WireEvent& event : batch.events) {
        wire::JsonWriter line;
        line.beginObject().field("subject", event.subject).field("neg", event.negative).endObject();
        text += line.take();
        text += '\t';
        text += event.header;
        text += '\t';
        text += event.payload.empty() ? "-" : crypto::toBase64(event.payload);
        text += '\n';
    }
    return text;
}

Result<Batch> decodeBatch(std::string_view text) {
    if (text.size() > limits::kBatchMaxBytes)
        return fail(Code::tooLarge, "a batch holds at most 1 MiB");
    if (!text.ends_with('\n')) return fail(Code::invalid, "the batch was cut off");
    Batch batch;
    wire::JsonReader in(wire::Json::parse(takeLine(text)));
    const auto version = in.integer("v", 1, 1'000'000);
    batch.origin = in.id<OriginId>("origin");
    batch.firstSeq = static_cast<std::uint64_t>(in.integer("firstSeq", 1, INT64_MAX - 1'000'000));
    const auto prev = parseHash(in.string("prev", 64));
    const auto count = in.integer("count", 1, limits::kBatchMaxEvents);
    const auto head = parseHash(in.string("head", 64));
    const auto signature = crypto::parseSignature(in.string("sig", 128));
    if (auto ok = in.done(); !ok) return passOn(ok);
    if (version != kVersion) return fail(Code::unsupported, "this batch is of a newer version");
    if (!prev) return passOn(prev);
    if (!head) return passOn(head);
    if (!signature) return passOn(signature);
    batch.prev = *prev;
    batch.head = *head;
    batch.signature = *signature;
    batch.events.reserve(static_cast<std::size_t>(count));
    for (std::int64_t i = 0; i < count; ++i) {
        auto event = decodeEvent(takeLine(text));
        if (!event)
            return fail(event.error().code, event.error().message, "line " + std::to_string(i + 2));
        batch.events.push_back(std::move(*event));
    }
    if (!text.empty()) return fail(Code::invalid, "a batch holds more lines than it says");
    return batch;
}

Result<void> checkBatch(const Batch& batch, const crypto::PublicKey& key) {
    crypto::Hash head = batch.prev;
    for (const WireEvent& event : batch.events)
        head = crypto::chainNext(head, crypto::leafHash(event.header));
    if (head != batch.head)
        return fail(Code::corrupt, "the events do not lead to the batch's head");
    if (!crypto::verify(key, signingInput(batch.origin, batch.lastSeq(), batch.head),
                        batch.signature)) {
        return fail(Code::corrupt, "the batch is not signed by its origin");
    }
    return {};
}

std::string encodeAnswer(const PushAnswer& answer) {
    wire::JsonWriter out;
    out.beginObject()
        .field("seq", answer.seq)
        .field("head", hashText(answer.head))
        .key("quarantined")
        .beginArray();
    for (const auto& [seq, reason] : answer.quarantined) {
        out.beginObject().field("seq", seq).field("reason", bounded(reason)).endObject();
    }
    out.endArray().endObject();
    return out.take();
}

Result<PushAnswer> decodeAnswer(std::string_view json) {
    PushAnswer answer;
    wire::JsonReader in(wire::Json::parse(json, {.maxBytes = limits::kBatchMaxBytes}));
    answer.seq = static_cast<std::uint64_t>(in.integer("seq", 0, INT64_MAX));
    const auto head = parseHash(in.string("head", 64));
    for (const wire::Json& item : in.itemsOr("quarantined", limits::kBatchMaxEvents)) {
        wire::JsonReader one(item);
        const auto seq = static_cast<std::uint64_t>(one.integer("seq", 0, INT64_MAX));
        answer.quarantined.emplace_back(seq, one.string("reason", kReasonMaxBytes));
        in.require(one.done());
    }
    if (auto ok = in.done(); !ok) return passOn(ok);
    if (!head) return passOn(head);
    answer.head = *head;
    return answer;
}

std::string compress(std::string_view bytes) {
    std::string out(ZSTD_compressBound(bytes.size()), '\0');
    const std::size_t size =
        ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), kZstdLevel);
    out.resize(ZSTD_isError(size) != 0 ? 0 : size);
    return out;
}

Result<std::string> decompress(std::string_view bytes, std::size_t maxBytes) {
    const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(),
                                                                       &ZSTD_freeDCtx);
    ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, kZstdWindowLogMax);
    std::string out;
    std::string piece(ZSTD_DStreamOutSize(), '\0');
    ZSTD_inBuffer input{bytes.data(), bytes.size(), 0};
    std::size_t left = 1;
    while (left != 0) {
        ZSTD_outBuffer output{piece.data(), piece.size(), 0};
        const std::size_t before = input.pos;
        left = ZSTD_decompressStream(context.get(), &output, &input);
        if (ZSTD_isError(left) != 0) return fail(Code::invalid, "not zstd");
        if (out.size() + output.pos > maxBytes)
            return fail(Code::tooLarge, "a body unpacks to more than its limit");
        out.append(piece.data(), output.pos);
        if (left != 0 && input.pos == before && output.pos == 0)
            return fail(Code::invalid, "a zstd body was cut off");
    }
    if (input.pos != input.size) return fail(Code::invalid, "bytes follow the zstd frame");
    return out;
}

bool acceptsZstd(std::string_view acceptEncoding) {
    while (!acceptEncoding.empty()) {
        const std::size_t end = std::min(acceptEncoding.find(','), acceptEncoding.size());
        std::string one;
        for (const char c : acceptEncoding.substr(0, end)) {
            if (c != ' ' && c != '\t') one += c;
        }
        acceptEncoding.remove_prefix(std::min(end + 1, acceptEncoding.size()));
        const std::size_t name = std::min(one.find(';'), one.size());
        if (one.compare(0, name, kZstdCoding) != 0) continue;
        const std::string weight = one.substr(name);
        return weight.find_first_not_of(";q=0.") != std::string::npos || weight.empty();
    }
    return false;
}

} // namespace souffleur::protocol
