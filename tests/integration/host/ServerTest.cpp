// The terminal's end against hosts that misbehave, with real sockets.
#include <algorithm>
#include <csignal>
#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/integration/host/HostRig.h"

using namespace souffleur;
using namespace souffleur::host;
using namespace souffleur::host::test;

namespace {

/// A server in this process with its recorder.
struct Served {
    explicit Served(SelectionServerLimits limits = {}) {
        auto started = SelectionServer::start(folder.socket(), events, clock, limits);
        REQUIRE(started);
        server = std::move(*started);
    }
    Folder folder;
    SystemClock clock;
    Recorder events;
    std::unique_ptr<SelectionServer> server;
};

std::vector<std::uint8_t> bytes(const std::string& text) {
    return {text.begin(), text.end()};
}

souffleur_message_t completed(std::uint64_t serial, const char* id) {
    souffleur_message_t message{};
    message.type = SOUFFLEUR_FRAME_COMPLETED;
    message.serial = serial;
    message.customer.system = SOUFFLEUR_LITERAL("raw");
    message.order_id = {id, std::char_traits<char>::length(id)};
    return message;
}

} // namespace

TEST_CASE("everything a host tells arrives as it was told") {
    Served served;
    Host host(served.folder.socket());
    const souffleur_basket_item_t item{SOUFFLEUR_LITERAL("figaro"), SOUFFLEUR_LITERAL("opera"),
                                       SOUFFLEUR_LITERAL("ballet-co"), 2};
    souffleur_customer_t customer{};
    customer.system = SOUFFLEUR_LITERAL("pretix");
    customer.id = SOUFFLEUR_LITERAL("c7");
    customer.name = SOUFFLEUR_LITERAL("Zoë\x1b[31m \xff");
    customer.email = SOUFFLEUR_LITERAL("zoe@example.org");
    customer.phone = SOUFFLEUR_LITERAL("+44 7700 900123");
    customer.card = SOUFFLEUR_LITERAL("M-1");
    customer.language = SOUFFLEUR_LITERAL("nl");
    customer.situation = SOUFFLEUR_PHONE;
    customer.basket = &item;
    customer.basket_count = 1;
    CHECK(api().customer_next(host.handle(), &customer) == SOUFFLEUR_OK);
    CHECK(api().customer_selected(host.handle(), &customer) == SOUFFLEUR_OK);
    REQUIRE(served.events.until([](const auto& e) { return e.selections.size() == 1; }));
    const Selection& got = served.events.selections[0];
    CHECK(got.system == "pretix");
    CHECK(got.id == "c7");
    CHECK(got.name == "Zoë [31m \xEF\xBF\xBD");
    CHECK(got.email == "zoe@example.org");
    CHECK(got.phone == "+44 7700 900123");
    CHECK(got.card == "M-1");
    CHECK(got.language == "nl");
    CHECK(got.situation == Situation::phone);
    CHECK(got.basket == std::vector<BasketItem>{{"figaro", "opera", "ballet-co", 2}});
    CHECK(got.ref != SelectionRef{});
    CHECK(served.server->stats().hostNames == std::vector<std::string>{"test"});
    REQUIRE(served.events.hints.size() == 1);
    CHECK(served.events.hints[0].ref == SelectionRef{});

    souffleur_order_t order{};
    order.system = SOUFFLEUR_LITERAL("pretix");
    order.order_id = SOUFFLEUR_LITERAL("A1");
    order.customer_id = SOUFFLEUR_LITERAL("c7");
    order.total_minor = -4900;
    order.currency[0] = 'E', order.currency[1] = 'U', order.currency[2] = 'R';
    CHECK(api().order_completed(host.handle(), &order) == SOUFFLEUR_OK);
    REQUIRE(served.events.until([](const auto& e) { return e.orders.size() == 1; }));
    CHECK(served.events.orders[0].totalMinor == -4900);
    CHECK(served.events.orders[0].currency == "EUR");
    CHECK(served.events.orders[0].customerId == "c7");
    customer.situation = SOUFFLEUR_COUNTER; // which is to say nothing of it
    CHECK(api().customer_selected(host.handle(), &customer) == SOUFFLEUR_OK);
    REQUIRE(served.events.until([](const auto& e) { return e.selections.size() == 2; }));
    CHECK_FALSE(served.events.selections[1].situation);
}

TEST_CASE("hostile texts through the library: an identifier is refused at once, a name is cut") {
    Served served;
    Host host(served.folder.socket());
    const std::string huge(10'000'000, 'x');
    const std::string wide = [] {
        std::string text;
        for (int i = 0; i < 3'000'000; ++i) text += "\xd0\x96"; // a letter of two bytes
        return text;
    }();
    const auto text = [](const std::string& from) {
        return souffleur_text_t{from.data(), from.size()};
    };
    souffleur_customer_t customer{};
    customer.system = SOUFFLEUR_LITERAL("test");
    for (const std::string& id :
         {huge, std::string(SOUFFLEUR_ID_MAX + 1, 'x'), std::string(), std::string("a\x1b[2J"),
          std::string("a\0b", 3), std::string("a\n"), std::string("\xc3\x28"),
          std::string("\xed\xa0\x80"), std::string("\xf8\x88\x80\x80")}) {
        customer.id = text(id);
        CHECK(api().customer_selected(host.handle(), &customer) == SOUFFLEUR_INVALID);
        CHECK(api().customer_next(host.handle(), &customer) == SOUFFLEUR_INVALID);
    }
    const std::string last = "told";
    for (const std::string& name :
         {huge, wide, std::string("\x1b]0;x\x07\x1b[31mZo\xff\r\n"), std::string("\x7f\x01")}) {
        customer.id = SOUFFLEUR_LITERAL("c1");
        customer.name = customer.email = customer.phone = customer.card = text(name);
        const auto told = api().customer_selected(host.handle(), &customer);
        CHECK((told == SOUFFLEUR_OK || told == SOUFFLEUR_ABSENT));
    }
    customer = {};
    customer.system = SOUFFLEUR_LITERAL("test");
    customer.id = text(last);
    customer.name = text(wide);
    CHECK(api().customer_selected(host.handle(), &customer) != SOUFFLEUR_INVALID);
    CHECK(host.untilLive());
    REQUIRE(served.events.until([&](const Recorder& heard) {
        return !heard.selections.empty() && heard.selections.back().id == last;
    }));
    for (const Selection& heard : served.events.selections) {
        CHECK(heard.name.size() <= SOUFFLEUR_NAME_MAX);
        for (const std::string& field : {heard.name, heard.email, heard.phone, heard.card}) {
            CHECK(std::none_of(field.begin(), field.end(),
                               [](unsigned char c) { return c < 0x20 || c == 0x7f; }));
        }
    }
    CHECK(served.events.selections.back().name.size() == SOUFFLEUR_NAME_MAX);
    CHECK(served.server->stats().refusedMalformed == 0);
}

TEST_CASE("a flag goes to the host whose present selection it answers, and nowhere else") {
    Served served;
    Host first(served.folder.socket());
    Host second(served.folder.socket());
    CHECK(first.select("a") == SOUFFLEUR_OK);
    REQUIRE(served.events.until([](const auto& e) { return e.selections.size() == 1; }));
    CHECK(second.select("b") == SOUFFLEUR_OK);
    REQUIRE(served.events.until([](const auto& e) { return e.selections.size() == 2; }));
    const SelectionRef refOfA = served.events.selections[0].ref;
    FlagView view{refOfA, "refresh", "clock", std::string(1000, 'w'), std::string(5000, 's'),
                  "ca",   42};
    served.server->publishFlag(view);
    souffleur_flag_t flag{};
    CHECK(first.until([&] { return api().poll_flag(first.handle(), &flag) == SOUFFLEUR_OK; }));
    CHECK(flag.kind == SOUFFLEUR_FLAG_REFRESH);
    CHECK(std::string(flag.icon) == "clock");
    CHECK(std::string(flag.words).size() == SOUFFLEUR_WORDS_CAPACITY - 1);
    CHECK(std::string(flag.script).size() == SOUFFLEUR_SCRIPT_CAPACITY - 1);
    CHECK(std::string(flag.script_language) == "ca");
    view.words = "again"; // an act was recorded: the flag of the same selection changes
    served.server->publishFlag(view);
    CHECK(first.flag("again"));
    CHECK(first.select("c") == SOUFFLEUR_OK);
    REQUIRE(served.events.until([](const auto& e) { return e.selections.size() == 3; }));
    view.words = "stale";
    served.server->publishFlag(view);
    view.ref = served.events.selections[2].ref;
    view.words = "fresh";
    served.server->publishFlag(view);
    CHECK(first.until([&] { return api().poll_flag(first.handle(), &flag) == SOUFFLEUR_OK; }));
    CHECK(std::string(flag.words) == "fresh");
    REQUIRE(second.untilLive());
    CHECK(api().poll_flag(second.handle(), &flag) == SOUFFLEUR_NONE);
}

TEST_CASE("a host that goes, goes with its selection") {
    Served served;
    {
        Host host(served.folder.socket());
        CHECK(host.select("a") == SOUFFLEUR_OK);
        REQUIRE(served.events.until([](const auto& e) { return e.selections.size() == 1; }));
    }
    REQUIRE(served.events.until([](const auto& e) { return e.clears.size() == 1; }));
    CHECK(served.events.clears[0] == served.events.selections[0].ref);
}

TEST_CASE("bytes that are no frame end the connection, and only that one") {
    Served served;
    Host good(served.folder.socket());
    REQUIRE(good.untilLive());
    const std::vector<std::vector<std::uint8_t>> garbage = {
        bytes("GET / HTTP/1.1\r\n\r\n"),
        bytes("S"),
        bytes(std::string("Sf\1\2\2\0\0\0\377\377\377\377", 12)), // says 4 GiB
        bytes(std::string("Sf\1\2\2\0\0\0\4\0\0\0\3\0", 14)),     // half a frame
        bytes(std::string("Sf\1\6\7\0\0\0\0\0\0\0", 12)),         // a sequence out of order
        bytes(std::string("Sf\1\20\2\0\0\0\0\0\0\0", 12)),        // a terminal's frame
        bytes(
            std::string("Sf\1\1\2\0\0\0\14\0\0\0\1\0\10\0\1\0\0\0\0\0\0\0", 24)), // a second hello
        std::vector<std::uint8_t>(SOUFFLEUR_FRAME_MAX + 1, 'S'),
        std::vector<std::uint8_t>(150000, 0xff),
    };
    for (const auto& frame : garbage) {
        RawHost raw(served.folder.socket());
        REQUIRE(raw.hello(5));
        REQUIRE(raw.send(frame));
        CHECK(raw.refusal() == SOUFFLEUR_REFUSED_MALFORMED);
    }
    CHECK(served.server->stats().refusedMalformed == garbage.size());
    RawHost rude(served.folder.socket());
    CHECK(rude.select(1, "no-hello"));
    CHECK(rude.refusal() == SOUFFLEUR_REFUSED_MALFORMED);
    RawHost newer(served.folder.socket());
    CHECK(newer.send(bytes(std::string("Sf\2\1\1\0\0\0\0\0\0\0", 12))));
    CHECK(newer.refusal() == SOUFFLEUR_REFUSED_VERSION);
    CHECK(good.select("a") == SOUFFLEUR_OK);
    CHECK(served.events.until([](const auto& e) { return e.selections.size() == 1; }));
    CHECK(good.state().connects == 1);
}

TEST_CASE("a type from a later version is acknowledged and ignored") {
    Served served;
    RawHost raw(served.folder.socket());
    REQUIRE(raw.hello(5));
    REQUIRE(raw.send(bytes(std::string("Sf\1\7\2\0\0\0\3\0\0\0abc", 15))));
    for (auto message = raw.receive(); message; message = raw.receive()) {
        if (message->type == SOUFFLEUR_FRAME_ACK && message->seq == 2) break;
        REQUIRE(message->type != SOUFFLEUR_FRAME_REFUSED);
    }
    CHECK(served.server->stats().frames == 2);
}

TEST_CASE("an order resent after a reconnect is handed on once") {
    Served served;
    for (int connection = 0; connection < 3; ++connection) {
        RawHost raw(served.folder.socket());
        REQUIRE(raw.hello(77));
        REQUIRE(raw.send(completed(1, "A1")));
        REQUIRE(raw.send(completed(2, "A2")));
        CHECK(raw.acknowledged());
    }
    RawHost other(served.folder.socket());
    REQUIRE(other.hello(78));
    REQUIRE(other.send(completed(1, "B1")));
    CHECK(other.acknowledged());
    REQUIRE(served.events.until([](const auto& e) { return e.orders.size() >= 3; }));
    REQUIRE(served.events.orders.size() == 3);
    CHECK(served.events.orders[2].orderId == "B1");
}

TEST_CASE(
    "a flood is read no faster than allowed, others are heard meanwhile, and all of it arrives") {
    SelectionServerLimits limits;
    limits.framesPerSecond = 500;
    limits.burstFrames = 20;
    Served served(limits);
    RawHost flood(served.folder.socket());
    REQUIRE(flood.hello(5));
    for (std::uint32_t i = 1; i <= 100; ++i) REQUIRE(flood.select(i, "f" + std::to_string(i)));
    Host calm(served.folder.socket());
    CHECK(calm.select("calm") == SOUFFLEUR_OK);
    const auto has = [](const Recorder& e, const std::string& id) {
        return std::any_of(e.selections.begin(), e.selections.end(),
                           [&](const auto& s) { return s.id == id; });
    };
    CHECK(served.events.until([&](const auto& e) { return has(e, "calm"); }));
    CHECK(served.events.until([&](const auto& e) { return has(e, "f100"); }));
    CHECK(served.server->stats().throttled > 0);
    CHECK(served.server->stats().superseded > 0);
    // Whoever was not handed on as selected was told of all the same.
    CHECK(served.events.until([](const auto& e) {
        return e.selections.size() + e.passers.size() == 101; // with the calm one
    }));
    CHECK(served.server->stats().superseded == served.events.passers.size());
}

TEST_CASE("a host that never reads its flags is served the rest, and costs no memory") {
    Served served;
    RawHost deaf(served.folder.socket());
    REQUIRE(deaf.hello(5));
    REQUIRE(deaf.select(1, "a"));
    REQUIRE(served.events.until([](const auto& e) { return e.selections.size() == 1; }));
    FlagView view{served.events.selections[0].ref, "ask", "i", "w",
                  std::string(1000, 's'),          "en",  1};
    for (int i = 0; i < 5000; ++i) served.server->publishFlag(view); // far more than a socket holds
    Host other(served.folder.socket());
    CHECK(other.untilLive());
    view.words = "last";
    served.server->publishFlag(view);
    std::string words;
    for (auto message = deaf.receive(); message && words != "last"; message = deaf.receive()) {
        if (message->type == SOUFFLEUR_FRAME_FLAG)
            words = {message->words.bytes, message->words.size};
        if (words == "last") break;
    }
    CHECK(words == "last");
}

TEST_CASE("one more host than allowed is turned away and comes in when one has left") {
    Served served({.maxClients = 2});
    auto first = std::make_unique<RawHost>(served.folder.socket());
    RawHost second(served.folder.socket());
    REQUIRE(first->hello(1));
    REQUIRE(second.hello(2));
    CHECK(first->acknowledged());
    CHECK(second.acknowledged());
    RawHost third(served.folder.socket());
    CHECK(third.refusal() == SOUFFLEUR_REFUSED_FULL);
    Host polite(served.folder.socket());
    api().ping(polite.handle());
    CHECK(polite.until([&] { return polite.state().link == SOUFFLEUR_LINK_REFUSED; }));
    first.reset();
    CHECK(polite.untilLive());
}

TEST_CASE("a connection that says nothing is closed") {
    Served served({.helloTimeoutMs = 1});
    RawHost silent(served.folder.socket());
    CHECK(silent.refusal() == SOUFFLEUR_REFUSED_SILENT);
}

TEST_CASE("another local user is refused, even where file modes would let it in") {
    if (::geteuid() != 0) {
        MESSAGE("needs root to become another user; not run");
        return;
    }
    Served served;
    ::chmod(served.folder.path.c_str(), 0755);
    ::chmod((served.folder.path + "/run").c_str(), 0755);
    ::chmod(served.folder.socket().c_str(), 0666);
    const std::string path = served.folder.socket();
    const pid_t child = ::fork();
    if (child == 0) { // system calls only: the parent has threads
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        std::uint8_t answer[64] = {};
        ::alarm(60);
        if (::setgid(65534) != 0 || ::setuid(65534) != 0) ::_exit(2);
        const int fd = ::socket(AF_UNIX, SOCK_SEQPACKET, 0);
        if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
            ::_exit(3);
        const ssize_t got = ::recv(fd, answer, sizeof answer, 0);
        ::_exit(got == 20 && answer[3] == SOUFFLEUR_FRAME_REFUSED &&
                        answer[16] == SOUFFLEUR_REFUSED_USER &&
                        ::recv(fd, answer, sizeof answer, 0) == 0
                    ? 0
                    : 4);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    CHECK(WEXITSTATUS(status) == 0);
    CHECK(served.server->stats().refusedUser == 1);
    CHECK(served.server->stats().accepted == 0);
}

TEST_CASE("the library tells nothing to another user's terminal") {
    if (::geteuid() != 0) {
        MESSAGE("needs root to become another user; not run");
        return;
    }
    Folder folder;
    ::chmod(folder.path.c_str(), 0777);
    const std::string path = folder.path + "/s";
    int ready[2];
    REQUIRE(::pipe(ready) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        ::alarm(60);
        if (::setgid(65534) != 0 || ::setuid(65534) != 0) ::_exit(2);
        const int fd = ::socket(AF_UNIX, SOCK_SEQPACKET, 0);
        if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
            ::_exit(3);
        ::listen(fd, 4);
        static_cast<void>(::write(ready[1], "r", 1));
        char bytesIn[64];
        const int guest = ::accept(fd, nullptr, nullptr);
        ::_exit(::recv(guest, bytesIn, sizeof bytesIn, 0) == 0
                    ? 0
                    : 4); // the end, and nothing before it
    }
    char byte = 0;
    REQUIRE(::read(ready[0], &byte, 1) == 1);
    {
        Host host(path);
        CHECK(host.select("ask-1") == SOUFFLEUR_ABSENT);
        CHECK(host.state().link == SOUFFLEUR_LINK_REFUSED);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    CHECK(WEXITSTATUS(status) == 0);
    ::close(ready[0]);
    ::close(ready[1]);
}

TEST_CASE(
    "an event handler with a bug costs its host the connection, not the terminal its thread") {
    struct Buggy final : HostEvents {
        void selected(const Selection&) override { throw std::runtime_error("bug"); }
        void cleared(const SelectionRef&) override {}
        void completed(const Completed&) override {}
    } events;
    Folder folder;
    const SystemClock clock;
    const auto server = SelectionServer::start(folder.socket(), events, clock);
    REQUIRE(server);
    RawHost raw(folder.socket());
    REQUIRE(raw.hello(1));
    REQUIRE(raw.select(1, "a"));
    CHECK(raw.refusal() == 0);
    RawHost next(folder.socket());
    REQUIRE(next.hello(2));
    CHECK(next.acknowledged());
}
