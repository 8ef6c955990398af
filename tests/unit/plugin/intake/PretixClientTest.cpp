#include "plugin/intake/PretixClient.h"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "tests/support/ScriptedServer.h"

using namespace souffleur;
using namespace souffleur::intake;
using souffleur::test::ScriptedServer;

namespace {

constexpr const char* kEmpty = R"({"count":0,"next":null,"previous":null,"results":[]})";

PretixAccess accessTo(const std::string& url) {
    PretixAccess access;
    access.url = url;
    access.organizer = "house";
    access.token = "sesame";
    return access;
}

std::unique_ptr<PretixClient> clientOf(const ScriptedServer& server) {
    auto client = PretixClient::make(accessTo(server.url()));
    REQUIRE(client);
    return std::move(*client);
}

Code codeFor(const std::string& answer) {
    const ScriptedServer server([&](const std::string&) { return answer; });
    const auto page = clientOf(server)->orders(0);
    REQUIRE_FALSE(page);
    CHECK_FALSE(page.error().message.empty());
    CHECK(page.error().text().find("sesame") == std::string::npos);
    return page.error().code;
}

} // namespace

TEST_CASE("orders are asked for with the token, since when, latest first") {
    const ScriptedServer server([](const std::string&) {
        return ScriptedServer::json(kEmpty, "X-Page-Generated: 2026-11-22T17:00:00.25Z\r\n");
    });
    const auto page = clientOf(server)->orders(parseTime("2026-11-22T16:00:00Z").value());
    REQUIRE(page);
    CHECK(page->generated == parseTime("2026-11-22T17:00:00.250Z").value());
    CHECK(page->next.empty());
    const std::string head = server.heads().at(0);
    CHECK(head.starts_with("GET /api/v1/organizers/house/orders/?ordering=-last_modified"
                           "&modified_since=2026-11-22T16%3A00%3A00.000Z&include="));
    CHECK(head.find("Authorization: Token sesame\r\n") != std::string::npos);
    CHECK(head.substr(0, head.find('\r')).find("sesame") == std::string::npos);
}

TEST_CASE("without X-Page-Generated the server's Date stands in") {
    const ScriptedServer server([](const std::string&) {
        return ScriptedServer::json(kEmpty, "Date: Sun, 22 Nov 2026 17:00:00 GMT\r\n");
    });
    CHECK(clientOf(server)->orders(0)->generated == parseTime("2026-11-22T17:00:00Z").value());
}

TEST_CASE("the next link is followed on the same origin and in the same list only") {
    std::string next;
    std::string path = "/api/v1/organizers/house/orders/?page=2";
    const ScriptedServer other([](const std::string&) { return ScriptedServer::json(kEmpty); });
    const ScriptedServer server([&](const std::string& head) {
        const bool second = head.find("page=2") != std::string::npos;
        return ScriptedServer::json(R"({"next":)" + (second ? "null" : "\"" + next + "\"") +
                                    R"(,"results":[]})");
    });
    const auto client = clientOf(server);
    next = server.url() + path;
    const auto first = client->orders(0);
    REQUIRE(first);
    CHECK(first->next == next);
    CHECK(client->nextOrders(first->next));
    CHECK(server.heads().size() == 2);

    const std::string port = server.url().substr(server.url().rfind(':'));
    for (const std::string& foreign :
         {other.url() + path, "http://localhost" + port + path, "https://127.0.0.1" + port + path,
          "http://127.0.0.1" + port + "@example.org" + path, "//127.0.0.1" + port + path,
          "http://127.0.0.1" + port + ".example.org" + path, std::string("file:///etc/passwd"),
          std::string(), path, server.url() + "/api/v1/organizers/other/orders/?page=2",
          server.url() + "/api/v1/organizers/house/orders/../customers/?page=2",
          server.url() + path + "#x", server.url() + "/api/v1/organizers/house/orders/\r\nX: y"}) {
        CAPTURE(foreign);
        const auto page = client->nextOrders(foreign);
        REQUIRE_FALSE(page);
        CHECK(page.error().code == Code::refused);
    }
    CHECK(server.heads().size() == 2); // nothing was sent for any of these
    CHECK(other.heads().empty());
}

TEST_CASE("statuses become errors that say what to do") {
    CHECK(codeFor(ScriptedServer::json("{}", {}, "401 Unauthorized")) == Code::refused);
    CHECK(codeFor(ScriptedServer::json("{}", {}, "403 Forbidden")) == Code::refused);
    CHECK(codeFor(ScriptedServer::json("{}", {}, "404 Not Found")) == Code::notFound);
    CHECK(codeFor(ScriptedServer::json("{}", {}, "500 Internal Server Error")) ==
          Code::unavailable);
    CHECK(codeFor(ScriptedServer::json("{}", {}, "418 I'm a teapot")) == Code::corrupt);
}

TEST_CASE("no redirect is followed") {
    const ScriptedServer other([](const std::string&) { return ScriptedServer::json(kEmpty); });
    for (const char* status : {"301 Moved Permanently", "302 Found", "307 Temporary Redirect"}) {
        CHECK(codeFor(ScriptedServer::json("", "Location: " + other.url() + "/\r\n", status)) ==
              Code::refused);
    }
    CHECK(other.heads().empty());
}

TEST_CASE("429 says how long to wait, within an hour") {
    std::string after;
    const ScriptedServer server([&](const std::string&) {
        return ScriptedServer::json("{}", after, "429 Too Many Requests");
    });
    const auto client = clientOf(server);
    const auto told = [&](const std::string& header) {
        after = header;
        const auto page = client->orders(0);
        REQUIRE_FALSE(page);
        CHECK(page.error().code == Code::unavailable);
        return client->retryAfterMs();
    };
    CHECK(told("Retry-After: 7\r\n") == 7000);
    CHECK(told("Retry-After: 999999999\r\n") == kHourMs);
    CHECK(told("Retry-After: -1\r\n") == 0);
    CHECK(told("Retry-After: soon\r\n") == 0);
    CHECK(told("") == 0);
}

TEST_CASE("half answers, garbage and floods are errors") {
    CHECK(codeFor(ScriptedServer::json("<!doctype html><title>Sign in</title>")) == Code::corrupt);
    std::string truncated = ScriptedServer::json(kEmpty);
    truncated.resize(truncated.size() - 10);
    CHECK(codeFor(truncated) == Code::corrupt);
    CHECK(codeFor("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"res\r\n") ==
          Code::corrupt);
    const Code noise = codeFor("\x16\x03\x01 this is no HTTP at all\r\n\r\n");
    CHECK((noise == Code::corrupt || noise == Code::unavailable));
    CHECK(codeFor(ScriptedServer::json(std::string(9 * 1024 * 1024, ' '))) == Code::tooLarge);
    CHECK(codeFor("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n{") == Code::tooLarge);
}

TEST_CASE("a customer's identifier cannot lead elsewhere") {
    const ScriptedServer server(
        [](const std::string&) { return ScriptedServer::json(R"({"identifier":"AB12"})"); });
    const auto client = clientOf(server);
    for (const char* bad : {"", "..", "a/b", "a?b", "a b", "%2e"}) {
        CHECK(client->customer(bad).error().code == Code::invalid);
    }
    CHECK(server.heads().empty());
    CHECK(client->customer("AB12")->identifier == "AB12");
    CHECK(server.heads().at(0).starts_with("GET /api/v1/organizers/house/customers/AB12/ "));
}

TEST_CASE("cancel ends a request that is never answered") {
    std::atomic<bool> asked = false;
    std::atomic<bool> over = false;
    std::unique_ptr<PretixClient> client;
    const ScriptedServer server([&](const std::string&) {
        asked = true;
        asked.notify_all();
        over.wait(false);
        return std::string{};
    });
    client = clientOf(server);
    std::thread ask([&] { CHECK(client->orders(0).error().code == Code::unavailable); });
    asked.wait(false);
    client->cancel();
    ask.join();
    over = true;
    over.notify_all();
}

TEST_CASE("access that would leak the token is refused") {
    const auto codeOf = [](const std::string& url, const std::string& organizer = "house",
                           const std::string& token = "sesame") {
        PretixAccess access = accessTo(url);
        access.organizer = organizer;
        access.token = token;
        const auto made = PretixClient::make(access);
        return made ? Code::internal : made.error().code;
    };
    for (const char* url : {"http://tickets.example.org", "ftp://tickets.example.org", "", "x",
                            "https://user:word@tickets.example.org", "https://", "https:///x",
                            "http://127.0.0.1.example.org", "http://127.0.0.1:80@example.org",
                            "https://tickets.example.org/?x=1", "https://tickets.example.org:x"}) {
        CAPTURE(url);
        CHECK(codeOf(url) == Code::invalid);
    }
    CHECK(codeOf("https://tickets.example.org/") == Code::internal); // that is: made
    CHECK(codeOf("http://127.0.0.1:8000") == Code::internal);
    CHECK(codeOf("http://127.0.0.1:8000", "a/b") == Code::invalid);
    CHECK(codeOf("http://127.0.0.1:8000", "..") == Code::invalid);
    CHECK(codeOf("http://127.0.0.1:8000", "house", "") == Code::invalid);
    CHECK(codeOf("http://127.0.0.1:8000", "house", "a\r\nX: y") == Code::invalid);
}
