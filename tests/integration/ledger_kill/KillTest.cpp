// rooms: plugin-ledger
// Promise 2: an acknowledged answer is never lost and never doubled, by kill -9, a full disk or a
// read-only folder. Real processes, a real file system with a real limit.
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "plugin/ledger/Ledger.h"
#include "plugin/ledger/Outbox.h"
#include "tests/unit/plugin/ledger/Captures.h"

using namespace souffleur;
using namespace souffleur::ledger;
using namespace souffleur::ledger::testing;
using consent::Choice;

namespace {

constexpr int kCaptures = 1000;

/// The child: captures from `first` on and writes every acknowledgement to the pipe.
[[noreturn]] void captureAll(const LedgerOptions& options, std::uint64_t first, int pipe) {
    const StandingClock clock;
    SystemRandom random;
    auto opened = Ledger::open(options, clock, random);
    if (!opened) ::_exit(3);
    for (std::uint64_t i = first; i < kCaptures; ++i) {
        // A cashier's client retries with the same key after a crash: nothing is doubled.
        const auto done = (*opened)->append(capture(i), "capture-" + std::to_string(i));
        if (!done) ::_exit(4);
        const Ack ack{done->id, done->seq};
        if (::write(pipe, &ack, sizeof ack) != static_cast<ssize_t>(sizeof ack)) ::_exit(5);
    }
    ::_exit(0);
}

/// Reads acknowledgements until `count` came or the pipe ends; true while there may be more.
bool readAcks(int pipe, std::size_t count, std::vector<Ack>& acks) {
    for (std::size_t i = 0; i < count; ++i) {
        Ack ack;
        std::size_t have = 0;
        while (have < sizeof ack) {
            const ssize_t got =
                ::read(pipe, reinterpret_cast<char*>(&ack) + have, sizeof ack - have);
            if (got <= 0) return false;
            have += static_cast<std::size_t>(got);
        }
        acks.push_back(ack);
    }
    return true;
}

/// Runs a child until it is killed after `count` acknowledgements, or done. True when done.
bool runAndKill(const LedgerOptions& options, std::size_t count, std::vector<Ack>& acks) {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    // A short pipe keeps the child from running far ahead of us.
    REQUIRE(::fcntl(ends[1], F_SETPIPE_SZ, 4096) > 0);
    const auto first = static_cast<std::uint64_t>(acks.size());
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) captureAll(options, first, ends[1]);
    ::close(ends[1]);
    readAcks(ends[0], count, acks);
    ::kill(child, SIGKILL);
    // What was acknowledged before the kill and not yet read counts as well.
    while (readAcks(ends[0], 1, acks)) {
    }
    ::close(ends[0]);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    if (WIFEXITED(status)) CHECK(WEXITSTATUS(status) == 0);
    return acks.size() >= kCaptures;
}

/// A file system of its own with 4 MiB; needs root, as on the build machines.
class SmallDisk {
public:
    explicit SmallDisk(const char* size) {
        _mounted = ::mount("tmpfs", folder.path.c_str(), "tmpfs", 0, size) == 0;
    }
    ~SmallDisk() {
        if (_mounted) ::umount2(folder.path.c_str(), MNT_DETACH);
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;
    [[nodiscard]] bool mounted() const { return _mounted; }
    [[nodiscard]] bool remount(unsigned long flags) const {
        return ::mount(nullptr, folder.path.c_str(), nullptr, MS_REMOUNT | flags, nullptr) == 0;
    }

    testing::Folder folder;

private:
    bool _mounted = false;
};

} // namespace

TEST_CASE("kill -9 at random points during 1,000 captures loses and doubles nothing") {
    const testing::Folder folder;
    const LedgerOptions options = optionsFor(folder.path);
    SystemRandom random;
    std::vector<Ack> acks;
    int kills = 0;
    while (!runAndKill(options, 1 + random.below(120), acks)) {
        ++kills;
        checkCaptures(options, acks);
    }
    CHECK(kills >= 3);
    REQUIRE(acks.size() == kCaptures);
    checkCaptures(options, acks);
}

TEST_CASE("a disk that fills refuses, keeps what it acknowledged, and works again with space") {
    SmallDisk disk("size=4m");
    if (!disk.mounted()) {
        MESSAGE("no tmpfs can be mounted here: not run");
        return;
    }
    const LedgerOptions options = optionsFor(disk.folder.path / "data");
    const StandingClock clock;
    SystemRandom random;
    std::vector<Ack> acks;
    {
        auto ledger = Ledger::open(options, clock, random).value();
        const std::string ballast = (disk.folder.path / "ballast").string();
        {
            std::ofstream file(ballast, std::ios::binary);
            file << std::string(1'500'000, 'x');
        }
        Code failure = Code::internal;
        std::uint64_t i = 0;
        for (; i < 20000; ++i) {
            const auto done = ledger->append(capture(i));
            if (!done) {
                failure = done.error().code;
                break;
            }
            acks.push_back({done->id, done->seq});
        }
        CHECK(failure == Code::storage);
        CHECK(acks.size() > 10);
        const std::uint64_t held = ledger->stats().value().events;
        CHECK(held == acks.size());
        // A checkpoint may make room in the meantime: then the answer is acknowledged and counts.
        for (int again = 0; again < 5; ++again) {
            const auto more = ledger->append(capture(i));
            if (more)
                acks.push_back({more->id, more->seq});
            else
                CHECK(more.error().code == Code::storage);
        }
        CHECK(ledger->personFacts(idOf<SubjectId>(1), policy()).value().known);
        std::filesystem::remove(ballast);
        const auto done = ledger->append(capture(i));
        REQUIRE_MESSAGE(done.has_value(), (done ? "" : done.error().text()));
        CHECK(done->seq == acks.size() + 1);
        acks.push_back({done->id, done->seq});
        CHECK(ledger->verify().has_value());
    }
    checkCaptures(options, acks);
}

TEST_CASE("a file size limit is a full disk") {
    const testing::Folder folder;
    const LedgerOptions options = optionsFor(folder.path);
    // In a child, because the limit is the whole process's.
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        ::signal(SIGXFSZ, SIG_IGN);
        const StandingClock clock;
        SystemRandom random;
        auto ledger = Ledger::open(options, clock, random);
        if (!ledger) ::_exit(3);
        for (std::uint64_t i = 0; i < 20; ++i) {
            if (!(*ledger)->append(capture(i))) ::_exit(4);
        }
        const rlimit limit{400'000, RLIM_INFINITY};
        if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(5);
        std::uint64_t i = 20;
        Code code = Code::internal;
        for (; i < 5000; ++i) {
            const auto done = (*ledger)->append(capture(i));
            if (!done) {
                code = done.error().code;
                break;
            }
        }
        if (code != Code::storage) ::_exit(6);
        const rlimit none{RLIM_INFINITY, RLIM_INFINITY};
        if (::setrlimit(RLIMIT_FSIZE, &none) != 0) ::_exit(7);
        if (!(*ledger)->append(capture(i))) ::_exit(8);
        if ((*ledger)->stats().value().events != i + 1) ::_exit(9);
        ::_exit((*ledger)->verify() ? 0 : 10);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("a read-only folder is a storage error, before and during the run") {
    SmallDisk disk("size=16m");
    if (!disk.mounted()) {
        MESSAGE("no tmpfs can be mounted here: not run");
        return;
    }
    const LedgerOptions options = optionsFor(disk.folder.path / "data");
    const StandingClock clock;
    SystemRandom random;
    REQUIRE(disk.remount(MS_RDONLY));
    CHECK(Ledger::open(options, clock, random).error().code == Code::storage);
    REQUIRE(disk.remount(0));
    {
        auto ledger = Ledger::open(options, clock, random).value();
        CHECK(ledger->append(capture(1)).has_value());
    }
    REQUIRE(disk.remount(MS_RDONLY));
    const auto readOnly = Ledger::open(options, clock, random);
    REQUIRE_FALSE(readOnly.has_value());
    CHECK(readOnly.error().code == Code::storage);
    REQUIRE(disk.remount(0));
    CHECK(Ledger::open(options, clock, random).value()->stats().value().events == 1);
}

TEST_CASE("a second process on the same folder is turned away while the first lives") {
    const testing::Folder folder;
    const LedgerOptions options = optionsFor(folder.path);
    std::array<int, 2> ready{};
    std::array<int, 2> leave{};
    REQUIRE(::pipe2(ready.data(), O_CLOEXEC) == 0);
    REQUIRE(::pipe2(leave.data(), O_CLOEXEC) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    char byte = 0;
    if (child == 0) {
        // The parent's end must close for this one to notice.
        ::close(leave[1]);
        const StandingClock clock;
        SystemRandom random;
        auto ledger = Ledger::open(options, clock, random);
        const char ok = ledger ? 'y' : 'n';
        if (::write(ready[1], &ok, 1) != 1) ::_exit(2);
        (void) !::read(leave[0], &byte, 1);
        ::_exit(0);
    }
    REQUIRE(::read(ready[0], &byte, 1) == 1);
    CHECK(byte == 'y');
    const StandingClock clock;
    SystemRandom random;
    CHECK(Ledger::open(options, clock, random).error().code == Code::locked);
    ::close(leave[1]);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(Ledger::open(options, clock, random).has_value());
    for (const int end : {ready[0], ready[1], leave[0]}) ::close(end);
}
