// A card number that passed the tap stands in no core dump of the process afterwards. A child runs
// the tap, so that this process, which knows the number, is not the one that is looked into.
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plugin/host/Tap.h"
#include "plugin/host/TapMemory.h"
#include "tests/support/Folder.h"
#include "tests/support/Property.h"
#include "tests/support/Shadowed.h"

using namespace souffleur;

namespace {

struct Nothing final : host::TapEvents {
    void receipt(const std::string&, const std::string&) override {}
};

/// A value made where this is called: in the child it is known to stand in memory, in the parent it
/// is what to look for. Never a literal of the program.
std::string secretOf(int seed, std::size_t length) {
    std::string out;
    for (std::size_t i = 0; i < length; ++i) {
        seed = (seed * 1103 + 12345) & 0x7FFFFF;
        out += static_cast<char>('0' + (seed >> 8) % 10);
    }
    return out;
}

int listener(std::uint16_t& port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const raw = reinterpret_cast<sockaddr*>(&address);
    if (::bind(fd, raw, size) != 0 || ::listen(fd, 1) != 0 || ::getsockname(fd, raw, &size) != 0)
        return -1;
    port = ntohs(address.sin_port);
    return fd;
}

/// The child: a tap, its port through the pipe, until it is ended.
[[noreturn]] void runTap(std::uint16_t printer, int pipe) {
    (void) ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const std::string marker = secretOf(4711, 40); // in plain memory: the dump holds that
    Nothing nothing;
    host::TapSettings settings;
    settings.listen = "127.0.0.1:0";
    auto line = transport::fromAddress("tcp://127.0.0.1:" + std::to_string(printer));
    const auto tap = host::Tap::start(settings, std::move(*line), nothing);
    const std::uint16_t port = tap ? (*tap)->port() : std::uint16_t{0};
    if (::write(pipe, &port, sizeof port) != sizeof port) ::_exit(1);
    while (marker.size() == 40) ::pause();
    ::_exit(0);
}

bool holds(const std::string& all, const std::string& wanted) {
    return std::search(all.begin(), all.end(),
                       std::boyer_moore_horspool_searcher(wanted.begin(), wanted.end())) !=
           all.end();
}

} // namespace

TEST_CASE("a card number that passed is in no core dump" * doctest::skip(test::kShadowed)) {
    std::uint16_t printerPort = 0;
    const int printer = listener(printerPort);
    REQUIRE(printer >= 0);
    int pipe[2] = {};
    REQUIRE(::pipe(pipe) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) runTap(printerPort, pipe[1]);
    REQUIRE(::close(pipe[1]) == 0); // a child that ended early is read as nothing, not waited for
    std::uint16_t port = 0;
    REQUIRE(::read(pipe[0], &port, sizeof port) == sizeof port);
    REQUIRE(port != 0);

    const int till = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(till, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    const int end = ::accept(printer, nullptr, nullptr);
    REQUIRE(end >= 0);
    // Fifteen digits and every check digit: one of them is a card's. The rest of the receipt, with
    // a number of its own, is as secret.
    const std::string card = "4" + secretOf(1234, 14);
    const std::string other = secretOf(5678, 30);
    std::string receipt = "\x1B@Guest " + other + "\n";
    for (char last = '0'; last <= '9'; ++last) receipt += "VISA " + card + last + "\n";
    receipt += "\x1DV\x41";
    receipt += '\0';
    for (int i = 0; i < 20; ++i) {
        REQUIRE(::send(till, receipt.data(), receipt.size(), 0) ==
                static_cast<ssize_t>(receipt.size()));
        std::string arrived(receipt.size(), '\0');
        REQUIRE(::recv(end, arrived.data(), arrived.size(), MSG_WAITALL) ==
                static_cast<ssize_t>(arrived.size()));
        CHECK(arrived == receipt);
    }
    // Half a receipt more, so that a line is in hand when the dump is made.
    const std::string half = "Guest " + other + " VISA " + card;
    REQUIRE(::send(till, half.data(), half.size(), 0) == static_cast<ssize_t>(half.size()));
    std::string arrived(half.size(), '\0');
    REQUIRE(::recv(end, arrived.data(), arrived.size(), MSG_WAITALL) ==
            static_cast<ssize_t>(arrived.size()));

    const Folder folder;
    const std::string core = (folder.path() / "core").string();
    // 2 GiB at most: what is larger is no dump of this small process.
    const std::string command =
        "ulimit -f 4194304; gcore -o " + core + " " + std::to_string(child) + " >/dev/null 2>&1";
    const int made = std::system(command.c_str());
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    for (const int fd : {till, end, printer, pipe[0]}) ::close(fd);
    REQUIRE(made == 0); // package gdb
    std::ifstream in(core + "." + std::to_string(child), std::ios::binary);
    const std::string all{std::istreambuf_iterator<char>(in), {}};
    CHECK(holds(all, secretOf(4711, 40))); // the dump holds what stood in plain memory
    CHECK_FALSE(holds(all, card));
    CHECK_FALSE(holds(all, other));
}

TEST_CASE("the terminal's process makes no dumps once the tap is on") {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        host::TapMemory::refuseDumps();
        ::_exit(::prctl(PR_GET_DUMPABLE) == 0 ? 0 : 1);
    }
    int status = 1;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
}
