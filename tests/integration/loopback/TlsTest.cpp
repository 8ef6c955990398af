// rooms: plugin-http
// Mutual TLS between our client and our server, and answers that end too early.
#include <doctest/doctest.h>

#include <openssl/ssl.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "plugin/crypto/Certificates.h"
#include "plugin/crypto/PrivateFile.h"
#include "plugin/http/Client.h"
#include "plugin/http/Server.h"
#include "tests/integration/loopback/Peer.h"
#include "tests/support/Folder.h"

using namespace souffleur;
using namespace souffleur::http;

namespace {

constexpr const char* kOrigin = "0190a5c3-7d2e-7b1a-8c4d-1e2f3a4b5c6d";

TimeMs now() {
    return SystemClock().now().at;
}

/// An authority with the files of its server and its clients in a folder.
struct Authority {
    Folder folder;
    crypto::Authority ca;
    explicit Authority(const char* name)
        : ca(crypto::Authority::make(name, now() - kDayMs, now() + 365 * kDayMs).value()) {
        REQUIRE(crypto::writePrivateFile(path("ca.pem"), ca.certificatePem()).has_value());
    }
    [[nodiscard]] std::filesystem::path path(const std::string& name) const {
        return folder.path() / name;
    }
    ServerTls server(const std::vector<std::string>& names = {"localhost", "127.0.0.1"}) const {
        const auto key = crypto::newTlsKey();
        const auto request = crypto::makeRequest(key.view(), "server").value();
        const auto cert = ca.issueServer(request, names, now() - kHourMs, now() + kDayMs).value();
        REQUIRE(crypto::writePrivateFile(path("server.key"), key.view()).has_value());
        REQUIRE(crypto::writePrivateFile(path("server.pem"), cert).has_value());
        ServerTls tls;
        tls.certFile = path("server.pem");
        tls.keyFile = path("server.key");
        tls.caFile = path("ca.pem");
        return tls;
    }
    ClientTls client(TimeMs from = now() - kHourMs, TimeMs to = now() + kDayMs) const {
        const auto key = crypto::newTlsKey();
        const auto request = crypto::makeRequest(key.view(), "client").value();
        const auto cert = ca.issueClient(request, kOrigin, from, to).value();
        REQUIRE(crypto::writePrivateFile(path("client.key"), key.view()).has_value());
        REQUIRE(crypto::writePrivateFile(path("client.pem"), cert).has_value());
        ClientTls tls;
        tls.caFile = path("ca.pem");
        tls.certFile = path("client.pem");
        tls.keyFile = path("client.key");
        return tls;
    }
};

/// Refuses certificates by their fingerprint, per request: what a hub does with its revocation
/// list.
class Revoked final : public Gate {
public:
    std::atomic<bool> active{false};
    crypto::Hash fingerprint{};
    std::optional<Response> admit(Request& request) override {
        if (!active || request.peer.fingerprint != fingerprint) return std::nullopt;
        return Response::problem({Code::refused, "this device was revoked", {}});
    }
};

struct House {
    Router router;
    Revoked revoked;
    std::unique_ptr<Server> server;
    explicit House(const ServerTls& tls) {
        ServerConfig config;
        config.tls = tls;
        server = Server::bind(config).value();
        router.get("/who", [](const Request& request) -> Result<Response> {
            const bool ended = request.peer.notAfter < now();
            return Response::text(request.peer.commonName + (ended ? " expired" : ""));
        });
        server->start(router, {&revoked});
    }
    [[nodiscard]] Result<ClientResponse> ask(const ClientTls& tls) const {
        ClientConfig config;
        config.tls = tls;
        Client client(config);
        return client.get(server->origin() + "/who");
    }
};

/// Answers the first connection with these bytes and closes it.
class OneAnswer {
public:
    explicit OneAnswer(std::string bytes, bool waitForCut = false) : _bytes(std::move(bytes)) {
        _fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        REQUIRE(::bind(_fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
        REQUIRE(::listen(_fd, 4) == 0);
        socklen_t size = sizeof address;
        REQUIRE(::getsockname(_fd, reinterpret_cast<sockaddr*>(&address), &size) == 0);
        _port = ntohs(address.sin_port);
        _thread = std::thread([this, waitForCut] { serve(waitForCut); });
    }
    ~OneAnswer() {
        ::shutdown(_fd, SHUT_RDWR);
        _thread.join();
        ::close(_fd);
    }
    [[nodiscard]] std::string url() const {
        return "http://127.0.0.1:" + std::to_string(_port) + "/";
    }
    [[nodiscard]] bool asked() const { return _asked; }

private:
    void serve(bool waitForCut) {
        const int peer = ::accept(_fd, nullptr, nullptr);
        if (peer < 0) return;
        char buffer[4096];
        std::string request;
        while (request.find("\r\n\r\n") == std::string::npos) {
            const ssize_t count = ::recv(peer, buffer, sizeof buffer, 0);
            if (count <= 0) break;
            request.append(buffer, static_cast<std::size_t>(count));
        }
        _asked = true;
        ::send(peer, _bytes.data(), _bytes.size(), MSG_NOSIGNAL);
        while (waitForCut && ::recv(peer, buffer, sizeof buffer, 0) > 0) {
        }
        ::close(peer);
    }

    std::string _bytes;
    int _fd = -1;
    std::uint16_t _port = 0;
    std::atomic<bool> _asked{false};
    std::thread _thread;
};

/// Ends each connection with its answer, and notes whether its TLS session was an earlier one.
class ClosingServer {
public:
    explicit ClosingServer(const ServerTls& tls) : _context(SSL_CTX_new(TLS_server_method())) {
        REQUIRE(SSL_CTX_use_certificate_chain_file(_context, tls.certFile.c_str()) == 1);
        REQUIRE(SSL_CTX_use_PrivateKey_file(_context, tls.keyFile.c_str(), SSL_FILETYPE_PEM) == 1);
        REQUIRE(SSL_CTX_load_verify_locations(_context, tls.caFile.c_str(), nullptr) == 1);
        SSL_CTX_set_verify(_context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
        const unsigned char name[] = "test";
        REQUIRE(SSL_CTX_set_session_id_context(_context, name, sizeof name) == 1);
        _fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        REQUIRE(::bind(_fd, reinterpret_cast<sockaddr*>(&address), size) == 0);
        REQUIRE(::listen(_fd, 4) == 0);
        REQUIRE(::getsockname(_fd, reinterpret_cast<sockaddr*>(&address), &size) == 0);
        url = "https://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/";
        _thread = std::thread([this] {
            for (int peer = -1; (peer = ::accept(_fd, nullptr, nullptr)) >= 0; ::close(peer))
                answer(peer);
        });
    }
    ~ClosingServer() {
        ::shutdown(_fd, SHUT_RDWR);
        _thread.join();
        ::close(_fd);
        SSL_CTX_free(_context);
    }
    ClosingServer(const ClosingServer&) = delete;
    ClosingServer& operator=(const ClosingServer&) = delete;

    std::string url;
    std::atomic<int> whole{0};
    std::atomic<int> resumed{0};

private:
    void answer(int peer) {
        SSL* tls = SSL_new(_context);
        SSL_set_fd(tls, peer);
        if (SSL_accept(tls) == 1) {
            ++(SSL_session_reused(tls) == 1 ? resumed : whole);
            std::string request;
            char buffer[4096];
            for (int got = 1; got > 0 && request.find("\r\n\r\n") == std::string::npos;) {
                got = SSL_read(tls, buffer, sizeof buffer);
                if (got > 0) request.append(buffer, static_cast<std::size_t>(got));
            }
            const std::string text =
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
            SSL_write(tls, text.data(), static_cast<int>(text.size()));
            SSL_shutdown(tls);
        }
        SSL_free(tls);
    }

    SSL_CTX* _context;
    int _fd = -1;
    std::thread _thread;
};

Code codeOf(const Result<ClientResponse>& outcome) {
    return outcome ? Code::internal : outcome.error().code;
}

} // namespace

TEST_CASE("client and server know each other by their certificates") {
    const Authority authority("Example Theatre");
    const House house(authority.server());
    CHECK(house.ask(authority.client()).value().body == kOrigin);
}

// With TLS 1.3 a refused client sees an alert or a reset, whichever comes first: which error it
// gets is open.
TEST_CASE("a client that comes again shows the TLS session that it had") {
    const Authority authority("Example Theatre");
    ClosingServer server(authority.server());
    ClientConfig config;
    config.tls = authority.client();
    Client client(config);
    for (int i = 0; i < 4; ++i) CHECK(client.get(server.url).value().body == "ok");
    CHECK(server.whole == 1);
    CHECK(server.resumed == 3);
    // A certificate that is new must be shown.
    client.readTlsAgain();
    CHECK(client.get(server.url).value().body == "ok");
    CHECK(server.whole == 2);
    CHECK(client.get(server.url).value().body == "ok");
    CHECK(server.resumed == 4);
}

TEST_CASE("a client without or with a foreign certificate is not let in") {
    const Authority authority("Example Theatre");
    const Authority foreign("Example Theatre"); // the same name, another key
    const House house(authority.server());
    ClientTls none;
    none.caFile = authority.path("ca.pem");
    CHECK_FALSE(house.ask(none).has_value());
    ClientTls stranger = foreign.client();
    stranger.caFile = authority.path("ca.pem");
    CHECK_FALSE(house.ask(stranger).has_value());
    CHECK(house.ask(authority.client()).has_value());
}

TEST_CASE("a server certificate is no client certificate") {
    const Authority authority("Example Theatre");
    const House house(authority.server());
    ClientTls tls;
    tls.caFile = authority.path("ca.pem");
    tls.certFile = authority.path("server.pem");
    tls.keyFile = authority.path("server.key");
    CHECK_FALSE(house.ask(tls).has_value());
}

TEST_CASE("a client whose certificate ended or is to begin is refused, unless it may renew") {
    const Authority authority("Example Theatre");
    ServerTls tls = authority.server();
    const auto ended = [&] { return authority.client(now() - 2 * kDayMs, now() - kDayMs); };
    const auto early = [&] { return authority.client(now() + kDayMs, now() + 2 * kDayMs); };
    CHECK_FALSE(House(tls).ask(ended()).has_value());
    CHECK_FALSE(House(tls).ask(early()).has_value());
    tls.acceptExpired = true;
    const House house(tls);
    CHECK(house.ask(ended()).value().body == std::string(kOrigin) + " expired");
    CHECK(house.ask(early()).value().body == kOrigin);
    // Nothing else about it is let pass.
    const Authority foreign("Example Theatre");
    ClientTls stranger = foreign.client(now() + kDayMs, now() + 2 * kDayMs);
    stranger.caFile = authority.path("ca.pem");
    CHECK_FALSE(house.ask(stranger).has_value());
}

TEST_CASE("a revoked client is refused at its next request, on a connection that is open too") {
    const Authority authority("Example Theatre");
    House house(authority.server());
    ClientConfig config;
    config.tls = authority.client();
    Client client(config);
    CHECK(client.get(house.server->origin() + "/who").value().status == 200);
    std::ifstream file(config.tls->certFile);
    const std::string pem{std::istreambuf_iterator<char>(file), {}};
    house.revoked.fingerprint = crypto::readCertificate(pem).value().fingerprint;
    house.revoked.active = true;
    CHECK(client.get(house.server->origin() + "/who").value().status == 403);
    CHECK(house.ask(authority.client()).value().status == 200); // another key
}

TEST_CASE("a server of another authority, or with another name, is refused") {
    const Authority authority("Example Theatre");
    const Authority foreign("Example Theatre");
    const House impostor(foreign.server());
    CHECK(codeOf(impostor.ask(authority.client())) == Code::refused);
    const House misnamed(authority.server({"hub.example.org"}));
    CHECK(codeOf(misnamed.ask(authority.client())) == Code::refused);
}

TEST_CASE("a pin stands in for the authority, and only the right one") {
    const Authority authority("Example Theatre");
    ServerTls tls = authority.server();
    tls.caFile.clear();
    const House house(tls);
    std::ifstream file(tls.certFile);
    const std::string pem{std::istreambuf_iterator<char>(file), {}};
    ClientTls pinned;
    pinned.pin = crypto::readCertificate(pem).value().fingerprint;
    CHECK(house.ask(pinned).value().status == 200);
    (*pinned.pin)[0] ^= 1;
    CHECK(codeOf(house.ask(pinned)) == Code::refused);
    CHECK(codeOf(house.ask(ClientTls{})) == Code::invalid);
}

TEST_CASE("key files that others can read are refused on both sides") {
    const Authority authority("Example Theatre");
    ServerConfig config;
    config.tls = authority.server();
    const ClientTls client = authority.client();
    const House house(*config.tls);
    std::filesystem::permissions(config.tls->keyFile, std::filesystem::perms::group_read,
                                 std::filesystem::perm_options::add);
    const auto bound = Server::bind(config);
    REQUIRE_FALSE(bound.has_value());
    CHECK(bound.error().code == Code::refused);
    std::filesystem::permissions(client.keyFile, std::filesystem::perms::others_read,
                                 std::filesystem::perm_options::add);
    CHECK(codeOf(house.ask(client)) == Code::refused);
}

TEST_CASE("plain HTTP to a TLS port and TLS to a plain one fail cleanly") {
    const Authority authority("Example Theatre");
    const House house(authority.server());
    Client plain;
    const std::string url = "http://127.0.0.1:" + std::to_string(house.server->port()) + "/who";
    CHECK_FALSE(plain.get(url).has_value());
    OneAnswer notTls("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    ClientConfig config;
    config.tls = authority.client();
    config.connectTimeoutMs = 300;
    config.timeoutMs = 300;
    Client client(config);
    CHECK_FALSE(client.get("https" + notTls.url().substr(4)).has_value());
    CHECK(house.ask(authority.client()).has_value());
}

TEST_CASE("an answer that ends too early is an error, never a success") {
    for (const std::string answer :
         {"", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\nbody",
          "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx",
          "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
          "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nx", "garbage\r\n\r\n", "\xff\xfe\x00"}) {
        CAPTURE(answer);
        OneAnswer server(answer);
        Client client;
        const auto outcome = client.get(server.url());
        CHECK_FALSE(outcome.has_value());
    }
}

TEST_CASE("an answer over the limit is refused, whatever it announces") {
    ClientConfig config;
    config.maxResponseBytes = 10;
    for (const std::string answer :
         {"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n12345678901",
          "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n12345678901"}) {
        OneAnswer server(answer);
        Client client(config);
        CHECK(codeOf(client.get(server.url())) == Code::tooLarge);
    }
}

TEST_CASE("a redirect is an answer, not an order") {
    OneAnswer server(
        "HTTP/1.1 302 Found\r\nLocation: http://example.org/\r\nContent-Length: 0\r\n\r\n");
    Client client;
    CHECK(client.get(server.url()).value().status == 302);
}

TEST_CASE("a server that hangs is given up, and one that drips as well") {
    ClientConfig config;
    config.timeoutMs = 200;
    for (const char* start : {"", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"}) {
        OneAnswer server(start, true);
        Client client(config);
        const auto outcome = client.get(server.url());
        REQUIRE_FALSE(outcome.has_value());
        CHECK(outcome.error().code == Code::unavailable);
    }
}

TEST_CASE("a running request can be cancelled, and the client used again") {
    OneAnswer server("", true);
    Client client;
    std::thread other([&] {
        while (!server.asked()) std::this_thread::yield();
        client.cancel();
    });
    CHECK(codeOf(client.get(server.url())) == Code::unavailable);
    other.join();
    CHECK(codeOf(client.get(server.url())) == Code::unavailable);
    client.reset();
    OneAnswer next("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    CHECK(client.get(next.url()).value().body == "ok");
}

TEST_CASE("nobody at the address, and addresses that are none") {
    Client client;
    CHECK(codeOf(client.get("http://127.0.0.1:1/")) == Code::unavailable);
    for (const char* url :
         {"", "x", "ftp://example.org/", "http://", "http://user:pass@127.0.0.1/",
          "http://127.0.0.1/a b", "http://127.0.0.1:99999/", "https://127.0.0.1/"}) {
        CAPTURE(std::string(url));
        CHECK(codeOf(client.get(url)) == Code::invalid);
    }
}
