#include "kiosk/cli/ChildProcess.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

extern char** environ; // NOLINT(readability-redundant-declaration): POSIX leaves it to the program

namespace souffleur::cli {
namespace {

constexpr auto kPoll = std::chrono::milliseconds(20);
constexpr int kStopWaits = 250; // x kPoll = 5 s

struct SpawnActions {
    SpawnActions() { posix_spawn_file_actions_init(&actions); }
    ~SpawnActions() { posix_spawn_file_actions_destroy(&actions); }
    SpawnActions(const SpawnActions&) = delete;
    SpawnActions& operator=(const SpawnActions&) = delete;
    posix_spawn_file_actions_t actions{};
};

/// Signals are at their defaults in the child, whatever we block.
struct SpawnAttributes {
    SpawnAttributes() {
        posix_spawnattr_init(&attributes);
        sigset_t none;
        sigset_t all;
        sigemptyset(&none);
        sigfillset(&all);
        posix_spawnattr_setsigmask(&attributes, &none);
        posix_spawnattr_setsigdefault(&attributes, &all);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    }
    ~SpawnAttributes() { posix_spawnattr_destroy(&attributes); }
    SpawnAttributes(const SpawnAttributes&) = delete;
    SpawnAttributes& operator=(const SpawnAttributes&) = delete;
    posix_spawnattr_t attributes{};
};

/// Starts a child; `input` is its standard input (-1: /dev/null).
Result<pid_t> spawn(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                    const std::filesystem::path& log, int input) {
    SpawnActions io;
    if (input >= 0) {
        posix_spawn_file_actions_adddup2(&io.actions, input, STDIN_FILENO);
    } else {
        posix_spawn_file_actions_addopen(&io.actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    }
    posix_spawn_file_actions_addopen(&io.actions, STDOUT_FILENO, log.c_str(),
                                     O_WRONLY | O_CREAT | O_APPEND, 0600);
    posix_spawn_file_actions_adddup2(&io.actions, STDOUT_FILENO, STDERR_FILENO);
    std::string name = program.string();
    std::vector<std::string> copies = arguments;
    std::vector<char*> argv{name.data()};
    for (std::string& one : copies) argv.push_back(one.data());
    argv.push_back(nullptr);
    const SpawnAttributes attributes;
    pid_t pid = 0;
    const int error =
        posix_spawn(&pid, name.c_str(), &io.actions, &attributes.attributes, argv.data(), environ);
    if (error != 0)
        return fail(Code::unavailable, "cannot start a program of ours", program.filename());
    return pid;
}

} // namespace

struct ChildProcess::Handle {
    pid_t pid = 0;
    int input = -1; ///< our end of its standard input
    bool ended = false;

    bool reap() {
        if (!ended) ended = ::waitpid(pid, nullptr, WNOHANG) == pid;
        return ended;
    }
};

ChildProcess::ChildProcess(std::string name, std::unique_ptr<Handle> handle)
    : _name(std::move(name)), _handle(std::move(handle)) {}

Result<std::unique_ptr<ChildProcess>> ChildProcess::start(const std::filesystem::path& program,
                                                          const std::vector<std::string>& arguments,
                                                          const std::filesystem::path& log) {
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0) return fail(Code::unavailable, "no pipe to a child");
    const auto pid = spawn(program, arguments, log, ends[0]);
    ::close(ends[0]);
    if (!pid) {
        ::close(ends[1]);
        return passOn(pid);
    }
    auto handle = std::make_unique<Handle>();
    handle->pid = *pid;
    handle->input = ends[1];
    return std::unique_ptr<ChildProcess>(new ChildProcess(program.filename(), std::move(handle)));
}

Result<void> ChildProcess::run(const std::filesystem::path& program,
                               const std::vector<std::string>& arguments,
                               const std::filesystem::path& log) {
    const auto pid = spawn(program, arguments, log, -1);
    if (!pid) return passOn(pid);
    int status = 0;
    while (::waitpid(*pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        return fail(Code::invalid,
                    program.filename().string() + " failed: see " + log.filename().string(),
                    arguments.empty() ? std::string() : arguments.back());
    }
    return {};
}

ChildProcess::~ChildProcess() {
    ::close(_handle->input);
    if (_handle->reap()) return;
    (void) ::kill(_handle->pid, SIGTERM);
    for (int i = 0; i < kStopWaits && !_handle->reap(); ++i) std::this_thread::sleep_for(kPoll);
    if (_handle->reap()) return;
    (void) ::kill(_handle->pid, SIGKILL);
    (void) ::waitpid(_handle->pid, nullptr, 0);
}

bool ChildProcess::running() const {
    return !_handle->reap();
}
int ChildProcess::pid() const noexcept {
    return _handle->pid;
}

Result<std::string> awaitFile(const std::filesystem::path& path, const ChildProcess& child,
                              TimeMs timeoutMs) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeoutMs);
    while (std::chrono::steady_clock::now() < end) {
        std::ifstream in(path, std::ios::binary);
        std::string text{std::istreambuf_iterator<char>(in), {}};
        if (!text.empty()) return text;
        if (!child.running())
            return fail(Code::unavailable, child.name() + " ended too early", path.filename());
        std::this_thread::sleep_for(kPoll);
    }
    return fail(Code::unavailable, child.name() + " did not get ready in time", path.filename());
}

} // namespace souffleur::cli
