#include "plugin/api/Operations.h"

#include "plugin/api/Problems.h"
#include "plugin/http/Sessions.h"

namespace souffleur::api {

using counter::Outcome;
using counter::refuse;
using counter::Stage;
using wire::JsonWriter;

Operations::Operations(ApiParts parts, ApiSettings settings)
    : _parts(std::move(parts)), _settings(std::move(settings)), _startedAt(_parts.clock.now().at) {
    std::erase_if(_settings.languages, [](const std::string& l) { return !isPageLanguage(l); });
    if (!isPageLanguage(_settings.language)) _settings.language = "en";
    if (_settings.languages.empty()) _settings.languages.push_back(_settings.language);
}

http::Response Operations::answer(const http::Request& request, std::string_view stage,
                                  const std::vector<std::string_view>& query, Function function) {
    const auto asked = [&]() -> Reply {
        if (auto may = mayCall(stage); !may) return tl::make_unexpected(std::move(may.error()));
        std::vector<counter::FieldError> strange;
        for (const auto& [name, value] : request.query) {
            if (std::find(query.begin(), query.end(), name) == query.end()) {
                // The name stays out of the answer: it may be anything.
                strange.push_back({"", "unknown-member", std::nullopt});
            }
        }
        if (!strange.empty()) return counter::refuseFields({strange.front()});
        return (this->*function)(Call{request, voiceFor(languageOf(request))});
    };
    Reply reply = asked();
    if (reply) return std::move(*reply);
    std::string desk;
    if (reply.error().problem == "stale-questions") {
        desk = deskJson(voiceFor(languageOf(request))).value_or(std::string());
    }
    return problemResponse(reply.error(), desk);
}

Outcome<void> Operations::mayCall(std::string_view stage) const {
    if (stage == "none" || stage == "launched") return {};
    const Stage now = _parts.counter.session().stage;
    if (now == Stage::signedIn || (now == Stage::unidentified && stage == "capture")) return {};
    if (now == Stage::locked) return refuse(Code::locked, "locked", "unlock the till first");
    return refuse(Code::refused, "sign-in-needed", "sign in first");
}

Voice Operations::voiceFor(std::string language) const {
    return {_settings, std::move(language), _parts.clock.now().offsetMin, _parts.counter.policy()};
}

std::string Operations::languageOf(const http::Request& request) const {
    return pickLanguage(request.headers.get("Accept-Language"), _settings.language);
}

SyncView Operations::sync() const {
    const std::lock_guard lock(_mutex);
    return _sync;
}

void Operations::setSync(SyncView sync) {
    {
        const std::lock_guard lock(_mutex);
        if (_sync == sync) return;
        _sync = std::move(sync);
    }
    _parts.feed.syncChanged();
}

void Operations::setHost(HostView host) {
    const std::lock_guard lock(_mutex);
    _host = std::move(host);
}

// ---------------------------------------------------------------- session

Reply Operations::sessionReply(const Call& call, const counter::Session& session, int status) {
    JsonWriter out;
    call.voice.session(out, session);
    return http::Response::json(out.take(), status);
}

Reply Operations::startSession(const Call& call) {
    auto body = Body::parse(call.request.body);
    if (!body) return tl::make_unexpected(std::move(body.error()));
    body->only({"launchToken"});
    const std::string token = body->text("launchToken", 22, 64);
    if (auto ok = body->done(); !ok) return tl::make_unexpected(std::move(ok.error()));
    const auto granted = _parts.sessions.trade(token);
    if (!granted) return refuse(Code::refused, "launch-token-refused", granted.error().message);
    if (_launched) _launched();
    JsonWriter out;
    out.beginObject().field("secret", granted->secret).key("session");
    call.voice.session(out, _parts.counter.session());
    out.endObject();
    auto response = http::Response::json(out.take(), 201);
    response.headers.set("Set-Cookie", granted->setCookie);
    return response;
}

Reply Operations::getSession(const Call& call) {
    return sessionReply(call, _parts.counter.session());
}

Reply Operations::signIn(const Call& call) {
    auto body = Body::parse(call.request.body);
    if (!body) return tl::make_unexpected(std::move(body.error()));
    const bool badge = body->has("badge");
    OperatorId who;
    std::string pin;
    std::string code;
    if (badge) {
        body->only({"badge"});
        code = body->text("badge", 8, 128);
    } else {
        body->only({"operatorId", "pin"});
        who = OperatorId{body->id("operatorId")};
        pin = body->text("pin", 6, 6);
        if (pin.find_first_not_of("0123456789") != std::string::npos) {
            body->reject("pin", "out-of-range");
        }
    }
    if (auto ok = body->done(); !ok) return tl::make_unexpected(std::move(ok.error()));

    // Hashing a PIN takes much memory on purpose; one at a time is enough for a till.
    struct Turn {
        std::atomic<int>& count;
        bool first;
        explicit Turn(std::atomic<int>& counted) : count(counted), first(counted++ == 0) {}
        ~Turn() { --count; }
    } const turn(_signingIn);
    if (!turn.first) {
        counter::Refusal refusal;
        refusal.code = Code::unavailable;
        refusal.problem = "too-many";
        refusal.message = "another sign-in is under way";
        refusal.retryAfterMs = kSecondMs;
        return tl::make_unexpected(std::move(refusal));
    }
    const auto session =
        badge ? _parts.counter.signInByBadge(code) : _parts.counter.signIn(who, pin);
    if (!session) return tl::make_unexpected(session.error());
    return sessionReply(call, *session);
}

Reply Operations::signOut(const Call& call) {
    if (auto ok = Body::none(call.request.body); !ok) return tl::make_unexpected(ok.error());
    return sessionReply(call, _parts.counter.signOut());
}

Reply Operations::lock(const Call& call) {
    if (auto ok = Body::none(call.request.body); !ok) return tl::make_unexpected(ok.error());
    return sessionReply(call, _parts.counter.lock());
}

Reply Operations::goUnidentified(const Call& call) {
    if (auto ok = Body::none(call.request.body); !ok) return tl::make_unexpected(ok.error());
    const auto session = _parts.counter.goUnidentified();
    if (!session) return tl::make_unexpected(session.error());
    return sessionReply(call, *session);
}

Reply Operations::listOperators(const Call& call) {
    const auto tiles = _parts.counter.operators();
    if (!tiles) return tl::make_unexpected(tiles.error());
    JsonWriter out;
    const auto badges = _parts.counter.badgesInUse();
    if (!badges) return tl::make_unexpected(badges.error());
    call.voice.operators(out, *tiles, *badges);
    return http::Response::json(out.take());
}

// ---------------------------------------------------------------- desk

Outcome<std::string> Operations::deskJson(const Voice& voice) const {
    const auto desk = _parts.counter.desk(voice.language());
    if (!desk) return tl::make_unexpected(desk.error());
    JsonWriter out;
    voice.desk(out, *desk, sync());
    return out.take();
}

Reply Operations::deskReply(const Call& call, int status) const {
    auto json = deskJson(call.voice);
    if (!json) return tl::make_unexpected(std::move(json.error()));
    return http::Response::json(std::move(*json), status);
}

Reply Operations::feed(const Call& call) {
    return _parts.feed.subscribe(call.request, call.voice.language(), *this);
}

Reply Operations::getDesk(const Call& call) {
    return deskReply(call);
}

Reply Operations::selectCustomer(const Call& call) {
    auto body = Body::parse(call.request.body);
    if (!body) return tl::make_unexpected(std::move(body.error()));
    body->only({"subjectId"});
    const SubjectId subject{body->idOrNull("subjectId")};
    if (auto ok = body->done(); !ok) return tl::make_unexpected(std::move(ok.error()));
    const auto done = subject.none() ? _parts.counter.clear() : _parts.counter.select(subject);
    if (!done) return tl::make_unexpected(done.error());
    return deskReply(call);
}

Reply Operations::setSituation(const Call& call) {
    auto body = Body::parse(call.request.body);
    if (!body) return tl::make_unexpected(std::move(body.error()));
    body->only({"situation", "keep"});
    const auto situation =
        consent::situationFrom(body->word("situation", {"counter", "phone", "group", "school"}));
    const bool keep = body->flagOr("keep", false);
    if (auto ok = body->done(); !ok) return tl::make_unexpected(std::move(ok.error()));
    const auto done =
        _parts.counter.setSituation(situation.value_or(consent::Situation::counter), keep);
    if (!done) return tl::make_unexpected(done.error());
    return deskReply(call);
}

Reply Operations::setRush(const Call& call) {
    auto body = Body::parse(call.request.body);
    if (!body) return tl::make_unexpected(std::move(body.error()));
    body->only({"on"});
    const bool on = body->flag("on");
    if (auto ok = body->done(); !ok) return tl::make_unexpected(std::move(ok.error()));
    const auto done = _parts.counter.setRush(on);
    if (!done) return tl::make_unexpected(done.error());
    return deskReply(call);
}

Reply Operations::setLanguage(const Call& call) {
    auto body = Body::parse(call.request.body);
    if (!body) return tl::make_unexpected(std::move(body.error()));
    body->only({"language"});
    const std::string language = body->word("language", {"nl", "ca", "es", "ru", "en", "de", "fr"});
    if (auto ok = body->done(); !ok) return tl::make_unexpected(std::move(ok.error()));
    const auto done = _parts.counter.setLanguage(language);
    if (!done) return tl::make_unexpected(done.error());
    return deskReply(call);
}

Reply Operations::handOver(const Call& call) {
    auto body = Body::parse(call.request.body);
    if (!body) return tl::make_unexpected(std::move(body.error()));
    body->only({"questionSetId", "marked", "showContacts"});
    counter::HandOver wanted;
    wanted.questionSet = body->id("questionSetId");
    for (const std::string& text : body->texts("marked", counter::kQuestionsMax, 36)) {
        const auto id = Uuid::parse(text);
        if (!id) body->reject("marked", "wrong-type");
        wanted.marked.push_back(id.value_or(Uuid{}));
    }
    wanted.showContacts = body->flag("showContacts");
    if (auto ok = body->done(); !ok) return tl::make_unexpected(std::move(ok.error()));
    const auto done = _parts.counter.handOver(wanted);
    if (!done) return tl::make_unexpected(done.error());
    return deskReply(call);
}

Reply Operations::takeBack(const Call& call) {
    if (auto ok = Body::none(call.request.body); !ok) return tl::make_unexpected(ok.error());
    const auto done = _parts.counter.takeBack();
    if (!done) return tl::make_unexpected(done.error());
    return deskReply(call);
}

// ---------------------------------------------------------------- till

Reply Operations::openDrawer(const Call& call) {
    if (auto ok = Body::none(call.request.body); !ok) return tl::make_unexpected(ok.error());
    if (auto done = _parts.counter.openDrawer(); !done) {
        return tl::make_unexpected(std::move(done.error()));
    }
    JsonWriter out;
    Voice::printer(out, _parts.feed.printer());
    return http::Response::json(out.take(), 202);
}

Reply Operations::getStatus(const Call& call) {
    const LedgerView ledger = _parts.ledger ? _parts.ledger() : LedgerView{};
    const auto policy = _parts.counter.policy();
    HostView host;
    {
        const std::lock_guard lock(_mutex);
        host = _host;
    }
    JsonWriter out;
    out.beginObject().field("version", _settings.version).key("startedAt");
    call.voice.moment(out, _startedAt);
    out.key("now");
    call.voice.moment(out, _parts.clock.now().at);
    out.key("printer");
    Voice::printer(out, _parts.feed.printer());
    out.key("sync");
    call.voice.sync(out, sync());
    out.key("ledger")
        .beginObject()
        .field("state", ledger.state)
        .field("events", ledger.events)
        .field("subjects", ledger.subjects)
        .fieldIf("logAlarm", ledger.logAlarm)
        .endObject();
    out.key("host").beginObject().field("connected", host.connected).key("kind");
    if (host.kind.empty()) {
        out.null();
    } else {
        out.value(host.kind);
    }
    out.endObject();
    out.key("pack")
        .beginObject()
        .field("packId", policy ? policy->id : consent::Token())
        .field("version", policy ? std::max<std::uint32_t>(policy->version, 1) : 1U)
        .endObject()
        .endObject();
    return http::Response::json(out.take());
}

Reply Operations::getNotices(const Call& call) {
    const auto given = [&](const std::string& name) {
        const auto found = call.request.query.find(name);
        return found == call.request.query.end() ? std::string() : found->second;
    };
    const std::string id = given("noticeId");
    const std::string version = given("version");
    const std::string language = given("language");
    std::vector<counter::FieldError> bad;
    if (id.empty()) bad.push_back({"/noticeId", "missing", std::nullopt});
    if (!id.empty() && !consent::isToken(id)) {
        bad.push_back({"/noticeId", "out-of-range", std::nullopt});
    }
    if (version.size() > 9 || version.find_first_not_of("0123456789") != std::string::npos) {
        bad.push_back({"/version", "out-of-range", std::nullopt});
    }
    if (!language.empty() && !isPageLanguage(language)) {
        bad.push_back({"/language", "out-of-range", std::nullopt});
    }
    if (!bad.empty()) return counter::refuseFields(std::move(bad));

    constexpr std::size_t kNoticesMax = 16;
    const auto policy = _parts.counter.policy();
    JsonWriter out;
    std::size_t count = 0;
    out.beginObject().key("notices").beginArray();
    for (const consent::Purpose& purpose : policy->purposes) {
        for (const auto& [channel, wordings] : purpose.notices) {
            for (const auto& [spoken, notice] : wordings) {
                const bool wanted =
                    notice.ref.id == id && (language.empty() || spoken == language) &&
                    (version.empty() || std::to_string(notice.ref.version) == version);
                if (!wanted || !isPageLanguage(spoken) || count == kNoticesMax) continue;
                ++count;
                call.voice.notice(out, purpose.id, notice);
            }
        }
    }
    out.endArray().endObject();
    if (count == 0) return refuse(Code::notFound, "not-found", "no wording of that id is in force");
    return http::Response::json(out.take());
}

// ---------------------------------------------------------------- feed

FeedPainter::DeskPicture Operations::deskPicture(const std::string& language) {
    const auto desk = _parts.counter.desk(language);
    if (!desk) return {};
    JsonWriter out;
    voiceFor(language).desk(out, *desk, sync());
    return {out.take(), desk->revision, desk->customer.has_value()};
}

std::string Operations::sessionPicture(const std::string& language) {
    JsonWriter out;
    voiceFor(language).session(out, _parts.counter.session());
    return out.take();
}

std::string Operations::printerPicture(const counter::PrinterView& printer) {
    JsonWriter out;
    Voice::printer(out, printer);
    return out.take();
}

std::string Operations::syncPicture() {
    JsonWriter out;
    voiceFor(_settings.language).sync(out, sync());
    return out.take();
}

std::string Operations::rushPicture(const counter::Rush& rush) {
    JsonWriter out;
    voiceFor(_settings.language).rush(out, rush);
    return out.take();
}

std::string Operations::jobPicture(const counter::PrintJob& job) {
    JsonWriter out;
    voiceFor(_settings.language).job(out, job);
    return out.take();
}

bool Operations::mayListen(const http::Request& request) {
    return _parts.sessions.check(request, true).has_value();
}

} // namespace souffleur::api
