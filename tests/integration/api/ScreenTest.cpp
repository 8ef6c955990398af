// The door of the customer's own screen over real HTTP: what its token may call, what it never
// sees, and every attack on the loopback.
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <regex>

#include "plugin/api/ScreenServer.h"
#include "tests/integration/api/Browser.h"
#include "tests/integration/loopback/Peer.h"
#include "tests/support/Eventually.h"

using namespace souffleur;
using namespace souffleur::test;
using http::Method;

namespace {

constexpr const char* kBase = "/api/screen/v1";

/// A till with a cashier signed in, and the door of the customer's screen beside it.
struct Station2 : Station {
    std::unique_ptr<api::ScreenServer> screen;
    Browser cashier;

    Station2() : cashier(*this) {
        api::ScreenConfig config;
        config.launchFile = screenFile();
        screen = api::ScreenServer::start({*till, screenFeed, clock, random}, config).value();
        cashier.signIn();
    }
    ~Station2() { screen->stop(); }
    [[nodiscard]] std::filesystem::path screenFile() const { return folder.path() / "screen.url"; }
    [[nodiscard]] std::string screenToken() const {
        std::ifstream in(screenFile());
        std::string line;
        std::getline(in, line);
        return line.substr(line.find("#launch=") + 8);
    }
    json desk() { return json::parse(cashier.get("/desk").body); }
    http::ClientResponse hand(bool contacts = false) {
        return cashier.post("/desk/hand-over", {{"questionSetId", desk()["questionSetId"]},
                                                {"marked", json::array()},
                                                {"showContacts", contacts}});
    }
};

/// The page on the second monitor.
struct Page {
    Station2& at;
    http::Client client;
    std::string cookie;
    std::string secret = "none";

    explicit Page(Station2& station) : at(station) {
        const auto begun = post("/session", json{{"launchToken", at.screenToken()}});
        REQUIRE(begun.status == 201);
        secret = json::parse(begun.body)["secret"];
    }
    [[nodiscard]] http::ClientRequest request(Method method, const std::string& path,
                                              std::string body = {}) const {
        http::ClientRequest out;
        out.method = method;
        const std::string origin = "http://127.0.0.1:" + std::to_string(at.screen->port());
        out.url = origin + path;
        out.headers = {
            {"Origin", origin}, {"Sec-Fetch-Site", "same-origin"}, {"X-Souffleur-Session", secret}};
        if (!cookie.empty()) out.headers.set("Cookie", cookie);
        if (method == Method::post) {
            out.headers.set("Content-Type", "application/json");
            out.body = std::move(body);
        }
        return out;
    }
    http::ClientResponse send(const http::ClientRequest& asked) {
        auto answer = client.send(asked);
        REQUIRE(answer.has_value());
        return std::move(*answer);
    }
    http::ClientResponse post(const std::string& path, const json& body) {
        auto answer = send(request(Method::post, kBase + path, body.dump()));
        const std::string set(answer.headers.get("Set-Cookie"));
        if (!set.empty()) cookie = set.substr(0, set.find(';'));
        Browser::note(Method::post, path, answer, ".screen");
        return answer;
    }
};

/// Its feed, as the page reads it.
struct Listener {
    peer::Connection raw;
    explicit Listener(const Page& page) : raw(page.at.screen->port()) {
        raw.send("GET " + std::string(kBase) + "/feed HTTP/1.1\r\nHost: 127.0.0.1:" +
                 std::to_string(page.at.screen->port()) + "\r\nCookie: " + page.cookie +
                 "\r\nX-Souffleur-Session: " + page.secret + "\r\n\r\n");
    }
    std::string until(const std::string& text) {
        std::string all = raw.readUntil(text);
        REQUIRE(all.find(text) != std::string::npos);
        return all;
    }
};

/// The last picture in what a feed told, without the marks of its chunks.
json lastShown(const std::string& raw) {
    static const std::regex kChunk("\r\n[0-9a-fA-F]+\r\n");
    const std::string told = std::regex_replace(raw, kChunk, "");
    const std::size_t at = told.rfind("data: ");
    REQUIRE(at != std::string::npos);
    return json::parse(told.substr(at + 6, told.find('\n', at) - at - 6));
}

/// A page that shows what was handed over.
struct Shown : Station2 {
    static constexpr const char* kWhole = "]}}\n\n"; ///< the end of a picture with questions
    Page page;
    std::unique_ptr<Listener> feed;
    json asked;

    Shown() : page(*this), feed(std::make_unique<Listener>(page)) {
        feed->until("\"asked\":null");
        REQUIRE(till->hostSelected(stranger()));
        REQUIRE(hand().status == 200);
        asked = lastShown(feed->until(kWhole))["asked"];
    }
    /// A page loaded anew: what it is told first.
    std::string look() {
        auto fresh = std::make_unique<Listener>(page);
        // The one before goes once this one is there: with none the hand-over would be over.
        fresh->until("event: shown");
        feed = std::move(fresh);
        return feed->until(kWhole);
    }
    json answer(const std::string& choice = "given") {
        clock.pass(kSecondMs);
        const json& question = asked["questions"][0];
        return {{"handOverId", asked["handOverId"]},
                {"idempotencyKey", Uuid::random(random).text()},
                {"answers", json::array({{{"purpose", question["purpose"]},
                                          {"channel", question["channel"]},
                                          {"choice", choice}}})},
                {"contacts", json::array()}};
    }
};

} // namespace

TEST_CASE("what the screen's token may call is this list, and nothing else is behind its door") {
    CHECK(api::ScreenServer::routes() ==
          std::vector<std::string>{"POST /api/screen/v1/session", "GET /api/screen/v1/feed",
                                   "POST /api/screen/v1/language", "POST /api/screen/v1/touch",
                                   "POST /api/screen/v1/answers", "POST /api/screen/v1/give-back"});
    Station2 station;
    Page page(station);
    for (const auto& operation : api::Api::operations()) {
        for (const std::string base : {"/api/v1", kBase}) {
            const std::string path = base + std::string(operation.path);
            const auto& own = api::ScreenServer::routes();
            const std::string named = std::string(http::methodName(operation.method)) + " " + path;
            if (std::find(own.begin(), own.end(), named) != own.end()) continue;
            CAPTURE(named);
            const auto answer = page.send(page.request(operation.method, path, "{}"));
            CHECK((answer.status == 404 || answer.status == 405));
        }
    }
}

TEST_CASE("the screen's session opens nothing at the cashier's door, nor theirs at the screen's") {
    Station2 station;
    Page page(station);
    const std::string cashiers = "http://127.0.0.1:" + std::to_string(station.server->port());
    auto asked = page.request(Method::get, "/api/v1/desk");
    asked.url = cashiers + "/api/v1/desk";
    asked.headers.set("Origin", cashiers);
    auto refused = page.send(asked);
    CHECK(refused.status == 401);
    // Not even under the other's name for the cookie: a browser sends both to both ports.
    std::string renamed = page.cookie;
    renamed.replace(0, renamed.find('='), "souffleur_till");
    asked.headers.set("Cookie", renamed + "; " + station.cashier.cookie);
    CHECK(page.send(asked).status >= 401);
    asked.url = cashiers + "/api/v1/feed";
    CHECK(page.send(asked).status >= 401);
    auto mirrored = page.request(Method::get, std::string(kBase) + "/feed");
    mirrored.headers.set("Cookie", station.cashier.cookie);
    mirrored.headers.set("X-Souffleur-Session", station.cashier.secret);
    CHECK(page.send(mirrored).status == 401);
    CHECK(codeOf(station.cashier.post("/session", {{"launchToken", station.screenToken()}})) ==
          "launch-token-refused");
    CHECK(codeOf(page.post("/session", {{"launchToken", station.launchToken()}})) ==
          "launch-token-refused");
}

TEST_CASE("the whole way: handed over, another language, a mistyped address, answered, told to the "
          "cashier") {
    Shown shown;
    CHECK(shown.desk()["screen"]["state"] == "customer");
    CHECK(shown.page.post("/touch", {{"handOverId", shown.asked["handOverId"]}}).status == 204);
    const auto spoken = shown.page.post(
        "/language", {{"handOverId", shown.asked["handOverId"]}, {"language", "de"}});
    CHECK(spoken.status == 200);
    shown.asked = json::parse(spoken.body)["asked"];
    CHECK(shown.asked["language"] == "de");
    json answer = shown.answer();
    answer["contacts"].push_back({{"kind", "email"}, {"value", "anna@gmial.com"}});
    auto stored = shown.page.post("/answers", answer);
    CHECK(stored.status == 422);
    CHECK(json::parse(stored.body)["errors"][0]["suggestion"] == "anna@gmail.com");
    answer["contacts"][0]["value"] = "anna.nieuw@example.org";
    stored = shown.page.post("/answers", answer);
    CHECK(stored.status == 201);
    CHECK(json::parse(stored.body)["confirmByMail"] == true);
    CHECK(shown.page.post("/answers", answer).status == 200);
    const json desk = shown.desk();
    CHECK(desk["lastAct"]["method"] == "screen");
    CHECK(desk["lastAct"]["operator"] == "Noor");
    CHECK(desk["screen"]["state"] == "ready");
    CHECK(desk["screen"]["ended"] == "answered");
    CHECK(desk["undo"]["available"] == true);
}

TEST_CASE("the picture tells nothing of who the customer is, nor what they said before") {
    Shown shown;
    REQUIRE(shown.page.post("/answers", shown.answer("refused")).status == 201);
    REQUIRE(shown.till->hostSelected(Till::stranger("C-2")));
    REQUIRE(shown.till->hostSelected(Till::stranger()));
    const std::string subject = shown.desk()["customer"]["subjectId"];
    REQUIRE(shown.hand(true).status == 200);
    const std::string told = shown.look();
    for (const std::string& secret :
         {std::string("Vermeer"), std::string("anna."), subject, std::string("refused"),
          std::string("subjectId"), std::string("lastNo"), std::string("Noor")}) {
        CAPTURE(secret);
        CHECK(told.find(secret) == std::string::npos);
    }
}

TEST_CASE("taken back, or given to the next: the page hears it, and a late answer stores nothing") {
    Shown shown;
    shown.look();
    const json late = shown.answer();
    const std::uint64_t before = shown.ledger->stats()->events;
    SUBCASE("taken back") {
        CHECK(shown.cashier.post("/desk/take-back", json::object()).status == 200);
        CHECK(shown.desk()["screen"]["ended"] == "taken-back");
    }
    SUBCASE("the next customer") {
        REQUIRE(shown.till->hostSelected(Till::stranger("C-2")));
    }
    SUBCASE("locked") {
        CHECK(shown.cashier.post("/session/lock", json::object()).status == 200);
    }
    SUBCASE("given back") {
        CHECK(shown.page.post("/give-back", {{"handOverId", late["handOverId"]}}).status == 204);
    }
    SUBCASE("nobody touched it") {
        shown.clock.pass(counter::kScreenIdleMs);
        shown.till->tick();
    }
    CHECK(codeOf(shown.page.post("/answers", late)) == "not-with-you");
    CHECK(codeOf(shown.page.post("/touch", {{"handOverId", late["handOverId"]}})) ==
          "not-with-you");
    CHECK(codeOf(shown.page.post("/give-back", {{"handOverId", late["handOverId"]}})) ==
          "not-with-you");
    CHECK(codeOf(shown.page.post("/language", {{"handOverId", late["handOverId"]},
                                               {"language", "de"}})) == "not-with-you");
    CHECK(shown.ledger->stats()->events == before);
    shown.feed->until("\"asked\":null");
}

TEST_CASE("only one page shows it, and without a page nothing is handed over") {
    Station2 station;
    CHECK(station.desk()["screen"]["state"] == "away");
    REQUIRE(station.till->hostSelected(Till::stranger()));
    CHECK(codeOf(station.hand()) == "screen-away");
    Page page(station);
    {
        Listener first(page);
        first.until("\"asked\":null");
        CHECK(station.desk()["screen"]["state"] == "ready");
        Listener second(page);
        second.until("\"asked\":null");
        static_cast<void>(first.raw.readAll());
        CHECK(first.raw.ended());
        REQUIRE(station.hand().status == 200);
        second.until("handOverId");
    }
    CHECK(eventually([&] { return station.desk()["screen"]["state"] == "away"; }));
    CHECK(station.desk()["screen"]["ended"] == "gone");
}

TEST_CASE("every rule of the loopback holds at the screen's door") {
    Shown shown;
    Page& page = shown.page;
    const std::string answers = std::string(kBase) + "/answers";
    const std::string feed = std::string(kBase) + "/feed";
    const std::uint64_t before = shown.ledger->stats()->events;
    const auto spoiled = [&](auto spoil) {
        http::ClientRequest request = page.request(Method::post, answers, shown.answer().dump());
        spoil(request);
        const auto answer = page.send(request);
        CHECK_FALSE(answer.headers.has("Access-Control-Allow-Origin"));
        CHECK(answer.headers.get("X-Content-Type-Options") == "nosniff");
        CHECK(answer.headers.get("Cache-Control") == "no-store");
        return codeOf(answer);
    };
    for (const char* origin : {"https://evil.example.org", "null", "http://127.0.0.1:1"}) {
        CHECK(spoiled([&](auto& r) { r.headers.set("Origin", origin); }) == "origin-refused");
    }
    // The cashier's page is another origin as well.
    CHECK(spoiled([&](auto& r) {
              r.headers.set("Origin", "http://127.0.0.1:" + std::to_string(shown.server->port()));
          }) == "origin-refused");
    CHECK(spoiled([](auto& r) { r.headers.set("Sec-Fetch-Site", "cross-site"); }) ==
          "origin-refused");
    CHECK(spoiled([](auto& r) { r.headers.set("Content-Type", "text/plain"); }) == "media-type");
    CHECK(spoiled([](auto& r) { r.headers.set("X-Souffleur-Session", "guessed"); }) ==
          "session-needed");
    CHECK(spoiled([](auto& r) { r.headers.set("X-Souffleur-Session", ""); }) == "session-needed");
    CHECK(spoiled([](auto& r) { r.headers.set("Cookie", ""); }) == "session-needed");
    CHECK(spoiled([](auto& r) { r.url += "?a=b"; }) == "invalid");
    CHECK(spoiled([](auto& r) { r.body = "{"; }) == "malformed");
    CHECK(spoiled([](auto& r) { r.body = R"({"subjectId":"x"})"; }) == "invalid");
    CHECK(spoiled([](auto& r) { r.body = std::string(1 << 20, ' '); }) == "too-large");
    auto read = page.request(Method::get, feed);
    read.headers.set("X-Souffleur-Session", "");
    CHECK(codeOf(page.send(read)) == "session-needed");
    for (const std::string& host : {std::string("evil.example.org"), std::string("127.0.0.1:1")}) {
        peer::Connection raw(shown.screen->port());
        raw.send("GET " + feed + " HTTP/1.1\r\nHost: " + host + "\r\nCookie: " + page.cookie +
                 "\r\nX-Souffleur-Session: " + page.secret + "\r\nConnection: close\r\n\r\n");
        const std::string answer = raw.readAll();
        CHECK(peer::statusIn(answer) == 400);
        CHECK(answer.find("handOverId") == std::string::npos);
    }
    CHECK(shown.ledger->stats()->events == before);
    CHECK(page.post("/answers", shown.answer()).status == 201); // and unspoiled it goes through
}

TEST_CASE(
    "the screen's launch token stands in a 0600 file, works once, and another user gets nothing") {
    Station2 station;
    struct stat file {};
    REQUIRE(::stat(station.screenFile().c_str(), &file) == 0);
    CHECK((file.st_mode & 0777) == 0600);
    const std::string token = station.screenToken();
    Page page(station);
    CHECK(station.screenToken() != token);
    CHECK(codeOf(page.post("/session", {{"launchToken", token}})) == "launch-token-refused");
    if (::geteuid() != 0) return; // only root can become somebody else
    int pipe[2];
    REQUIRE(::pipe(pipe) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        int status = 0;
        if (::setgid(65534) == 0 && ::setuid(65534) == 0) {
            peer::Connection raw(station.screen->port());
            raw.send("GET " + std::string(kBase) + "/feed HTTP/1.1\r\nHost: 127.0.0.1:" +
                     std::to_string(station.screen->port()) + "\r\nCookie: " + page.cookie +
                     "\r\nX-Souffleur-Session: " + page.secret + "\r\nConnection: close\r\n\r\n");
            const std::string answer = raw.readAll();
            status = answer.find("peer-refused") == std::string::npos ? 1 : peer::statusIn(answer);
        }
        ::_exit(::write(pipe[1], &status, sizeof status) == sizeof status ? 0 : 1);
    }
    ::close(pipe[1]);
    int status = 0;
    CHECK(::read(pipe[0], &status, sizeof status) == sizeof status);
    ::close(pipe[0]);
    ::waitpid(child, nullptr, 0);
    CHECK(status == 403);
}
