// Connections of which nothing comes any more (a till that lost its power, any user of this
// machine) keep no receipt from its printer.
#include <arpa/inet.h>
#include <fstream>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "drivers/emulator/Server.h"
#include "plugin/host/TapJob.h"
#include "tests/integration/tap/TapRig.h"
#include "tests/support/Eventually.h"
#include "tests/support/Property.h"

using namespace souffleur;
using namespace souffleur::test;

namespace {

/// Tries as a till does that finds its line closed; true once the printer has it.
bool prints(const host::Tap& tap, emulator::VirtualPrinter& device, const std::string& text) {
    const std::uint64_t before = device.printed();
    const auto attempt = [&] {
        try {
            auto till = connect(tap.port());
            send(till, text);
            (void) eventually([&] {
                return device.printed() > before || till.poll(0, Poco::Net::Socket::SELECT_READ);
            });
        } catch (const Poco::Exception&) { // hung up on
        }
        return device.printed() > before;
    };
    return eventually(attempt, std::chrono::minutes(1), std::chrono::milliseconds(50));
}

} // namespace

TEST_CASE("silent connections do not keep a receipt from its printer") {
    emulator::VirtualPrinter device{escpos::Profile{}};
    emulator::PrinterServer server(device, 0);
    Heard heard;
    const auto tap = host::Tap::start(tapSettings(), lineTo(server.port()), heard).value();
    std::vector<Poco::Net::StreamSocket> silent;
    for (std::size_t i = 0; i < host::kTapClientsMax; ++i) silent.push_back(connect(tap->port()));
    REQUIRE(prints(*tap, device, receipt("4711081")));
    CHECK(heard.waitFor(0) == "boxoffice order:4711081");
    // One of them has gone for it; the others still print.
    std::size_t closed = 0;
    for (auto& one : silent) closed += one.poll(0, Poco::Net::Socket::SELECT_READ) ? 1 : 0;
    CHECK(closed == 1);
    send(silent.back(), receipt("4711082"));
    CHECK(heard.waitFor(1) == "boxoffice order:4711082");
}

TEST_CASE("a receipt that is on its way keeps its place") {
    Recorder printer;
    Heard heard;
    const auto tap = host::Tap::start(tapSettings(), printer.line(), heard).value();
    const std::string begun = "\x1B@Order no. 4711081\n"; // and the till waits for something
    std::vector<Poco::Net::StreamSocket> tills;
    tills.push_back(connect(tap->port()));
    send(tills.front(), begun);
    REQUIRE(printer.waitFor(0, begun.size()) == begun);
    while (tills.size() < host::kTapClientsMax) tills.push_back(connect(tap->port()));
    for (auto& one : tills) {
        if (&one != &tills.front()) send(one, receipt("4711082"));
    }
    // All have something to print: who comes now is hung up on.
    auto late = connect(tap->port());
    CHECK(receive(late, 1).empty());
    send(tills.front(), kCut);
    CHECK(heard.waitFor(0) == "boxoffice order:4711081");
    CHECK(heard.waitFor(host::kTapClientsMax - 1) == "boxoffice order:4711082");
}

TEST_CASE("a till that went without a word is looked for after seconds, not hours") {
    Recorder printer;
    Heard heard;
    const auto tap = host::Tap::start(tapSettings(), printer.line(), heard).value();
    auto till = connect(tap->port());
    send(till, receipt("4711081"));
    REQUIRE(heard.waitFor(0) == "boxoffice order:4711081");
    // proc(5): local address, state 01 (established), timer 02 (keepalive) and when, in ticks.
    const auto looked = [&] {
        std::ifstream table("/proc/net/tcp");
        char port[8] = {};
        (void) std::snprintf(port, sizeof port, ":%04X", static_cast<unsigned>(tap->port()));
        for (std::string line; std::getline(table, line);) {
            unsigned state = 0;
            unsigned timer = 0;
            unsigned long when = 0;
            char local[64] = {};
            if (std::sscanf(line.c_str(), " %*d: %63s %*s %x %*x:%*x %x:%lx", local, &state, &timer,
                            &when) != 4 ||
                !std::string(local).ends_with(port) || state != 1)
                continue;
            return timer == 2 && when <= 15 * static_cast<unsigned long>(::sysconf(_SC_CLK_TCK));
        }
        return false;
    };
    CHECK(eventually(looked, std::chrono::seconds(10)));
}

TEST_CASE("users who are not believed never have the last place") {
    const passwd* const nobody = ::getpwnam("nobody");
    if (::geteuid() != 0 || nobody == nullptr) {
        std::puts("SKIPPED: another user's connections: only root may become another user");
        return;
    }
    int to[2] = {};
    int from[2] = {};
    REQUIRE(::pipe(to) == 0);
    REQUIRE(::pipe(from) == 0);
    const pid_t child = ::fork(); // before there are threads
    REQUIRE(child >= 0);
    if (child == 0) {
        (void) ::close(to[1]);
        std::uint16_t port = 0;
        if (::read(to[0], &port, sizeof port) != sizeof port || ::setgid(nobody->pw_gid) != 0 ||
            ::setuid(nobody->pw_uid) != 0)
            ::_exit(1);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        for (std::size_t i = 0; i < host::kTapClientsMax; ++i) {
            const int till = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
            // With a hello each is a job under way, which is sent away by nobody.
            if (::connect(till, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
                ::send(till, host::kJobHello.data(), host::kJobHello.size(), MSG_NOSIGNAL) < 0)
                ::_exit(2);
        }
        char end = 0;
        if (::write(from[1], &end, 1) == 1) (void) !::read(to[0], &end, 1); // until it is closed
        ::_exit(0);
    }
    (void) ::close(to[0]);
    (void) ::close(from[1]);
    {
        emulator::VirtualPrinter device{escpos::Profile{}};
        emulator::PrinterServer server(device, 0);
        Heard heard;
        auto settings = tapSettings();
        settings.receiptGapMs = 50;
        const auto tap = host::Tap::start(settings, lineTo(server.port()), heard).value();
        const std::uint16_t port = tap->port();
        char there = 1;
        CHECK(::write(to[1], &port, sizeof port) == sizeof port);
        CHECK(::read(from[0], &there, 1) == 1);
        CHECK(prints(*tap, device, receipt("4711081")));
        CHECK(heard.waitFor(0) == "boxoffice order:4711081");
    }
    (void) ::close(to[1]);
    (void) ::close(from[0]);
    (void) ::waitpid(child, nullptr, 0);
}
