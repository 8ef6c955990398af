#include <array>
#include <cerrno>
#include <chrono>
#include <netdb.h>
#include <optional>
#include <poll.h>
#include <sys/socket.h>

#include "plugin/host/HostSocket.h"
#include "plugin/host/TapJob.h"
#include "plugin/host/cups/Way.h"

namespace souffleur::cups {
namespace {

using host::Descriptor;
using host::JobWord;
using transport::Milliseconds;
using Clock = std::chrono::steady_clock;

constexpr Milliseconds kOpen{3000};
constexpr Milliseconds kSlice{250};
/// A terminal says at once that it is alive.
constexpr Milliseconds kFirstWord{4000};
/// Of a printer that never stops talking, at once.
constexpr int kReadsMax = 8;

/// True once one of the events is there.
bool waitFor(int fd, short events, Milliseconds wait) {
    pollfd one{fd, events, 0};
    return ::poll(&one, 1, static_cast<int>(wait.count())) > 0;
}

Descriptor connectTo(const addrinfo& address) {
    Descriptor fd(::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (fd.get() < 0) return {};
    if (::connect(fd.get(), address.ai_addr, address.ai_addrlen) != 0) {
        int failed = 0;
        socklen_t size = sizeof failed;
        if (errno != EINPROGRESS || !waitFor(fd.get(), POLLOUT, kOpen) ||
            ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &failed, &size) != 0 || failed != 0) {
            return {};
        }
    }
    return fd;
}

Descriptor connectTo(const std::string& host, const std::string& port) {
    addrinfo hints{};
    hints.ai_family = AF_INET; // as the tap listens
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) return {};
    Descriptor fd;
    for (const addrinfo* one = found; one != nullptr && fd.get() < 0; one = one->ai_next)
        fd = connectTo(*one);
    ::freeaddrinfo(found);
    return fd;
}

class ThroughTap final : public Way {
public:
    ThroughTap(Descriptor fd, Answers answers)
        : _fd(std::move(fd)), _answers(std::move(answers)),
          _reader([this](JobWord word, auto bytes) { hear(word, bytes); }) {}

    /// True: the printer is there, and the tap waits for the document.
    bool begin() {
        std::span<const std::uint8_t> hello(
            reinterpret_cast<const std::uint8_t*>(host::kJobHello.data()), host::kJobHello.size());
        if (::send(_fd.get(), hello.data(), hello.size(), MSG_NOSIGNAL) !=
            static_cast<ssize_t>(hello.size()))
            return false;
        const auto first = Clock::now() + kFirstWord;
        while (!_begun && going() && (_spoke || Clock::now() < first)) take(kSlice);
        return _begun;
    }
    [[nodiscard]] bool refused() const { return _last == JobWord::nothing; }

    bool send(std::span<const std::uint8_t> bytes) override {
        while (!bytes.empty()) {
            listen();
            if (!going()) return false;
            pollfd one{_fd.get(), POLLIN | POLLOUT, 0};
            (void) ::poll(&one, 1, static_cast<int>(kSlice.count()));
            if ((one.revents & POLLOUT) == 0) continue;
            const auto sent =
                ::send(_fd.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
            if (sent > 0) {
                bytes = bytes.subspan(static_cast<std::size_t>(sent));
                _sent = true;
            } else if (sent < 0 && errno != EAGAIN && errno != EINTR) {
                take(kSlice); // why, if it still says so
                return false;
            }
        }
        return true;
    }

    void listen() override {
        for (int i = 0; i < kReadsMax && take(Milliseconds{0}); ++i) {
        }
    }

    int finish(bool whole) override {
        if (whole) {
            (void) ::shutdown(_fd.get(), SHUT_WR);
            while (going()) take(kSlice);
        }
        if (_last == JobWord::printed) return kOk;
        return !_sent || _last == JobWord::nothing ? kRetry : kHold;
    }

private:
    void hear(JobWord word, std::span<const std::uint8_t> bytes) {
        _spoke = true;
        switch (word) {
        case JobWord::alive:
            return;
        case JobWord::begin:
            _begun = true;
            return;
        case JobWord::answer:
            _answers(bytes);
            return;
        case JobWord::printed:
        case JobWord::nothing:
        case JobWord::part:
            _last = word;
            return;
        }
        _ended = true; // this is no tap
    }
    [[nodiscard]] bool going() const {
        return !_last && !_ended && Clock::now() - _heardAt < host::kJobSilence;
    }
    /// True when something came.
    bool take(Milliseconds wait) {
        if (_ended || _last || !waitFor(_fd.get(), POLLIN, wait)) return false;
        const auto got = ::recv(_fd.get(), _buffer.data(), _buffer.size(), MSG_DONTWAIT);
        if (got > 0) {
            _heardAt = Clock::now();
            _reader.feed(std::span(_buffer).first(static_cast<std::size_t>(got)));
            return true;
        }
        _ended = got == 0 || (errno != EAGAIN && errno != EINTR);
        return false;
    }

    Descriptor _fd;
    Answers _answers;
    host::TapJobReader _reader;
    std::array<std::uint8_t, 4096> _buffer{};
    Clock::time_point _heardAt = Clock::now();
    std::optional<JobWord> _last;
    bool _spoke = false;
    bool _begun = false;
    bool _sent = false;
    bool _ended = false;
};

} // namespace

std::unique_ptr<Way> throughTap(const std::string& host, const std::string& port, Answers answers,
                                int& refused) {
    Descriptor fd = connectTo(host, port);
    if (fd.get() < 0) return nullptr;
    auto way = std::make_unique<ThroughTap>(std::move(fd), std::move(answers));
    if (way->begin()) return way;
    refused = way->refused() ? kRetry : kOk;
    return nullptr;
}

} // namespace souffleur::cups
