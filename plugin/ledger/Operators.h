// Who may sign in at this till: names to tap, hashed PINs and badges, lock-out. The hashing itself
// is crypto::PinHasher's; this keeps the rows and counts the failures durably. PIN and badge are
// two doors: who shuts one for somebody leaves the other open.
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
    std::string pin;  ///< argon2id PHC string; empty = cannot sign in by PIN
    int failures = 0; ///< since the last success
    TimeMs lockedUntil = 0;
    bool active = true;
    std::string badge = {}; ///< PinHasher::badge(); empty = none

    bool operator==(const Operator&) const = default;
};

/// How a badge came. Whatever is held under a scanner shuts no badge reader.
enum class BadgeDoor : std::uint8_t { reader, scanner };

/// Thread-safe. Errors: storage, corrupt.
class Operators {
public:
    explicit Operators(Database& database) : _database(database) {}

    /// Adds or replaces by id. Errors: invalid (no id, no name), conflict (another active one has
    /// the name, another one the badge).
    Result<void> put(const Operator& row);
    /// Errors: notFound.
    [[nodiscard]] Result<Operator> get(const OperatorId& id) const;
    /// The active one of this name. Errors: notFound.
    [[nodiscard]] Result<Operator> named(const std::string& name) const;
    /// Active ones by name.
    [[nodiscard]] Result<std::vector<Operator>> list() const;
    /// Before a PIN is tried: counts the attempt, so that pulling the plug gives no free guess.
    /// After kFailuresMax attempts locks for a time that doubles from 30 s to an hour. An id that
    /// names nobody is counted and locked alike; its row has no name and no PIN. Errors: locked
    /// (`where` holds the time it ends, ms).
    Result<Operator> attempt(const OperatorId& id, TimeMs now);
    /// The PIN was right: forgets the failures.
    Result<void> succeeded(const OperatorId& id);
    /// The same for badges, one count for all that come by one way; gives the number of attempts.
    Result<int> attemptBadge(TimeMs now, BadgeDoor door = BadgeDoor::reader);
    Result<void> badgeSucceeded(BadgeDoor door = BadgeDoor::reader);
    /// When the badge reader's lock-out ends; 0 = it has none.
    [[nodiscard]] Result<TimeMs> badgeLockedUntil(TimeMs now) const;
    /// The active holder. Errors: notFound.
    [[nodiscard]] Result<Operator> holder(const std::string& badge) const;
    /// Ends every lock-out and forgets all failures.
    Result<void> unlockAll();

    static constexpr int kFailuresMax = 5;
    static constexpr int kStrangersMax = 64; ///< ids that name nobody, counted at a time

private:
    Database& _database;
};

} // namespace souffleur::ledger
