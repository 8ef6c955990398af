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

/// The wording that an act's answer to `key` was given to; empty = none on record.
consent::NoticeRef noticeOf(std::string_view header, const consent::Key& key) {
    const auto read = wire::decodeHeader(header);
    const auto* act = read ? std::get_if<consent::Act>(&read->event.body) : nullptr;
    if (act == nullptr) return {};
    const auto item = std::ranges::find_if(act->choices, [&](const consent::ChoiceItem& one) {
        return one.purpose == key.purpose && one.channel == key.channel;
    });
    return item == act->choices.end() ? consent::NoticeRef{} : item->notice;
}

/// Was the address ever known to be theirs: verified by who took or brought it, or by its own mail?
Result<bool> everConfirmed(const store::Store& store, const store::PersonRow& person,
                           const std::string& channel, const std::string& key) {
    for (const SubjectId& member : person.members) {
        const auto rows = store.proof(member);
        if (!rows) return passOn(rows);
        for (const store::ProofRow& row : *rows) {
            const auto read = wire::decodeHeader(row.header);
            if (!read) continue;
            const auto* said = std::get_if<consent::Contact>(&read->event.body);
            const auto* mail = std::get_if<consent::Confirmed>(&read->event.body);
            if (said != nullptr && said->channel == channel && said->contactKey == key &&
                said->status == consent::ContactStatus::verified)
                return true;
            if (mail != nullptr && mail->channel == channel && mail->contactKey == key) return true;
        }
    }
    return false;
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

ConsoleRoutes::Answer ConsoleRoutes::say(const http::Request& request, Action action,
                                         const SubjectId& person,
                                         std::span<const people::NewEvent> events) {
    if (_parts.chain == nullptr) return fail(Code::unavailable, "this hub does not write");
    if (auto noted = noteView(request, permissionFor(action)); !noted) return passOn(noted);
    if (auto said = _parts.chain->append(events); !said) return passOn(said);
    return picture(person);
}

ConsoleRoutes::Answer ConsoleRoutes::picture(const SubjectId& id) {
    const TimeMs now = _parts.clock.now().at;
    const auto person = _parts.store.person(id);
    if (!person) return passOn(person);
    const auto devices = _parts.store.origins();
    if (!devices) return passOn(devices);
    std::vector<StateDetail> details;
    for (const store::StateRow& row : person->states) {
        auto detail = detailOf(id, row, now);
        if (!detail) return passOn(detail);
        details.push_back(std::move(*detail));
    }
    const auto everything = everythingOf(id);
    if (!everything) return passOn(everything);
    wire::JsonWriter out;
    writePerson(out, *person, details, *everything ? &**everything : nullptr, *devices, now);
    return http::Response::json(out.take());
}

/// A no to everything stands in no row of states: it names no purpose.
Result<std::optional<store::StateRow>> ConsoleRoutes::everythingOf(const SubjectId& person) const {
    if (_parts.policy == nullptr) return std::optional<store::StateRow>();
    const consent::Key key{_parts.policy->controller.id, consent::Token(consent::kAny),
                           consent::Token(consent::kAny)};
    auto view = _parts.store.state(person, key);
    if (!view) return passOn(view);
    if (!consent::negative(view->state)) return std::optional<store::StateRow>();
    return std::optional<store::StateRow>({key, std::move(*view)});
}

Result<StateDetail> ConsoleRoutes::detailOf(const SubjectId& person, const store::StateRow& row,
                                            TimeMs now) const {
    StateDetail detail;
    detail.notice = row.view.notice;
    if (detail.notice.id.empty() && !row.view.because.none()) {
        // Only a yes has its wording in the state; a no was said to one as well.
        const auto event = _parts.store.event(row.view.because);
        if (!event && event.error().code != Code::notFound) return passOn(event);
        if (event) detail.notice = noticeOf(event->header, row.key);
    }
    const consent::State state = consent::stateAsOf(row.view, now);
    const bool permits = state == consent::State::given || state == consent::State::softOptIn ||
                         state == consent::State::legacy;
    if (!permits || _parts.policy == nullptr || row.key.controller != _parts.policy->controller.id)
        return detail;
    const auto verdicts =
        _parts.store.eligibility({person, row.key.purpose, row.key.channel, now}, *_parts.policy);
    if (!verdicts) return passOn(verdicts);
    const auto may = [](const store::EligibilityRow& one) { return one.verdict.eligible; };
    if (!verdicts->empty() && std::ranges::none_of(*verdicts, may))
        detail.against = verdicts->front().verdict.reason;
    return detail;
}

/// An address that had bounced works again (plugin/doc/adr/0004): said of every linked record that
/// holds it. Nobody's word but its own mail makes it theirs that never was confirmed to be.
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
    if (status == "verified") {
        const auto ever = everConfirmed(_parts.store, *person, channel, key);
        if (!ever) return passOn(ever);
        if (!*ever) {
            return http::Response::problem(
                {Code::conflict,
                 "this address was only typed: say that it works again, its mail confirms it", ""},
                409, "never-confirmed");
        }
    }
    const auto holders = _parts.store.byContactKey(key);
    if (!holders) return passOn(holders);
    consent::Contact word{channel, key, consent::ContactStatus::unverified};
    if (status == "verified") word.status = consent::ContactStatus::verified;
    std::vector<people::NewEvent> events;
    for (const SubjectId& member : person->members) {
        if (std::ranges::find(*holders, member) != holders->end())
            events.push_back({member, word, {}, 0, kSecondMs});
    }
    return say(request, Action::addressWorks, *id, events);
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
    return say(request, Action::restrictionLift, *id, events);
}

} // namespace souffleur::hub
