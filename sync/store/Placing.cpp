// Taking in what devices push: exactly once, in order, forks frozen, nothing discarded.
#include <algorithm>

#include "plugin/crypto/Chain.h"
#include "plugin/crypto/Encoding.h"
#include "plugin/wire/Header.h"
#include "sync/store/Projection.h"
#include "sync/store/SqliteStore.h"

namespace souffleur::store {
namespace {

/// Checks what the device says of the event against what the event says of itself.
Result<consent::Event> readEvent(const OriginId& origin, const Incoming& incoming) {
    auto read = wire::decodeHeader(incoming.header);
    if (!read) return passOn(read);
    if (read->event.origin != origin) return fail(Code::invalid, "the header names another origin");
    if (read->event.subject != incoming.subject)
        return fail(Code::invalid, "the header names another subject");
    if (!incoming.payload.empty() &&
        read->commitment != crypto::toHex(crypto::bytesOf(crypto::sha256(incoming.payload)))) {
        return fail(Code::corrupt, "the payload is not what the header commits to");
    }
    return std::move(read->event);
}

} // namespace

/// Places the events of one batch inside one transaction.
class Placer {
public:
    Placer(Statements& statements, Projection& projection, const OriginId& origin, TimeMs now)
        : _statements(statements), _projection(projection), _origin(origin), _now(now) {}

    /// Does the stored event at `seq` have this leaf? Unknown positions (duplicates of another's
    /// id) pass.
    bool sameAsStored(std::uint64_t seq, const crypto::Hash& leaf) {
        if (Query row = query("event-leaf-at"); row.with(_origin, seq).step())
            return row.hash(0) == leaf;
        if (Query row = query("quarantine-at"); row.with(_origin, seq).step()) {
            return crypto::leafHash(row.bytes(0)) == leaf;
        }
        return true;
    }

    void placeOne(std::uint64_t seq, const Incoming& incoming, const crypto::Hash& leaf,
                  Placed& result) {
        auto event = readEvent(_origin, incoming);
        if (!event) {
            query("quarantine-put")
                .with(_origin, seq, incoming.subject, incoming.negative, event.error().text(), _now,
                      Blob{incoming.header}, Blob{incoming.payload})
                .run();
            query("subject-touch").with(incoming.subject, incoming.subject, _now).run();
            result.quarantined.push_back({seq, event.error().text()});
            return;
        }
        event->position = seq;
        if (known(*event, seq)) {
            ++result.duplicates;
            return;
        }
        put(*event, incoming, leaf);
        ++result.placed;
    }

private:
    Query query(std::string_view name) { return Query(_statements[name]); }

    /// An urgent copy came first: the original only gives it its place in the chain.
    bool known(const consent::Event& event, std::uint64_t seq) {
        std::int64_t stored = 0;
        {
            Query row = query("event-known");
            if (!row.with(event.subject, event.id).step()) return false;
            stored = row.number(0);
        }
        if (stored == 0 && seq != 0)
            query("event-set-seq").with(seq, event.subject, event.id).run();
        return true;
    }

    void put(const consent::Event& event, const Incoming& incoming, const crypto::Hash& leaf) {
        const auto shard = static_cast<std::uint64_t>(shardOf(event.subject));
        std::uint64_t position = 0;
        {
            Query row = query("shard-get");
            row.with(shard).step();
            position = static_cast<std::uint64_t>(row.number(0)) + 1;
        }
        // A payload of a time that is already erased never touches the disk.
        const bool keep = event.at > _projection.erasedTo(event.subject);
        const std::string_view payload =
            keep ? std::string_view(incoming.payload) : std::string_view{};
        query("event-put")
            .with(event.subject, event.id, shard, position, _origin, event.position,
                  consent::kindName(event.body), incoming.negative || wire::isNegative(event),
                  event.at, _now, leaf, Blob{incoming.header}, Blob{payload})
            .run();
        query("shard-move").with(position, shard).run();
        query("subject-touch").with(event.subject, event.subject, _now).run();
        _projection.apply(event, payload);
    }

    Statements& _statements;
    Projection& _projection;
    const OriginId& _origin;
    TimeMs _now;
};

Result<void> SqliteStore::freeze(const OriginId& origin) {
    return transaction([&]() -> Result<void> {
        query("origin-status").with(name(OriginStatus::frozen), origin).run();
        return {};
    });
}

Result<Placed> SqliteStore::place(const OriginId& id, std::uint64_t firstSeq,
                                  const crypto::Hash& prev, std::span<const Incoming> events,
                                  TimeMs now) {
    bool forked = false;
    auto result = transaction([&]() -> Result<Placed> {
        Origin origin;
        {
            Query row = query("origin-get");
            if (!row.with(id).step()) return fail(Code::notFound, "no such device");
            origin = readOrigin(row);
        }
        if (origin.status != OriginStatus::active) {
            return fail(Code::refused, "this device is " + std::string(name(origin.status)));
        }
        if (firstSeq == 0 || firstSeq > origin.seq + 1) {
            return fail(Code::conflict, "events are missing before this batch",
                        std::to_string(origin.seq) + "/" +
                            crypto::toHex(crypto::bytesOf(origin.head)));
        }
        Projection projection(_statements, _folder, _keys);
        Placer placer(_statements, projection, id, now);
        forked = firstSeq == origin.seq + 1 && prev != origin.head;
        Placed placed;
        crypto::Hash head = origin.head;
        std::uint64_t seq = firstSeq;
        for (auto it = events.begin(); it != events.end() && !forked; ++it, ++seq) {
            const crypto::Hash leaf = crypto::leafHash(it->header);
            if (seq <= origin.seq) {
                forked = !placer.sameAsStored(seq, leaf);
                continue;
            }
            head = crypto::chainNext(head, leaf);
            placer.placeOne(seq, *it, leaf, placed);
        }
        if (forked)
            return fail(Code::conflict, "this device's history forked: it must enrol anew", "fork");
        projection.settle();
        placed.seq = std::max(origin.seq, seq - 1);
        placed.head = head;
        query("origin-move").with(placed.seq, placed.head, now, id).run();
        return placed;
    });
    if (forked) {
        if (auto frozen = freeze(id); !frozen) return passOn(frozen);
    }
    return result;
}

Result<void> SqliteStore::placeCopy(const OriginId& id, const Incoming& event, TimeMs now) {
    return transaction([&]() -> Result<void> {
        Projection projection(_statements, _folder, _keys);
        Placer placer(_statements, projection, id, now);
        Placed placed;
        placer.placeOne(0, event, crypto::leafHash(event.header), placed);
        projection.settle();
        return {};
    });
}

} // namespace souffleur::store
