// Takes in what head office made for a new till (sync/store/SnapshotFile, plugin/doc/adr/0011): the
// result is the same as pulling all of it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "plugin/base/Result.h"

namespace souffleur::ledger {

class Ledger;

struct LoadedSnapshot {
    std::uint64_t people = 0; ///< everybody with a card
    std::uint64_t events = 0;
};

/// The file's signature was checked by the caller. Into a ledger without events that nobody else
/// writes to meanwhile; one that is broken off refuses to open (BulkLoad). `progress` (people so
/// far) may end it by false: unavailable. Errors: unsupported (another format), corrupt, conflict.
Result<LoadedSnapshot> loadSnapshot(Ledger& ledger, const std::filesystem::path& file,
                                    const std::function<bool(std::uint64_t people)>& progress);

} // namespace souffleur::ledger
