// The write-ahead log of one connection, written in one piece: SQLite hands the log two small
// writes for each page of a transaction, and each is a system call that touches a page of the file
// twice. Internal to this room.
#pragma once

#include <memory>

namespace souffleur::ledger {

/// A VFS (https://www.sqlite.org/vfs.html) over the system's own that keeps back what is written to
/// a log until something could tell the difference: a read, a size, a truncation, or the sync that
/// with synchronous=FULL ends every transaction before its index says that there is one. All other
/// files are the system's own.
/// A write that fails so late loses pages that SQLite takes for written: from then on every read,
/// write, size, truncation and sync of the log fails with SQLITE_IOERR_WRITE, whatever the disk
/// said (after SQLITE_FULL SQLite may undo one statement and go on), and so the commit, until
/// forget(). A reading statement's error makes SQLite roll back all of the transaction.
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
    /// To be called after every rollback, also one by SQLite itself, when the transaction is over:
    /// what is held of it is dropped, or it would be written later over what another connection
    /// committed in its place. After a failure the log works again.
    void forget() noexcept;

    struct State;

private:
    std::unique_ptr<State> _state;
};

} // namespace souffleur::ledger
