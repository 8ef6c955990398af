#include "plugin/wire/Header.h"

#include "plugin/base/Limits.h"
#include "plugin/wire/Forms.h"
#include "plugin/wire/HeaderBody.h"
#include "plugin/wire/HeaderScan.h"
#include "plugin/wire/Json.h"
#include "plugin/wire/JsonWriter.h"

namespace souffleur::wire {
namespace {

using consent::Event;

bool needsSubject(const consent::Body& body) noexcept {
    return !std::holds_alternative<consent::ClockJudgement>(body) &&
           !std::holds_alternative<consent::PolicyInForce>(body);
}

Result<void> checkEnvelope(const Event& event, std::string_view commitment) {
    const auto bad = [](const char* what, const char* where) {
        return fail(Code::invalid, what, where);
    };
    if (event.id.none()) return bad("an event without id", "/id");
    if (event.origin.none()) return bad("an event without origin", "/origin");
    if (needsSubject(event.body) == event.subject.none()) {
        return bad("a subject where none belongs, or none where one does", "/subject");
    }
    if (event.at < kMinTime || event.at > kMaxTime) return bad("time out of range", "/at");
    if (event.unc != kUncInfinite && (event.unc < 0 || event.unc > kMaxTime)) {
        return bad("uncertainty out of range", "/unc");
    }
    if (event.offsetMin < -kOffsetMaxMin || event.offsetMin > kOffsetMaxMin) {
        return bad("offset out of range", "/off");
    }
    if (!commitment.empty() && !isSha256Hex(commitment)) {
        return bad("not a SHA-256 in lower-case hex", "/commit");
    }
    return {};
}

} // namespace

Result<std::string> encodeHeader(const Event& event, std::string_view commitmentHex) {
    if (auto ok = checkEnvelope(event, commitmentHex); !ok) return passOn(ok);
    if (auto ok = checkBody(event.body); !ok) return passOn(ok);
    JsonWriter out;
    out.beginObject().field("v", kHeaderVersion).field("id", event.id);
    out.field("origin", event.origin).field("kind", consent::kindName(event.body));
    out.fieldIf("subject", event.subject).field("at", event.at);
    if (event.unc != kUncInfinite) out.field("unc", event.unc);
    out.field("off", event.offsetMin);
    writeBody(out, event.body);
    out.fieldIf("commit", commitmentHex).endObject();
    if (!out.clean()) return fail(Code::invalid, "a header text is not UTF-8");
    std::string bytes = out.take();
    if (bytes.size() > limits::kEventMaxBytes) {
        return fail(Code::tooLarge, "the event is over 64 KiB; record fewer choices at once");
    }
    return bytes;
}

namespace {

Result<Header> decode(std::string_view bytes, bool readBefore) {
    JsonLimits bounds;
    bounds.maxBytes = limits::kEventMaxBytes;
    bounds.readBefore = readBefore;
    JsonReader in(Json::parse(bytes, bounds));
    Header out;
    const std::int64_t version = in.integer("v", 1, std::numeric_limits<std::uint32_t>::max());
    if (in.ok() && version != kHeaderVersion) {
        return fail(Code::unsupported, "a header version that this build does not read", "/v");
    }
    out.version = kHeaderVersion;
    Event& event = out.event;
    event.id = in.id<EventId>("id");
    event.origin = in.id<OriginId>("origin");
    const std::string kind = in.string("kind", limits::kTokenMaxChars);
    event.subject = in.idOr<SubjectId>("subject");
    event.at = in.time("at");
    event.unc = in.integerOr("unc", kUncInfinite, 0, kMaxTime);
    event.offsetMin = static_cast<int>(in.integer("off", -kOffsetMaxMin, kOffsetMaxMin));
    if (auto ok = in.done(); !ok) return passOn(ok);
    auto body = readBody(in, kind);
    if (!body) return passOn(body);
    event.body = *std::move(body);
    out.commitment = in.stringOr("commit", {}, kSha256HexChars); // where it stands: at the end
    if (auto ok = in.done(); !ok) return passOn(ok);
    if (auto ok = checkEnvelope(event, out.commitment); !ok) return passOn(ok);
    if (auto ok = checkBody(event.body); !ok) return passOn(ok);
    return out;
}

} // namespace

Result<Header> decodeHeader(std::string_view bytes) {
    return decode(bytes, false);
}

Result<Header> decodeStoredHeader(std::string_view bytes) {
    if (auto act = scanAct(bytes)) return *std::move(act);
    return decode(bytes, true);
}

Result<std::string> headerCommitment(std::string_view header) {
    // A JSON text that ends so can only end so at its root: inside a string the quotes would be
    // escaped, inside an object a second brace would follow.
    constexpr std::string_view kBefore = ",\"commit\":\"";
    constexpr std::size_t kTail = kBefore.size() + kSha256HexChars + 2;
    if (header.size() > kTail && header.ends_with("\"}")) {
        const std::string_view tail = header.substr(header.size() - kTail);
        const std::string_view hex = tail.substr(kBefore.size(), kSha256HexChars);
        if (tail.starts_with(kBefore) && isSha256Hex(hex)) return std::string(hex);
    }
    return decodeHeader(header).map([](Header&& h) { return std::move(h.commitment); });
}

bool sameAnswer(const Header& one, const Header& other) {
    Event left = one.event;
    left.origin = other.event.origin;
    left.position = other.event.position;
    return one.commitment == other.commitment && left == other.event;
}

bool isNegative(const Event& event) noexcept {
    if (std::holds_alternative<consent::Erase>(event.body)) return true;
    const auto* act = std::get_if<consent::Act>(&event.body);
    return act != nullptr &&
           std::any_of(act->choices.begin(), act->choices.end(),
                       [](const auto& item) { return consent::negative(item.choice); });
}

} // namespace souffleur::wire
