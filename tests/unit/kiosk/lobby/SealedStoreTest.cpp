#include "kiosk/lobby/SealedStore.h"

#include <sys/mount.h>

#include <doctest/doctest.h>
#include <fstream>

#include "tests/support/TemporaryFolder.h"

using namespace souffleur;
using namespace souffleur::lobby;
using protocol::SealedFate;

namespace {

struct Unmount {
    std::string folder;
    ~Unmount() { ::umount2(folder.c_str(), MNT_DETACH); }
};

Result<void> add(SealedStore& store, std::size_t bytes = 100, std::uint64_t key = 1) {
    return store.add([&](std::uint64_t number) {
        protocol::SealedItem item{number, key, std::string(bytes, 's'), {}};
        item.signature.fill(9);
        return Result<protocol::SealedItem>(std::move(item));
    });
}

std::vector<std::uint64_t> numbers(SealedStore& store) {
    std::vector<std::uint64_t> out;
    const auto items = store.waiting(0, 1 << 20).value();
    for (const auto& item : items) out.push_back(item.number);
    return out;
}

} // namespace

TEST_CASE("what is added waits, over a restart, under a number that is never used twice") {
    const test::TemporaryFolder folder;
    {
        const auto store = std::move(SealedStore::open(folder.path()).value());
        REQUIRE(add(*store));
        REQUIRE(add(*store, 100, 2));
        // One that could not be sealed costs nothing.
        CHECK_FALSE(store->add(
            [](std::uint64_t) { return Result<protocol::SealedItem>(fail(Code::invalid, "no")); }));
    }
    const auto store = std::move(SealedStore::open(folder.path()).value());
    CHECK(numbers(*store) == std::vector<std::uint64_t>{1, 2});
    CHECK(store->oldestKey().value() == 1);
    REQUIRE(store->settle({{1, SealedFate::placed}, {2, SealedFate::had}}, 1000));
    CHECK(numbers(*store).empty());
    CHECK(store->oldestKey().value() == 0);
    CHECK(store->forgetOld(1000 + kKeepAckedMs + 1).value() == 2);
    REQUIRE(add(*store));
    CHECK(numbers(*store) == std::vector<std::uint64_t>{3});
    CHECK(store->waiting(3, 100)->empty());
}

TEST_CASE("it is deleted by head office's time alone, and what it refused stays") {
    const test::TemporaryFolder folder;
    const auto store = std::move(SealedStore::open(folder.path()).value());
    for (int i = 0; i < 4; ++i) REQUIRE(add(*store));
    constexpr TimeMs kHub = 1'795'521'600'000;
    REQUIRE(store->settle(
        {{1, SealedFate::placed}, {2, SealedFate::kept}, {3, SealedFate::refused}}, kHub));
    CHECK(numbers(*store) == std::vector<std::uint64_t>{4});
    CHECK(store->forgetOld(kHub + kKeepAckedMs - 1).value() == 0);
    CHECK(store->forgetOld(0).value() == 0);
    CHECK(store->forgetOld(kHub + kKeepAckedMs + 1).value() == 2);
    CHECK(store->forgetOld(kMaxTime).value() == 0);
    // What is acknowledged twice keeps its first time.
    REQUIRE(store->settle({{4, SealedFate::had}}, kHub));
    REQUIRE(store->settle({{4, SealedFate::had}}, kHub + kKeepAckedMs));
    CHECK(store->forgetOld(kHub + kKeepAckedMs + 1).value() == 1);
}

TEST_CASE("a folder has one kiosk") {
    const test::TemporaryFolder folder;
    const auto store = std::move(SealedStore::open(folder.path()).value());
    CHECK(SealedStore::open(folder.path()).error().code == Code::locked);
}

TEST_CASE("a file that is none is told, not made anew") {
    const test::TemporaryFolder folder;
    std::ofstream(folder.path() / "sealed.db") << std::string(5000, 'x');
    CHECK(SealedStore::open(folder.path()).error().code == Code::corrupt);
}

TEST_CASE("a full disk takes nothing, loses nothing, and takes again with room") {
    const test::TemporaryFolder folder;
    if (::mount("tmpfs", folder.text().c_str(), "tmpfs", 0, "size=1m") != 0) {
        MESSAGE("no tmpfs can be mounted here: not run");
        return;
    }
    const Unmount after{folder.text()};
    const auto store = std::move(SealedStore::open(folder.path()).value());
    CHECK(store->room() == Room::none);
    const auto ballast = folder.path() / "ballast";
    std::ofstream(ballast, std::ios::binary) << std::string(600'000, 'x');
    std::uint64_t taken = 0;
    Code failure = Code::internal;
    for (int i = 0; i < 1000; ++i) {
        const auto added = add(*store, 3000);
        if (!added) {
            failure = added.error().code;
            break;
        }
        ++taken;
    }
    CHECK(failure == Code::storage);
    CHECK(taken > 10);
    CHECK(store->pending().value() == taken);
    std::filesystem::remove(ballast);
    REQUIRE(add(*store, 3000));
    CHECK(store->pending().value() == taken + 1);
}
