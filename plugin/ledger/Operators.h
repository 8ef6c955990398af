// Who may sign in at this till: names to tap, hashed PINs, lock-out. The hashing itself is
// crypto::PinHasher's; this keeps the rows and counts the failures durably.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "plugin/base/Clock.h"
#include "plugin/base/Id.h"
#include "plugin/base/Result.h"

namespace souffleur::ledger {

class Database;

struct Operator {
    OperatorId id;    ///< the pseudonym that goes into events
    std::string name; ///< to tap on; never leaves this device
    std::string role; ///< "cashier" "supervisor"
    std::string pin;  ///< argon2id PHC string; empty = cannot sign in
    int failures = 0; ///< since the last success
    TimeMs lockedUntil = 0;
    bool active = true;

    bool operator==(const Operator&) const = default;
};

/// Thread-safe. Errors: storage, corrupt.
class Operators {
public:
    explicit Operators(Database& database) : _database(database) {}

    /// Adds or replaces by id. Errors: invalid (no id, no name), conflict (another active one has
    /// the name).
    Result<void> put(const Operator& row);
    /// Errors: notFound.
    [[nodiscard]] Result<Operator> get(const OperatorId& id) const;
    /// Active ones by name.
    [[nodiscard]] Result<std::vector<Operator>> list() const;
    /// Before a PIN is tried: counts the attempt, so that pulling the plug gives no free guess.
    /// After kFailuresMax attempts locks for a time that doubles from 30 s to an hour. Errors:
    /// locked (`where` holds the time it ends, ms), notFound.
    Result<Operator> attempt(const OperatorId& id, TimeMs now);
    /// The PIN was right: forgets the failures.
    Result<void> succeeded(const OperatorId& id);

    static constexpr int kFailuresMax = 5;

private:
    Database& _database;
};

} // namespace souffleur::ledger
