// Snapshots for new tills when the disk is against it, and when head office is to stop.
#include "sync/hub/Snapshots.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "sync/hub/Home.h"
#include "tests/support/Eventually.h"
#include "tests/support/TemporaryFolder.h"

using namespace souffleur;
using namespace souffleur::hub;
using namespace souffleur::test;

namespace {

/// The same id each time, and only when it is let: the builder alone asks.
class Gate final : public Random {
public:
    void fill(std::span<std::byte> out) override {
        std::unique_lock lock(_mutex);
        _waiting = true;
        _moved.notify_all();
        _moved.wait_for(lock, std::chrono::seconds(10), [this] { return _open; });
        _passed = true;
        std::fill(out.begin(), out.end(), std::byte{_byte});
        _byte = 0xbb;
    }
    void let() {
        const std::lock_guard lock(_mutex);
        _open = true;
        _moved.notify_all();
    }
    [[nodiscard]] bool reached() {
        std::unique_lock lock(_mutex);
        return _moved.wait_for(lock, std::chrono::seconds(30), [this] { return _waiting; });
    }
    [[nodiscard]] bool wasPassed() {
        const std::lock_guard lock(_mutex);
        return _passed;
    }

private:
    std::mutex _mutex;
    std::condition_variable _moved;
    bool _open = false;
    bool _waiting = false;
    bool _passed = false;
    unsigned char _byte = 0xaa;
};

SnapshotConfig always() {
    SnapshotConfig config;
    config.everyMs = 0;
    config.waitMs = 30 * kSecondMs;
    return config;
}

struct Office {
    TemporaryFolder folder;
    SystemClock clock;
    SystemRandom random;
    Gate gate;
    std::unique_ptr<Home> home = Home::found(folder.path() / "hub", clock, random).value();
    std::filesystem::path place = home->folder() / "snapshots";
    const std::string first = std::string(32, 'a');
    const std::string second = std::string(32, 'b');

    [[nodiscard]] std::filesystem::path fileOf(const std::string& id) const {
        return place / (id + ".zst");
    }
};

} // namespace

TEST_CASE("when no new snapshot can be written, the older one is served no longer") {
    Office office;
    office.gate.let();
    Snapshots snapshots(*office.home, office.clock, office.gate, always());
    REQUIRE(snapshots.latest().value().id == office.first);
    SUBCASE("it cannot be made") {
        std::filesystem::create_directories(office.place / "made.db" / "in the way");
    }
    SUBCASE("it cannot be packed, and nothing of it stays") {
        std::filesystem::create_directories(office.fileOf(office.second));
    }
    CHECK(snapshots.latest().value().id == office.first); // and another is begun
    // Nobody would notice any more that somebody in it was erased.
    CHECK(eventually([&] { return !snapshots.manifest(office.first).has_value(); },
                     std::chrono::seconds(30)));
    CHECK_FALSE(std::filesystem::exists(office.fileOf(office.first)));
    CHECK_FALSE(std::filesystem::exists(office.fileOf(office.second)));
}

TEST_CASE("who looks for erasures does not wait for a snapshot that is being made") {
    Office office;
    SnapshotConfig config = always();
    config.waitMs = 0;
    Snapshots snapshots(*office.home, office.clock, office.gate, config);
    CHECK(snapshots.latest().error().where == "building");
    REQUIRE(office.gate.reached());
    snapshots.tidy();
    CHECK_FALSE(office.gate.wasPassed());
    office.gate.let();
}
