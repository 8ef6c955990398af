// What a new till begins with, gathered from a store's log page by page and written as an SQLite
// file (plugin/doc/adr/0011). Works on any Store: it reads as a device without events of its own
// would.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "plugin/base/Result.h"
#include "sync/store/Store.h"

namespace souffleur::store {

/// The format of the written file: meta 'format'. A till takes no other.
inline constexpr int kSnapshotFormat = 1;

/// A file of its own that follows the log: headers verbatim and cards, no payload. One thread at a
/// time.
class Gathering {
public:
    /// Begins anew, whatever `file` held. Errors: storage.
    static Result<std::unique_ptr<Gathering>> begin(const std::filesystem::path& file);
    ~Gathering();
    Gathering(const Gathering&) = delete;
    Gathering& operator=(const Gathering&) = delete;

    /// Reads on to the end of the log. True: somebody who was gathered before was erased since, so
    /// that what was written must go. Errors: of the store, storage, unavailable (`stop` was set).
    Result<bool> follow(const Store& store, const std::atomic<bool>& stop);
    /// Whoever said anything since, and everybody of whom a no, a link or an erasure is on file,
    /// whenever that was, into a new file (0600). Gives how many people. Errors: storage.
    Result<std::uint64_t> write(const std::filesystem::path& file, TimeMs since);
    /// Where the tail begins.
    [[nodiscard]] const Cursor& cursor() const noexcept;

private:
    class Parts;
    explicit Gathering(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> _parts;
};

} // namespace souffleur::store
