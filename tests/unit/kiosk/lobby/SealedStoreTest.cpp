#include "kiosk/lobby/SealedStore.h"

#include <sys/mount.h>

#include <SQLiteCpp/SQLiteCpp.h>
#include <algorithm>
#include <doctest/doctest.h>
#include <fstream>

#include "plugin/base/Random.h"
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

TEST_CASE("what is taken later waits on, and what head office lost is sent again") {
    const test::TemporaryFolder folder;
    SeededRandom random(3);
    const auto former = OriginId::random(random);
    const auto store = std::move(SealedStore::open(folder.path()).value());
    const auto addOf = [&](const OriginId& origin) {
        return store->add([&](std::uint64_t number) {
            return Result<protocol::SealedItem>(
                protocol::SealedItem{number, 1, "sealed", {}, origin});
        });
    };
    for (int i = 0; i < 3; ++i) REQUIRE(addOf(former));
    for (int i = 0; i < 3; ++i) REQUIRE(addOf({}));
    REQUIRE(store->settle({{1, SealedFate::placed},
                           {2, SealedFate::later},
                           {3, SealedFate::kept},
                           {4, SealedFate::had},
                           {5, SealedFate::refused}},
                          1000));
    CHECK(numbers(*store) == std::vector<std::uint64_t>{2, 6});
    CHECK(store->waiting(0, 1 << 20)->front().origin == former);
    CHECK(store->waiting(2, 1 << 20)->front().origin.none());
    CHECK(store->refused().value() == 1);
    auto told = store->told().value();
    std::ranges::sort(told, {}, &protocol::SealedTold::from);
    CHECK(told == std::vector<protocol::SealedTold>{{former, 1, 3, 2}, {{}, 4, 4, 1}});
    CHECK(store->sendAgain().value() == 3);
    CHECK(numbers(*store) == std::vector<std::uint64_t>{1, 2, 3, 4, 6});
    CHECK(store->told()->empty());
    CHECK(store->forgetOld(kMaxTime).value() == 0);
    // Signed by an older build, under the id that the kiosk has now.
    const auto own = OriginId::random(random);
    REQUIRE(store->signedBy(own));
    CHECK(store->waiting(2, 1 << 20)->front().origin == former);
    CHECK(store->waiting(3, 1 << 20)->front().origin == own);
}

TEST_CASE("a file of a build before the ids opens, and what it holds goes") {
    const test::TemporaryFolder folder;
    {
        SQLite::Database old((folder.path() / "sealed.db").string(),
                             SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
        old.exec(
            "CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
            "CREATE TABLE items (number INTEGER PRIMARY KEY, key INTEGER NOT NULL, sealed BLOB "
            "NOT NULL, sig BLOB NOT NULL, fate TEXT NOT NULL DEFAULT '', acked_at INTEGER NOT "
            "NULL DEFAULT 0);"
            "INSERT INTO meta VALUES ('number', 1);"
            "INSERT INTO items (number, key, sealed, sig) VALUES (1, 1, X'01', X'02')");
    }
    for (int opened = 0; opened < 2; ++opened) {
        const auto store = std::move(SealedStore::open(folder.path()).value());
        REQUIRE(add(*store));
        CHECK(store->waiting(0, 1 << 20)->front().number == 1);
        CHECK(store->waiting(0, 1 << 20)->front().origin.none());
    }
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
