// rooms: sync-mail plugin-crypto
// The SMTP transport against a real server (aiosmtpd), and against what no server should be.
#include <doctest/doctest.h>

#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <functional>
#include <iterator>
#include <thread>

#include "Paths.h"
#include "plugin/crypto/Certificates.h"
#include "plugin/crypto/PrivateFile.h"
#include "sync/mail/Message.h"
#include "sync/mail/Smtp.h"
#include "tests/support/Eventually.h"
#include "tests/support/Folder.h"

using namespace souffleur;
using namespace souffleur::mail;
using Outcome = Delivery::Outcome;

namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// Ends with its standard input.
class MailServer {
public:
    explicit MailServer(const std::string& mode, const std::string& name = "localhost") {
        const TimeMs now = std::chrono::duration_cast<std::chrono::milliseconds>(
                               std::chrono::system_clock::now().time_since_epoch())
                               .count();
        auto authority = crypto::Authority::make("a test", now - kDayMs, now + kDayMs);
        REQUIRE(authority.has_value());
        const auto key = crypto::newTlsKey();
        const auto request = crypto::makeRequest(key.view(), "mail");
        REQUIRE(request.has_value());
        const auto certificate =
            authority->issueServer(*request, {name}, now - kDayMs, now + kDayMs);
        REQUIRE(certificate.has_value());
        REQUIRE(crypto::writePrivateFile(ca(), authority->certificatePem()));
        REQUIRE(crypto::writePrivateFile(_folder.path() / "key.pem", key.view()));
        REQUIRE(crypto::writePrivateFile(_folder.path() / "cert.pem", *certificate));
        int ends[2];
        REQUIRE(::pipe(ends) == 0);
        const std::string script = std::string(kSourceDir) + "/tests/integration/mail/server.py";
        const std::string folder = _folder.path().string();
        const std::string cert = folder + "/cert.pem";
        const std::string keyFile = folder + "/key.pem";
        _pid = ::fork();
        REQUIRE(_pid >= 0);
        if (_pid == 0) {
            ::dup2(ends[0], 0);
            ::close(ends[1]);
            // Debian's own, which has its packages.
            // By its whole name: Python looks for its library beside it, and another may be first
            // in PATH.
            ::execl("/usr/bin/python3", "/usr/bin/python3", script.c_str(), mode.c_str(),
                    folder.c_str(), cert.c_str(), keyFile.c_str(), static_cast<char*>(nullptr));
            ::_exit(127);
        }
        ::close(ends[0]);
        _input = ends[1];
        bool ended = false;
        const bool up = test::eventually([&] {
            ended = ::waitpid(_pid, nullptr, WNOHANG) != 0;
            return ended || fs::exists(_folder.path() / "port");
        });
        REQUIRE_MESSAGE((up && !ended), "install the Debian package python3-aiosmtpd");
    }
    ~MailServer() {
        ::close(_input);
        ::kill(_pid, SIGTERM);
        ::waitpid(_pid, nullptr, 0);
    }
    MailServer(const MailServer&) = delete;
    MailServer& operator=(const MailServer&) = delete;

    [[nodiscard]] fs::path ca() const { return _folder.path() / "ca.pem"; }
    [[nodiscard]] fs::path folder() const { return _folder.path(); }
    [[nodiscard]] Settings settings(Security security) const {
        Settings out;
        out.from = "no-reply@example.org";
        out.host = "localhost";
        out.port = static_cast<std::uint16_t>(std::stoi(read(_folder.path() / "port")));
        out.security = security;
        out.caFile = ca();
        return out;
    }
    [[nodiscard]] std::string taken(int n) const {
        return read(_folder.path() / (std::to_string(n) + ".eml"));
    }

private:
    Folder _folder;
    pid_t _pid = -1;
    int _input = -1;
};

Outgoing letter(const std::string& to, const std::string& extra = "") {
    Message message;
    message.id = "0123";
    message.from = "no-reply@example.org";
    message.fromName = "Het Voorhuis";
    message.to = to;
    message.language = "nl";
    message.subject = "Bevestig";
    message.text = "één\n.punt\n";
    message.html = "<p>één</p>";
    return {message.from, to, message.id, extra + assemble(message)};
}

Delivery send(const Settings& settings, const Outgoing& message) {
    auto smtp = Smtp::make(settings);
    REQUIRE(smtp.has_value());
    return (*smtp)->send(message);
}

/// Greets with these bytes and says nothing more, or hangs; until it is gone.
class Odd {
public:
    explicit Odd(std::string greeting, bool repeats = false)
        : _listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        REQUIRE(::bind(_listener, reinterpret_cast<const sockaddr*>(&address), size) == 0);
        REQUIRE(::listen(_listener, 4) == 0);
        REQUIRE(::getsockname(_listener, reinterpret_cast<sockaddr*>(&address), &size) == 0);
        port = ntohs(address.sin_port);
        _thread = std::thread([this, greeting = std::move(greeting), repeats] {
            const int peer = ::accept(_listener, nullptr, nullptr);
            if (peer < 0) return;
            while (::send(peer, greeting.data(), greeting.size(), MSG_NOSIGNAL) > 0 && repeats) {
            }
            greeted = true;
            char byte = 0;
            while (::recv(peer, &byte, 1, 0) > 0) {
            } // until the other end goes
            ::close(peer);
        });
    }
    ~Odd() {
        ::shutdown(_listener, SHUT_RDWR);
        _thread.join();
        ::close(_listener);
    }
    Odd(const Odd&) = delete;
    Odd& operator=(const Odd&) = delete;
    [[nodiscard]] Settings settings() const {
        Settings out;
        out.from = "no-reply@example.org";
        out.host = "127.0.0.1";
        out.port = port;
        out.security = Security::none;
        return out;
    }
    std::uint16_t port = 0;
    std::atomic<bool> greeted{false};

private:
    int _listener;
    std::thread _thread;
};

} // namespace

TEST_CASE("a real server takes a message as it is, dots and all, plain or over TLS") {
    const auto [mode, security] = [] {
        std::pair<const char*, Security> one{"plain", Security::none};
        SUBCASE("plain, on this machine") {}
        SUBCASE("STARTTLS") {
            one = {"starttls", Security::startTls};
        }
        SUBCASE("TLS from the first byte") {
            one = {"tls", Security::tls};
        }
        return one;
    }();
    const MailServer server(mode);
    const Delivery done = send(server.settings(security), letter("anna@example.org"));
    REQUIRE_MESSAGE(done.outcome == Outcome::accepted, done.why);
    CHECK(server.taken(1) == letter("anna@example.org").text);
}

TEST_CASE("a line that begins with a dot arrives with it") {
    const MailServer server("plain");
    Outgoing message = letter("anna@example.org");
    message.text = "Subject: dots\r\n\r\n.one\r\n..two\r\n.\r\nthree\r\n";
    CHECK(send(server.settings(Security::none), message).outcome == Outcome::accepted);
    CHECK(server.taken(1) == message.text);
}

TEST_CASE("what the server says of a recipient decides whether the address works") {
    const MailServer server("plain");
    const Settings settings = server.settings(Security::none);
    CHECK(send(settings, letter("unknown@example.org")).outcome == Outcome::noSuchAddress);
    CHECK(send(settings, letter("full@example.org")).outcome == Outcome::later);
    CHECK(send(settings, letter("relay@example.org")).outcome == Outcome::later);
    CHECK(send(settings, letter("later@example.org")).outcome == Outcome::later);
    CHECK(send(settings, letter("closing@example.org")).outcome == Outcome::unreachable);
    CHECK(send(settings, letter("anna@example.org", "X-Refuse: yes\r\n")).outcome ==
          Outcome::refused);
    CHECK(send(settings, letter("anna@example.org")).outcome == Outcome::accepted);
    for (const char* to : {"unknown@example.org", "full@example.org", "later@example.org"})
        CHECK(send(settings, letter(to)).why.find('@') == std::string::npos);
}

TEST_CASE("codes without more words are read as what they mean") {
    CHECK(judgeRecipient(550, "no such user").outcome == Outcome::noSuchAddress);
    CHECK(judgeRecipient(553, "").outcome == Outcome::noSuchAddress);
    CHECK(judgeRecipient(550, "5.7.1 we do not like you").outcome == Outcome::later);
    CHECK(judgeRecipient(552, "full").outcome == Outcome::later);
    CHECK(judgeRecipient(554, "no").outcome == Outcome::later);
    CHECK(judgeRecipient(250, "OK").outcome == Outcome::accepted);
}

TEST_CASE("a login goes over TLS alone, and a wrong one says nothing about the address") {
    const MailServer server("login");
    Settings settings = server.settings(Security::startTls);
    settings.user = "house";
    settings.passwordFile = server.folder() / "password";
    REQUIRE(crypto::writePrivateFile(settings.passwordFile, "a word\n"));
    CHECK(send(settings, letter("anna@example.org")).outcome == Outcome::accepted);
    REQUIRE(crypto::writePrivateFile(settings.passwordFile, "another\n"));
    const Delivery wrong = send(settings, letter("anna@example.org"));
    CHECK(wrong.outcome == Outcome::unreachable);
    CHECK(wrong.why.find("another") == std::string::npos);
}

TEST_CASE("a certificate of another name, or of nobody we trust, gets no address") {
    Settings settings;
    SUBCASE("another name") {
        const MailServer server("starttls", "elsewhere.example.org");
        const Delivery done = send(server.settings(Security::startTls), letter("anna@example.org"));
        CHECK(done.outcome == Outcome::unreachable);
        CHECK(server.taken(1).empty());
    }
    SUBCASE("another authority") {
        const MailServer server("starttls");
        const MailServer other("plain");
        settings = server.settings(Security::startTls);
        settings.caFile = other.ca();
        CHECK(send(settings, letter("anna@example.org")).outcome == Outcome::unreachable);
        CHECK(server.taken(1).empty());
    }
    SUBCASE("a server that offers no TLS") {
        const MailServer server("plain");
        const Delivery done = send(server.settings(Security::startTls), letter("anna@example.org"));
        CHECK(done.outcome == Outcome::unreachable);
        CHECK(done.why.find("STARTTLS") != std::string::npos);
    }
}

TEST_CASE("what is no mail server is left, in bounded time and memory") {
    SUBCASE("garbage") {
        const Odd odd("GET / HTTP/1.1\r\n\r\n");
        CHECK(send(odd.settings(), letter("anna@example.org")).outcome == Outcome::unreachable);
    }
    SUBCASE("a line without an end") {
        const Odd odd(std::string(65536, '2'), true);
        CHECK(send(odd.settings(), letter("anna@example.org")).outcome == Outcome::unreachable);
    }
    SUBCASE("a reply without an end") {
        const Odd odd("220-more\r\n", true);
        CHECK(send(odd.settings(), letter("anna@example.org")).outcome == Outcome::unreachable);
    }
    SUBCASE("silence") {
        const Odd odd("220 hello\r\n");
        Settings settings = odd.settings();
        settings.timeoutMs = 1000;
        const Delivery done = send(settings, letter("anna@example.org"));
        CHECK(done.outcome == Outcome::unreachable);
        CHECK(done.why.find("too long") != std::string::npos);
    }
    SUBCASE("nobody") {
        std::uint16_t port = 0;
        {
            const Odd odd("");
            port = odd.port;
        }
        Settings settings;
        settings.host = "127.0.0.1";
        settings.port = port;
        settings.from = "a@example.org";
        settings.security = Security::none;
        CHECK(send(settings, letter("anna@example.org")).outcome == Outcome::unreachable);
    }
}

TEST_CASE("a server that has the message and does not say so may have taken it") {
    const MailServer server("plain");
    Settings settings = server.settings(Security::none);
    const char* how = "X-Stall: yes\r\n";
    SUBCASE("its last word does not come") {
        settings.endMs = 300;
    }
    SUBCASE("it closes instead") {
        how = "X-Close: yes\r\n";
    }
    const Delivery done = send(settings, letter("anna@example.org", how));
    CHECK_MESSAGE(done.outcome == Outcome::maybe, done.why);
    CHECK_FALSE(done.why.empty());
    CHECK(test::eventually([&] { return !server.taken(1).empty(); }));
}

TEST_CASE("until the first byte of the message nothing was sent, from it on something was") {
    // All that is asked is answered beforehand.
    const std::string until = "220 hello\r\n250 hello\r\n250 from\r\n250 to\r\n";
    SUBCASE("no word that it may begin") {
        const Odd odd(until);
        Settings settings = odd.settings();
        settings.dataMs = 200;
        CHECK(send(settings, letter("anna@example.org")).outcome == Outcome::unreachable);
    }
    SUBCASE("no word after its end") {
        const Odd odd(until + "354 go on\r\n");
        Settings settings = odd.settings();
        settings.endMs = 200;
        CHECK(send(settings, letter("anna@example.org")).outcome == Outcome::maybe);
    }
    SUBCASE("garbage after its end") {
        const Odd odd(until + "354 go on\r\nhello\r\n");
        CHECK(send(odd.settings(), letter("anna@example.org")).outcome == Outcome::maybe);
    }
    SUBCASE("a refusal is one") {
        const Odd odd(until + "354 go on\r\n451 not now\r\n");
        CHECK(send(odd.settings(), letter("anna@example.org")).outcome == Outcome::later);
    }
}

TEST_CASE("the times are those of RFC 5321 4.5.3.2, and a claim outlives them all") {
    const Settings settings;
    CHECK(settings.timeoutMs >= 5 * kMinuteMs);
    CHECK(settings.dataMs >= 2 * kMinuteMs);
    CHECK(settings.blockMs >= 3 * kMinuteMs);
    CHECK(settings.endMs >= 10 * kMinuteMs);
    CHECK(longestMs(settings) > settings.timeoutMs + settings.dataMs + 2 * settings.endMs);
}

TEST_CASE("a send that hangs ends when the house closes") {
    const Odd odd("220 hello\r\n");
    auto smtp = Smtp::make(odd.settings());
    REQUIRE(smtp.has_value());
    Delivery done;
    std::thread sending([&] { done = (*smtp)->send(letter("anna@example.org")); });
    CHECK(test::eventually([&] { return odd.greeted.load(); }));
    (*smtp)->cancel();
    sending.join();
    CHECK(done.outcome == Outcome::unreachable);
    CHECK((*smtp)->send(letter("anna@example.org")).outcome == Outcome::unreachable);
}
