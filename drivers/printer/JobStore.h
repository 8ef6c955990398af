// Where a printer's jobs outlive the process. What stands in it are slips of the last two minutes:
// finished ones are erased at once, older ones when they are met.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "drivers/escpos/Encoder.h"

namespace souffleur::printer {

using JobId = std::uint64_t; ///< ascending from 1, over restarts as well where there is a store

inline constexpr std::size_t kMaxTagBytes = 128;
inline constexpr std::size_t kMaxStoredBytes = 8 * 1024 * 1024; ///< of one job

struct StoredJob {
    JobId id = 0;
    std::string profile; ///< the model that `bytes` are for
    std::string tag;     ///< the caller's own, see Printer::submit
    escpos::Bytes bytes;
    bool sent = false;      ///< some of it may have gone out
    std::int64_t ageMs = 0; ///< since it was submitted; set by load()
};

/// Used by one printer, from its thread (load: from its constructor's). Blocks on the disk.
class JobStore {
public:
    JobStore() = default;
    JobStore(const JobStore&) = delete;
    JobStore& operator=(const JobStore&) = delete;
    virtual ~JobStore() = default;

    /// Keeps a job that was submitted `job.ageMs` ago: after the process's end it is there, after a
    /// power cut perhaps. False: it was not kept.
    virtual bool put(const StoredJob& job) = 0;
    /// Its first byte is about to go out. True: that is known after a power cut, too.
    /// Again is fine.
    virtual bool markSent(JobId id) = 0;
    /// Not a byte of it went out after all: it waits as before. False: it stays marked.
    virtual bool markWaiting(JobId id) = 0;
    /// Overwrites and removes it; unknown ones are fine.
    virtual void erase(JobId id) = 0;
    /// What an earlier process left, oldest first; what cannot be read is erased. A job from the
    /// future (the clock was set back) has the greatest age there is.
    virtual std::vector<StoredJob> load() = 0;
};

/// One file a job in a folder of its own, 0700 and 0600: `<id>.job`, `<id>.sent` once it may be
/// half out. Overwritten with zeros before it is removed (a journalling or copying medium may keep
/// older blocks all the same: encrypt the disk).
class FolderJobStore final : public JobStore {
public:
    /// Milliseconds of the wall clock: it must go on while no process runs.
    using WallClock = std::function<std::int64_t()>;

    /// Makes the folder. Where that fails nothing is kept: printing goes on without.
    FolderJobStore(std::filesystem::path folder, WallClock clock);

    bool put(const StoredJob& job) override;
    bool markSent(JobId id) override;
    bool markWaiting(JobId id) override;
    void erase(JobId id) override;
    std::vector<StoredJob> load() override;

private:
    [[nodiscard]] std::filesystem::path file(JobId id, bool sent) const;

    std::filesystem::path _folder;
    WallClock _clock;
};

} // namespace souffleur::printer
