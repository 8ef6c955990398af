// souffleur-cups-backend: a CUPS backend (backend(7)) that prints through the tap, and straight to
// the printer when the tap is not there. See plugin/host/README.md.
#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <string>
#include <unistd.h>

#include "plugin/host/HostSocket.h"
#include "plugin/host/TapMemory.h"
#include "plugin/host/cups/Way.h"

namespace {

using namespace souffleur;
using namespace souffleur::cups;

constexpr int kBackChannel = 3;
constexpr int kSliceMs = 250;
constexpr std::size_t kPiece = 16 * 1024;

/// "souffleur://127.0.0.1:9100/?printer=tcp://192.0.2.7:9100": the tap, and the printer behind it.
struct Addresses {
    std::string host;
    std::string port = "9100";
    std::string printer;
};

Addresses addressesOf(const std::string& uri) {
    const std::string scheme = "souffleur://";
    const std::string query = "?printer=";
    Addresses out;
    if (!uri.starts_with(scheme)) return out;
    const auto end = uri.find_first_of("/?", scheme.size());
    out.host = uri.substr(scheme.size(), end - std::min(end, scheme.size()));
    if (const auto colon = out.host.rfind(':'); colon != std::string::npos) {
        out.port = out.host.substr(colon + 1);
        out.host.resize(colon);
    }
    if (const auto at = uri.find(query); at != std::string::npos) {
        out.printer = uri.substr(at + query.size());
    }
    return out;
}

/// cupsd may not listen: then nobody misses them, and nothing waits for it.
void passBack(std::span<const std::uint8_t> answer) {
    pollfd one{kBackChannel, POLLOUT, 0};
    if (::poll(&one, 1, 0) <= 0 || (one.revents & POLLOUT) == 0) return;
    (void) !::write(kBackChannel, answer.data(), answer.size());
}

int say(const char* message, int code) {
    (void) std::fprintf(stderr, "ERROR: %s\n", message);
    return code;
}

class Job {
public:
    explicit Job(Addresses addresses) : _addresses(std::move(addresses)) {}

    int connect() {
        std::unique_ptr<transport::Transport> line;
        if (!_addresses.printer.empty()) {
            auto made = transport::fromAddress(_addresses.printer);
            if (!made) return say(made.error().message.c_str(), kStop);
            line = std::move(*made);
        }
        int refused = kOk;
        _way = throughTap(_addresses.host, _addresses.port, passBack, refused);
        if (_way) return kOk;
        if (refused != kOk) return say("the tap cannot reach the printer", refused);
        if (line) _way = straight(std::move(line), passBack);
        return _way ? kOk : say("neither the tap nor the printer answers", kRetry);
    }

    /// Passes a document on to its end.
    bool print(int from) {
        const auto buffer = _memory.bytes();
        while (true) {
            pollfd one{from, POLLIN, 0};
            (void) ::poll(&one, 1, kSliceMs);
            _way->listen();
            if (one.revents == 0) continue;
            const auto got = ::read(from, buffer.data(), kPiece);
            if (got == 0) return true;
            if (got < 0 && errno != EINTR && errno != EAGAIN) return false;
            if (got > 0 && !_way->send(buffer.first(static_cast<std::size_t>(got)))) return false;
        }
    }
    /// `whole`: all of it was sent.
    int finish(bool whole) {
        const int end = _way->finish(whole);
        if (end == kRetry) return say("the printer took nothing of the job", end);
        if (end != kOk) return say("the line broke in the middle of the job", end);
        return end;
    }

private:
    Addresses _addresses;
    std::unique_ptr<Way> _way;
    host::TapMemory _memory{kPiece};
};

int run(int argc, char** argv) {
    host::TapMemory::refuseDumps();
    (void) std::signal(SIGPIPE, SIG_IGN);
    if (argc == 1) { // what queues could be made
        (void) std::printf("direct souffleur \"Unknown\" \"Souffleur print tap\"\n");
        return kOk;
    }
    if (argc != 6 && argc != 7) {
        (void) std::fprintf(stderr, "usage: %s job-id user title copies options [file]\n", argv[0]);
        return kFailed;
    }
    const char* const uri = std::getenv("DEVICE_URI");
    const Addresses addresses = addressesOf(uri != nullptr ? uri : argv[0]);
    if (addresses.host.empty()) {
        (void) std::fprintf(stderr, "ERROR: the queue's address looks like "
                                    "souffleur://127.0.0.1:9100/?printer=tcp://192.0.2.7:9100\n");
        return kStop;
    }
    Job job(addresses);
    if (const int failed = job.connect(); failed != kOk) return failed;
    if (argc == 6) { // standard input holds the copies already
        return job.finish(job.print(STDIN_FILENO));
    }
    const long copies = std::clamp(std::strtol(argv[4], nullptr, 10), 1L, 100L);
    bool whole = true;
    for (long i = 0; i < copies && whole; ++i) {
        const host::Descriptor file(::open(argv[6], O_RDONLY | O_CLOEXEC));
        whole = file.get() >= 0 && job.print(file.get());
    }
    return job.finish(whole);
}

} // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception&) {
        (void) std::fprintf(stderr, "ERROR: the backend failed\n");
        return kFailed;
    }
}
