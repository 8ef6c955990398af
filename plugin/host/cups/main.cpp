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

#include "drivers/transport/Transport.h"
#include "plugin/host/HostSocket.h"
#include "plugin/host/TapMemory.h"

namespace {

using namespace souffleur;
using transport::Milliseconds;

/// What cupsd does with each: backend(7).
constexpr int kOk = 0;
constexpr int kFailed = 1;
constexpr int kHold =
    3; ///< may be half on paper: a person decides, it is never sent again by itself
constexpr int kStop = 4; ///< the queue is set up wrongly
constexpr int kRetry = 6;

constexpr int kBackChannel = 3;
constexpr Milliseconds kOpen{3000};
constexpr Milliseconds kSlice{250};
constexpr Milliseconds kAnswers{500};
constexpr std::size_t kPiece = 16 * 1024;

/// "souffleur://127.0.0.1:9100/?printer=tcp://192.0.2.7:9100": the tap, and the printer behind it.
struct Addresses {
    std::string tap;
    std::string printer;
};

Addresses addressesOf(const std::string& uri) {
    const std::string scheme = "souffleur://";
    const std::string query = "?printer=";
    Addresses out;
    if (!uri.starts_with(scheme)) return out;
    const auto end = uri.find_first_of("/?", scheme.size());
    out.tap = "tcp://" + uri.substr(scheme.size(), end - std::min(end, scheme.size()));
    if (const auto at = uri.find(query); at != std::string::npos) {
        out.printer = uri.substr(at + query.size());
    }
    return out;
}

class Job {
public:
    explicit Job(Addresses addresses) : _addresses(std::move(addresses)) {}

    int connect() {
        for (const std::string& address : {_addresses.tap, _addresses.printer}) {
            if (address.empty()) continue;
            auto line = transport::fromAddress(address);
            if (!line) {
                (void) std::fprintf(stderr, "ERROR: %s\n", line.error().message.c_str());
                return kStop;
            }
            if (!(*line)->open(kOpen)) continue;
            _line = std::move(*line);
            return kOk;
        }
        (void) std::fprintf(stderr, "ERROR: neither the tap nor the printer answers\n");
        return kRetry;
    }

    /// Passes a document on to its end.
    int print(int from) {
        const auto buffer = _memory.bytes();
        while (true) {
            pollfd one{from, POLLIN, 0};
            (void) ::poll(&one, 1, static_cast<int>(kSlice.count()));
            answers(Milliseconds{0});
            if (one.revents == 0) continue;
            const auto got = ::read(from, buffer.data(), kPiece);
            if (got == 0) return kOk;
            if (got < 0 && errno != EINTR && errno != EAGAIN) return kFailed;
            if (got > 0 && !send(buffer.first(static_cast<std::size_t>(got)))) {
                (void) std::fprintf(stderr, "ERROR: the line broke in the middle of the job\n");
                return _sent ? kHold : kRetry;
            }
        }
    }
    void answers(Milliseconds patience) {
        if (!_line->canRead()) return;
        std::array<std::uint8_t, 512> buffer{};
        while (true) {
            const auto got = _line->read(buffer, patience);
            if (!got || *got == 0) return;
            // cupsd may not listen: then nobody misses them.
            if (::write(kBackChannel, buffer.data(), *got) < 0) return;
        }
    }
    void finish() {
        answers(kAnswers);
        _line->close();
    }

private:
    bool send(std::span<const std::uint8_t> bytes) {
        while (!bytes.empty()) { // paper out lasts as long as it lasts; cupsd ends us on a cancel
            const auto written = _line->write(bytes, kSlice);
            _sent = _sent || written.count > 0;
            bytes = bytes.subspan(written.count);
            answers(Milliseconds{0});
            if (written.error && written.error->fault != transport::Fault::timedOut) return false;
        }
        return true;
    }

    Addresses _addresses;
    std::unique_ptr<transport::Transport> _line;
    host::TapMemory _memory{kPiece};
    bool _sent = false;
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
    if (addresses.tap.empty()) {
        (void) std::fprintf(stderr, "ERROR: the queue's address looks like "
                                    "souffleur://127.0.0.1:9100/?printer=tcp://192.0.2.7:9100\n");
        return kStop;
    }
    Job job(addresses);
    if (const int failed = job.connect(); failed != kOk) return failed;
    if (argc == 6) { // standard input holds the copies already
        const int end = job.print(STDIN_FILENO);
        job.finish();
        return end;
    }
    const long copies = std::clamp(std::strtol(argv[4], nullptr, 10), 1L, 100L);
    int end = kOk;
    for (long i = 0; i < copies && end == kOk; ++i) {
        const host::Descriptor file(::open(argv[6], O_RDONLY | O_CLOEXEC));
        end = file.get() < 0 ? kFailed : job.print(file.get());
    }
    job.finish();
    return end;
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
