// rooms: sync-hub
// Every attack on a page server at 127.0.0.1 that the design names, on the real console.
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plugin/crypto/Handle.h"
#include "plugin/crypto/Pin.h"
#include "plugin/http/Client.h"
#include "plugin/http/Sessions.h"
#include "plugin/wire/Json.h"
#include "sync/hub/ConsoleServer.h"
#include "sync/hub/Home.h"
#include "tests/integration/loopback/Peer.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestOrigin.h"

using namespace souffleur;
using namespace souffleur::http;

namespace {

constexpr const char* kPassword = "a long enough word";

/// A hub with its console, a device that waits, and an administrator who is signed in.
struct Office {
    SystemClock clock;
    SystemRandom random;
    test::TemporaryFolder folder;
    std::unique_ptr<hub::Home> home;
    std::unique_ptr<hub::ConsoleServer> console;
    test::TestOrigin device{3};
    std::string cookie;
    std::string secret;

    Office() {
        auto opened = hub::Home::found(folder.path() / "hub", clock, random);
        REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error().text()));
        home = std::move(*opened);
        const crypto::PinHasher hasher(home->pepper());
        REQUIRE(home->store()
                    .putStaff({"admin", "admin", hasher.hash(kPassword, random).value(), 0, 0})
                    .has_value());
        auto enrolment = device.enrolment();
        enrolment.status = store::OriginStatus::pending;
        enrolment.fingerprint = std::string(64, 'a');
        REQUIRE(home->store().enrol(enrolment).has_value());
        auto started = hub::ConsoleServer::start(*home, clock, random, {});
        REQUIRE_MESSAGE(started.has_value(), (started ? "" : started.error().text()));
        console = std::move(*started);
        signIn();
    }

    [[nodiscard]] std::string origin() const {
        return "http://127.0.0.1:" + std::to_string(console->port());
    }
    void signIn() {
        ClientRequest request = base(Method::post, "/api/v1/session");
        request.body = std::string(R"({"name":"admin","password":")") + kPassword + "\"}";
        const auto answer = send(request);
        REQUIRE(answer.status == 201);
        cookie = answer.headers.get("Set-Cookie");
        CHECK(cookie.find("HttpOnly; SameSite=Strict") != std::string::npos);
        cookie = cookie.substr(0, cookie.find(';'));
        secret = std::string(wire::Json::parse(answer.body)->at("secret")->asString().value());
    }
    [[nodiscard]] ClientRequest base(Method method, const std::string& path) const {
        ClientRequest request;
        request.method = method;
        request.url = origin() + path;
        request.headers = {{"Content-Type", "application/json"},
                           {"Cookie", cookie},
                           {"Origin", origin()},
                           {"Sec-Fetch-Site", "same-origin"},
                           {std::string(kSecretHeader), secret.empty() ? "launch" : secret}};
        return request;
    }
    /// What the page itself would send to approve the device; a test spoils one thing of it.
    [[nodiscard]] ClientRequest approve() const {
        ClientRequest request =
            base(Method::post, "/api/v1/devices/" + device.id.text() + "/approve");
        request.body = R"({"fingerprint":")" + std::string(64, 'a') + "\"}";
        return request;
    }
    static ClientResponse send(const ClientRequest& request) {
        Client client;
        auto answer = client.send(request);
        REQUIRE_MESSAGE(answer.has_value(), (answer ? "" : answer.error().text()));
        return std::move(*answer);
    }
    [[nodiscard]] bool approved() const {
        return home->store().origin(device.id)->status == store::OriginStatus::active;
    }
    [[nodiscard]] int raw(const std::string& request) const {
        peer::Connection connection(console->port());
        connection.send(request);
        return peer::statusIn(connection.readAll());
    }
};

} // namespace

TEST_CASE("the page itself gets through: a device that waits is approved") {
    Office office;
    CHECK_FALSE(office.approved());
    CHECK(office.send(office.approve()).status == 200);
    CHECK(office.approved());
    CHECK(office.send(office.base(Method::get, "/api/v1/overview")).status == 200);
}

TEST_CASE("a rebound Host gets 400 and nothing happens") {
    Office office;
    const std::string port = std::to_string(office.console->port());
    const std::string body = office.approve().body;
    for (const std::string& host :
         {"evil.example.org:" + port, std::string("127.0.0.1"), "127.0.0.1.example.org:" + port,
          "127.0.0.1:" + std::to_string(office.console->port() + 1), std::string("")}) {
        CAPTURE(host);
        CHECK(office.raw(
                  "POST /api/v1/devices/" + office.device.id.text() +
                  "/approve HTTP/1.1\r\nHost: " + host + "\r\nCookie: " + office.cookie +
                  "\r\nOrigin: " + office.origin() + "\r\nContent-Type: application/json\r\n" +
                  std::string(kSecretHeader) + ": " + office.secret + "\r\nContent-Length: " +
                  std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" + body) == 400);
        CHECK(office.raw("GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n") ==
              400);
    }
    CHECK_FALSE(office.approved());
}

TEST_CASE("a foreign Origin gets 403 and no CORS header") {
    Office office;
    for (const char* foreign :
         {"https://evil.example.org", "null", "http://127.0.0.1", "http://127.0.0.1:1"}) {
        CAPTURE(foreign);
        for (ClientRequest request :
             {office.approve(), office.base(Method::get, "/api/v1/overview")}) {
            request.headers.set("Origin", foreign);
            const auto answer = office.send(request);
            CHECK(answer.status == 403);
            CHECK_FALSE(answer.headers.has("Access-Control-Allow-Origin"));
        }
    }
    CHECK_FALSE(office.approved());
}

TEST_CASE("a cross-site form gets 403, and so does a page on another port") {
    Office office;
    for (const char* site : {"cross-site", "same-site", "something-new"}) {
        CAPTURE(site);
        ClientRequest form = office.approve();
        form.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                        {"Cookie", office.cookie},
                        {"Sec-Fetch-Site", site}};
        CHECK(office.send(form).status == 403);
        ClientRequest signIn = office.base(Method::post, "/api/v1/session");
        signIn.headers = {{"Content-Type", "application/json"}, {"Sec-Fetch-Site", site}};
        signIn.body = std::string(R"({"name":"admin","password":")") + kPassword + "\"}";
        CHECK(office.send(signIn).status == 403);
    }
    CHECK_FALSE(office.approved());
}

TEST_CASE("a text/plain POST gets 415") {
    Office office;
    for (const char* type :
         {"text/plain", "multipart/form-data", "application/x-www-form-urlencoded",
          "text/plain; application/json", ""}) {
        CAPTURE(type);
        ClientRequest request = office.approve();
        request.headers.set("Content-Type", type);
        CHECK(office.send(request).status == 415);
    }
    CHECK_FALSE(office.approved());
}

TEST_CASE("without the header secret nothing is changed, and nothing is read") {
    Office office;
    for (const std::string& secret : {std::string(), std::string(32, 'x')}) {
        CAPTURE(secret);
        ClientRequest change = office.approve();
        change.headers.set(kSecretHeader, secret);
        CHECK(office.send(change).status == 403);
        ClientRequest read = office.base(Method::get, "/api/v1/devices");
        read.headers.set(kSecretHeader, secret);
        CHECK(office.send(read).status == 403);
    }
    ClientRequest none = office.approve();
    none.headers.set("Cookie", "souffleur_console=guess");
    CHECK(office.send(none).status == 401);
    CHECK_FALSE(office.approved());
}

TEST_CASE("a session that was ended, or a device address, opens nothing") {
    Office office;
    CHECK(office.send(office.base(Method::post, "/api/v1/session/end")).status == 204);
    CHECK(office.send(office.approve()).status == 401);
    CHECK(office.send(office.base(Method::get, "/sync/v1/pull")).status >= 400);
    CHECK_FALSE(office.approved());
}

TEST_CASE("another local user is refused") {
    if (::geteuid() != 0) {
        MESSAGE("skipped: needs root to act as another user");
        return;
    }
    Office office;
    const std::string request =
        "GET /api/v1/overview HTTP/1.1\r\nHost: 127.0.0.1:" +
        std::to_string(office.console->port()) + "\r\nCookie: " + office.cookie + "\r\n" +
        std::string(kSecretHeader) + ": " + office.secret + "\r\nConnection: close\r\n\r\n";
    CHECK(office.raw(request) == 200);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        constexpr uid_t kNobody = 65534;
        if (::setuid(kNobody) != 0) ::_exit(1);
        ::_exit(office.raw(request) / 2); // an exit code has eight bits
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WEXITSTATUS(status) == 403 / 2);
}
