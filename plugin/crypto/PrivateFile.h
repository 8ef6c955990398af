// Files that hold keys, tokens and whatever else we keep: mode 0600, ours, never a link, written
// whole or not at all.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string_view>

#include "plugin/base/Result.h"
#include "plugin/crypto/Secret.h"

namespace souffleur::crypto {

inline constexpr std::size_t kPrivateFileMaxBytes = 256 * 1024;

/// Writes to a new file beside `path`, syncs it, renames it over `path` and syncs the folder: after
/// a power cut there is the old content or the new. Blocks on the disk. Errors: storage.
Result<void> writePrivateFile(const std::filesystem::path& path, std::string_view bytes);

/// What was made, renamed or removed in the folder outlives a power cut. Errors: storage.
Result<void> syncFolder(const std::filesystem::path& folder);

/// Reads a file that must be regular, owned by the effective user, and closed to group and others.
/// Errors: notFound, refused (wrong owner, permissions or kind), tooLarge, storage.
Result<Secret> readPrivateFile(const std::filesystem::path& path,
                               std::size_t maxBytes = kPrivateFileMaxBytes);

} // namespace souffleur::crypto
