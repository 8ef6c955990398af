// The ledger as the two ends of the sync loop.
#pragma once

#include "plugin/ledger/Ledger.h"
#include "sync/protocol/SyncLoop.h"

namespace souffleur::agent {

/// Borrows the ledger.
class LedgerOutbox final : public protocol::Outbox {
public:
    /// `onSealed` (may be empty) is called where something was sealed and there is no key: it asks
    /// head office for it.
    explicit LedgerOutbox(ledger::Ledger& ledger, std::function<Result<void>()> onSealed = {})
        : _ledger(ledger), _onSealed(std::move(onSealed)) {}
    Result<std::optional<protocol::Batch>> next(std::size_t maxEvents,
                                                std::size_t maxBytes) override;
    Result<void> acknowledged(std::uint64_t seq, const crypto::Hash& head) override;
    Result<void> rewind(std::uint64_t seq, const crypto::Hash& head) override;
    Result<std::uint64_t> pending() override;
    Result<protocol::Ahead> urgent(std::uint64_t seq, std::size_t limit) override;

private:
    ledger::Ledger& _ledger;
    std::function<Result<void>()> _onSealed;
    bool _told = false; ///< that something cannot be opened any more
};

/// Borrows ledger and clock. `onApplied` (may be empty) is called on the loop's thread after a page
/// that brought something.
class LedgerReplica final : public protocol::Replica {
public:
    LedgerReplica(ledger::Ledger& ledger, const Clock& clock, std::function<void()> onApplied)
        : _ledger(ledger), _clock(clock), _onApplied(std::move(onApplied)) {}
    Result<std::string> cursor() override;
    Result<void> apply(const protocol::PullPage& page) override;

private:
    ledger::Ledger& _ledger;
    const Clock& _clock;
    std::function<void()> _onApplied;
};

} // namespace souffleur::agent
