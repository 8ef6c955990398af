// rooms: plugin-host
// What a call into libsouffleur_host.so costs the host: p99 with a terminal that lives, is stopped,
// is absent, against the budget of 1 ms (DESIGN 2) and, beside it, the bare system calls the same
// situation needs.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "Paths.h"
#include "plugin/abi/souffleur.h"
#include "plugin/host/SelectionServer.h"

namespace {

constexpr int kCalls = 20000;
constexpr double kBudgetUs = 1000.0;

using souffleur::host::HostEvents;
using souffleur::host::SelectionServer;

class Silent final : public HostEvents {
    void selected(const souffleur::host::Selection&) override {}
    void cleared(const souffleur::host::SelectionRef&) override {}
    void completed(const souffleur::host::Completed&) override {}
};

template <typename Call>
double p99Us(Call call) {
    std::vector<double> times;
    times.reserve(kCalls);
    for (int i = 0; i < kCalls; ++i) {
        const auto start = std::chrono::steady_clock::now();
        call(i);
        times.push_back(
            std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start)
                .count());
    }
    const auto at = times.begin() + times.size() * 99 / 100;
    std::nth_element(times.begin(), at, times.end());
    return *at;
}

void row(const char* name, double ours, double reference, const char* referenceName) {
    std::printf("{\"name\":\"%s\",\"ours\":%.2f,\"unit\":\"us p99\",\"reference\":%.2f,"
                "\"referenceName\":\"%s\",\"ratio\":%.3f,\"budget\":\"1000 us\",\"met\":%s}\n",
                name, ours, reference, referenceName, ours / reference,
                ours <= kBudgetUs ? "true" : "false");
    std::fflush(stdout);
}

const souffleur_host_api_t* load() {
    const std::string file = std::string(kBinaryDir).append("/lib/libsouffleur_host.so");
    void* library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    const auto* entry =
        library == nullptr
            ? nullptr
            : static_cast<const souffleur_entry_t*>(::dlsym(library, SOUFFLEUR_ENTRY_SYMBOL));
    return entry == nullptr
               ? nullptr
               : static_cast<const souffleur_host_api_t*>(entry->get_extension(SOUFFLEUR_EXT_HOST));
}

double selectP99(const souffleur_host_api_t& api, souffleur_host_t* host) {
    char id[32];
    return p99Us([&](int i) {
        souffleur_customer_t customer{};
        std::snprintf(id, sizeof id, "c%d", i);
        customer.system = SOUFFLEUR_LITERAL("bench");
        customer.id = {id, std::strlen(id)};
        customer.name = SOUFFLEUR_LITERAL("Johanna van der Meer");
        customer.email = SOUFFLEUR_LITERAL("j.vandermeer@example.org");
        api.customer_selected(host, &customer);
        souffleur_flag_t flag;
        api.poll_flag(host, &flag);
    });
}

/// A round over a socket pair: the least that telling somebody something costs.
double pairP99() {
    int pair[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair) != 0) return 1;
    char bytes[128] = {};
    const double us = p99Us([&](int) {
        static_cast<void>(::send(pair[0], bytes, sizeof bytes, MSG_NOSIGNAL));
        static_cast<void>(::recv(pair[1], bytes, sizeof bytes, MSG_DONTWAIT));
    });
    ::close(pair[0]);
    ::close(pair[1]);
    return us;
}

double failedConnectP99() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, "/tmp/souffleur-nobody-here.sock");
    return p99Us([&](int) {
        const int fd = ::socket(AF_UNIX, SOCK_SEQPACKET, 0);
        static_cast<void>(
            ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address));
        ::close(fd);
    });
}

} // namespace

int main() {
    const souffleur_host_api_t* api = load();
    std::string folder = "/tmp/souffleur-bench-XXXXXX";
    int ready[2];
    if (api == nullptr || ::mkdtemp(folder.data()) == nullptr || ::pipe(ready) != 0) return 1;
    const std::string path = folder + "/host.sock";
    const pid_t terminal = ::fork(); // no thread is running yet
    if (terminal == 0) {
        const souffleur::SystemClock clock;
        Silent events;
        const auto server = SelectionServer::start(
            path, events, clock, {.framesPerSecond = 1000000, .burstFrames = 1000000});
        static_cast<void>(::write(ready[1], server ? "y" : "n", 1));
        for (;;) ::pause();
    }
    char byte = 0;
    if (::read(ready[0], &byte, 1) != 1 || byte != 'y') return 1;
    souffleur_open_t options{};
    options.socket_path = {path.data(), path.size()};
    souffleur_host_t* host = nullptr;
    if (api->open(&options, &host) != SOUFFLEUR_OK) return 1;

    const double pair = pairP99();
    row("host call, terminal alive", selectP99(*api, host), pair, "send+recv on a socketpair");
    ::kill(terminal, SIGSTOP);
    ::waitpid(terminal, nullptr, WUNTRACED);
    row("host call, terminal stopped", selectP99(*api, host), pair, "send+recv on a socketpair");
    ::kill(terminal, SIGKILL);
    ::waitpid(terminal, nullptr, 0);
    row("host call, terminal absent", selectP99(*api, host), failedConnectP99(),
        "one failed connect");
    api->close(host);
    ::unlink(path.c_str());
    ::unlink((path + ".lock").c_str());
    ::rmdir(folder.c_str());
    return 0;
}
