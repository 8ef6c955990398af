#include "sync/agent/SnapshotFetch.h"

#include <algorithm>
#include <fstream>

#include "plugin/crypto/PrivateFile.h"

namespace souffleur::agent {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPart = "snapshot.part";
constexpr const char* kNote = "snapshot.json";
constexpr const char* kRaw = "snapshot.db";
constexpr int kOthersMax = 5; ///< snapshots that were replaced while one was being fetched
constexpr TimeMs kBackoffMinMs = 200;
constexpr TimeMs kBackoffMaxMs = 10 * kSecondMs;
constexpr TimeMs kBuildWaitMs = kSecondMs;

Result<void> appendTo(const fs::path& file, std::string_view bytes) {
    std::ofstream out(file, std::ios::binary | std::ios::app);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    out.flush();
    if (!out) return fail(Code::storage, "the snapshot cannot be kept: check the disk", "snapshot");
    return {};
}

} // namespace

SnapshotFetch::SnapshotFetch(Parts parts, const fs::path& folder, const crypto::PublicKey& key)
    : _parts(std::move(parts)), _folder(folder), _part(folder / kPart), _note(folder / kNote),
      _raw(folder / kRaw), _key(key) {}

void SnapshotFetch::forget(const fs::path& folder) {
    std::error_code ignored;
    for (const char* file : {kPart, kNote, kRaw}) fs::remove(folder / file, ignored);
}

Result<protocol::SnapshotManifest> SnapshotFetch::manifest() {
    const TimeMs until = _parts.clock.monotonicMs() + kBuildPatienceMs;
    while (true) {
        auto made = _parts.hub.snapshot();
        if (made) {
            if (!protocol::soundSnapshot(*made, _key))
                return fail(Code::corrupt, "head office's snapshot is not signed by it");
            return made;
        }
        if (made.error().where != "building") return made;
        if (_parts.clock.monotonicMs() >= until || !_parts.wait(kBuildWaitMs))
            return fail(Code::unavailable, "head office's snapshot is not ready");
    }
}

std::uint64_t SnapshotFetch::resumed(const protocol::SnapshotManifest& manifest) const {
    const auto note = crypto::readPrivateFile(_note);
    if (!note || note->view() != protocol::encodeManifest(manifest)) return 0;
    std::error_code failed;
    const auto size = fs::file_size(_part, failed);
    return failed || size > manifest.bytes ? 0 : size;
}

Result<void> SnapshotFetch::fetch(const protocol::SnapshotManifest& manifest) {
    std::uint64_t have = resumed(manifest);
    if (have == 0) {
        forget(_folder);
        if (auto kept = crypto::writePrivateFile(_part, ""); !kept) return kept;
        if (auto kept = crypto::writePrivateFile(_note, protocol::encodeManifest(manifest)); !kept)
            return kept;
    }
    std::size_t size = protocol::kSnapshotPartMaxBytes / 4;
    TimeMs backoff = kBackoffMinMs;
    TimeMs progressAt = _parts.clock.monotonicMs();
    while (have < manifest.bytes) {
        if (_parts.progress) _parts.progress(have, manifest.bytes);
        const std::uint64_t left = manifest.bytes - have;
        const auto asked = static_cast<std::size_t>(std::min<std::uint64_t>(size, left));
        const auto piece = _parts.hub.snapshotPart(manifest.id, have, asked);
        if (piece && !piece->empty() && piece->size() <= asked) {
            if (auto kept = appendTo(_part, *piece); !kept) return kept;
            have += piece->size();
            size = std::min(size * 2, protocol::kSnapshotPartMaxBytes);
            backoff = kBackoffMinMs;
            progressAt = _parts.clock.monotonicMs();
            continue;
        }
        if (!piece && piece.error().code == Code::notFound) return passOn(piece);
        // A slow or a broken line, cut in the middle of a handshake too: less at a time, and not at
        // once.
        size = std::max(size / 2, protocol::kSnapshotPartMinBytes);
        const auto pause =
            static_cast<TimeMs>(_parts.random.below(static_cast<std::uint64_t>(backoff) + 1));
        backoff = std::min(backoff * 2, kBackoffMaxMs);
        const bool patient = _parts.clock.monotonicMs() - progressAt < kFetchPatienceMs;
        if (!patient || !_parts.wait(pause))
            return fail(Code::unavailable, "head office's snapshot did not come through");
    }
    if (_parts.progress) _parts.progress(have, manifest.bytes);
    return {};
}

Result<fs::path> SnapshotFetch::unpack(const protocol::SnapshotManifest& manifest) {
    const auto sum = protocol::sumOf(_part);
    if (!sum) return passOn(sum);
    if (sum->bytes != manifest.bytes || sum->hash != manifest.hash)
        return fail(Code::corrupt, "the snapshot that came is not the one that was signed");
    if (auto done = protocol::unpackFile(_part, _raw, manifest.rawBytes); !done)
        return passOn(done);
    std::error_code ignored;
    fs::remove(_part, ignored);
    fs::remove(_note, ignored);
    return _raw;
}

Result<fs::path> SnapshotFetch::run() {
    for (int others = 0; others < kOthersMax; ++others) {
        const auto made = manifest();
        if (!made) return passOn(made);
        if (auto fetched = fetch(*made); !fetched) {
            if (fetched.error().code == Code::notFound) continue;
            return passOn(fetched);
        }
        auto file = unpack(*made);
        if (!file && file.error().code != Code::storage) forget(_folder);
        return file;
    }
    return fail(Code::unavailable, "head office's snapshot changes too often");
}

} // namespace souffleur::agent
