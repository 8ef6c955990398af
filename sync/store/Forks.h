// What a device said that forked: kept raw beside the log, and given up once it has a place there.
// Internal to this room; runs inside the caller's transaction.
#pragma once

#include <optional>
#include <string>

#include "sync/store/Projection.h"
#include "sync/store/Statements.h"
#include "sync/store/Store.h"

namespace souffleur::store {

/// Does the stored event at `seq` have this leaf? Unknown positions (duplicates of another's id)
/// pass.
bool sameAsStored(Statements& statements, const OriginId& origin, std::uint64_t seq,
                  const crypto::Hash& leaf);

class Forks {
public:
    /// Borrows all three. `origin`: whose events are placed or kept.
    Forks(Statements& statements, Projection& projection, const OriginId& origin)
        : _statements(statements), _projection(projection), _origin(origin) {}

    /// Keeps an event that its chain cannot take. False: it is no other than what is held, or
    /// there is no room for it (store::kForkedEventsMax): see full().
    bool keep(std::uint64_t seq, const Incoming& incoming, TimeMs now);
    /// After the last keep(): writes down how much is held, and audits once that there was too
    /// little room. True: something was left out now.
    bool full(TimeMs now);
    /// The event is in the log now: what a fork or the quarantine kept of the same answer, under
    /// another id of its device, suppresses no more.
    void settle(const consent::Event& event, const std::string& header);
    /// Did another device bring the same answer, under its id? It is the same one, enrolled anew.
    bool sentAnew(const consent::Event& event, const std::string& header);
    /// The same answer as another id of its device said it, in the quarantine or in a fork.
    struct Former {
        OriginId origin;
        std::uint64_t seq = 0; ///< where it was judged
        bool forked = false;   ///< its place in that chain is another event's
        std::string header;
    };
    /// The one whose clock head office believed less than it would believe `event`: what was
    /// judged under one id holds under the next.
    std::optional<Former> doubted(const consent::Event& event, const std::string& header);
    /// The same for a copy that is in the log, and came without its place.
    bool copyDoubted(const consent::Event& event);

private:
    bool lessBelieved(const consent::Event& event, const OriginId& former, std::uint64_t seq);
    bool inLog(const consent::Event& event, const std::string& header);
    Query query(std::string_view name) { return Query(_statements[name]); }
    bool inChain(std::uint64_t seq, const crypto::Hash& leaf);
    /// Is there room for this much more? Then it is taken.
    bool reserve(std::uint64_t bytes, bool negative);
    bool undoes(const consent::Event& event);

    Statements& _statements;
    Projection& _projection;
    const OriginId& _origin;
    struct Held {
        std::uint64_t events = 0;
        std::uint64_t bytes = 0;
        TimeMs fullAt = 0;
    };
    std::optional<Held> _held; ///< read when first asked for
    bool _full = false;
};

} // namespace souffleur::store
