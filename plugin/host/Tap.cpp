#include "plugin/host/Tap.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <list>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "drivers/transport/TcpPosix.h"
#include "plugin/host/TapSession.h"
#include "plugin/host/TapUsers.h"

namespace souffleur::host {
namespace {

constexpr int kAcceptWaitMs = 200;

std::optional<sockaddr_in> addressOf(const std::string& text) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    const auto colon = text.rfind(':');
    if (colon == std::string::npos) return std::nullopt;
    std::uint16_t port = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, port);
    if (error != std::errc{} || stop != end) return std::nullopt;
    address.sin_port = htons(port);
    if (::inet_pton(AF_INET, text.substr(0, colon).c_str(), &address.sin_addr) != 1)
        return std::nullopt;
    return address;
}

std::optional<std::uint32_t> peerOf(const std::string& text) {
    in_addr address{};
    if (::inet_pton(AF_INET, text.c_str(), &address) != 1) return std::nullopt;
    return address.s_addr;
}

bool isLoopback(std::uint32_t address) {
    return (ntohl(address) >> 24) == 127;
}

/// A till that left between two writes is an error of that write, not the end of the program.
void ignorePipes() {
    sigset_t pipes;
    (void) sigemptyset(&pipes);
    (void) sigaddset(&pipes, SIGPIPE);
    (void) pthread_sigmask(SIG_BLOCK, &pipes, nullptr);
}

class RunningTap final : public Tap {
public:
    RunningTap(const TapPatterns& patterns, std::unique_ptr<transport::Transport> printer,
               TapEvents& events, const TapSettings& settings)
        : _receiptGap(settings.receiptGapMs), _hintPatience(settings.hintMs),
          _line(std::make_shared<TapLine>(std::move(printer))), _analyser(patterns, events) {}

    ~RunningTap() override {
        _stop = true;
        _line->printer().cancel();
        if (_listening.joinable()) _listening.join();
        for (Guest& guest : _guests) guest.thread.join();
        if (!_link.empty()) ::unlink(_link.c_str());
    }

    Result<void> listen(const TapSettings& settings) {
        for (const std::string& peer : settings.peers) {
            const auto address = peerOf(peer);
            if (!address) return fail(Code::invalid, "no address of a till: " + peer, "--tap-peer");
            _peers.push_back(*address);
        }
        auto users = TapUsers::of(settings.users);
        if (!users) return passOn(users);
        _users = std::move(*users);
        if (settings.listen.empty()) return {};
        auto address = addressOf(settings.listen);
        if (!address) {
            return fail(Code::invalid, "an address looks like 127.0.0.1:9100", "--tap");
        }
        _listener = Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        const int on = 1;
        (void) ::setsockopt(_listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        socklen_t size = sizeof *address;
        auto* const raw = reinterpret_cast<sockaddr*>(&*address);
        if (::bind(_listener.get(), raw, size) != 0 || ::listen(_listener.get(), 8) != 0 ||
            ::getsockname(_listener.get(), raw, &size) != 0) {
            return fail(Code::unavailable,
                        "the tap cannot listen there; is the address this machine's and its port "
                        "free?",
                        settings.listen);
        }
        _port = ntohs(address->sin_port);
        _listening = std::thread([this] { accept(); });
        return {};
    }

    /// The near end is ours, the far end looks like a serial line.
    Result<void> openSerial(const std::string& link) {
        if (link.empty()) return {};
        Descriptor master(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK));
        char name[128] = {};
        if (master.get() < 0 || ::grantpt(master.get()) != 0 || ::unlockpt(master.get()) != 0 ||
            ::ptsname_r(master.get(), name, sizeof name) != 0) {
            return fail(Code::storage, "no pseudo-terminal can be had", "--tap-serial");
        }
        // Ours to the end: without it a till that closes the line would end it.
        _slave = Descriptor(::open(name, O_RDWR | O_NOCTTY | O_CLOEXEC));
        termios raw{};
        if (::tcgetattr(_slave.get(), &raw) != 0) {
            return fail(Code::storage, "no pseudo-terminal can be had", "--tap-serial");
        }
        ::cfmakeraw(&raw);
        (void) ::tcsetattr(_slave.get(), TCSANOW, &raw);
        struct stat there {};
        if (::lstat(link.c_str(), &there) == 0 && !S_ISLNK(there.st_mode)) {
            return fail(Code::invalid, "something that is no link lies there", link);
        }
        (void) ::unlink(link.c_str());
        if (::symlink(name, link.c_str()) != 0) {
            return fail(Code::storage, "the link to the serial door cannot be made", link);
        }
        _link = link;
        serve(std::move(master), true, true);
        return {};
    }

    [[nodiscard]] std::unique_ptr<transport::Transport> slipLine() override {
        return std::make_unique<TapSlipLine>(_line);
    }
    [[nodiscard]] std::uint16_t port() const noexcept override { return _port; }
    [[nodiscard]] TapStats stats() const noexcept override { return _analyser.stats(); }

private:
    struct Guest {
        std::thread thread;
        std::atomic<bool> over{false};
        bool endless = false;
        bool seen = false;
        TapPlace place;
    };

    void accept() {
        ignorePipes();
        while (!_stop) {
            pollfd one{_listener.get(), POLLIN, 0};
            if (::poll(&one, 1, kAcceptWaitMs) <= 0) continue;
            sockaddr_in peer{};
            socklen_t size = sizeof peer;
            Descriptor fd(::accept4(_listener.get(), reinterpret_cast<sockaddr*>(&peer), &size,
                                    SOCK_NONBLOCK | SOCK_CLOEXEC));
            const bool exhausted = fd.get() < 0 && errno != EAGAIN && errno != EINTR;
            forgetGone();
            // Who waits there would wake us at once, over and over.
            if (exhausted) (void) ::poll(nullptr, 0, kAcceptWaitMs);
            if (fd.get() < 0 || !allowed(peer.sin_addr.s_addr)) continue; // and closed
            const bool seen = believes(fd.get(), peer);
            if (!makeRoom(seen)) continue;
            const int on = 1;
            (void) ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            transport::noticeDeadPeer(fd.get());
            serve(std::move(fd), false, seen);
        }
    }

    /// Where all places are taken, by sending away who needs theirs least: a user who is not
    /// believed before a till, then who has been silent longest. False: all of them are in use.
    [[nodiscard]] bool makeRoom(bool seen) {
        const std::size_t places = seen ? kTapClientsMax : kTapClientsMax - 1;
        const auto idleBy = (std::chrono::steady_clock::now() - kTapIdle).time_since_epoch();
        while (true) {
            std::size_t taken = 0;
            Guest* first = nullptr;
            for (Guest& guest : _guests) {
                if (guest.endless || guest.place.wanted) continue;
                ++taken;
                const auto since = guest.place.idleSince.load();
                const bool may = since != 0 && since <= idleBy.count() && (seen || !guest.seen);
                const auto rank = [](const Guest& one) {
                    return std::pair(one.seen, one.place.idleSince.load());
                };
                if (may && (first == nullptr || rank(guest) < rank(*first))) first = &guest;
            }
            if (taken < places) return true;
            if (first == nullptr) return false;
            first->place.wanted = true;
        }
    }

    [[nodiscard]] bool allowed(std::uint32_t address) const {
        return isLoopback(address) ||
               std::find(_peers.begin(), _peers.end(), address) != _peers.end();
    }

    /// From another machine the address is what there is.
    [[nodiscard]] bool believes(int fd, const sockaddr_in& peer) const {
        if (!isLoopback(peer.sin_addr.s_addr)) return true;
        sockaddr_in own{};
        socklen_t size = sizeof own;
        if (::getsockname(fd, reinterpret_cast<sockaddr*>(&own), &size) != 0) return false;
        return _users.believes(
            userBehind({peer.sin_addr.s_addr, peer.sin_port}, {own.sin_addr.s_addr, own.sin_port}));
    }

    void forgetGone() {
        for (auto guest = _guests.begin(); guest != _guests.end();) {
            if (!guest->over) {
                ++guest;
                continue;
            }
            guest->thread.join();
            guest = _guests.erase(guest);
        }
    }

    void serve(Descriptor fd, bool endless, bool seen) {
        Guest& guest = _guests.emplace_back();
        guest.endless = endless;
        guest.seen = seen;
        guest.thread = std::thread(
            [this, endless, seen, &guest](Descriptor line) {
                ignorePipes();
                do {
                    try {
                        TapSession session(Descriptor(::fcntl(line.get(), F_DUPFD_CLOEXEC, 0)),
                                           {endless, _receiptGap, _hintPatience, seen,
                                            endless ? nullptr : &guest.place},
                                           *_line, _analyser, _stop);
                        if (!endless) line.close();
                        session.run();
                    } catch (const std::exception&) { // no memory: the till sees a closed line
                    }
                } while (endless && !_stop);
                guest.over = true;
            },
            std::move(fd));
    }

    transport::Milliseconds _receiptGap;
    transport::Milliseconds _hintPatience;
    std::shared_ptr<TapLine> _line;
    TapAnalyser _analyser;
    std::atomic<bool> _stop{false};
    std::vector<std::uint32_t> _peers;
    TapUsers _users;
    Descriptor _listener;
    Descriptor _slave;
    std::string _link;
    std::uint16_t _port = 0;
    std::list<Guest> _guests; ///< the listening thread's, after start
    std::thread _listening;
};

} // namespace

Result<std::unique_ptr<Tap>> Tap::start(const TapSettings& settings,
                                        std::unique_ptr<transport::Transport> printer,
                                        TapEvents& events) {
    auto patterns = TapPatterns::load(settings.patterns);
    if (!patterns) return passOn(patterns);
    auto tap = std::make_unique<RunningTap>(*patterns, std::move(printer), events, settings);
    if (auto opened = tap->openSerial(settings.serial); !opened) return passOn(opened);
    if (auto opened = tap->listen(settings); !opened) return passOn(opened);
    return std::unique_ptr<Tap>(std::move(tap));
}

} // namespace souffleur::host
