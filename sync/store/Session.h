// One connection to a database, as this room needs it: SQLite's or PostgreSQL's. Private to this
// room; what a database throws becomes a DatabaseFailure here and is caught in SqlStore alone.
#pragma once

#include <exception>
#include <memory>
#include <string>

#include "plugin/base/Result.h"
#include "sync/store/Statements.h"

namespace souffleur::store {

/// A database that failed.
class DatabaseFailure final : public std::exception {
public:
    /// `again`: surely nothing was stored, and the same work may succeed at once.
    explicit DatabaseFailure(Error error, bool again = false)
        : _error(std::make_shared<const Error>(std::move(error))), _again(again) {}
    [[nodiscard]] const char* what() const noexcept override { return _error->message.c_str(); }
    [[nodiscard]] const Error& error() const noexcept { return *_error; }
    [[nodiscard]] bool again() const noexcept { return _again; }

private:
    std::shared_ptr<const Error> _error; // copied without throwing
    bool _again;
};

/// Not thread-safe, but for forget() where `forgetsApart()`.
class Session {
public:
    enum class Mode {
        loose,    ///< reads that need not fit together
        snapshot, ///< reads of one moment
        write,    ///< the one writer, of all processes
    };

    Session() = default;
    virtual ~Session() = default;
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// The same object for the life of the session.
    virtual Statements& statements() = 0;
    virtual void begin(Mode mode) = 0;
    /// Durable when it returns. Ends what was only read as well.
    virtual void commit() = 0;
    virtual void rollback() noexcept = 0;
    /// May other processes change what was read at an earlier begin()?
    [[nodiscard]] virtual bool shared() const noexcept = 0;
    /// Told apart from what it was, the database is an earlier state of itself or another one: it
    /// may give positions a second time. Asked inside a transaction; empty: it never tells.
    [[nodiscard]] virtual std::string lineage() { return {}; }
    /// Waits before the attempt after `attempts` of them failed; false: give up.
    virtual bool retry(int attempts) = 0;
    /// Does forget() work beside transactions, on any thread?
    [[nodiscard]] virtual bool forgetsApart() const noexcept = 0;
    /// Outside a transaction: takes the erased rows of before `mark` out of where the database
    /// keeps deleted ones. False: something still reads them.
    virtual bool forget(const std::string& mark) = 0;
};

} // namespace souffleur::store
