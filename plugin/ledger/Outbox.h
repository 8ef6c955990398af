// What the hub has not acknowledged yet: this device's own events in the order of its chain.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "plugin/base/Id.h"
#include "plugin/base/Limits.h"
#include "plugin/base/Result.h"
#include "plugin/crypto/Hash.h"

namespace souffleur::ledger {

class Database;
class Vault;

struct OutboxEvent {
    std::uint64_t seq = 0;
    crypto::Hash prev{}; ///< chain head before it; filled by urgent() only
    SubjectId subject;
    bool negative = false; ///< travels first, also as an advance copy
    std::string header;    ///< verbatim
    std::string payload;   ///< verbatim, salt included; empty = none, or erased
};

/// Events that one question for the urgent ones reads.
inline constexpr std::size_t kUrgentScanMax = 1000;

/// A contiguous run of the chain. Reading it twice gives the same bytes.
struct OutboxBatch {
    std::uint64_t firstSeq = 0;
    crypto::Hash prev{}; ///< head before firstSeq
    crypto::Hash head{}; ///< head after the last
    std::vector<OutboxEvent> events;
    std::size_t unopened = 0; ///< sealed under a key that is none any more: they go without payload
};

/// A look into the backlog for what may not wait.
struct UrgentEvents {
    std::vector<OutboxEvent> events;
    std::uint64_t through = 0; ///< up to here nothing else is urgent: the next look starts here
};

/// Thread-safe. Errors: storage, corrupt; reading: also locked (`where` = "lease": what was sealed
/// cannot be sent before head office gave the key).
class Outbox {
public:
    Outbox(Database& database, const Vault& vault) : _database(database), _vault(vault) {}

    /// The next events after the last acknowledged one; at most maxEvents and about maxBytes of
    /// header and payload, at least one if there is any. Empty when all is acknowledged.
    [[nodiscard]] Result<OutboxBatch> next(std::size_t maxEvents = limits::kBatchMaxEvents,
                                           std::size_t maxBytes = limits::kBatchMaxBytes / 2) const;
    /// The hub has everything up to `seq` with this chain head. Errors: conflict (the head is not
    /// ours at that position: a fork; nothing changes), invalid (beyond the end). Going back is
    /// ignored.
    Result<void> acknowledge(std::uint64_t seq, const crypto::Hash& head);
    /// The hub knows less than it acknowledged (it was restored from a backup): send again from
    /// there. Errors: as acknowledge.
    Result<void> rewind(std::uint64_t seq, const crypto::Hash& head);
    [[nodiscard]] Result<std::uint64_t> acknowledged() const;
    [[nodiscard]] Result<std::uint64_t> pending() const;
    /// Unacknowledged negatives and undos after `seq`, for the urgent way; at most `limit`. One
    /// question looks at kUrgentScanMax events at most, whatever it finds; nothing is left once
    /// `through` no longer grows.
    [[nodiscard]] Result<UrgentEvents> urgent(std::size_t limit, std::uint64_t seq = 0) const;

private:
    Database& _database;
    const Vault& _vault;
};

} // namespace souffleur::ledger
