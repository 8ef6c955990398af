// rooms: sync-store
// Promise 2 at head office: what the hub acknowledged is there once, after kill -9 and on a full
// disk; a till that sends again doubles nothing.
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>

#include "plugin/base/Random.h"
#include "sync/store/Store.h"
#include "tests/support/Property.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestOrigin.h"

using namespace souffleur;
using consent::Choice;
using test::TestOrigin;

namespace {

constexpr std::size_t kEvents = 600;
constexpr TimeMs kNoon = 1795521600000;

TestOrigin tillWith(std::size_t count) {
    TestOrigin till(71);
    std::vector<SubjectId> subjects;
    for (int i = 0; i < 23; ++i) subjects.push_back(till.newSubject());
    wire::PersonData person;
    person.displayName = "Anna Bakker";
    for (std::size_t i = 0; i < count; ++i) {
        till.add(subjects[i % subjects.size()],
                 test::act(i % 3 == 0 ? Choice::refused : Choice::given),
                 kNoon + static_cast<TimeMs>(i) * kDayMs / 10, i % 4 == 0 ? &person : nullptr);
    }
    return till;
}

struct Unmount {
    std::string folder;
    ~Unmount() { ::umount2(folder.c_str(), MNT_DETACH); }
};

std::unique_ptr<store::Store> open(const std::filesystem::path& folder) {
    auto store = store::openSqlite(folder.string(), store::StoreKeys{});
    REQUIRE_MESSAGE(store.has_value(), (store ? "" : store.error().text()));
    return std::move(*store);
}

/// The child: a hub that takes batches from `from` on and acknowledges each into the pipe.
[[noreturn]] void serve(const std::string& folder, const TestOrigin& till, std::size_t from,
                        int pipe) {
    auto store = store::openSqlite(folder, store::StoreKeys{});
    if (!store) ::_exit(3);
    while (from <= kEvents) {
        const std::size_t to = std::min(from + from % 7, kEvents);
        const auto placed = till.push(**store, from, to);
        if (!placed) ::_exit(4);
        const std::uint64_t acknowledged = placed->seq;
        if (::write(pipe, &acknowledged, sizeof acknowledged) !=
            static_cast<ssize_t>(sizeof acknowledged)) {
            ::_exit(5);
        }
        from = to + 1;
    }
    ::_exit(0);
}

bool readAck(int pipe, std::uint64_t& acknowledged) {
    std::uint64_t value = 0;
    if (::read(pipe, &value, sizeof value) != static_cast<ssize_t>(sizeof value)) return false;
    acknowledged = value;
    return true;
}

/// Runs a hub until it is killed after `count` acknowledgements or done; the last one it gave.
std::uint64_t runAndKill(const std::string& folder, const TestOrigin& till, std::uint64_t from,
                         std::uint64_t count) {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    REQUIRE(::fcntl(ends[1], F_SETPIPE_SZ, 4096) > 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) serve(folder, till, from, ends[1]);
    ::close(ends[1]);
    std::uint64_t acknowledged = 0;
    while (count > 0 && readAck(ends[0], acknowledged)) --count;
    ::kill(child, SIGKILL);
    while (readAck(ends[0], acknowledged)) {
    }
    ::close(ends[0]);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    if (WIFEXITED(status)) CHECK(WEXITSTATUS(status) == 0);
    return acknowledged;
}

void check(const store::Store& store, const TestOrigin& till, std::uint64_t acknowledged) {
    const auto origin = store.origin(till.id);
    REQUIRE(origin.has_value());
    CHECK(origin->seq >= acknowledged);
    CHECK(origin->head == till.heads[static_cast<std::size_t>(origin->seq)]);
    CHECK(origin->status == store::OriginStatus::active);
    CHECK(store.counts(kNoon)->events == origin->seq);
    const auto verified = store.verify();
    CHECK_MESSAGE(verified.has_value(), (verified ? "" : verified.error().text()));
}

} // namespace

TEST_CASE("kill -9 of a hub while it takes batches loses and doubles nothing") {
    const test::TemporaryFolder folder;
    const TestOrigin till = tillWith(kEvents);
    REQUIRE(open(folder.path())->enrol(till.enrolment()).has_value());
    SystemRandom random;
    std::uint64_t acknowledged = 0;
    int kills = 0;
    while (acknowledged < kEvents) {
        // A till that heard no answer sends from what it last heard of, or from further back.
        const std::uint64_t back = random.below(std::min<std::uint64_t>(acknowledged, 10) + 1);
        acknowledged =
            std::max(acknowledged, runAndKill(folder.text(), till, acknowledged - back + 1,
                                              1 + random.below(12)));
        ++kills;
        check(*open(folder.path()), till, acknowledged);
        REQUIRE(kills < 2000);
    }
    CHECK(kills >= 1);
}

TEST_CASE("a disk that fills under the hub refuses the batch whole, and takes it with space") {
    const test::TemporaryFolder folder;
    if (::mount("tmpfs", folder.text().c_str(), "tmpfs", 0, "size=3m") != 0) {
        MESSAGE("no tmpfs can be mounted here: not run");
        return;
    }
    const Unmount after{folder.text()};
    const TestOrigin till = tillWith(6000);
    {
        const auto store = open(folder.path());
        REQUIRE(store->enrol(till.enrolment()).has_value());
        const std::string ballast = folder.text() + "/ballast";
        std::ofstream(ballast, std::ios::binary) << std::string(1'200'000, 'x');
        std::size_t from = 1;
        Code failure = Code::internal;
        for (; from + 9 <= till.events.size(); from += 10) {
            const auto placed = till.push(*store, from, from + 9);
            if (!placed) {
                failure = placed.error().code;
                break;
            }
        }
        CHECK(failure == Code::storage);
        CHECK(from > 10);
        check(*store, till, from - 1);
        CHECK(till.push(*store, from, from + 9).error().code == Code::storage);
        std::filesystem::remove(ballast);
        const auto placed = till.push(*store, from, from + 9);
        REQUIRE_MESSAGE(placed.has_value(), (placed ? "" : placed.error().text()));
        CHECK(placed->placed == 10);
        check(*store, till, from + 9);
    }
}
