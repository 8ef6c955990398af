// The write-ahead log of one connection, written in one piece: SQLite hands the log two small
// writes for each page of a transaction, and each is a system call that touches a page of the file
// twice. Internal to this room.
#pragma once

#include <memory>

namespace souffleur::ledger {

/// A VFS (https://www.sqlite.org/vfs.html) over the system's own that keeps back what is written to
/// a log until something could tell the difference: a read, a size, a truncation, or the sync that
/// with synchronous=FULL ends every transaction before its index says that there is one. All other
/// files are the system's own. A write that fails so late fails the sync, and with it the commit.
/// One connection opens its file by it; it must outlive that connection. Not thread-safe, like the
/// connection.
class GatheredLog {
public:
    GatheredLog();
    ~GatheredLog();
    GatheredLog(const GatheredLog&) = delete;
    GatheredLog& operator=(const GatheredLog&) = delete;

    /// To open the connection by; unlike any other in this process.
    [[nodiscard]] const char* name() const noexcept;
    /// Off: every write goes straight through. Must be off while a transaction may end without a
    /// sync; change it between two transactions.
    void gather(bool on) noexcept;

    struct State;

private:
    std::unique_ptr<State> _state;
};

} // namespace souffleur::ledger
