#include "plugin/api/ScreenServer.h"

#include <algorithm>
#include <array>
#include <span>

#include "plugin/api/Body.h"
#include "plugin/api/Problems.h"
#include "plugin/api/ScreenFeed.h"
#include "plugin/api/Voice.h"
#include "plugin/contact/Text.h"
#include "plugin/counter/Counter.h"
#include "plugin/crypto/PrivateFile.h"
#include "plugin/http/Assets.h"
#include "plugin/http/LoopbackGuard.h"
#include "plugin/http/Router.h"
#include "plugin/http/Server.h"
#include "plugin/http/Sessions.h"

namespace souffleur::assets {
std::span<const http::Asset> screen();
} // namespace souffleur::assets

namespace souffleur::api {

using counter::Outcome;
using counter::refuse;
using wire::JsonWriter;
using Reply = Outcome<http::Response>;

namespace {

constexpr std::string_view kApi = "/api/screen/v1";
constexpr std::size_t kValueMaxChars = 320;
constexpr std::size_t kMaskedMaxChars = 120;

http::SessionConfig sessionConfig() {
    http::SessionConfig config;
    config.cookieName = "souffleur_screen";
    // The screen's own, not a customer's: as long as it stands there.
    config.launchMs = 365 * kDayMs;
    config.lifetimeMs = 365 * kDayMs;
    config.maxSessions = 2;
    return config;
}

http::Assets pageFiles(const std::filesystem::path& uiDir) {
    return uiDir.empty() ? http::Assets(assets::screen()) : http::Assets(uiDir);
}

void textOrNull(JsonWriter& out, std::string_view key, std::string_view text) {
    out.key(key);
    if (text.empty()) {
        out.null();
    } else {
        out.value(text);
    }
}

void question(JsonWriter& out, const counter::ScreenQuestion& question) {
    const consent::Notice& words = question.words;
    out.beginObject()
        .field("purpose", question.purpose)
        .field("channel", question.channel)
        .field("label", contact::firstChars(words.label, 60))
        .field("detail", contact::firstChars(words.detail, 120))
        .field("question", contact::firstChars(words.line, 600))
        .field("text", contact::firstChars(words.text, 8000))
        .field("language", words.ref.language);
    textOrNull(out, "kind", question.kind ? counter::name(*question.kind) : std::string_view());
    out.endObject();
}

std::string pictureOf(const counter::ScreenView& view) {
    JsonWriter out;
    out.beginObject()
        .field("house", contact::firstChars(view.house, 120))
        .field("language", isPageLanguage(view.houseLanguage) ? view.houseLanguage : "en")
        .key("asked");
    if (view.handOver.none()) {
        out.null().endObject();
        return out.take();
    }
    out.beginObject()
        .field("handOverId", view.handOver)
        .field("language", isPageLanguage(view.language) ? view.language : "en")
        .key("languages")
        .beginArray();
    for (const std::string& each : view.languages) {
        if (isPageLanguage(each)) out.value(each);
    }
    out.endArray().key("questions").beginArray();
    for (const counter::ScreenQuestion& each : view.questions) question(out, each);
    out.endArray().key("contacts").beginArray();
    for (const counter::ScreenContact& each : view.contacts) {
        out.beginObject().field("kind", counter::name(each.kind)).field("lacking", each.lacking);
        textOrNull(out, "masked", contact::firstChars(each.masked, kMaskedMaxChars));
        out.endObject();
    }
    out.endArray().endObject().endObject();
    return out.take();
}

counter::ScreenAddress readAddress(Body& body) {
    body.only({"kind", "value", "confirmed", "corrects"});
    counter::ScreenAddress address;
    const auto kind = counter::contactKindFrom(body.word("kind", {"email", "phone", "post"}));
    address.kind = kind.value_or(counter::ContactKind::email);
    address.value = body.text("value", 3, kValueMaxChars);
    address.confirmed = body.flagOr("confirmed", false);
    address.corrects = body.flagOr("corrects", false);
    return address;
}

Outcome<counter::ScreenAnswer> readAnswer(std::string_view bytes) {
    auto body = Body::parse(bytes);
    if (!body) return tl::make_unexpected(std::move(body.error()));
    body->only({"handOverId", "idempotencyKey", "answers", "contacts"});
    counter::ScreenAnswer answer;
    answer.handOver = body->id("handOverId");
    answer.idempotencyKey = body->id("idempotencyKey");
    for (Body& each : body->objects("answers", counter::kQuestionsMax, false)) {
        each.only({"purpose", "channel", "choice"});
        counter::Answer said;
        said.purpose = each.text("purpose", 1, 64);
        said.channel = each.text("channel", 1, 64);
        const auto choice = consent::choiceFrom(each.word("choice", {"given", "refused"}));
        said.choice = choice.value_or(consent::Choice::refused);
        answer.answers.push_back(std::move(said));
    }
    if (answer.answers.empty()) body->reject("answers", "too-short");
    for (Body& each : body->objects("contacts", counter::kNewContactsMax, false)) {
        answer.contacts.push_back(readAddress(each));
    }
    if (auto ok = body->done(); !ok) return tl::make_unexpected(std::move(ok.error()));
    return answer;
}

/// A body that names a hand-over and nothing else.
Outcome<Uuid> readHandOver(std::string_view bytes) {
    auto body = Body::parse(bytes);
    if (!body) return tl::make_unexpected(std::move(body.error()));
    body->only({"handOverId"});
    const Uuid id = body->id("handOverId");
    if (auto ok = body->done(); !ok) return tl::make_unexpected(std::move(ok.error()));
    return id;
}

} // namespace

struct ScreenServer::Parts {
    ScreenConfig config;
    counter::Counter& counter;
    ScreenFeed& feed;
    http::Sessions sessions;
    http::Assets assets;
    http::Router router;
    std::unique_ptr<http::LoopbackGuard> guard;
    std::unique_ptr<http::Server> server; // last: it stops before what it borrows goes

    Parts(ScreenParts& parts, ScreenConfig wanted)
        : config(std::move(wanted)), counter(parts.counter), feed(parts.feed),
          sessions(sessionConfig(), parts.clock, parts.random), assets(pageFiles(config.uiDir)) {}

    Result<void> writeLaunchFile() {
        if (config.launchFile.empty()) return {};
        return crypto::writePrivateFile(
            config.launchFile, server->origin() + "/#launch=" + sessions.launchToken() + "\n");
    }

    // --- screen.yaml
    Reply startSession(const http::Request& request);
    Reply listen(const http::Request& request);
    Reply speak(const http::Request& request);
    Reply touch(const http::Request& request);
    Reply answer(const http::Request& request);
    Reply giveBack(const http::Request& request);

    struct Row {
        http::Method method;
        std::string_view path;
        Reply (Parts::*operation)(const http::Request&);
    };
    static std::span<const Row> rows() {
        using http::Method;
        static constexpr std::array<Row, 6> kRows{{
            {Method::post, "/session", &Parts::startSession},
            {Method::get, "/feed", &Parts::listen},
            {Method::post, "/language", &Parts::speak},
            {Method::post, "/touch", &Parts::touch},
            {Method::post, "/answers", &Parts::answer},
            {Method::post, "/give-back", &Parts::giveBack},
        }};
        return kRows;
    }

    void addRoutes() {
        for (const Row& row : rows()) {
            router.add(row.method, std::string(kApi).append(row.path),
                       [this, &row](const http::Request& request) -> Result<http::Response> {
                           Reply reply = request.query.empty()
                                             ? (this->*row.operation)(request)
                                             : counter::refuseFields({{"", "unknown-member", {}}});
                           return reply ? std::move(*reply) : problemResponse(reply.error(), {});
                       });
        }
    }
};

Reply ScreenServer::Parts::startSession(const http::Request& request) {
    auto body = Body::parse(request.body);
    if (!body) return tl::make_unexpected(std::move(body.error()));
    body->only({"launchToken"});
    const std::string token = body->text("launchToken", 22, 64);
    if (auto ok = body->done(); !ok) return tl::make_unexpected(std::move(ok.error()));
    const auto granted = sessions.trade(token);
    if (!granted) return refuse(Code::refused, "launch-token-refused", granted.error().message);
    // A disk that is full later costs the next launch, not the session that has just begun.
    static_cast<void>(writeLaunchFile().has_value());
    JsonWriter out;
    out.beginObject().field("secret", granted->secret).endObject();
    auto response = http::Response::json(out.take(), 201);
    response.headers.set("Set-Cookie", granted->setCookie);
    return response;
}

Reply ScreenServer::Parts::listen(const http::Request& request) {
    return feed.subscribe({[this] { return pictureOf(counter.shown()); },
                           [this, request] { return sessions.check(request, true).has_value(); }});
}

Reply ScreenServer::Parts::speak(const http::Request& request) {
    auto body = Body::parse(request.body);
    if (!body) return tl::make_unexpected(std::move(body.error()));
    body->only({"handOverId", "language"});
    const Uuid id = body->id("handOverId");
    const std::string language = body->word("language", {"nl", "ca", "es", "ru", "en", "de", "fr"});
    if (auto ok = body->done(); !ok) return tl::make_unexpected(std::move(ok.error()));
    if (auto done = counter.speakOnScreen(id, language); !done) {
        return tl::make_unexpected(std::move(done.error()));
    }
    return http::Response::json(pictureOf(counter.shown()));
}

Reply ScreenServer::Parts::touch(const http::Request& request) {
    const auto id = readHandOver(request.body);
    if (!id) return tl::make_unexpected(id.error());
    if (auto done = counter.touchScreen(*id); !done) {
        return tl::make_unexpected(std::move(done.error()));
    }
    return http::Response::noContent();
}

Reply ScreenServer::Parts::answer(const http::Request& request) {
    const auto answer = readAnswer(request.body);
    if (!answer) return tl::make_unexpected(answer.error());
    const auto recorded = counter.answerOnScreen(*answer);
    if (!recorded) return tl::make_unexpected(recorded.error());
    const bool mail = std::ranges::any_of(recorded->act.choices, [](const auto& choice) {
        return choice.channel == "email" && choice.state == "unconfirmed";
    });
    JsonWriter out;
    out.beginObject().field("confirmByMail", mail).endObject();
    return http::Response::json(out.take(), recorded->repeated ? 200 : 201);
}

Reply ScreenServer::Parts::giveBack(const http::Request& request) {
    const auto id = readHandOver(request.body);
    if (!id) return tl::make_unexpected(id.error());
    if (auto done = counter.giveBack(*id); !done) {
        return tl::make_unexpected(std::move(done.error()));
    }
    return http::Response::noContent();
}

ScreenServer::ScreenServer(std::unique_ptr<Parts> parts) : _parts(std::move(parts)) {}

ScreenServer::~ScreenServer() {
    stop();
}

Result<std::unique_ptr<ScreenServer>> ScreenServer::start(ScreenParts parts, ScreenConfig config) {
    http::ServerConfig wanted;
    wanted.port = config.port;
    wanted.clients = 1;
    wanted.findPeerUser = true;
    auto server = http::Server::bind(wanted);
    if (!server) return passOn(server);

    auto made = std::make_unique<Parts>(parts, std::move(config));
    made->server = std::move(*server);
    http::GuardConfig rules = http::GuardConfig::forPort(made->server->port());
    rules.openPaths = {std::string(kApi) + "/session"};
    rules.secretOnReads = true;
    made->guard = std::make_unique<http::LoopbackGuard>(rules, &made->sessions);
    if (auto written = made->writeLaunchFile(); !written) return passOn(written);
    made->addRoutes();
    made->router.otherwise(made->assets.handler());
    made->counter.screenPresent(false);
    made->feed.onPresence([&counter = made->counter](bool there) { counter.screenPresent(there); });
    made->server->start(made->router, {made->guard.get()});
    return std::unique_ptr<ScreenServer>(new ScreenServer(std::move(made)));
}

std::vector<std::string> ScreenServer::routes() {
    std::vector<std::string> out;
    for (const Parts::Row& row : Parts::rows()) {
        out.push_back(std::string(http::methodName(row.method)) + " " + std::string(kApi) +
                      std::string(row.path));
    }
    return out;
}

std::uint16_t ScreenServer::port() const noexcept {
    return _parts->server->port();
}

std::string ScreenServer::url() const {
    return _parts->server->origin() + "/";
}

void ScreenServer::tick() {
    _parts->sessions.sweep();
}

void ScreenServer::stop() {
    _parts->feed.stop();
    _parts->server->stop();
}

} // namespace souffleur::api
