// rooms: plugin-http
// Every attack on a page server at 127.0.0.1 that the design names, over real sockets.
#include <doctest/doctest.h>
#include <sys/wait.h>

#include <atomic>

#include "plugin/http/Client.h"
#include "tests/integration/loopback/Peer.h"

using namespace souffleur;
using namespace souffleur::http;

namespace {

/// A guarded server with one route to read and one to write, and a page that has signed in.
struct House {
    SystemClock clock;
    SystemRandom random;
    Sessions sessions;
    Router router;
    std::unique_ptr<LoopbackGuard> guard;
    GrantedSession page;
    std::atomic<int> acts{0};
    std::unique_ptr<Server> server; // last: it stops before what it borrows goes

    explicit House(std::vector<unsigned> allowedUids = {})
        : sessions(sessionConfig(), clock, random) {
        ServerConfig config;
        config.findPeerUser = true;
        server = Server::bind(config).value();
        GuardConfig rules = GuardConfig::forPort(server->port());
        rules.allowedUids = std::move(allowedUids);
        guard = std::make_unique<LoopbackGuard>(rules, &sessions);
        router.get("/api/v1/flag", [](const Request& request) -> Result<Response> {
            return Response::json("{\"session\":\"" + request.session + "\"}");
        });
        router.post("/api/v1/acts", [this](const Request&) -> Result<Response> {
            ++acts;
            return Response::json("{}", 201);
        });
        router.post("/api/v1/session", [this](const Request& request) -> Result<Response> {
            auto granted = sessions.trade(request.body);
            if (!granted) return passOn(granted);
            Response response = Response::json("{\"secret\":\"" + granted->secret + "\"}", 201);
            response.headers.set("Set-Cookie", granted->setCookie);
            return response;
        });
        router.otherwise([](const Request&) -> Result<Response> { return Response::text("page"); });
        server->start(router, {guard.get()});
        page = sessions.grant();
    }
    static SessionConfig sessionConfig() {
        SessionConfig config;
        config.cookieName = "souffleur-panel";
        return config;
    }
    [[nodiscard]] std::string cookie() const {
        return page.setCookie.substr(0, page.setCookie.find(';'));
    }
    /// What the page itself would send to record an act; a test spoils one thing of it.
    [[nodiscard]] ClientRequest act() const {
        ClientRequest request;
        request.method = Method::post;
        request.url = server->origin() + "/api/v1/acts";
        request.headers = {{"Content-Type", "application/json"},
                           {"Cookie", cookie()},
                           {"Origin", server->origin()},
                           {"Sec-Fetch-Site", "same-origin"},
                           {std::string(kSecretHeader), page.secret}};
        request.body = "{}";
        return request;
    }
    static int status(const ClientRequest& request) {
        Client client;
        return client.send(request).value().status;
    }
};

} // namespace

TEST_CASE("the page itself gets through") {
    House house;
    CHECK(house.status(house.act()) == 201);
    CHECK(house.acts == 1);
    ClientRequest read;
    read.url = house.server->origin() + "/api/v1/flag";
    read.headers = {{"Cookie", house.cookie()}};
    Client client;
    const auto answer = client.send(read).value();
    CHECK(answer.status == 200);
    CHECK(answer.body == "{\"session\":\"" + house.page.id + "\"}");
}

TEST_CASE("a rebound Host gets 400 and nothing happens") {
    House house;
    const std::string port = std::to_string(house.server->port());
    for (const std::string& host :
         {"evil.example.org:" + port, std::string("127.0.0.1"), "127.0.0.1.example.org:" + port,
          "127.0.0.1:" + std::to_string(house.server->port() + 1), std::string("")}) {
        CAPTURE(host);
        peer::Connection raw(house.server->port());
        raw.send("GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
        CHECK(peer::statusIn(raw.readAll()) == 400);
    }
    peer::Connection none(house.server->port());
    none.send("GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
    CHECK(peer::statusIn(none.readAll()) == 400);
    peer::Connection two(house.server->port());
    two.send("GET / HTTP/1.1\r\nHost: 127.0.0.1:" + port +
             "\r\nHost: evil.example.org\r\nConnection: close\r\n\r\n");
    CHECK(peer::statusIn(two.readAll()) == 400);
}

TEST_CASE("a foreign Origin gets 403 and no CORS header") {
    House house;
    for (const char* origin :
         {"https://evil.example.org", "null", "http://127.0.0.1", "http://127.0.0.1:1"}) {
        CAPTURE(origin);
        ClientRequest request = house.act();
        request.headers.set("Origin", origin);
        Client client;
        const auto answer = client.send(request).value();
        CHECK(answer.status == 403);
        CHECK_FALSE(answer.headers.has("Access-Control-Allow-Origin"));
    }
    ClientRequest preflight = house.act();
    preflight.method = Method::options;
    preflight.body.clear();
    preflight.headers.set("Origin", "https://evil.example.org");
    CHECK(house.status(preflight) == 403);
    CHECK(house.acts == 0);
}

TEST_CASE("a cross-site form post gets 403, and so does a page on another port") {
    House house;
    for (const char* site : {"cross-site", "same-site", "something-new"}) {
        CAPTURE(site);
        ClientRequest form = house.act();
        form.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                        {"Cookie", house.cookie()},
                        {"Sec-Fetch-Site", site}};
        form.body = "a=b";
        CHECK(house.status(form) == 403);
        ClientRequest navigation;
        navigation.url = house.server->origin() + "/";
        navigation.headers = {{"Sec-Fetch-Site", site}};
        CHECK(house.status(navigation) == 403);
    }
    CHECK(house.acts == 0);
}

TEST_CASE("a text/plain POST gets 415") {
    House house;
    for (const char* type :
         {"text/plain", "multipart/form-data", "application/x-www-form-urlencoded",
          "text/plain; application/json", ""}) {
        CAPTURE(type);
        ClientRequest request = house.act();
        request.headers.set("Content-Type", type);
        CHECK(house.status(request) == 415);
    }
    CHECK(house.acts == 0);
}

TEST_CASE("a missing or foreign header secret gets 403") {
    House house;
    ClientRequest missing = house.act();
    missing.headers.set(kSecretHeader, "");
    CHECK(house.status(missing) == 403);
    ClientRequest foreign = house.act();
    foreign.headers.set(kSecretHeader, house.sessions.grant().secret);
    CHECK(house.status(foreign) == 403);
    CHECK(house.acts == 0);
}

TEST_CASE("no session gets 401, on reading too") {
    House house;
    ClientRequest act = house.act();
    act.headers.set("Cookie", "souffleur-panel=guess");
    CHECK(house.status(act) == 401);
    ClientRequest read;
    read.url = house.server->origin() + "/api/v1/flag";
    CHECK(house.status(read) == 401);
    read.headers = {{"Cookie", "other-" + house.cookie()}};
    CHECK(house.status(read) == 401);
    CHECK(house.acts == 0);
}

TEST_CASE("a launch token is traded once, by POST alone") {
    House house;
    const std::string token = house.sessions.launchToken();
    ClientRequest trade = house.act();
    trade.url = house.server->origin() + "/api/v1/session";
    trade.headers.set("Cookie", "");
    trade.headers.set(kSecretHeader, "launch");
    trade.body = token;
    Client client;
    const auto answer = client.send(trade).value();
    CHECK(answer.status == 201);
    CHECK(answer.headers.get("Set-Cookie").find("HttpOnly; SameSite=Strict") != std::string::npos);
    CHECK(client.send(trade).value().status == 403);
    ClientRequest inUrl;
    inUrl.url = house.server->origin() + "/api/v1/session?token=" + house.sessions.launchToken();
    CHECK(client.send(inUrl).value().status == 401);
}

TEST_CASE("every answer carries the security headers, refusals too") {
    House house;
    peer::Connection raw(house.server->port());
    raw.send("GET / HTTP/1.1\r\nHost: evil.example.org\r\nConnection: close\r\n\r\n");
    const std::string refused = raw.readAll();
    ClientRequest page;
    page.url = house.server->origin() + "/";
    Client client;
    const auto answer = client.send(page).value();
    CHECK(answer.status == 200);
    for (const char* name : {"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy",
                             "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy"}) {
        CAPTURE(name);
        CHECK(answer.headers.has(name));
        CHECK(refused.find(name) != std::string::npos);
    }
    CHECK(answer.headers.get("Content-Security-Policy").starts_with("default-src 'none'; "));
}

TEST_CASE("another local user is refused") {
    if (::geteuid() != 0) {
        MESSAGE("skipped: needs root to act as another user");
        return;
    }
    constexpr uid_t kNobody = 65534;
    for (const bool allowed : {false, true}) {
        CAPTURE(allowed);
        House house(allowed ? std::vector<unsigned>{kNobody} : std::vector<unsigned>{});
        const std::string port = std::to_string(house.server->port());
        const std::string request = "GET /api/v1/flag HTTP/1.1\r\nHost: 127.0.0.1:" + port +
                                    "\r\nCookie: " + house.cookie() +
                                    "\r\nConnection: close\r\n\r\n";
        const pid_t child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            if (::setuid(kNobody) != 0) ::_exit(1);
            peer::Connection raw(house.server->port());
            raw.send(request);
            ::_exit(peer::statusIn(raw.readAll()) / 2); // an exit code has eight bits
        }
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        CHECK(WEXITSTATUS(status) == (allowed ? 200 : 403) / 2);
    }
}
