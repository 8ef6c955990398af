#include "plugin/wire/HeaderBody.h"

#include "plugin/base/Limits.h"
#include "plugin/wire/Forms.h"
#include "plugin/wire/Json.h"
#include "plugin/wire/JsonWriter.h"

namespace souffleur::wire {
namespace {

using namespace consent;

constexpr std::size_t kWordMax = limits::kTokenMaxChars;
constexpr std::size_t kNoticeMax = 2 * limits::kTokenMaxChars + 128;
constexpr std::size_t kGenresMax = 32;
constexpr std::int64_t kCentsMax = 1'000'000'000'000;
constexpr std::uint64_t kNoEnd = ~std::uint64_t{0};

constexpr std::array<std::string_view, 4> kContactStatus{"unverified", "verified", "bounced",
                                                         "removed"};

// ---------------------------------------------------------------- writing

struct Writer {
    JsonWriter& out;

    void operator()(const Act& act) const {
        out.field("ctl", act.controller).key("choices").beginArray();
        for (const ChoiceItem& item : act.choices) write(item);
        out.endArray();
        if (!act.seen.empty()) out.list("seen", act.seen);
        out.field("m", name(act.method)).fieldIf("by", act.by).fieldIf("place", act.place);
        out.fieldIf("src", act.source).fieldIf("slip", act.withdrawHandleHash);
    }
    void write(const ChoiceItem& item) const {
        out.beginObject().field("p", item.purpose).field("c", item.channel);
        out.field("is", name(item.choice));
        if (item.basis != Basis::consent) out.field("b", name(item.basis));
        if (item.confirm) out.field("cf", true);
        if (item.validUntil != kForever) out.field("vu", item.validUntil);
        out.fieldIf("n", noticeText(item.notice)).endObject();
    }
    void operator()(const Confirmed& body) const {
        out.field("target", body.target).field("ch", body.channel).field("key", body.contactKey);
    }
    void operator()(const Retract& body) const {
        out.field("target", body.target).fieldIf("by", body.by);
    }
    void operator()(const Link& body) const {
        out.field("other", body.other).field("reason", body.reason);
    }
    void operator()(const Unlink& body) const {
        out.field("target", body.target).field("other", body.other).list("copied", body.copied);
    }
    void operator()(const Erase&) const {}
    void operator()(const Contact& body) const {
        out.field("ch", body.channel).field("key", body.contactKey);
        out.field("status", kContactStatus[static_cast<std::size_t>(body.status)]);
    }
    void operator()(const Order& body) const {
        out.field("src", body.source).list("genres", body.genres);
        out.field("cents", body.amountCents);
    }
    void operator()(const Fact& body) const {
        out.field("fact", body.fact).field("value", body.value);
    }
    void operator()(const ClockJudgement& body) const {
        out.field("about", body.about).field("from", body.from);
        if (body.to != kNoEnd) out.field("to", body.to);
        if (body.unc != kUncInfinite) out.field("eff", body.unc);
        out.field("suspect", body.suspect);
    }
    void operator()(const PolicyInForce& body) const {
        out.field("pack", body.pack).field("pv", body.version).field("sha", body.sha256);
    }
};

// ---------------------------------------------------------------- reading

/// A word out of a closed list; an unknown one is an error at the key.
template <typename T, typename From>
T word(JsonReader& in, std::string_view key, const From& from, T fallback) {
    const std::string text = in.string(key, kWordMax);
    if (!in.ok()) return fallback;
    const std::optional<T> value = from(text);
    if (!value) in.reject(key, "a word that is not known here");
    return value.value_or(fallback);
}

std::vector<EventId> eventIds(JsonReader& in, std::string_view key) {
    std::vector<EventId> out;
    for (const std::string& text : in.stringsOr(key, limits::kSeenMax, 36)) {
        const auto id = EventId::parse(text);
        if (!id) {
            in.reject(key, "not a UUID");
            return {};
        }
        out.push_back(*id);
    }
    return out;
}

ChoiceItem readChoice(const Json& json, JsonReader& outer) {
    JsonReader in(json);
    ChoiceItem item;
    item.purpose = in.string("p", kWordMax);
    item.channel = in.string("c", kWordMax);
    item.choice = word<Choice>(in, "is", choiceFrom, Choice::deferred);
    if (in.find("b")) item.basis = word<Basis>(in, "b", basisFrom, Basis::consent);
    item.confirm = in.booleanOr("cf", false);
    item.validUntil = in.timeOr("vu", kForever);
    const auto notice = parseNotice(in.stringOr("n", {}, kNoticeMax));
    if (notice)
        item.notice = *notice;
    else
        in.reject("n", notice.error().message);
    outer.require(in.done());
    return item;
}

Body readAct(JsonReader& in) {
    Act act;
    act.controller = in.string("ctl", kWordMax);
    for (const Json& item : in.items("choices", limits::kChoicesMax)) {
        act.choices.push_back(readChoice(item, in));
    }
    act.seen = eventIds(in, "seen");
    act.method = word<Method>(in, "m", methodFrom, Method::spoken);
    act.by = in.idOr<OperatorId>("by");
    act.place = in.stringOr("place", {}, kWordMax);
    act.source = in.stringOr("src", {}, kSourceMaxChars);
    act.withdrawHandleHash = in.stringOr("slip", {}, kSha256HexChars);
    return act;
}

Body readConfirmed(JsonReader& in) {
    return Confirmed{in.id<EventId>("target"), in.string("ch", kWordMax), in.string("key", 128)};
}

Body readRetract(JsonReader& in) {
    return Retract{in.id<EventId>("target"), in.idOr<OperatorId>("by")};
}

Body readLink(JsonReader& in) {
    return Link{in.id<SubjectId>("other"), in.string("reason", kCodeMaxChars)};
}

Body readUnlink(JsonReader& in) {
    Unlink body;
    body.target = in.id<EventId>("target");
    body.other = in.id<SubjectId>("other");
    body.copied = eventIds(in, "copied");
    return body;
}

Body readErase(JsonReader&) {
    return Erase{};
}

Body readContact(JsonReader& in) {
    Contact body;
    body.channel = in.string("ch", kWordMax);
    body.contactKey = in.string("key", 128);
    body.status = word<ContactStatus>(
        in, "status",
        [](std::string_view text) -> std::optional<ContactStatus> {
            const auto* found = std::find(kContactStatus.begin(), kContactStatus.end(), text);
            if (found == kContactStatus.end()) return std::nullopt;
            return static_cast<ContactStatus>(found - kContactStatus.begin());
        },
        ContactStatus::unverified);
    return body;
}

Body readOrder(JsonReader& in) {
    Order body;
    body.source = in.string("src", kWordMax);
    body.genres = in.stringsOr("genres", kGenresMax, kWordMax);
    body.amountCents = in.integerOr("cents", 0, -kCentsMax, kCentsMax);
    return body;
}

Body readFact(JsonReader& in) {
    return Fact{in.string("fact", kWordMax), in.string("value", kCodeMaxChars)};
}

Body readClock(JsonReader& in) {
    ClockJudgement body;
    body.about = in.id<OriginId>("about");
    const auto position = [&in](std::string_view key, std::uint64_t fallback) {
        const auto found = in.find(key);
        if (!found) return fallback;
        const auto value = found->asUint();
        if (!value) in.reject(key, value.error().message);
        return value.value_or(fallback);
    };
    body.from = position("from", 0);
    body.to = position("to", kNoEnd);
    body.unc = in.integerOr("eff", kUncInfinite, 0, kMaxTime);
    body.suspect = in.booleanOr("suspect", false);
    return body;
}

Body readPolicy(JsonReader& in) {
    PolicyInForce body;
    body.pack = in.string("pack", kWordMax);
    body.version =
        static_cast<std::uint32_t>(in.integer("pv", 0, std::numeric_limits<std::uint32_t>::max()));
    body.sha256 = in.string("sha", kSha256HexChars);
    return body;
}

using ReadFunction = Body (*)(JsonReader&);
constexpr std::array<std::pair<std::string_view, ReadFunction>, 11> kReaders{{
    {"act", readAct},
    {"confirmed", readConfirmed},
    {"retract", readRetract},
    {"link", readLink},
    {"unlink", readUnlink},
    {"erase", readErase},
    {"contact", readContact},
    {"order", readOrder},
    {"fact", readFact},
    {"clock", readClock},
    {"policy", readPolicy},
}};
static_assert(kReaders.size() == std::variant_size_v<Body>);

// ---------------------------------------------------------------- checking

struct Checker {
    [[nodiscard]] static Result<void> bad(const char* what, const char* where) {
        return fail(Code::invalid, what, where);
    }

    Result<void> operator()(const Act& act) const {
        if (!isToken(act.controller)) return bad("not a controller id", "/ctl");
        if (act.choices.empty()) return bad("an act without choices", "/choices");
        if (act.choices.size() > limits::kChoicesMax) {
            return fail(Code::tooLarge, "an act with too many choices", "/choices");
        }
        if (act.seen.size() > limits::kSeenMax) {
            return fail(Code::tooLarge, "an act that names too many negatives", "/seen");
        }
        for (const ChoiceItem& item : act.choices) {
            if (auto ok = check(item); !ok) return ok;
        }
        if (!act.place.empty() && !isToken(act.place)) return bad("not a place id", "/place");
        if (!isLine(act.source, kSourceMaxChars)) return bad("not a source", "/src");
        if (!act.withdrawHandleHash.empty() && !isSha256Hex(act.withdrawHandleHash)) {
            return bad("not a SHA-256 in lower-case hex", "/slip");
        }
        return {};
    }
    Result<void> check(const ChoiceItem& item) const {
        const bool wild = negative(item.choice);
        const auto sound = [wild](const Token& t) { return isToken(t) || (wild && t == kAny); };
        if (!sound(item.purpose)) return bad("not a purpose id", "/choices");
        if (!sound(item.channel)) return bad("not a channel id", "/choices");
        if (item.validUntil < kMinTime || item.validUntil > kMaxTime) {
            return bad("time out of range", "/choices");
        }
        if (!isSound(item.notice)) return bad("not a notice reference", "/choices");
        return {};
    }
    Result<void> operator()(const Confirmed& body) const {
        if (body.target.none()) return bad("no target", "/target");
        if (!isToken(body.channel)) return bad("not a channel id", "/ch");
        if (!isKeyHex(body.contactKey)) return bad("not a keyed hash in hex", "/key");
        return {};
    }
    Result<void> operator()(const Retract& body) const {
        return body.target.none() ? bad("no target", "/target") : Result<void>{};
    }
    Result<void> operator()(const Link& body) const {
        if (body.other.none()) return bad("no other subject", "/other");
        return isCode(body.reason) ? Result<void>{} : bad("not a reason", "/reason");
    }
    Result<void> operator()(const Unlink& body) const {
        if (body.target.none()) return bad("no target", "/target");
        if (body.other.none()) return bad("no other subject", "/other");
        if (body.copied.size() > limits::kSeenMax) {
            return fail(Code::tooLarge, "an unlink that names too many negatives", "/copied");
        }
        return {};
    }
    Result<void> operator()(const Erase&) const { return {}; }
    Result<void> operator()(const Contact& body) const {
        if (!isToken(body.channel)) return bad("not a channel id", "/ch");
        return isKeyHex(body.contactKey) ? Result<void>{} : bad("not a keyed hash in hex", "/key");
    }
    Result<void> operator()(const Order& body) const {
        if (!isToken(body.source)) return bad("not a source id", "/src");
        if (body.genres.size() > kGenresMax) {
            return fail(Code::tooLarge, "too many genres", "/genres");
        }
        if (!std::all_of(body.genres.begin(), body.genres.end(), isToken)) {
            return bad("not a genre id", "/genres");
        }
        if (body.amountCents < -kCentsMax || body.amountCents > kCentsMax) {
            return bad("amount out of range", "/cents");
        }
        return {};
    }
    Result<void> operator()(const Fact& body) const {
        if (!isToken(body.fact)) return bad("not a fact id", "/fact");
        if (!body.value.empty() && !isCode(body.value)) return bad("not a value", "/value");
        return {};
    }
    Result<void> operator()(const ClockJudgement& body) const {
        if (body.about.none()) return bad("no origin", "/about");
        if (body.from > body.to) return bad("an empty range", "/from");
        if (body.unc != kUncInfinite && (body.unc < 0 || body.unc > kMaxTime)) {
            return bad("uncertainty out of range", "/eff");
        }
        return {};
    }
    Result<void> operator()(const PolicyInForce& body) const {
        if (!isToken(body.pack)) return bad("not a pack id", "/pack");
        return isSha256Hex(body.sha256) ? Result<void>{}
                                        : bad("not a SHA-256 in lower-case hex", "/sha");
    }
};

} // namespace

void writeBody(JsonWriter& out, const Body& body) {
    std::visit(Writer{out}, body);
}

Result<Body> readBody(JsonReader& in, std::string_view kind) {
    const auto* found = std::find_if(kReaders.begin(), kReaders.end(),
                                     [&](const auto& entry) { return entry.first == kind; });
    if (found == kReaders.end()) {
        return fail(Code::unsupported, "a kind of event that this build does not read", "/kind");
    }
    Body body = found->second(in);
    if (auto ok = in.done(); !ok) return passOn(ok);
    return body;
}

Result<void> checkBody(const Body& body) {
    return std::visit(Checker{}, body);
}

} // namespace souffleur::wire
