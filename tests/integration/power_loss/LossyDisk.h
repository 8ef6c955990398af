// A disk that forgets what was not synced, below SQLite: a VFS over the system's own.
#pragma once

#include <cstdint>
#include <memory>

namespace souffleur::test {

/// While it lives, every database that this process opens stands on it. It counts the changes to
/// files (writes, truncations, syncs, deletions); at the one that cutAfter() named the power goes:
/// that change and all after it fail. settle() then leaves on the disk what a real one might have
/// kept: everything synced, and of the rest each 512-byte sector, or the file's length, by the toss
/// of a coin. Databases must be closed before settle(). A deleted file is gone at once and a new
/// name is there at once: SQLite syncs the folder for both. One instance at a time. Method:
/// https://www.sqlite.org/vfs.html, https://www.sqlite.org/atomiccommit.html (section 2, what is
/// assumed of hardware).
class LossyDisk {
public:
    LossyDisk();
    ~LossyDisk();
    LossyDisk(const LossyDisk&) = delete;
    LossyDisk& operator=(const LossyDisk&) = delete;

    /// The power goes at the `changes`-th change from now (1 is the next).
    void cutAfter(std::uint64_t changes);
    /// The power goes now.
    void cut();
    [[nodiscard]] bool isCut() const;
    /// Files become what the disk kept; the power is back.
    void settle(std::uint64_t seed);
    /// Sectors that settle() has taken back so far: none means that the test lost nothing.
    [[nodiscard]] std::uint64_t sectorsLost() const;

    struct State;

private:
    std::unique_ptr<State> _state;
};

} // namespace souffleur::test
