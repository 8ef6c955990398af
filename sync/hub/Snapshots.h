// Head office's snapshots for new tills (DESIGN 6; plugin/doc/adr/0011): made when one is asked
// for, kept on the disk for a while, gone at once when somebody in them was erased.
#pragma once

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "plugin/base/Clock.h"
#include "plugin/base/Random.h"
#include "plugin/base/Result.h"
#include "sync/hub/Home.h"
#include "sync/protocol/Snapshot.h"
#include "sync/store/SnapshotFile.h"

namespace souffleur::hub {

struct SnapshotConfig {
    TimeMs everyMs = 10 * kMinuteMs; ///< no new one is begun sooner
    int months = 24;                 ///< who said nothing for longer is left out
    TimeMs waitMs = 5 * kSecondMs;   ///< who asks waits so long for the first one
};

/// Builds on a thread of its own. Thread-safe. Borrows home, clock and random.
class Snapshots {
public:
    Snapshots(Home& home, const Clock& clock, Random& random, SnapshotConfig config = {});
    ~Snapshots();
    Snapshots(const Snapshots&) = delete;
    Snapshots& operator=(const Snapshots&) = delete;

    /// Of the latest one; begins another where it is old. Errors: unavailable (`where` =
    /// "building": ask again), and why none could be made.
    Result<protocol::SnapshotManifest> latest();
    /// `size` bytes from `from` on, or as many as there are. Errors: notFound (it is gone), invalid
    /// (beyond its end), storage.
    Result<std::string> part(const std::string& id, std::uint64_t from, std::size_t size) const;
    /// What it says of the id. Errors: notFound.
    Result<protocol::SnapshotManifest> manifest(const std::string& id) const;
    /// About once a minute: was anybody who is in one erased since? Never waits for one that is
    /// being made.
    void tidy();

private:
    /// What it makes, and whether somebody in an older one was erased.
    struct Made {
        Result<protocol::SnapshotManifest> manifest;
        bool erased = false;
    };
    Made make();
    Result<protocol::SnapshotManifest> writeFile();
    void forget(std::optional<protocol::SnapshotManifest>& one);
    void build();
    void drop();
    [[nodiscard]] std::filesystem::path fileOf(const std::string& id) const;
    [[nodiscard]] const protocol::SnapshotManifest* find(const std::string& id) const;

    Home& _home;
    const Clock& _clock;
    Random& _random;
    SnapshotConfig _config;
    std::filesystem::path _folder;
    std::mutex _working; ///< guards the gathering; taken before _mutex
    std::unique_ptr<store::Gathering> _gathering;
    mutable std::mutex _mutex; ///< guards what follows
    std::condition_variable _made;
    std::optional<protocol::SnapshotManifest> _latest;
    std::optional<protocol::SnapshotManifest> _before; ///< somebody may be fetching it
    std::optional<Error> _failed;
    bool _building = false;
    TimeMs _madeAt = 0; ///< monotonic
    std::thread _thread;
    std::atomic<bool> _stopping{false};
};

} // namespace souffleur::hub
