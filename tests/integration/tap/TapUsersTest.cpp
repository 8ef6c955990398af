// Another user of the same machine prints through the tap: the receipt passes, and selects nobody.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include "tests/integration/tap/TapRig.h"
#include "tests/support/Property.h"

using namespace souffleur;
using namespace souffleur::test;

namespace {

/// A child that is another user: prints what it was made with, once told where, and leaves when
/// let.
class Other {
public:
    explicit Other(const std::string& bytes) {
        REQUIRE(::pipe(_pipe) == 0);
        _child = ::fork();
        REQUIRE(_child >= 0);
        if (_child == 0) {
            (void) ::close(_pipe[1]);
            print(_pipe[0], bytes);
        }
        (void) ::close(_pipe[0]);
    }
    ~Other() { leave(); }
    void leave() {
        if (_child < 0) return;
        (void) ::close(_pipe[1]);
        (void) ::waitpid(std::exchange(_child, -1), nullptr, 0);
    }
    Other(const Other&) = delete;
    Other& operator=(const Other&) = delete;
    void go(std::uint16_t port) { REQUIRE(::write(_pipe[1], &port, sizeof port) == sizeof port); }

private:
    [[noreturn]] static void print(int pipe, const std::string& bytes) {
        std::uint16_t port = 0;
        if (::read(pipe, &port, sizeof port) != sizeof port) ::_exit(1);
        const passwd* const nobody = ::getpwnam("nobody");
        if (nobody == nullptr || ::setgid(nobody->pw_gid) != 0 || ::setuid(nobody->pw_uid) != 0)
            ::_exit(2);
        const int till = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(till, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
            ::send(till, bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
            ::_exit(3);
        char end = 0;
        (void) !::read(pipe, &end, 1); // until it is closed
        ::_exit(0);
    }

    int _pipe[2] = {};
    pid_t _child = -1;
};

} // namespace

TEST_CASE(
    "receipts of another user of this machine pass, and select only where that user is named") {
    if (::geteuid() != 0) {
        std::puts("SKIPPED: another user's receipts: only root may become another user");
        return;
    }
    for (const bool named : {false, true}) {
        CAPTURE(named);
        Other other(receipt("4711081")); // before there are threads
        Recorder printer;
        Heard heard;
        auto settings = tapSettings();
        if (named) settings.users = {"nobody"};
        const auto tap = host::Tap::start(settings, printer.line(), heard).value();
        other.go(tap->port());
        REQUIRE(printer.waitFor(0, receipt("4711081").size()) == receipt("4711081"));
        auto till =
            connect(tap->port()); // our own, which gets its turn once the other one is still
        if (named) CHECK(heard.waitFor(0) == "boxoffice order:4711081");
        other.leave();
        send(till, receipt("4711082"));
        CHECK(heard.waitFor(named ? 1 : 0) == "boxoffice order:4711082");
        const std::string both = receipt("4711081") + receipt("4711082");
        CHECK(printer.waitFor(0, both.size()) == both);
    }
}
