// rooms: plugin-api
// Every attack on the loopback that the design names, on the till's real surface.
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/integration/api/Browser.h"
#include "tests/integration/loopback/Peer.h"

using namespace souffleur;
using namespace souffleur::test;
using http::Method;

namespace {

struct House : Station {
    Browser page;
    House() : page(*this) {
        page.signIn();
        REQUIRE(till->hostSelected(stranger()));
    }
    [[nodiscard]] bool untouched() const { return till->desk("en").value().customer.has_value(); }
    /// A write that would clear the desk.
    [[nodiscard]] http::ClientRequest write() const {
        return page.request(Method::post, "/desk/select", R"({"subjectId":null})");
    }
    std::string codeFor(const http::ClientRequest& request, int status) {
        const auto answer = page.send(request);
        CHECK(answer.status == status);
        CHECK_FALSE(answer.headers.has("Access-Control-Allow-Origin"));
        CHECK(answer.headers.get("X-Content-Type-Options") == "nosniff");
        CHECK(answer.headers.get("Cache-Control") == "no-store");
        return codeOf(answer);
    }
};

} // namespace

TEST_CASE("the page itself gets through") {
    House house;
    CHECK(house.page.send(house.write()).status == 200);
    CHECK_FALSE(house.untouched());
}

TEST_CASE("a rebound Host gets 400 on every path") {
    House house;
    const std::string port = std::to_string(house.server->port());
    for (const std::string& host :
         {"evil.example.org:" + port, std::string("127.0.0.1"), "127.0.0.1.example.org:" + port,
          std::string("127.0.0.1:1"), std::string()}) {
        for (const char* path : {"/", "/api/v1/desk", "/api/v1/session"}) {
            CAPTURE(host);
            CAPTURE(path);
            peer::Connection raw(house.server->port());
            raw.send("GET " + std::string(path) + " HTTP/1.1\r\nHost: " + host + "\r\nCookie: " +
                     house.page.cookie + "\r\nX-Souffleur-Session: " + house.page.secret +
                     "\r\nConnection: close\r\n\r\n");
            const std::string answer = raw.readAll();
            CHECK(peer::statusIn(answer) == 400);
            CHECK(answer.find("host-refused") != std::string::npos);
            CHECK(answer.find("Vermeer") == std::string::npos);
        }
    }
    CHECK(house.untouched());
}

TEST_CASE("a foreign Origin gets 403, a preflight too") {
    House house;
    for (const char* origin : {"https://evil.example.org", "null", "http://127.0.0.1:1"}) {
        auto request = house.write();
        request.headers.set("Origin", origin);
        CHECK(house.codeFor(request, 403) == "origin-refused");
        request.method = Method::options;
        request.body.clear();
        CHECK(house.codeFor(request, 403) == "origin-refused");
    }
    CHECK(house.untouched());
}

TEST_CASE("a cross-site form and a text/plain post get nowhere") {
    House house;
    for (const char* site : {"cross-site", "same-site"}) {
        http::ClientRequest form = house.write();
        form.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                        {"Cookie", house.page.cookie},
                        {"Sec-Fetch-Site", site}};
        form.body = "subjectId=null";
        CHECK(house.codeFor(form, 403) == "origin-refused");
    }
    for (const char* type : {"text/plain", "application/x-www-form-urlencoded",
                             "multipart/form-data; boundary=x", ""}) {
        CAPTURE(type);
        auto request = house.write();
        request.headers.set("Content-Type", type);
        CHECK(house.codeFor(request, 415) == "media-type");
    }
    CHECK(house.untouched());
}

TEST_CASE("cookie and header secret are needed together, for reads too") {
    House house;
    for (const auto& operation :
         {house.write(), house.page.request(Method::get, "/desk"),
          house.page.request(Method::get, "/session"), house.page.request(Method::get, "/feed")}) {
        CAPTURE(operation.url);
        auto request = operation;
        request.headers.set("X-Souffleur-Session", "");
        CHECK(house.codeFor(request, 403) == "session-needed");
        request.headers.set("X-Souffleur-Session", "guessed");
        CHECK(house.codeFor(request, 403) == "session-needed");
        request = operation;
        request.headers.set("Cookie", "souffleur_till=guessed");
        CHECK(house.codeFor(request, 401) == "session-needed");
        request.headers.set("Cookie", "");
        CHECK(house.codeFor(request, 401) == "session-needed");
    }
    CHECK(house.untouched());
}

TEST_CASE("the session begins with the launch file's token, once, and the file is renewed") {
    Station station;
    struct stat file {};
    REQUIRE(::stat(station.launchFile().c_str(), &file) == 0);
    CHECK((file.st_mode & 0777) == 0600);
    const std::string token = station.launchToken();
    CHECK(token.size() >= 22);
    Browser page(station);
    CHECK(page.get("/session").status == 200);
    CHECK(station.launchToken() != token);
    CHECK(codeOf(page.post("/session", {{"launchToken", token}})) == "launch-token-refused");
    Browser form(station, false);
    auto bare =
        form.request(Method::post, "/session", json{{"launchToken", station.launchToken()}}.dump());
    bare.headers.set("X-Souffleur-Session", "");
    CHECK(codeOf(form.send(bare)) == "session-needed");
    const std::string url = station.server->launchUrl();
    CHECK(url.starts_with(station.server->url() + "#launch="));
}

TEST_CASE("another user of this machine gets 403") {
    if (::geteuid() != 0) return; // only root can become somebody else
    House house;
    const std::uint16_t port = house.server->port();
    const std::string asked =
        "GET /api/v1/desk HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
        "\r\nCookie: " + house.page.cookie + "\r\nX-Souffleur-Session: " + house.page.secret +
        "\r\nConnection: close\r\n\r\n";
    int pipe[2];
    REQUIRE(::pipe(pipe) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        int status = 0;
        if (::setgid(65534) == 0 && ::setuid(65534) == 0) {
            peer::Connection raw(port);
            raw.send(asked);
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

TEST_CASE("bodies over the limit, 10 MB names and invalid UTF-8 are refused and harm nobody") {
    House house;
    Browser& page = house.page;
    const auto name = [](const std::string& given) {
        return R"({"idempotencyKey":"0192f0c1-6b1e-7c55-9a10-5a2f3e9d0b77","name":{"given":")" +
               given + R"(","family":"Vermeer"},"language":"nl","contacts":[]})";
    };
    CHECK(codeOf(page.send(Method::post, "/subjects", name(std::string(10 << 20, 'x')))) ==
          "too-large");
    CHECK(codeOf(page.send(Method::post, "/subjects", name(std::string(60000, 'x')))) == "invalid");
    CHECK(codeOf(page.send(Method::post, "/subjects", name("\xff\xfe"))) == "malformed");
    CHECK(codeOf(page.send(Method::post, "/subjects", name("\x1b[2J"))) == "malformed");
    CHECK(codeOf(page.send(Method::post, "/desk/rush", "{\"on\":tru}")) == "malformed");
    CHECK(codeOf(page.send(Method::get, "/nothing/here")) == "not-found");
    CHECK(codeOf(page.send(Method::post, "/desk", "{}")) == "method-not-allowed");
    // ESC as an escape is JSON; the counter cleans it away.
    const auto made = page.send(Method::post, "/subjects", name(R"(\u001b[31mAnna\u0000)"));
    CHECK(made.status == 201);
    CHECK(made.body.find("\\u001b") == std::string::npos);
    CHECK(json::parse(made.body)["customer"]["displayName"].get<std::string>().find('\x1b') ==
          std::string::npos);
    const auto status = page.get("/status");
    CHECK(status.status == 200);
}

TEST_CASE("the page comes with its policy, and nothing else is in the folder") {
    Station station;
    http::Client client;
    const auto index = client.get(station.server->url()).value();
    CHECK(index.status == 200);
    CHECK(index.headers.get("Content-Type").starts_with("text/html"));
    CHECK(index.headers.get("Content-Security-Policy").find("default-src 'none'") !=
          std::string::npos);
    CHECK(client.get(station.server->url() + "nothing.js").value().status == 404);
}

TEST_CASE("a port that is taken is an error") {
    Station station;
    api::PanelConfig config;
    config.port = station.server->port();
    api::Feed other;
    const auto second =
        api::PanelServer::start({*station.till, other, station.clock, station.random, {}}, config);
    REQUIRE_FALSE(second.has_value());
    CHECK(second.error().code == Code::unavailable);
}
