// PostgreSQL behind Session (libpqxx). Private to this room.
//
// All nodes write through one locked row (table souffleur_hub): who writes sees everything that was
// committed before, positions have no gaps, and none becomes visible after a higher one
// (plugin/doc/adr/0009-one-writer-across-nodes.md). Values go to the server beside the statements,
// never in them: they are in none of its logs.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "plugin/base/Random.h"
#include "plugin/crypto/Secret.h"
#include "sync/store/FolderLock.h"
#include "sync/store/PostgresPlace.h"
#include "sync/store/Session.h"

namespace souffleur::store {

class PostgresLink;
class PostgresStatements;

class PostgresSession final : public Session {
public:
    /// Connects at the first begin(), and again after a connection was lost.
    PostgresSession(crypto::Secret connection, FolderLock lock);
    ~PostgresSession() override;
    /// Connects, and brings the tables up to this build: one node does it, the others wait.
    /// `house`: marks whose head office this is. Errors: unavailable, unsupported (made by a newer
    /// build), conflict (the database holds other things, or another head office's), storage.
    Result<void> migrate(const std::string& house);

    Statements& statements() override;
    void begin(Mode mode) override;
    void commit() override;
    void rollback() noexcept override;
    [[nodiscard]] bool shared() const noexcept override { return true; }
    [[nodiscard]] std::string lineage() override;
    bool retry(int attempts) override;
    [[nodiscard]] bool forgetsApart() const noexcept override { return true; }
    bool forget(const std::string& mark) override;

private:
    void connect();
    void drop() noexcept;
    Result<void> migrateLocked(const std::string& house);

    crypto::Secret _connection;
    FolderLock _lock;
    std::unique_ptr<PostgresLink> _link; ///< none: not connected
    std::unique_ptr<PostgresStatements> _statements;
    std::string _lineage;
    bool _inTransaction = false;
    /// While a server is away nobody waits for it more often than this.
    std::chrono::steady_clock::time_point _nextTry;
    SystemRandom _random; // of pauses alone
};

} // namespace souffleur::store
