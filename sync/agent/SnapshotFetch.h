// Fetches head office's snapshot in parts and believes nothing of it before its signature and its
// hash are right (DESIGN 6, plugin/doc/adr/0011).
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "plugin/base/Clock.h"
#include "plugin/base/Random.h"
#include "plugin/base/Result.h"
#include "sync/protocol/Snapshot.h"

namespace souffleur::agent {

/// Head office as far as snapshots go. Errors: notFound (it makes none: an older one; or it has
/// another one by now), unavailable (away; `where` = "building": it is being made), as
/// protocol::Hub.
class SnapshotSource {
public:
    virtual ~SnapshotSource() = default;
    virtual Result<protocol::SnapshotManifest> snapshot() = 0;
    /// At most `size` bytes from `from` on.
    virtual Result<std::string> snapshotPart(const std::string& id, std::uint64_t from,
                                             std::size_t size) = 0;
};

/// How long it is tried: without a byte of progress, and while it is being made.
inline constexpr TimeMs kFetchPatienceMs = kMinuteMs;
inline constexpr TimeMs kBuildPatienceMs = 5 * kMinuteMs;

class SnapshotFetch {
public:
    struct Parts {
        SnapshotSource& hub;
        const Clock& clock;
        Random& random;
        /// False: stop.
        std::function<bool(TimeMs waitMs)> wait;
        /// Bytes so far, of all. May be empty.
        std::function<void(std::uint64_t done, std::uint64_t of)> progress;
    };
    /// `folder` exists; what was fetched of a snapshot stays there, and a later run goes on.
    SnapshotFetch(Parts parts, const std::filesystem::path& folder, const crypto::PublicKey& key);

    /// The unpacked file, the caller's to remove. Errors: notFound (there is none), unavailable (it
    /// is away; what came stays), corrupt (not what was signed: nothing of it stays), storage.
    Result<std::filesystem::path> run();
    /// Removes whatever any run left in `folder`, the unpacked file too.
    static void forget(const std::filesystem::path& folder);

private:
    Result<protocol::SnapshotManifest> manifest();
    /// Everything of it on the disk. Errors: notFound: it has another one by now.
    Result<void> fetch(const protocol::SnapshotManifest& manifest);
    Result<std::filesystem::path> unpack(const protocol::SnapshotManifest& manifest);
    [[nodiscard]] std::uint64_t resumed(const protocol::SnapshotManifest& manifest) const;

    Parts _parts;
    std::filesystem::path _folder;
    std::filesystem::path _part;
    std::filesystem::path _note;
    std::filesystem::path _raw;
    crypto::PublicKey _key;
};

} // namespace souffleur::agent
