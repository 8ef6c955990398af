#include "plugin/wire/Card.h"

#include "plugin/base/Limits.h"
#include "plugin/wire/Forms.h"
#include "plugin/wire/Json.h"
#include "plugin/wire/JsonWriter.h"

namespace souffleur::wire {
namespace {

constexpr std::int64_t kCardVersion = 1;
constexpr std::size_t kContactsMax = 64;
constexpr std::size_t kExternalKeysMax = 256;
constexpr std::size_t kDisplayMax = 4 * limits::kNameMaxChars;
constexpr std::size_t kKeyHexMax = 128;
constexpr std::int64_t kOrdersMax = 1'000'000;

constexpr std::array<std::string_view, 4> kStatus{"unverified", "verified", "bounced", "removed"};

Result<void> check(const Card& card) {
    const auto bad = [](const char* what, const char* where) {
        return fail(Code::invalid, what, where);
    };
    if (card.subject.none()) return bad("a card without subject", "/subject");
    if (card.version > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        return bad("version out of range", "/ver");
    }
    if (!isLine(card.displayName, kDisplayMax)) return bad("not a name", "/display");
    if (!card.language.empty() && !isLanguage(card.language)) {
        return bad("not a language tag", "/lang");
    }
    if (card.contacts.size() > kContactsMax || card.externalKeys.size() > kExternalKeysMax) {
        return fail(Code::tooLarge, "a card with too many contact points or keys");
    }
    for (const CardContact& contact : card.contacts) {
        if (!consent::isToken(contact.channel) || !isKeyHex(contact.key) ||
            !isLine(contact.masked, kDisplayMax)) {
            return bad("not a contact point", "/contacts");
        }
    }
    if (!std::all_of(card.externalKeys.begin(), card.externalKeys.end(), isKeyHex)) {
        return bad("not a keyed hash in hex", "/ext");
    }
    if (card.orders < 0 || card.orders > kOrdersMax) return bad("orders out of range", "/orders");
    if (card.customerSince < kMinTime || card.customerSince > kMaxTime) {
        return bad("time out of range", "/since");
    }
    if (card.erasedTo < kMinTime || card.erasedTo > kMaxTime)
        return bad("time out of range", "/erasedTo");
    return {};
}

} // namespace

Result<std::string> encodeCard(const Card& card) {
    if (auto ok = check(card); !ok) return passOn(ok);
    JsonWriter out;
    out.beginObject().field("v", kCardVersion).field("subject", card.subject);
    out.field("ver", card.version);
    if (card.erased) {
        out.field("erased", true).endObject();
        return out.take();
    }
    out.fieldIf("display", card.displayName).fieldIf("lang", card.language);
    if (!card.contacts.empty()) {
        out.key("contacts").beginArray();
        for (const CardContact& contact : card.contacts) {
            out.beginObject().field("ch", contact.channel).field("masked", contact.masked);
            out.field("key", contact.key);
            out.field("status", kStatus[static_cast<std::size_t>(contact.status)]).endObject();
        }
        out.endArray();
    }
    if (!card.externalKeys.empty()) out.list("ext", card.externalKeys);
    if (card.orders != 0) out.field("orders", card.orders);
    if (card.customerSince != 0) out.field("since", card.customerSince);
    if (card.restricted) out.field("restricted", true);
    if (card.minor) out.field("minor", true);
    if (card.erasedTo != 0) out.field("erasedTo", card.erasedTo);
    out.endObject();
    if (!out.clean()) return fail(Code::invalid, "a text of the card is not UTF-8");
    if (out.text().size() > limits::kEventMaxBytes) {
        return fail(Code::tooLarge, "a card over 64 KiB");
    }
    return out.take();
}

Result<Card> decodeCard(std::string_view json) {
    JsonReader in(Json::parse(json));
    const std::int64_t version = in.integer("v", 1, std::numeric_limits<std::int32_t>::max());
    if (in.ok() && version != kCardVersion) {
        return fail(Code::unsupported, "a card version that this build does not read", "/v");
    }
    Card card;
    card.subject = in.id<SubjectId>("subject");
    card.version =
        static_cast<std::uint64_t>(in.integer("ver", 0, std::numeric_limits<std::int64_t>::max()));
    card.displayName = in.stringOr("display", {}, kDisplayMax);
    card.language = in.stringOr("lang", {}, kLanguageMaxChars);
    for (const Json& item : in.itemsOr("contacts", kContactsMax)) {
        JsonReader below(item);
        CardContact contact;
        contact.channel = below.string("ch", limits::kTokenMaxChars);
        contact.masked = below.string("masked", kDisplayMax);
        contact.key = below.string("key", kKeyHexMax);
        const std::string status = below.string("status", limits::kTokenMaxChars);
        const auto* found = std::find(kStatus.begin(), kStatus.end(), status);
        if (found == kStatus.end())
            below.reject("status", "a word that is not known here");
        else
            contact.status = static_cast<consent::ContactStatus>(found - kStatus.begin());
        in.require(below.done());
        card.contacts.push_back(std::move(contact));
    }
    card.externalKeys = in.stringsOr("ext", kExternalKeysMax, kKeyHexMax);
    card.orders = static_cast<int>(in.integerOr("orders", 0, 0, kOrdersMax));
    card.customerSince = in.timeOr("since", 0);
    card.restricted = in.booleanOr("restricted", false);
    card.minor = in.booleanOr("minor", false);
    card.erased = in.booleanOr("erased", false);
    card.erasedTo = in.timeOr("erasedTo", 0);
    if (auto ok = in.done(); !ok) return passOn(ok);
    if (card.erased) {
        Card empty;
        empty.subject = card.subject;
        empty.version = card.version;
        empty.erased = true;
        return empty;
    }
    if (auto ok = check(card); !ok) return passOn(ok);
    return card;
}

} // namespace souffleur::wire
