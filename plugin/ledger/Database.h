// The SQLite file of a ledger: its folder's lock, its connections, its transactions, and the one
// place where SQLite's failures become our errors. Internal to this room.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "plugin/base/Id.h"
#include "plugin/base/Result.h"
#include "plugin/ledger/Connection.h"
#include "plugin/ledger/Words.h"

namespace souffleur::ledger {

inline constexpr int kSchemaVersion = 8;

/// Owns the folder for as long as it lives. Thread-safe.
class Database {
public:
    /// Errors: locked, storage, unsupported (a newer schema), corrupt.
    static Result<std::unique_ptr<Database>> open(const std::filesystem::path& folder,
                                                  std::size_t cacheKib);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// Runs `work` in one IMMEDIATE transaction on the writing connection; commits when it gives a
    /// value, rolls back when it gives an error. One at a time. `undo` runs after a rollback, also
    /// one of a commit that failed, before the next one writes: it must not throw.
    template <typename T>
    Result<T> write(const std::function<Result<T>(Connection&)>& work,
                    const std::function<void()>& undo = {}) {
        Result<T> out = fail(Code::internal, "nothing was written");
        const Result<void> done = inTransaction(
            [&](Connection& c) -> Result<void> {
                out = work(c);
                if (!out) return passOn(out);
                return {};
            },
            undo);
        if (!done) return passOn(done);
        return out;
    }
    /// Runs `work` on a reading connection, in one snapshot when `snapshot`.
    enum class Lane { point, search };
    template <typename T>
    Result<T> read(const std::function<Result<T>(Connection&)>& work,
                   Lane lane = Lane::point) const {
        Result<T> out = fail(Code::internal, "nothing was read");
        const Result<void> done = reading(lane, [&](Connection& c) -> Result<void> {
            out = work(c);
            return {};
        });
        if (!done) return passOn(done);
        return out;
    }
    /// A long read on a connection of its own, in one snapshot.
    Result<void> readLong(const std::function<Result<void>(Connection&)>& work) const;
    /// Runs `work` on the writing connection outside a transaction (checkpoints).
    Result<void> maintain(const std::function<Result<void>(Connection&)>& work);

    [[nodiscard]] Words& words() const noexcept { return *_words; }
    [[nodiscard]] std::uint64_t fileBytes() const;
    [[nodiscard]] const std::filesystem::path& file() const noexcept { return _file; }
    [[nodiscard]] std::size_t cacheKib() const noexcept { return _cacheKib; }

private:
    Database(std::filesystem::path folder, std::size_t cacheKib);
    Result<void> inTransaction(const std::function<Result<void>(Connection&)>& work,
                               const std::function<void()>& undo);
    Result<void> reading(Lane lane, const std::function<Result<void>(Connection&)>& work) const;
    Result<void> lockFolder();
    Result<void> openFile();
    Result<void> migrate();

    std::filesystem::path _folder;
    std::filesystem::path _file;
    std::size_t _cacheKib;
    int _lock = -1;
    struct Guarded {
        std::mutex mutex;
        std::unique_ptr<Connection> connection;
    };
    Guarded _writer;
    mutable Guarded _reader;
    mutable Guarded _searcher;
    std::unique_ptr<Words> _words;
};

/// The error for what SQLite threw, with SQLite's own words (which hold no row data).
Error storageError(const std::exception& failure);

} // namespace souffleur::ledger
