// What a new till begins with instead of the whole log (DESIGN 6; plugin/doc/adr/0011): a signed,
// compressed SQLite file of its scope, fetched in parts, and then the tail.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "plugin/base/Clock.h"
#include "plugin/base/Id.h"
#include "plugin/base/Result.h"
#include "plugin/crypto/Hash.h"
#include "plugin/crypto/SigningKey.h"

namespace souffleur::protocol {

/// Packed and unpacked; a till takes nothing larger.
inline constexpr std::uint64_t kSnapshotMaxBytes = 2ULL * 1024 * 1024 * 1024;
inline constexpr std::uint64_t kSnapshotMaxRawBytes = 8ULL * 1024 * 1024 * 1024;
/// Of one answer.
inline constexpr std::size_t kSnapshotPartMaxBytes = 1024 * 1024;
inline constexpr std::size_t kSnapshotPartMinBytes = 16 * 1024;

/// What a snapshot is. Signed by head office with the key that signs its log.
struct SnapshotManifest {
    std::string id; ///< 32 hex digits, of these bytes
    OriginId log;   ///< head office's own id
    TimeMs at = 0;
    std::string cursor; ///< where the tail begins
    std::uint64_t people = 0;
    std::uint64_t bytes = 0;    ///< packed
    std::uint64_t rawBytes = 0; ///< unpacked
    crypto::Hash hash{};        ///< SHA-256 of the packed bytes
    crypto::Signature signature{};

    bool operator==(const SnapshotManifest&) const = default;
};

/// One field a line, after "souffleur-snapshot-1".
std::string signingInput(const SnapshotManifest& manifest);
/// Signed with this key, and within the bounds?
[[nodiscard]] bool soundSnapshot(const SnapshotManifest& manifest, const crypto::PublicKey& key);
std::string encodeManifest(const SnapshotManifest& manifest);
/// Nothing is believed yet. Errors: invalid.
Result<SnapshotManifest> decodeManifest(std::string_view json);

/// A file's size and the SHA-256 of its bytes. Errors: storage.
struct FileSum {
    std::uint64_t bytes = 0;
    crypto::Hash hash{};
};
Result<FileSum> sumOf(const std::filesystem::path& file);
/// zstd, from file to new file (0600), in constant memory. Errors: storage.
Result<FileSum> packFile(const std::filesystem::path& from, const std::filesystem::path& to);
/// Exactly `rawBytes` come out, or it is an error: corrupt, tooLarge, storage. Nothing is left at
/// `to` then.
Result<void> unpackFile(const std::filesystem::path& from, const std::filesystem::path& to,
                        std::uint64_t rawBytes);

} // namespace souffleur::protocol
