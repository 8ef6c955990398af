// hub.toml in head office's folder: where its store is, if not in the folder itself.
#pragma once

#include <filesystem>

#include "plugin/base/Result.h"
#include "sync/store/Store.h"

namespace souffleur::hub {

inline constexpr const char* kStoreFile = "hub.toml";

/// What the file says: `store` (an address without a password) and `store-password-file` (0600; one
/// that is not absolute lies beside hub.toml). An empty address: SQLite in the folder. Errors:
/// invalid (names the key, never a value), storage.
Result<store::PostgresPlace> readStoreFile(const std::filesystem::path& folder);
/// Writes a 0600 file that says so, in a folder that has none. Errors: invalid, conflict (there is
/// one), storage.
Result<void> writeStoreFile(const std::filesystem::path& folder, const store::PostgresPlace& place);

/// The store that the folder says. Errors: store::openSqlite's and store::openPostgres's.
Result<std::unique_ptr<store::Store>> openStoreOf(const std::filesystem::path& folder,
                                                  const store::StoreKeys& keys, bool alone);

} // namespace souffleur::hub
