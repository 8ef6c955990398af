// What staff take out of the record, and what they say into it: receipts, addresses that work
// again, restrictions that have ended.
#include <algorithm>
#include <array>

#include "plugin/slip/Receipt.h"
#include "plugin/wire/Forms.h"
#include "plugin/wire/Header.h"
#include "plugin/wire/Json.h"
#include "plugin/wire/JsonWriter.h"
#include "sync/hub/ConsoleRoutes.h"
#include "sync/hub/ConsoleViews.h"

namespace souffleur::hub {
namespace {

/// Why, as the audit trail keeps it: nothing that somebody typed. openapi.yaml: Reason.
constexpr std::array<std::string_view, 3> kAddressReasons{"reached", "person-said", "mistake"};
constexpr std::array<std::string_view, 3> kRestrictionReasons{"settled", "person-said", "mistake"};

template <typename IdType>
Result<IdType> idIn(const http::Request& request) {
    auto id = IdType::parse(request.param("id"));
    if (!id) return fail(Code::notFound, "there is nothing under this id");
    return *id;
}

void readReason(wire::JsonReader& in, std::span<const std::string_view> allowed) {
    const std::string reason = in.string("reason", limits::kTokenMaxChars);
    if (in.ok() && std::ranges::find(allowed, reason) == allowed.end())
        in.reject("/reason", "not one of the reasons");
}

std::string languageOf(const http::Request& request) {
    const auto found = request.query.find("language");
    const bool usable = found != request.query.end() && found->second.size() == 2 &&
                        consent::isToken(found->second);
    return usable ? found->second : std::string("en");
}

} // namespace

ConsoleRoutes::Answer ConsoleRoutes::receipt(const http::Request& request) {
    if (_parts.policy == nullptr || _parts.signing == nullptr)
        return fail(Code::unavailable, "no policy pack is in force");
    const auto id = idIn<EventId>(request);
    if (!id) return passOn(id);
    const auto row = _parts.store.event(*id);
    if (!row) return passOn(row);
    const auto header = wire::decodeHeader(row->header);
    const auto* act = header ? std::get_if<consent::Act>(&header->event.body) : nullptr;
    if (act == nullptr) return fail(Code::notFound, "only an answer has a receipt");
    slip::ReceiptInput input;
    input.header = row->header;
    input.position = row->seq;
    input.policy = _parts.policy;
    input.language = languageOf(request);
    input.issuedAt = _parts.clock.now().at;
    for (const consent::ChoiceItem& item : act->choices) {
        if (item.notice.id.empty()) continue;
        auto held = _parts.store.wording(item.notice);
        if (held) {
            input.olderWordings.push_back(std::move(*held));
        } else if (held.error().code != Code::notFound) {
            return passOn(held);
        }
    }
    auto made = slip::makeReceipt(input, *_parts.signing);
    if (!made && made.error().code == Code::invalid) // a wording that no pack in force here had
        return http::Response::problem(made.error(), 409, "wording-missing");
    if (!made) return passOn(made);
    auto response = http::Response::json(std::move(*made));
    response.headers.set("Content-Disposition",
                         "attachment; filename=\"receipt-" + row->id.text() + ".json\"");
    return response;
}

ConsoleRoutes::Answer ConsoleRoutes::say(const SubjectId& person,
                                         std::span<const people::NewEvent> events) {
    if (_parts.chain == nullptr) return fail(Code::unavailable, "this hub does not write");
    if (auto said = _parts.chain->append(events); !said) return passOn(said);
    const auto now = _parts.store.person(person);
    if (!now) return passOn(now);
    const auto devices = _parts.store.origins();
    if (!devices) return passOn(devices);
    wire::JsonWriter out;
    writePerson(out, *now, *devices, _parts.clock.now().at);
    return http::Response::json(out.take());
}

/// An address that had bounced works again (plugin/doc/adr/0004): said of every linked record that
/// holds it.
ConsoleRoutes::Answer ConsoleRoutes::addressWorks(const http::Request& request) {
    wire::JsonReader in(wire::Json::parse(request.body));
    const std::string channel = in.string("channel", limits::kTokenMaxChars);
    const std::string key = in.string("key", wire::kSha256HexChars);
    const std::string status = in.string("status", limits::kTokenMaxChars);
    readReason(in, kAddressReasons);
    in.onlyKeys({"channel", "key", "status", "reason"});
    if (in.ok() && status != "verified" && status != "unverified")
        in.reject("/status", "verified or unverified");
    if (auto ok = in.done(); !ok) return passOn(ok);
    const auto id = idIn<SubjectId>(request);
    if (!id) return passOn(id);
    const auto person = _parts.store.person(*id);
    if (!person) return passOn(person);
    const bool bounced = std::ranges::any_of(person->contacts, [&](const store::ContactRow& row) {
        return row.channel == channel && row.key == key && row.status == "bounced";
    });
    if (!bounced) return fail(Code::conflict, "this address has not bounced: look again");
    const auto holders = _parts.store.byContactKey(key);
    if (!holders) return passOn(holders);
    consent::Contact word{channel, key, consent::ContactStatus::unverified};
    if (status == "verified") word.status = consent::ContactStatus::verified;
    std::vector<people::NewEvent> events;
    for (const SubjectId& member : person->members) {
        if (std::ranges::find(*holders, member) != holders->end())
            events.push_back({member, word, {}, 0, kSecondMs});
    }
    return say(*id, events);
}

ConsoleRoutes::Answer ConsoleRoutes::liftRestriction(const http::Request& request) {
    wire::JsonReader in(wire::Json::parse(request.body));
    readReason(in, kRestrictionReasons);
    in.onlyKeys({"reason"});
    if (auto ok = in.done(); !ok) return passOn(ok);
    const auto id = idIn<SubjectId>(request);
    if (!id) return passOn(id);
    const auto person = _parts.store.person(*id);
    if (!person) return passOn(person);
    if (!person->restricted) return fail(Code::conflict, "this person is not restricted");
    std::vector<people::NewEvent> events;
    for (const SubjectId& member : person->members)
        events.push_back({member, consent::Fact{"restricted", "no"}, {}, 0, kSecondMs});
    return say(*id, events);
}

} // namespace souffleur::hub
