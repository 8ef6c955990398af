#include "plugin/wire/Payload.h"

#include "plugin/base/Limits.h"
#include "plugin/wire/Forms.h"
#include "plugin/wire/Json.h"
#include "plugin/wire/JsonWriter.h"

namespace souffleur::wire {
namespace {

constexpr std::int64_t kPayloadVersion = 1;
constexpr std::size_t kNamePartMax = 4 * limits::kNameMaxChars; // bytes: UTF-8 needs up to four
constexpr std::size_t kLineMax = 4 * limits::kAddressLineMaxChars;
constexpr std::size_t kContactsMax = 16;
constexpr std::size_t kExternalIdsMax = 32;
constexpr std::size_t kPreferencesMax = 64;
constexpr std::size_t kPreferenceMaxBytes = 480; // a sentence of 120 letters of any script
constexpr std::size_t kOrderItemsMax = 32;
constexpr int kBirthYearMin = 1850;
constexpr int kBirthYearMax = 2200;
constexpr std::int64_t kCentsMax = 1'000'000'000'000;

using contact::PersonName;
using contact::PostalAddress;

/// The parts of a name with their keys, in writing order.
constexpr std::array<std::pair<std::string_view, std::string PersonName::*>, 8> kNameParts{{
    {"title", &PersonName::title},
    {"given", &PersonName::given},
    {"patronymic", &PersonName::patronymic},
    {"particle", &PersonName::particle},
    {"family", &PersonName::family},
    {"conjunction", &PersonName::conjunction},
    {"second", &PersonName::secondFamily},
    {"as", &PersonName::displayAs},
}};

void writeName(JsonWriter& out, const PersonName& name) {
    if (name == PersonName{}) return;
    out.key("name").beginObject();
    for (const auto& [key, part] : kNameParts) out.fieldIf(key, name.*part);
    out.endObject();
}

void writeAddress(JsonWriter& out, const PostalAddress& address) {
    if (address == PostalAddress{}) return;
    out.key("address").beginObject().list("lines", address.lines);
    out.fieldIf("code", address.postalCode).fieldIf("city", address.city);
    out.fieldIf("country", address.country).endObject();
}

void writeOrder(JsonWriter& out, const OrderDetails& order) {
    if (order == OrderDetails{}) return;
    out.key("order").beginObject().fieldIf("number", order.number);
    if (order.at != 0) out.field("at", order.at);
    if (!order.items.empty()) out.list("items", order.items);
    if (order.amountCents != 0) out.field("cents", order.amountCents);
    out.fieldIf("currency", order.currency).endObject();
}

void write(JsonWriter& out, const PersonData& person) {
    out.beginObject().field("v", kPayloadVersion);
    writeName(out, person.name);
    out.fieldIf("display", person.displayName).fieldIf("lang", person.language);
    if (person.birthYear != 0) out.field("born", person.birthYear);
    if (!person.contacts.empty()) {
        out.key("contacts").beginArray();
        for (const ContactPoint& point : person.contacts) {
            out.beginObject().field("ch", point.channel).field("typed", point.typed);
            out.field("canonical", point.canonical).endObject();
        }
        out.endArray();
    }
    writeAddress(out, person.address);
    if (!person.externalIds.empty()) {
        out.key("ext").beginArray();
        for (const ExternalId& id : person.externalIds) {
            out.beginObject().field("sys", id.system).field("id", id.value).endObject();
        }
        out.endArray();
    }
    if (!person.preferences.empty()) {
        out.key("prefs").beginObject();
        for (const auto& [key, value] : person.preferences) out.field(key, value);
        out.endObject();
    }
    writeOrder(out, person.order);
    out.endObject();
}

Result<void> bad(const char* what, const char* where) {
    return fail(Code::invalid, what, where);
}

Result<void> checkLists(const PersonData& person) {
    if (person.contacts.size() > kContactsMax) {
        return fail(Code::tooLarge, "too many contact points", "/contacts");
    }
    if (person.externalIds.size() > kExternalIdsMax) {
        return fail(Code::tooLarge, "too many external ids", "/ext");
    }
    if (person.preferences.size() > kPreferencesMax) {
        return fail(Code::tooLarge, "too many preferences", "/prefs");
    }
    if (person.order.items.size() > kOrderItemsMax) {
        return fail(Code::tooLarge, "too many items in an order", "/order/items");
    }
    if (person.address.lines.size() > PostalAddress::kLinesMax) {
        return fail(Code::tooLarge, "too many address lines", "/address/lines");
    }
    return {};
}

Result<void> checkTexts(const PersonData& person) {
    for (const auto& [key, part] : kNameParts) {
        if (!isLine(person.name.*part, kNamePartMax)) return bad("not a name", "/name");
    }
    if (!isLine(person.displayName, kNamePartMax)) return bad("not a name", "/display");
    if (!person.language.empty() && !isLanguage(person.language)) {
        return bad("not a language tag", "/lang");
    }
    for (const std::string& line : person.address.lines) {
        if (!isLine(line, kLineMax)) return bad("not an address line", "/address/lines");
    }
    const auto& [lines, code, city, country] = person.address;
    if (!isLine(code, kCodeMaxChars) || !isLine(city, kLineMax) ||
        !isLine(country, kCodeMaxChars)) {
        return bad("not an address", "/address");
    }
    for (const auto& [key, value] : person.preferences) {
        if (!isCode(key) || !isLine(value, kPreferenceMaxBytes))
            return bad("not a preference", "/prefs");
    }
    return {};
}

Result<void> checkRecords(const PersonData& person) {
    if (person.birthYear != 0 &&
        (person.birthYear < kBirthYearMin || person.birthYear > kBirthYearMax)) {
        return bad("birth year out of range", "/born");
    }
    for (const ContactPoint& point : person.contacts) {
        if (!consent::isToken(point.channel) || !isLine(point.typed, kLineMax * 2) ||
            !isLine(point.canonical, kLineMax * 2) || point.canonical.empty()) {
            return bad("not a contact point", "/contacts");
        }
    }
    for (const ExternalId& id : person.externalIds) {
        if (!consent::isToken(id.system) || id.value.empty() || !isLine(id.value, kLineMax)) {
            return bad("not an external id", "/ext");
        }
    }
    const OrderDetails& order = person.order;
    if (order.at < kMinTime || order.at > kMaxTime) return bad("time out of range", "/order/at");
    if (!isLine(order.number, kCodeMaxChars) || !isLine(order.currency, 3)) {
        return bad("not an order", "/order");
    }
    if (order.amountCents < -kCentsMax || order.amountCents > kCentsMax) {
        return bad("amount out of range", "/order/cents");
    }
    for (const std::string& item : order.items) {
        if (!isLine(item, kLineMax)) return bad("not an item", "/order/items");
    }
    return {};
}

Result<void> check(const PersonData& person) {
    if (auto ok = checkLists(person); !ok) return ok;
    if (auto ok = checkTexts(person); !ok) return ok;
    return checkRecords(person);
}

void readName(JsonReader& in, PersonName& name) {
    JsonReader below = in.objectOr("name");
    if (!below.present()) return;
    for (const auto& [key, part] : kNameParts) name.*part = below.stringOr(key, {}, kNamePartMax);
    in.require(below.done());
}

void readContacts(JsonReader& in, PersonData& person) {
    for (const Json& item : in.itemsOr("contacts", kContactsMax)) {
        JsonReader point(item);
        person.contacts.push_back({point.string("ch", limits::kTokenMaxChars),
                                   point.string("typed", kLineMax * 2),
                                   point.string("canonical", kLineMax * 2)});
        in.require(point.done());
    }
}

void readAddress(JsonReader& in, PostalAddress& address) {
    JsonReader below = in.objectOr("address");
    if (!below.present()) return;
    address.lines = below.stringsOr("lines", PostalAddress::kLinesMax, kLineMax);
    address.postalCode = below.stringOr("code", {}, kCodeMaxChars);
    address.city = below.stringOr("city", {}, kLineMax);
    address.country = below.stringOr("country", {}, kCodeMaxChars);
    in.require(below.done());
}

void readExternalIds(JsonReader& in, PersonData& person) {
    for (const Json& item : in.itemsOr("ext", kExternalIdsMax)) {
        JsonReader id(item);
        person.externalIds.push_back(
            {id.string("sys", limits::kTokenMaxChars), id.string("id", kLineMax)});
        in.require(id.done());
    }
}

void readPreferences(JsonReader& in, PersonData& person) {
    const auto prefs = in.find("prefs");
    if (!prefs) return;
    const auto members = prefs->members();
    if (!members) {
        in.reject("prefs", "not an object");
        return;
    }
    if (members->size() > kPreferencesMax) {
        in.reject("prefs", "too many preferences", Code::tooLarge);
        return;
    }
    for (const auto& [key, value] : *members) {
        const auto text = value.asString(kPreferenceMaxBytes);
        if (!text) {
            in.reject("prefs", "not a preference");
            return;
        }
        person.preferences.emplace(key, *text);
    }
}

void readOrder(JsonReader& in, OrderDetails& order) {
    JsonReader below = in.objectOr("order");
    if (!below.present()) return;
    order.number = below.stringOr("number", {}, kCodeMaxChars);
    order.at = below.timeOr("at", 0);
    order.items = below.stringsOr("items", kOrderItemsMax, kLineMax);
    order.amountCents = below.integerOr("cents", 0, -kCentsMax, kCentsMax);
    order.currency = below.stringOr("currency", {}, 3);
    in.require(below.done());
}

} // namespace

bool PersonData::empty() const {
    return *this == PersonData{};
}

Result<std::string> encodePayload(const Salt& salt, const PersonData& person) {
    if (auto ok = check(person); !ok) return passOn(ok);
    JsonWriter out;
    write(out, person);
    if (!out.clean()) return fail(Code::invalid, "a text is not UTF-8");
    std::string bytes(reinterpret_cast<const char*>(salt.data()), salt.size());
    bytes += out.take();
    if (bytes.size() > limits::kEventMaxBytes) {
        return fail(Code::tooLarge, "the person's data are over 64 KiB");
    }
    return bytes;
}

Result<PersonData> decodePayload(std::string_view payload) {
    if (payload.size() < kSaltBytes) return fail(Code::invalid, "a payload without its salt");
    return parsePersonJson(payload.substr(kSaltBytes));
}

std::string personJson(const PersonData& person) {
    JsonWriter out;
    write(out, person);
    return out.take();
}

Result<PersonData> parsePersonJson(std::string_view json) {
    JsonReader in(Json::parse(json));
    const std::int64_t version = in.integer("v", 1, std::numeric_limits<std::int32_t>::max());
    if (in.ok() && version != kPayloadVersion) {
        return fail(Code::unsupported, "a payload version that this build does not read", "/v");
    }
    PersonData person;
    readName(in, person.name);
    person.displayName = in.stringOr("display", {}, kNamePartMax);
    person.language = in.stringOr("lang", {}, kLanguageMaxChars);
    person.birthYear = static_cast<int>(in.integerOr("born", 0, 0, kBirthYearMax));
    readContacts(in, person);
    readAddress(in, person.address);
    readExternalIds(in, person);
    readPreferences(in, person);
    readOrder(in, person.order);
    if (auto ok = in.done(); !ok) return passOn(ok);
    if (auto ok = check(person); !ok) return passOn(ok);
    return person;
}

} // namespace souffleur::wire
