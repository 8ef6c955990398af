// rooms: plugin-host plugin-abi
#include "tests/integration/host/HostRig.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <filesystem>
#include <poll.h>
#include <spawn.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "Paths.h"

extern char** environ; // NOLINT: POSIX

namespace souffleur::host::test {

namespace {

using Steady = std::chrono::steady_clock;

Steady::time_point deadline() {
    return Steady::now() + std::chrono::milliseconds(kDeadlineMs);
}

souffleur_text_t textOf(std::string_view text) {
    return {text.data(), text.size()};
}

/// Waits for the descriptor, or 20 ms: a library without a terminal has none.
void waitFor(int fd) {
    pollfd one{fd, POLLIN, 0};
    ::poll(&one, fd >= 0 ? 1 : 0, 20);
}

} // namespace

Folder::Folder() : path("/tmp/souffleur-host-XXXXXX") {
    if (::mkdtemp(path.data()) == nullptr) throw std::runtime_error("mkdtemp");
}

Folder::~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
}

const std::string& libraryFile() {
    static const std::string kFile = std::string(kBinaryDir).append("/lib/libsouffleur_host.so");
    return kFile;
}

const souffleur_host_api_t& api() {
    static const souffleur_host_api_t* const kTable = [] {
        void* library = ::dlopen(libraryFile().c_str(), RTLD_NOW | RTLD_LOCAL);
        if (library == nullptr) throw std::runtime_error(::dlerror());
        const auto* entry =
            static_cast<const souffleur_entry_t*>(::dlsym(library, SOUFFLEUR_ENTRY_SYMBOL));
        return static_cast<const souffleur_host_api_t*>(entry->get_extension(SOUFFLEUR_EXT_HOST));
    }();
    return *kTable;
}

Host::Host(const std::string& socket) {
    souffleur_open_t options{};
    options.socket_path = textOf(socket);
    options.host_name = SOUFFLEUR_LITERAL("test");
    if (api().open(&options, &_host) != SOUFFLEUR_OK) throw std::runtime_error("open");
}

souffleur_status_t Host::select(const std::string& id) {
    souffleur_customer_t customer{};
    customer.system = SOUFFLEUR_LITERAL("test");
    customer.id = textOf(id);
    return api().customer_selected(_host, &customer);
}

souffleur_status_t Host::order(const std::string& id) {
    souffleur_order_t order{};
    order.system = SOUFFLEUR_LITERAL("test");
    order.order_id = textOf(id);
    order.total_minor = 4900;
    std::memcpy(order.currency, "EUR", 4);
    return api().order_completed(_host, &order);
}

souffleur_state_t Host::state() {
    souffleur_state_t state{};
    if (api().state(_host, &state) != SOUFFLEUR_OK) throw std::runtime_error("state");
    return state;
}

bool Host::until(const std::function<bool()>& done) {
    for (const auto end = deadline(); Steady::now() < end;) {
        if (done()) return true;
        waitFor(api().poll_fd(_host));
    }
    return false;
}

bool Host::untilLive() {
    return until([&] {
        const auto link = state().link;
        // a ping each time would leave one unanswered each time
        if (link != SOUFFLEUR_LINK_LIVE && link != SOUFFLEUR_LINK_PENDING) api().ping(_host);
        return link == SOUFFLEUR_LINK_LIVE;
    });
}

std::optional<souffleur_flag_t> Host::flag(const std::string& words) {
    souffleur_flag_t flag{};
    const bool seen =
        until([&] { return api().poll_flag(_host, &flag) == SOUFFLEUR_OK && words == flag.words; });
    return seen ? std::optional(flag) : std::nullopt;
}

Terminal::Terminal(const std::string& socket) {
    const std::string program = std::string(kBinaryDir) + "/tests/support/host-server";
    int out[2];
    int in[2];
    if (::pipe2(out, O_CLOEXEC) != 0 || ::pipe2(in, O_CLOEXEC) != 0)
        throw std::runtime_error("pipe");
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    char* argv[] = {const_cast<char*>(program.c_str()), const_cast<char*>(socket.c_str()), nullptr};
    const int failed = ::posix_spawn(&_pid, program.c_str(), &actions, nullptr, argv, environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(out[1]);
    ::close(in[0]);
    _out = out[0];
    _in = in[1];
    if (failed != 0 || !line("ready")) throw std::runtime_error("host-server did not start");
}

Terminal::~Terminal() {
    kill();
    ::close(_out);
    ::close(_in);
}

void Terminal::stop() {
    ::kill(_pid, SIGSTOP);
    int status = 0;
    ::waitpid(_pid, &status, WUNTRACED);
    if (!WIFSTOPPED(status)) throw std::runtime_error("host-server did not stop");
}

void Terminal::resume() {
    ::kill(_pid, SIGCONT);
}

bool Terminal::isStopped() const {
    siginfo_t info{};
    // WNOWAIT|WCONTINUED: nothing to report means it is as it was
    return ::waitid(P_PID, static_cast<id_t>(_pid), &info,
                    WEXITED | WCONTINUED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == 0;
}

void Terminal::kill() {
    if (_pid < 0) return;
    ::kill(_pid, SIGKILL);
    ::waitpid(_pid, nullptr, 0);
    _pid = -1;
}

bool Terminal::line(const std::string& wanted) {
    for (const auto end = deadline(); Steady::now() < end;) {
        for (auto at = _rest.find('\n'); at != std::string::npos; at = _rest.find('\n')) {
            lines.push_back(_rest.substr(0, at));
            _rest.erase(0, at + 1);
            if (lines.back() == wanted) return true;
        }
        pollfd one{_out, POLLIN, 0};
        ::poll(&one, 1, 100);
        char bytes[4096];
        if (one.revents == 0) continue;
        const ssize_t got = ::read(_out, bytes, sizeof bytes);
        if (got <= 0) return false;
        _rest.append(bytes, static_cast<std::size_t>(got));
    }
    return false;
}

template <typename Change>
void Recorder::note(Change change) {
    {
        const std::scoped_lock lock(_mutex);
        change();
    }
    _changed.notify_all();
}

void Recorder::selected(const Selection& selection) {
    note([&] { selections.push_back(selection); });
}
void Recorder::cleared(const SelectionRef& ref) {
    note([&] { clears.push_back(ref); });
}
void Recorder::completed(const Completed& order) {
    note([&] { orders.push_back(order); });
}
void Recorder::passed(const Selection& selection) {
    note([&] { passers.push_back(selection); });
}

void Recorder::hinted(const Selection& selection) {
    note([&] { hints.push_back(selection); });
}

bool Recorder::until(const std::function<bool(const Recorder&)>& done) {
    std::unique_lock lock(_mutex);
    return _changed.wait_until(
        lock, std::chrono::system_clock::now() + std::chrono::milliseconds(kDeadlineMs),
        [&] { return done(*this); });
}

RawHost::RawHost(const std::string& socket)
    : _fd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)), _buffer(SOUFFLEUR_FRAME_MAX) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, socket.data(), socket.size());
    if (::connect(_fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        throw std::runtime_error(std::string("connect: ") + std::strerror(errno));
    }
}

RawHost::~RawHost() {
    ::close(_fd);
}

bool RawHost::send(const std::vector<std::uint8_t>& bytes) const {
    return ::send(_fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) >= 0;
}

bool RawHost::send(const souffleur_message_t& message) {
    std::vector<std::uint8_t> frame(SOUFFLEUR_FRAME_MAX);
    frame.resize(souffleur_frame_encode(&message, frame.data(), frame.size()));
    if (frame.empty()) throw std::runtime_error("the test's message is out of bounds");
    souffleur_frame_set_seq(frame.data(), ++_seq);
    return send(frame);
}

bool RawHost::hello(std::uint64_t session) {
    souffleur_message_t message{};
    message.type = SOUFFLEUR_FRAME_HELLO;
    message.session = session;
    return send(message);
}

bool RawHost::select(std::uint32_t selection, std::string_view id) {
    souffleur_message_t message{};
    message.type = SOUFFLEUR_FRAME_SELECTED;
    message.selection = selection;
    message.customer.system = SOUFFLEUR_LITERAL("raw");
    message.customer.id = textOf(id);
    return send(message);
}

std::optional<souffleur_message_t> RawHost::receive() {
    for (;;) {
        pollfd one{_fd, POLLIN, 0};
        if (::poll(&one, 1, kDeadlineMs) <= 0) return std::nullopt;
        const ssize_t got = ::recv(_fd, _buffer.data(), _buffer.size(), 0);
        if (got < 0 && (errno == EINTR || errno == ECONNRESET))
            continue; // told once; a last word may follow
        souffleur_message_t message;
        if (got <= 0 || souffleur_frame_decode(_buffer.data(), static_cast<std::size_t>(got),
                                               &message) != SOUFFLEUR_DECODED) {
            return std::nullopt;
        }
        return message;
    }
}

std::uint32_t RawHost::refusal() {
    std::uint32_t reason = 0;
    while (const auto message = receive()) {
        if (message->type == SOUFFLEUR_FRAME_REFUSED) reason = message->reason;
    }
    return reason;
}

bool RawHost::acknowledged() {
    while (const auto message = receive()) {
        if (message->type == SOUFFLEUR_FRAME_ACK && message->seq == _seq) return true;
    }
    return false;
}

} // namespace souffleur::host::test
