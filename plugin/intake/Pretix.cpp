#include "plugin/intake/Pretix.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>

#include "plugin/contact/Text.h"
#include "plugin/intake/RecordReader.h"
#include "plugin/wire/Json.h"

namespace souffleur::intake {
namespace {

using wire::Json;

constexpr std::size_t kSlugMaxBytes = 64;
constexpr std::size_t kTextMaxBytes = 1024;
constexpr std::size_t kPageMaxBytes = 16 * 1024 * 1024;

/// The member as text; "" when absent, null, over-long or of another type: a stranger's hint that
/// cannot be read is left out.
std::string textOf(const Json& object, std::string_view key, std::size_t maxBytes = kTextMaxBytes) {
    const auto member = object.find(key);
    if (!member || member->type() != Json::Type::string) return {};
    const auto text = member->asString(maxBytes);
    return text ? std::string(*text) : std::string{};
}

bool flagOf(const Json& object, std::string_view key, bool fallback) {
    const auto member = object.find(key);
    if (!member) return fallback;
    return member->asBool().value_or(fallback);
}

/// Slugs, codes and identifiers become parts of ids and URLs: only these letters pass.
bool isName(std::string_view text) {
    return !text.empty() && text.size() <= kSlugMaxBytes && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '.';
    });
}

std::optional<PretixStatus> statusOf(std::string_view letter) {
    if (letter == "n") return PretixStatus::pending;
    if (letter == "p") return PretixStatus::paid;
    if (letter == "e") return PretixStatus::expired;
    if (letter == "c") return PretixStatus::cancelled;
    return std::nullopt;
}

/// One ticket: its answers, and its attendee's name when the order has none yet.
void readPosition(const Json& position, PretixOrder& order) {
    if (!position.isObject()) return;
    if (order.name.empty()) order.name = textOf(position, "attendee_name");
    if (order.email.empty()) order.email = textOf(position, "attendee_email");
    const auto answers = position.find("answers");
    if (!answers || !answers->isArray()) return;
    const auto items = answers->items(kPretixAnswersMax);
    if (!items) return;
    const auto number = position.find("positionid");
    for (const Json& item : *items) {
        PretixAnswer answer;
        answer.position = number ? number->asInt().value_or(0) : 0;
        answer.question = textOf(item, "question_identifier");
        answer.text = textOf(item, "answer", kPretixAnswerMaxBytes);
        if (!answer.question.empty()) order.answers.push_back(std::move(answer));
    }
}

std::optional<PretixOrder> readOrder(const Json& item) {
    if (!item.isObject()) return std::nullopt;
    PretixOrder order;
    order.event = textOf(item, "event");
    order.code = textOf(item, "code");
    const auto status = statusOf(textOf(item, "status"));
    const auto placed = parseTime(textOf(item, "datetime"));
    if (!isName(order.event) || !isName(order.code) || !status || !placed) return std::nullopt;
    order.status = *status;
    order.placed = *placed;
    order.modified = std::max(*placed, parseTime(textOf(item, "last_modified")).value_or(*placed));
    order.test = flagOf(item, "testmode", false);
    order.email = textOf(item, "email");
    order.phone = textOf(item, "phone");
    order.locale = textOf(item, "locale");
    order.channel = textOf(item, "sales_channel");
    order.customer = textOf(item, "customer");
    if (!order.customer.empty() && !isName(order.customer)) return std::nullopt;
    order.totalCents = readAmount(textOf(item, "total")).value_or(0);
    if (const auto address = item.find("invoice_address"); address && address->isObject()) {
        order.name = textOf(*address, "name");
    }
    if (const auto positions = item.find("positions"); positions && positions->isArray()) {
        // An order with more tickets than this is somebody's whole tour: read without its answers.
        const auto tickets = positions->items(kPretixPositionsMax);
        if (tickets) {
            for (const Json& ticket : *tickets) readPosition(ticket, order);
        }
    }
    return order;
}

std::optional<PretixCustomer> readCustomer(const Json& item) {
    if (!item.isObject()) return std::nullopt;
    PretixCustomer customer;
    customer.identifier = textOf(item, "identifier");
    if (!isName(customer.identifier)) return std::nullopt;
    customer.email = textOf(item, "email");
    customer.phone = textOf(item, "phone");
    customer.name = textOf(item, "name");
    customer.locale = textOf(item, "locale");
    customer.active = flagOf(item, "is_active", true);
    return customer;
}

Result<Json> parseBody(std::string_view json) {
    const auto parsed =
        Json::parse(json, {.maxBytes = kPageMaxBytes, .maxDepth = 24, .maxValues = 500'000});
    if (parsed) return *parsed;
    if (parsed.error().code == Code::tooLarge) {
        return fail(Code::tooLarge, "the page from pretix is larger than allowed");
    }
    return fail(Code::corrupt, "what came from pretix is not JSON; is the address that of pretix "
                               "itself, and not of a sign-in page before it?");
}

template <typename Item, typename Read>
Result<PretixPage<Item>> parsePage(std::string_view json, Read read) {
    const auto body = parseBody(json);
    if (!body) return passOn(body);
    const auto results = body->find("results");
    if (!results || !results->isArray()) {
        return fail(Code::corrupt, "what came from pretix is no page of results");
    }
    const auto items = results->items(kPretixPageMax);
    if (!items) return fail(Code::tooLarge, "the page from pretix holds too many results");
    PretixPage<Item> page;
    if (const auto next = body->find("next"); next && !next->isNull()) {
        const auto url = next->asString(2048);
        if (!url) return fail(Code::corrupt, "the next link from pretix is no address");
        page.next = *url;
    }
    for (const Json& item : *items) {
        if (auto read1 = read(item)) {
            page.items.push_back(std::move(*read1));
        } else {
            ++page.skipped;
        }
    }
    return page;
}

std::string languageOf(std::string_view locale) {
    const std::string_view language = locale.substr(0, locale.find_first_of("-_"));
    return language.size() == 2 ? std::string(language) : std::string{};
}

void readPerson(const PretixOrder& order, const PretixCustomer* customer, Record& record) {
    const auto pick = [](const std::string& first,
                         const std::string& second) -> const std::string& {
        return first.empty() ? second : first;
    };
    static const std::string kNone;
    const std::string& name = pick(customer != nullptr ? customer->name : kNone, order.name);
    if (!name.empty()) {
        if (auto parsed = contact::PersonName::parse(name, record.language)) {
            record.name = std::move(*parsed);
        } else {
            record.warnings.emplace_back("the name could not be read");
        }
    }
    const std::string& email = pick(order.email, customer != nullptr ? customer->email : kNone);
    if (!email.empty()) {
        if (auto parsed = contact::Email::parse(email)) {
            record.emails.push_back(std::move(*parsed));
        } else {
            record.warnings.emplace_back("the e-mail address could not be read");
        }
    }
    const std::string& phone = pick(order.phone, customer != nullptr ? customer->phone : kNone);
    if (!phone.empty()) {
        if (auto parsed = contact::Phone::parse(phone)) {
            record.phones.push_back(std::move(*parsed));
        } else {
            record.warnings.emplace_back("the telephone number could not be read");
        }
    }
}

} // namespace

std::optional<bool> pretixYes(std::string_view text) noexcept {
    std::array<char, 5> lower{};
    if (text.empty() || text.size() > lower.size()) return std::nullopt;
    std::ranges::transform(text, lower.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const std::string_view word(lower.data(), text.size());
    if (word == "true" || word == "yes" || word == "1") return true;
    if (word == "false" || word == "no" || word == "0") return false;
    return std::nullopt;
}

Result<PretixPage<PretixOrder>> parsePretixOrders(std::string_view json) {
    return parsePage<PretixOrder>(json, readOrder);
}

Result<PretixPage<PretixCustomer>> parsePretixCustomers(std::string_view json) {
    return parsePage<PretixCustomer>(json, readCustomer);
}

Result<PretixCustomer> parsePretixCustomer(std::string_view json) {
    const auto body = parseBody(json);
    if (!body) return passOn(body);
    auto customer = readCustomer(*body);
    if (!customer) return fail(Code::corrupt, "what came from pretix is no customer");
    return std::move(*customer);
}

Record recordOf(const PretixOrder& order, const PretixCustomer* customer,
                const std::vector<PretixQuestion>& questions) {
    Record record;
    record.source = "pretix";
    record.sourceId = order.customer.empty() ? "order:" + order.id() : "customer:" + order.customer;
    record.language = languageOf(order.locale);
    readPerson(order, customer, record);
    record.orders.push_back({order.id(), order.placed, order.event, {}, order.totalCents});
    const bool over =
        order.status == PretixStatus::cancelled || order.status == PretixStatus::expired;
    for (const PretixQuestion& question : questions) {
        std::optional<bool> yes;
        for (const PretixAnswer& answer : order.answers) {
            if (answer.question != question.identifier) continue;
            const auto said = pretixYes(answer.text);
            if (!said) {
                record.warnings.push_back("the answer to question " + question.identifier +
                                          " is neither yes nor no");
            } else {
                yes = yes.value_or(true) && *said;
            }
        }
        if (!yes || (*yes && over)) continue;
        Permission permission;
        permission.purpose = question.purpose;
        permission.channel = question.channel;
        permission.answer = *yes ? Answer::given : Answer::refused;
        permission.at = order.placed;
        permission.source = "pretix:question:" + question.identifier;
        record.permissions.push_back(std::move(permission));
    }
    return record;
}

} // namespace souffleur::intake
