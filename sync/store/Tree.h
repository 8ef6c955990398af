// The trees over the log, one a shard (DESIGN 6, RFC 9162): grown in the transaction that places
// events, read for heads and proofs. Private to this room.
#pragma once

#include "plugin/crypto/ShardedLog.h"
#include "sync/store/Statements.h"
#include "sync/store/Store.h"

namespace souffleur::store {

/// Borrows the statements of a connection; for one transaction. A DatabaseFailure passes through.
class Trees {
public:
    explicit Trees(Statements& statements) : _statements(statements) {}

    /// Takes in whatever has a place in the log and no leaf yet. Two hashes an event. Where an
    /// event is missing the shard's tree stays behind, and heads() says so: what comes after is
    /// placed all the same.
    void grow();
    /// Is there anything to take in?
    [[nodiscard]] bool behind();
    /// Errors: corrupt (an event of the log is missing).
    Result<crypto::ShardHeads> heads();
    /// From leaf `position` - 1 to the head of the shard's `size` leaves.
    Result<crypto::TreePath> inclusion(std::size_t shard, std::uint64_t position,
                                       std::uint64_t size);
    Result<crypto::TreePath> consistency(std::size_t shard, std::uint64_t earlier,
                                         std::uint64_t size);
    /// Makes every tree again from the events and compares. Errors: corrupt, naming the shard.
    Result<void> verify();

private:
    crypto::TreeFrontier edgeOf(std::size_t shard);
    /// The head of a perfect subtree, from what is kept of it.
    Result<crypto::Hash> subtree(std::size_t shard, unsigned level, std::uint64_t index);
    crypto::SubtreeSource sourceOf(std::size_t shard);
    Result<void> verify(std::size_t shard);
    Query query(std::string_view name) { return Query(_statements[name]); }

    Statements& _statements;
};

} // namespace souffleur::store
