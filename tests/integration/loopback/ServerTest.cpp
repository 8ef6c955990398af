// rooms: plugin-http
// Peers that are slow, malformed, greedy or gone.
#include "plugin/http/Server.h"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "plugin/http/Client.h"
#include "plugin/http/EventStream.h"
#include "tests/integration/loopback/Peer.h"
#include "tests/support/Eventually.h"

using namespace souffleur;
using namespace souffleur::http;

namespace {

struct House {
    Router router;
    SystemRandom random;
    EventStream events{eventConfig(), random};
    std::atomic<int> calls{0};
    std::unique_ptr<Server> server; // last: it stops before what it borrows goes

    explicit House(ServerConfig config = {}) {
        server = Server::bind(config).value();
        router.post("/echo",
                    [this](const Request& request) -> Result<Response> {
                        ++calls;
                        return Response::text(request.body);
                    },
                    {1000});
        router.get("/hello/{name}", [](const Request& request) -> Result<Response> {
            return Response::text("hello " + request.param("name"));
        });
        router.get("/events", [this](const Request& request) { return events.subscribe(request); });
        router.get("/lines", [](const Request&) -> Result<Response> {
            return Response::streaming("application/x-ndjson", [](StreamWriter& out) {
                for (int i = 0; i < 1000 && out.write(std::to_string(i) + "\n"); ++i) {
                }
            });
        });
        server->start(router);
    }
    static EventStreamConfig eventConfig() {
        EventStreamConfig config;
        config.heartbeatMs = 20;
        return config;
    }
    int raw(const std::string& bytes) const {
        peer::Connection connection(server->port());
        connection.send(bytes);
        return peer::statusIn(connection.readAll());
    }
    /// True when the server still answers somebody else.
    bool answers() const {
        Client client;
        const auto answer = client.get(server->origin() + "/hello/x");
        return answer && answer->body == "hello x";
    }
};

} // namespace

TEST_CASE("requests are answered and the connection is kept") {
    House house;
    Client client;
    CHECK(client.get(house.server->origin() + "/hello/a%20b").value().body == "hello a b");
    const auto echo = client.post(house.server->origin() + "/echo", "x").value();
    CHECK(echo.status == 200);
    CHECK(echo.body == "x");
    peer::Connection raw(house.server->port());
    raw.send("GET /hello/1 HTTP/1.1\r\nHost: x\r\n\r\n");
    raw.readUntil("hello 1");
    raw.send("GET /hello/2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    CHECK(raw.readUntil("hello 2").find("hello 2") != std::string::npos);
}

TEST_CASE("HEAD has a length and no body") {
    House house;
    peer::Connection raw(house.server->port());
    raw.send("HEAD /hello/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const std::string answer = raw.readAll();
    CHECK(peer::statusIn(answer) == 200);
    CHECK(answer.find("Content-Length: 7") != std::string::npos);
    CHECK(answer.ends_with("\r\n\r\n"));
}

TEST_CASE("a port that is taken is an error, not a share") {
    House house;
    ServerConfig config;
    config.port = house.server->port();
    const auto second = Server::bind(config);
    REQUIRE_FALSE(second.has_value());
    CHECK(second.error().code == Code::unavailable);
}

TEST_CASE("an oversized body gets 413 before it is read") {
    House house;
    const std::string head = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: ";
    CHECK(house.raw(head + "1001\r\nConnection: close\r\n\r\n" + std::string(1001, 'x')) == 413);
    CHECK(house.raw(head + "99999999999\r\n\r\nx") == 413);
    Client client;
    const auto big = client.post(house.server->origin() + "/echo", std::string(3 << 20, 'x'));
    CHECK(big.value().status == 413);
    CHECK(house.calls == 0);
    CHECK(house.answers());
}

TEST_CASE("a malformed request gets 400 or the connection's end, and harms nobody") {
    House house;
    for (const std::string& bytes : std::vector<std::string>{
             "\r\n\r\n", "GET\r\n\r\n", std::string(100, '\0'), "GET / HTTP/9.9\r\n\r\n",
             "\x16\x03\x01\x02\x00\x01\x00", std::string(100000, 'A'),
             "GET / HTTP/1.1\r\n" + std::string(100000, 'a') + ": b\r\n\r\n",
             "GET /%ff HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
             "GET /../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
             "BREW / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"}) {
        CAPTURE(bytes.substr(0, 20));
        peer::Connection connection(house.server->port());
        connection.send(bytes);
        connection.finishSending();
        const int status = peer::statusIn(connection.readAll());
        CHECK(connection.ended());
        CHECK((status == 0 || status == 400 || status == 501));
    }
    std::string many = "GET /hello/x HTTP/1.1\r\nHost: x\r\n";
    for (int i = 0; i < 500; ++i) many += "X-" + std::to_string(i) + ": y\r\n";
    CHECK(house.raw(many + "Connection: close\r\n\r\n") != 200);
    CHECK(house.answers());
}

TEST_CASE("bodies whose length is in doubt are refused") {
    House house;
    const std::string head = "POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n";
    CHECK(house.raw(head + "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n") == 411);
    CHECK(house.raw(head + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx") == 400);
    CHECK(house.raw(head + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nx") == 411);
    // POCO itself hangs up on what is no number at all.
    for (const std::string length : {"-1", "+1", "0x1", "1 1", "1,1", "99999999999999999999999"}) {
        CAPTURE(length);
        const int status = house.raw(head + "Content-Length: " + length + "\r\n\r\nx");
        CHECK((status == 400 || status == 0));
    }
    CHECK(house.calls == 0);
}

TEST_CASE("a body that ends early never reaches the handler") {
    House house;
    peer::Connection raw(house.server->port());
    raw.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf");
    raw.finishSending();
    CHECK(peer::statusIn(raw.readAll()) == 400);
    CHECK(house.calls == 0);
}

TEST_CASE("a peer that sends a byte now and then is cut off") {
    ServerConfig config;
    config.readTimeoutMs = 200;
    config.keepAliveMs = 100;
    House house(config);
    for (const char* start :
         {"", "GET /hello/x HT", "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n"}) {
        CAPTURE(start);
        peer::Connection slow(house.server->port());
        REQUIRE(slow.send(start));
        std::atomic<bool> done{false};
        std::thread dripping([&] {
            while (!done && slow.send("a"))
                std::this_thread::sleep_for(std::chrono::milliseconds(20));
        });
        slow.readAll();
        done = true;
        dripping.join();
        CHECK(slow.ended());
    }
    CHECK(house.calls == 0);
    CHECK(house.answers());
}

TEST_CASE("an event stream ends when its page goes, and its place is free again") {
    House house;
    {
        peer::Connection page(house.server->port());
        page.send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
        page.readUntil("retry:");
        CHECK(house.events.subscribers() == 1);
        house.events.publish("flag", "{}");
        CHECK(page.readUntil("event: flag").find("text/event-stream") != std::string::npos);
    }
    CHECK(test::eventually([&] { return house.events.subscribers() == 0; }));
}

TEST_CASE("stop ends live streams, idle and half-open connections at once") {
    auto house = std::make_unique<House>();
    peer::Connection page(house->server->port());
    page.send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
    page.readUntil("retry:");
    peer::Connection idle(house->server->port());
    peer::Connection half(house->server->port());
    half.send("GET /hel");
    house->server->stop();
    page.readAll();
    idle.readAll();
    half.readAll();
    CHECK(page.ended());
    CHECK(idle.ended());
    CHECK(half.ended());
    house->server->stop(); // twice is once
}

TEST_CASE("many streams do not keep others from being served") {
    House house;
    std::vector<std::unique_ptr<peer::Connection>> pages;
    for (int i = 0; i < 20; ++i) {
        pages.push_back(std::make_unique<peer::Connection>(house.server->port()));
        pages.back()->send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
        pages.back()->readUntil("retry:");
    }
    CHECK(house.answers());
}

TEST_CASE("connections that are kept and idle hold nobody up") {
    ServerConfig config;
    config.clients = 1;
    config.keepAliveMs = 10 * 60 * 1000;
    House house(config);
    std::vector<std::unique_ptr<peer::Connection>> idle;
    for (int i = 0; i < 40; ++i) {
        idle.push_back(std::make_unique<peer::Connection>(house.server->port()));
        idle.back()->send("GET /hello/x HTTP/1.1\r\nHost: x\r\n\r\n");
        REQUIRE(idle.back()->readUntil("hello x").find("hello x") != std::string::npos);
    }
    CHECK(house.answers());
    // The first ones are still kept.
    idle.front()->send("GET /hello/again HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(idle.front()->readUntil("hello again").find("hello again") != std::string::npos);
}

TEST_CASE("a streamed answer arrives whole") {
    House house;
    Client client;
    const auto answer = client.get(house.server->origin() + "/lines").value();
    CHECK(answer.status == 200);
    CHECK(answer.body.ends_with("998\n999\n"));
    ClientRequest request;
    request.url = house.server->origin() + "/lines";
    std::string pieces;
    request.sink = [&](std::string_view bytes) {
        pieces += bytes;
        return true;
    };
    CHECK(client.send(request).value().body.empty());
    CHECK(pieces == answer.body);
}
