#include "sync/hub/ConsoleRoutes.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "plugin/crypto/Encoding.h"
#include "plugin/crypto/Handle.h"
#include "plugin/wire/Forms.h"
#include "plugin/wire/Json.h"
#include "plugin/wire/JsonWriter.h"
#include "sync/hub/ConsoleViews.h"
#include "sync/hub/LogViews.h"
#include "sync/protocol/Enrolment.h"

namespace souffleur::hub {
namespace {

constexpr std::size_t kPageMax = 200;
constexpr std::size_t kAuditMax = 500;
constexpr std::string_view kLeftOut = "people.search"; ///< what a reader of the audit may leave out
constexpr std::size_t kTextMaxBytes = 200;
constexpr std::size_t kNotedMax = 4096;
constexpr std::size_t kUrlMaxBytes = 200;

http::Response notSignedIn() {
    return http::Response::problem({Code::refused, "nobody is signed in", {}}, 401,
                                   "sign-in-needed");
}

std::size_t limitOf(const http::Request& request, std::size_t otherwise, std::size_t most) {
    const auto found = request.query.find("limit");
    if (found == request.query.end()) return otherwise;
    std::size_t value = 0;
    const auto [at, error] =
        std::from_chars(found->second.data(), found->second.data() + found->second.size(), value);
    if (error != std::errc{} || at != found->second.data() + found->second.size()) return otherwise;
    return std::clamp<std::size_t>(value, 1, most);
}

/// Ids of people, events and devices; a malformed one names nothing.
template <typename IdType>
Result<IdType> idIn(const http::Request& request) {
    auto id = IdType::parse(request.param("id"));
    if (!id) return fail(Code::notFound, "there is nothing under this id");
    return *id;
}

bool isAddress(std::string_view text) {
    return text.starts_with("https://") || text.starts_with("http://");
}

/// The code on a slip as it is typed, or the whole address that its QR code holds.
std::optional<crypto::Handle> slipCodeIn(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\n");
    text.remove_prefix(std::min(first, text.size()));
    if (isAddress(text)) {
        const std::size_t mark = text.find('#');
        if (mark == std::string_view::npos) return std::nullopt;
        text.remove_prefix(mark + 1);
    }
    const auto code = crypto::parseSlipCode(text);
    return code ? std::optional(*code) : std::nullopt;
}

void writeRights(wire::JsonWriter& out, const store::StaffRow& staff) {
    out.field("name", staff.name).field("role", staff.role);
    out.key("may").beginArray();
    for (const Permission& one : kPermissions) {
        if (may(staff.role, one)) out.value(one.name);
    }
    out.endArray();
}

/// What is said of a person, and who may take part, is never without its row in the trail: say()
/// and changeDevice() write that first.
constexpr bool notesItself(Action action) {
    return action == Action::addressWorks || action == Action::restrictionLift ||
           action == Action::deviceApprove || action == Action::deviceRevoke;
}

} // namespace

void ConsoleRoutes::addTo(http::Router& router) {
    const auto open = [this](Member member) {
        return [this, member](const http::Request& request) { return (this->*member)(request); };
    };
    router.post("/api/v1/session", open(&ConsoleRoutes::begin));
    router.get("/api/v1/session", open(&ConsoleRoutes::session));
    router.post("/api/v1/session/end", open(&ConsoleRoutes::end));
    const auto get = [&](const char* path, Action action, Member member) {
        router.get(path, secured(action, member));
    };
    const auto post = [&](const char* path, Action action, Member member) {
        router.post(path, secured(action, member));
    };
    get("/api/v1/overview", Action::overviewView, &ConsoleRoutes::overview);
    post("/api/v1/people/search", Action::peopleSearch, &ConsoleRoutes::search);
    get("/api/v1/people/{id}", Action::personView, &ConsoleRoutes::person);
    get("/api/v1/people/{id}/events", Action::personView, &ConsoleRoutes::events);
    get("/api/v1/events/{id}/proof", Action::proofView, &ConsoleRoutes::proof);
    get("/api/v1/log", Action::proofView, &ConsoleRoutes::log);
    get("/api/v1/events/{id}/receipt", Action::receiptView, &ConsoleRoutes::receipt);
    post("/api/v1/people/{id}/address", Action::addressWorks, &ConsoleRoutes::addressWorks);
    post("/api/v1/people/{id}/unrestrict", Action::restrictionLift,
         &ConsoleRoutes::liftRestriction);
    post("/api/v1/eligibility", Action::eligibilityView, &ConsoleRoutes::eligibility);
    get("/api/v1/devices", Action::devicesView, &ConsoleRoutes::devices);
    post("/api/v1/devices/invite", Action::deviceInvite, &ConsoleRoutes::invite);
    post("/api/v1/devices/{id}/approve", Action::deviceApprove, &ConsoleRoutes::approve);
    post("/api/v1/devices/{id}/revoke", Action::deviceRevoke, &ConsoleRoutes::revoke);
    get("/api/v1/audit", Action::auditView, &ConsoleRoutes::auditTrail);
    get("/api/v1/surveys", Action::surveyView, &ConsoleRoutes::surveys);
}

http::Handler ConsoleRoutes::secured(Action action, Member member) {
    return [this, action, member](const http::Request& request) -> Answer {
        if (request.principal.empty()) return notSignedIn();
        const auto staff = _parts.store.staff(request.principal);
        if (!staff) {
            if (staff.error().code == Code::notFound) return notSignedIn(); // struck off meanwhile
            return passOn(staff);
        }
        const Permission& permission = permissionFor(action);
        if (!may(staff->role, permission)) {
            auto noted = _parts.store.audit({_parts.clock.now().at, request.principal,
                                             std::string(permission.name) + ".refused", ""});
            if (!noted) return passOn(noted);
            return http::Response::problem(
                {Code::refused, "your role does not include this; ask an administrator", {}}, 403,
                "role-refused");
        }
        _parts.sessions.touch(request.session);
        auto answer = (this->*member)(request);
        if (!answer || answer->status >= 400) return answer;
        if (notesItself(action)) return answer;
        if (auto noted = noteView(request, permission); !noted) return passOn(noted);
        return answer;
    };
}

Result<void> ConsoleRoutes::noteView(const http::Request& request, const Permission& permission) {
    // Ids and nothing else: a search is noted without its words.
    std::string about = request.param("id");
    if (permission.action == Action::eligibilityView) {
        wire::JsonReader in(wire::Json::parse(request.body));
        about = in.idOr<SubjectId>("person").text();
    }
    std::string reason; // checked by the handler: a word of a closed list
    if (notesItself(permission.action)) {
        wire::JsonReader in(wire::Json::parse(request.body));
        reason = in.stringOr("reason", "", limits::kTokenMaxChars);
    }
    // Only what repeats itself is thinned out: reads of the same thing in the same session.
    if (request.method == http::Method::get) {
        const TimeMs now = _parts.clock.monotonicMs();
        const std::string key = request.session + " " + std::string(permission.name) + " " + about;
        const std::lock_guard lock(_mutex);
        if (_noted.size() >= kNotedMax) _noted.clear();
        const auto [at, fresh] = _noted.try_emplace(key, now);
        if (!fresh && now - at->second < kViewAuditMs) return {};
        at->second = now;
    }
    return _parts.store.audit(
        {_parts.clock.now().at, request.principal, std::string(permission.name), about, reason});
}

// --- session

ConsoleRoutes::Answer ConsoleRoutes::begin(const http::Request& request) {
    wire::JsonReader in(wire::Json::parse(request.body));
    const std::string name = in.string("name", limits::kNameMaxChars);
    const std::string password = in.string("password", crypto::kPinMaxBytes);
    in.onlyKeys({"name", "password"});
    if (auto ok = in.done(); !ok) return passOn(ok);
    const auto staff = _parts.signIn.check(name, password, request.peer.address);
    if (!staff) {
        if (staff.error().code == Code::refused)
            return http::Response::problem(staff.error(), 401, "password-wrong");
        if (staff.error().code == Code::locked) {
            auto response = http::Response::problem(staff.error(), 423, "locked-out");
            TimeMs left = 0;
            const std::string& text = staff.error().where;
            (void) std::from_chars(text.data(), text.data() + text.size(), left);
            response.headers.set("Retry-After", std::to_string((left + 999) / 1000));
            return response;
        }
        return passOn(staff);
    }
    const http::GrantedSession granted = _parts.sessions.grant(staff->name);
    wire::JsonWriter out;
    out.beginObject().field("secret", granted.secret);
    writeRights(out, *staff);
    out.endObject();
    auto response = http::Response::json(out.take(), 201);
    response.headers.add("Set-Cookie", granted.setCookie);
    return response;
}

ConsoleRoutes::Answer ConsoleRoutes::session(const http::Request& request) {
    if (request.principal.empty()) return notSignedIn();
    const auto staff = _parts.store.staff(request.principal);
    if (!staff) return notSignedIn();
    wire::JsonWriter out;
    out.beginObject();
    writeRights(out, *staff);
    out.endObject();
    return http::Response::json(out.take());
}

ConsoleRoutes::Answer ConsoleRoutes::end(const http::Request& request) {
    if (request.session.empty()) return notSignedIn();
    _parts.sessions.end(request.session);
    auto noted = _parts.store.audit({_parts.clock.now().at, request.principal, "session.end", ""});
    if (!noted) return passOn(noted);
    auto response = http::Response::noContent();
    response.headers.add("Set-Cookie", _parts.sessions.clearCookie());
    return response;
}

// --- what everybody sees first

ConsoleRoutes::Answer ConsoleRoutes::overview(const http::Request&) {
    const auto counts = _parts.store.counts(_parts.clock.now().at);
    if (!counts) return passOn(counts);
    const auto devices = _parts.store.origins();
    if (!devices) return passOn(devices);
    wire::JsonWriter out;
    out.beginObject().field("at", _parts.clock.now().at).field("people", counts->persons);
    out.field("records", counts->subjects).field("permitted", counts->permitted);
    out.field("undated", counts->undated);
    out.field("events", counts->events).field("quarantined", counts->quarantined);
    out.field("flagged", counts->flagged).field("forgetting", counts->forgetting);
    out.key("states").beginArray();
    for (const auto& [state, count] : counts->states)
        out.beginObject().field("state", state).field("count", count).endObject();
    out.endArray().key("devices").beginArray();
    for (const store::Origin& origin : *devices) writeDevice(out, origin, _parts.clock.now().at);
    out.endArray().endObject();
    return http::Response::json(out.take());
}

// --- people

ConsoleRoutes::Answer ConsoleRoutes::search(const http::Request& request) {
    wire::JsonReader in(wire::Json::parse(request.body));
    store::PeopleQuery query;
    query.text = in.stringOr("text", "", kTextMaxBytes);
    query.state = in.stringOr("state", "", limits::kTokenMaxChars);
    query.after = in.idOr<SubjectId>("after");
    query.limit =
        static_cast<std::size_t>(in.integerOr("limit", 50, 1, static_cast<std::int64_t>(kPageMax)));
    in.onlyKeys({"text", "state", "after", "limit"});
    if (in.ok() && !query.state.empty() && !consent::stateFrom(query.state))
        in.reject("/state", "not a state");
    if (auto ok = in.done(); !ok) return passOn(ok);
    if (const auto code = slipCodeIn(query.text); code && query.after.none()) {
        auto found = _parts.store.actBySlip(*code);
        if (found) return slipFound(*found);
        if (found.error().code != Code::notFound) return passOn(found);
        // Words of an address are no words of a name.
        if (isAddress(query.text)) query.text = crypto::slipCode(*code);
    }
    auto people = _parts.store.people(query);
    // Nothing as it was typed: what comes close, on one page.
    if (people && people->empty() && !query.text.empty() && query.after.none()) {
        query.near = true;
        people = _parts.store.people(query);
    }
    if (!people) return passOn(people);
    wire::JsonWriter out;
    out.beginObject().key("people").beginArray();
    const TimeMs now = _parts.clock.now().at;
    for (const store::PersonRow& person : *people) {
        if (auto written = writeRow(out, person, now); !written) return passOn(written);
    }
    out.endArray().field("step", query.near ? "typos" : "exact");
    out.key("act").null().key("after");
    if (query.near || people->size() < query.limit) {
        out.null();
    } else {
        out.value(people->back().person);
    }
    out.endObject();
    return http::Response::json(out.take());
}

/// The code on a slip leads to one act; looking it up changes nothing.
ConsoleRoutes::Answer ConsoleRoutes::slipFound(const store::SlipAct& found) {
    const auto person = _parts.store.person(found.subject);
    if (!person) return passOn(person);
    wire::JsonWriter out;
    out.beginObject().key("people").beginArray();
    if (auto written = writeRow(out, *person, _parts.clock.now().at); !written)
        return passOn(written);
    out.endArray().field("step", "slip").field("act", found.act).key("after").null().endObject();
    return http::Response::json(out.take());
}

/// Who only ever said no to everything has no row of states, and was asked all the same.
Result<void> ConsoleRoutes::writeRow(wire::JsonWriter& out, const store::PersonRow& person,
                                     TimeMs now) const {
    std::optional<store::StateRow> everything;
    if (person.states.empty()) {
        auto said = everythingOf(person.person);
        if (!said) return passOn(said);
        everything = std::move(*said);
    }
    writePersonRow(out, person, everything ? &*everything : nullptr, now);
    return {};
}

ConsoleRoutes::Answer ConsoleRoutes::person(const http::Request& request) {
    const auto id = idIn<SubjectId>(request);
    if (!id) return passOn(id);
    return picture(*id);
}

ConsoleRoutes::Answer ConsoleRoutes::events(const http::Request& request) {
    const auto id = idIn<SubjectId>(request);
    if (!id) return passOn(id);
    auto rows = _parts.store.proof(*id);
    if (!rows) return passOn(rows);
    const auto devices = _parts.store.origins();
    if (!devices) return passOn(devices);
    std::vector<std::pair<TimeMs, const store::ProofRow*>> order;
    order.reserve(rows->size());
    for (const store::ProofRow& row : *rows) order.emplace_back(eventTime(row), &row);
    std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) { // newest first
        return a.first != b.first ? a.first > b.first : a.second->id > b.second->id;
    });
    auto from = order.begin();
    if (const auto after = request.query.find("after"); after != request.query.end()) {
        const auto found = std::find_if(order.begin(), order.end(), [&](const auto& one) {
            return one.second->id.text() == after->second;
        });
        if (found == order.end()) return fail(Code::invalid, "not a place in this list", "/after");
        from = found + 1;
    }
    const auto limit = static_cast<std::ptrdiff_t>(limitOf(request, 100, kPageMax));
    const auto to = order.end() - from > limit ? from + limit : order.end();
    wire::JsonWriter out;
    out.beginObject().key("events").beginArray();
    std::for_each(from, to, [&](const auto& one) { writeEvent(out, *one.second, *devices); });
    out.endArray().key("after");
    if (to == order.end()) {
        out.null();
    } else {
        out.value(std::prev(to)->second->id);
    }
    out.endObject();
    return http::Response::json(out.take());
}

ConsoleRoutes::Answer ConsoleRoutes::proof(const http::Request& request) {
    const auto id = idIn<EventId>(request);
    if (!id) return passOn(id);
    if (_parts.signing == nullptr) return fail(Code::unavailable, "head office has no key here");
    const auto proof = proofOf(voice(), *id);
    if (!proof) return passOn(proof);
    auto response = http::Response::json(*proof);
    response.headers.set("Content-Disposition",
                         "attachment; filename=\"proof-" + id->text() + ".json\"");
    return response;
}

LogVoice ConsoleRoutes::voice() const {
    return {_parts.store, _parts.log, *_parts.signing, _parts.clock.now().at};
}

ConsoleRoutes::Answer ConsoleRoutes::log(const http::Request& request) {
    if (_parts.signing == nullptr) return fail(Code::unavailable, "head office has no key here");
    return logSince(voice(), request);
}

// --- eligibility

ConsoleRoutes::Answer ConsoleRoutes::eligibility(const http::Request& request) {
    if (_parts.policy == nullptr) return fail(Code::unavailable, "no policy pack is in force");
    wire::JsonReader in(wire::Json::parse(request.body));
    store::EligibilityQuery query;
    query.person = in.idOr<SubjectId>("person");
    query.purpose = in.string("purpose", limits::kTokenMaxChars);
    query.channel = in.string("channel", limits::kTokenMaxChars);
    query.at = in.integerOr("at", _parts.clock.now().at, kMinTime, kMaxTime);
    in.onlyKeys({"person", "purpose", "channel", "at"});
    if (in.ok() && query.person.none()) in.reject("/person", "the id of a person");
    if (in.ok() && !consent::isToken(query.purpose)) in.reject("/purpose", "not a purpose");
    if (in.ok() && !consent::isToken(query.channel)) in.reject("/channel", "not a channel");
    if (auto ok = in.done(); !ok) return passOn(ok);
    const auto rows = _parts.store.eligibility(query, *_parts.policy);
    if (!rows) return passOn(rows);
    wire::JsonWriter out;
    writeEligibility(out, query, *rows);
    return http::Response::json(out.take());
}

// --- devices

ConsoleRoutes::Answer ConsoleRoutes::devices(const http::Request&) {
    const auto devices = _parts.store.origins();
    if (!devices) return passOn(devices);
    wire::JsonWriter out;
    out.beginObject().key("devices").beginArray();
    for (const store::Origin& origin : *devices) writeDevice(out, origin, _parts.clock.now().at);
    out.endArray().endObject();
    return http::Response::json(out.take());
}

ConsoleRoutes::Answer ConsoleRoutes::approve(const http::Request& request) {
    return changeDevice(request, Action::deviceApprove, store::OriginStatus::pending,
                        store::OriginStatus::active);
}

ConsoleRoutes::Answer ConsoleRoutes::revoke(const http::Request& request) {
    return changeDevice(request, Action::deviceRevoke, store::OriginStatus::active,
                        store::OriginStatus::revoked);
}

ConsoleRoutes::Answer ConsoleRoutes::changeDevice(const http::Request& request, Action action,
                                                  store::OriginStatus from,
                                                  store::OriginStatus to) {
    // The fingerprint that was on the screen comes along: another device under this id is not
    // meant.
    wire::JsonReader in(wire::Json::parse(request.body));
    const std::string fingerprint = in.string("fingerprint", wire::kSha256HexChars);
    in.onlyKeys({"fingerprint"});
    if (auto ok = in.done(); !ok) return passOn(ok);
    const auto id = idIn<OriginId>(request);
    if (!id) return passOn(id);
    auto device = _parts.store.origin(*id);
    if (!device) return passOn(device);
    if (device->kind == "hub")
        return fail(Code::refused, "the hub itself is neither approved nor revoked");
    if (device->fingerprint != fingerprint)
        return fail(Code::conflict, "this device shows another fingerprint: look again");
    const bool waiting = device->status == store::OriginStatus::pending;
    const bool mayChange =
        device->status == from || (to == store::OriginStatus::revoked &&
                                   (waiting || device->status == store::OriginStatus::frozen));
    if (!mayChange) {
        return fail(Code::conflict,
                    "this device is " + std::string(store::name(device->status)) + " already");
    }
    if (auto noted = noteView(request, permissionFor(action)); !noted) return passOn(noted);
    if (auto changed = _parts.store.setStatus(*id, to); !changed) return passOn(changed);
    device->status = to;
    wire::JsonWriter out;
    writeDevice(out, *device, _parts.clock.now().at);
    return http::Response::json(out.take());
}

ConsoleRoutes::Answer ConsoleRoutes::invite(const http::Request& request) {
    wire::JsonReader in(wire::Json::parse(request.body));
    const std::string name = in.string("name", limits::kTokenMaxChars);
    const std::string place = in.string("place", limits::kTokenMaxChars);
    const std::string kind = in.stringOr("kind", "terminal", limits::kTokenMaxChars);
    const std::string url = in.stringOr("url", _parts.syncUrl, kUrlMaxBytes);
    in.onlyKeys({"name", "place", "kind", "url"});
    if (in.ok() && (name.empty() || !wire::isLine(name, limits::kTokenMaxChars)))
        in.reject("/name", "a name is one line");
    if (in.ok() && !consent::isToken(place))
        in.reject("/place", "a place is lower-case letters, digits and hyphens");
    if (in.ok() && kind != "terminal" && kind != "kiosk") in.reject("/kind", "terminal or kiosk");
    if (in.ok() && !url.starts_with("https://")) in.reject("/url", "devices come over https");
    if (auto ok = in.done(); !ok) return passOn(ok);
    const auto pin = _parts.pin();
    if (!pin) return passOn(pin);
    const crypto::Handle secret = crypto::randomHandle(_parts.random);
    const protocol::Invitation invitation{url, std::string(crypto::bytesOf(secret)), *pin};
    const TimeMs until = _parts.clock.now().at + kConsoleInvitationMs;
    auto stored = _parts.store.invite(crypto::sha256(invitation.secret), name, place, kind, until);
    if (!stored) return passOn(stored);
    wire::JsonWriter out;
    out.beginObject().field("invitation", protocol::encodeInvitation(invitation));
    out.field("expiresAt", until).endObject();
    return http::Response::json(out.take(), 201);
}

// --- audit

ConsoleRoutes::Answer ConsoleRoutes::auditTrail(const http::Request& request) {
    const auto without = request.query.find("without");
    const bool hides = without != request.query.end();
    if (hides && without->second != kLeftOut)
        return fail(Code::invalid, "only searches can be left out", "/without");
    const auto page = _parts.store.auditPage(limitOf(request, 200, kAuditMax),
                                             hides ? without->second : std::string());
    if (!page) return passOn(page);
    const auto devices = _parts.store.origins();
    if (!devices) return passOn(devices);
    wire::JsonWriter out;
    out.beginObject().key("rows").beginArray();
    for (const store::AuditRow& row : page->rows) writeAudit(out, row, *devices);
    out.endArray().field("leftOut", page->leftOut).endObject();
    return http::Response::json(out.take());
}

} // namespace souffleur::hub
