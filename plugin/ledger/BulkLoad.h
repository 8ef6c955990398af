// Filling an empty ledger fast: a new till's first load, benches and tests. Fewer commits, the
// search index built once at the end; the result is the same as event by event.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "plugin/base/Result.h"
#include "plugin/ledger/Types.h"

namespace souffleur::ledger {

class Ledger;

/// One person with their events, complete: events of a subject must all be in one call.
struct BulkPerson {
    wire::Card card;
    std::vector<Foreign> events; ///< acts, facts, orders…; no links
};

/// Not thread-safe; nobody else may write meanwhile. A load that is not finished leaves a ledger
/// that refuses to open (corrupt: "first load was not finished") until it is removed.
class BulkLoad {
public:
    /// Errors: conflict (the ledger has events of others already).
    static Result<std::unique_ptr<BulkLoad>> begin(Ledger& ledger);
    ~BulkLoad();
    BulkLoad(const BulkLoad&) = delete;
    BulkLoad& operator=(const BulkLoad&) = delete;

    Result<void> add(std::span<const BulkPerson> people);
    /// Builds indices and search, syncs, and opens the ledger for reading.
    Result<void> finish();

private:
    class Parts;
    explicit BulkLoad(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> _parts;
};

} // namespace souffleur::ledger
