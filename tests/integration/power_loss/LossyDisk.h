// A disk that forgets what was not synced, below SQLite: a VFS over the system's own.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace souffleur::test {

/// While it lives, every database that this process opens stands on it. It counts the changes to
/// files (writes, truncations, syncs, deletions); at the one that cutAfter() named the power goes:
/// that change and all after it fail. settle() then leaves on the disk what a real one might have
/// kept: everything synced, and of the rest each 512-byte sector, or the file's length, by the toss
/// of a coin (and once in four times all of it). Databases must be closed before settle(). A
/// deleted file and what a truncation took are gone at once, and a new name is there at once:
/// SQLite syncs the folder for both. One instance at a time. Method:
/// https://www.sqlite.org/vfs.html, https://www.sqlite.org/atomiccommit.html (section 2, what is
/// assumed of hardware). Nothing is synced for real: the machine that the test runs on keeps its
/// power.
class LossyDisk {
public:
    /// Do its writes leave their neighbours in a sector alone (what SQLite calls powersafe
    /// overwrite, and believes of POSIX systems)? It does so either way; SQLite does more where it
    /// may not.
    explicit LossyDisk(bool powersafe = false);
    ~LossyDisk();
    LossyDisk(const LossyDisk&) = delete;
    LossyDisk& operator=(const LossyDisk&) = delete;

    /// What lies under the folder, which exists, is a machine of its own from now on: named below
    /// it loses its power alone. An empty name stands for all the rest.
    void separate(const std::string& folder);
    /// The power goes at the `changes`-th change from now (1 is the next).
    void cutAfter(std::uint64_t changes, const std::string& folder = {});
    /// The power goes now.
    void cut(const std::string& folder = {});
    [[nodiscard]] bool isCut(const std::string& folder = {}) const;
    /// Files become what the disk kept; the power is back.
    void settle(std::uint64_t seed, const std::string& folder = {});
    /// Sectors that settle() has taken back so far: none means that the test lost nothing.
    [[nodiscard]] std::uint64_t sectorsLost() const;
    /// A disk that says of each sync that it is done, and does none: no software survives that, and
    /// a test that does not notice it tests nothing.
    void lie(bool on);
    /// SQLite's own randomness (the salts of its log) comes from this seed.
    void seed(std::uint64_t seed);

    struct State;

private:
    std::unique_ptr<State> _state;
};

} // namespace souffleur::test
