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
    /// `ours`: the hub's own chain, which is believed.
    Placer(Statements& statements, Projection& projection, const OriginId& origin, TimeMs now,
           bool ours)
        : _statements(statements), _projection(projection), _origin(origin), _now(now),
          _ours(ours) {}

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
        if (!event) return quarantine(seq, incoming, event.error(), result);
        event->position = seq;
        const auto before = known(*event, seq, leaf);
        if (!before) return quarantine(seq, incoming, before.error(), result);
        if (*before) {
            ++result.duplicates;
            return;
        }
        if (const auto honest = checkSeen(*event); !honest)
            return quarantine(seq, incoming, honest.error(), result);
        put(*event, incoming, leaf);
        ++result.placed;
    }

private:
    Query query(std::string_view name) { return Query(_statements[name]); }

    void quarantine(std::uint64_t seq, const Incoming& incoming, const Error& why, Placed& result) {
        query("quarantine-put")
            .with(_origin, seq, incoming.subject, incoming.negative, why.text(),
                  why.code == Code::unsupported, _now, Blob{incoming.header},
                  Blob{incoming.payload})
            .run();
        query("subject-touch").with(incoming.subject, incoming.subject, _now).run();
        _projection.touch(incoming.subject);
        result.quarantined.push_back({seq, why.text()});
    }

    /// An urgent copy came first: the original only gives it its place in the chain. Two events of
    /// one id could hide each other, and with that a no: the second is not taken in.
    Result<bool> known(const consent::Event& event, std::uint64_t seq, const crypto::Hash& leaf) {
        std::int64_t stored = 0;
        {
            Query row = query("event-known");
            if (!row.with(event.id).step()) return false;
            if (row.hash(1) != leaf) return fail(Code::conflict, "another event has this id");
            stored = row.number(0);
        }
        if (stored == 0 && seq != 0) {
            query("event-set-seq").with(seq, event.subject, event.id).run();
            _projection.touch(event.subject);
        }
        return true;
    }

    /// Rule 9: an answer may weigh only negatives that its device made or was served.
    Result<void> checkSeen(const consent::Event& event) {
        const auto* act = std::get_if<consent::Act>(&event.body);
        if (act == nullptr || act->seen.empty() || _ours) return {};
        for (const EventId& id : act->seen) {
            Query row = query("event-where");
            const bool shown = row.with(id).step() &&
                               (OriginId{row.uuid(0)} == _origin ||
                                static_cast<std::uint64_t>(row.number(2)) <=
                                    served().position[static_cast<std::size_t>(row.number(1))]);
            if (!shown)
                return fail(Code::invalid, "it names a no that its device was never shown",
                            "/seen");
        }
        return {};
    }

    const Cursor& served() {
        if (!_served) {
            Query row = query("served-get");
            _served =
                row.with(_origin).step() ? Cursor::parse(row.text(0)).value_or(Cursor{}) : Cursor{};
        }
        return *_served;
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
        if (!keep) _projection.suppressLate(event, incoming.payload);
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
    bool _ours;
    std::optional<Cursor> _served;
};

/// After an erasure: what was deleted is still in the log until it is truncated. A reader in the
/// way only puts it off to the next one.
void SqliteStore::forget(const Projection& projection) {
    if (!projection.erased()) return;
    const auto truncated = guarded([&]() -> Result<void> {
        _db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
        return {};
    });
    (void) truncated;
}

Result<void> SqliteStore::rereadQuarantine() {
    return transaction([&]() -> Result<void> {
        struct Kept {
            OriginId origin;
            std::uint64_t seq;
            Incoming event;
            TimeMs receivedAt;
        };
        std::vector<Kept> all;
        {
            Query row = query("quarantine-newer");
            while (row.step()) {
                all.push_back({OriginId{row.uuid(0)},
                               static_cast<std::uint64_t>(row.number(1)),
                               {SubjectId{row.uuid(2)}, row.number(3) != 0,
                                std::string(row.bytes(4)), std::string(row.bytes(5))},
                               row.number(6)});
            }
        }
        Projection projection(_statements, _folder, _keys);
        for (const Kept& kept : all) {
            query("quarantine-drop").with(kept.event.subject, kept.origin, kept.seq).run();
            Placer placer(_statements, projection, kept.origin, kept.receivedAt, false);
            Placed placed;
            placer.placeOne(kept.seq, kept.event, crypto::leafHash(kept.event.header), placed);
            projection.touch(kept.event.subject);
        }
        projection.settle();
        return {};
    });
}

Result<void> SqliteStore::served(const OriginId& reader, const Cursor& from, const Cursor& to,
                                 TimeMs now) {
    return transaction([&]() -> Result<void> {
        query("origin-seen").with(now, reader).run();
        Cursor held;
        if (Query row = query("served-get"); row.with(reader).step())
            held = Cursor::parse(row.text(0)).value_or(Cursor{});
        Cursor moved = held;
        for (std::size_t shard = 0; shard < kShards; ++shard) {
            // A cursor that jumps ahead was not given by us: what it skips was not served.
            if (from.position[shard] <= held.position[shard])
                moved.position[shard] = std::max(held.position[shard], to.position[shard]);
        }
        if (!(moved == held)) query("served-put").with(reader, moved.text()).run();
        return {};
    });
}

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
    Projection projection(_statements, _folder, _keys);
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
        Placer placer(_statements, projection, id, now, origin.kind == "hub");
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
    if (result) forget(projection);
    return result;
}

Result<void> SqliteStore::placeCopy(const OriginId& id, const Incoming& event, TimeMs now) {
    Projection projection(_statements, _folder, _keys);
    auto result = transaction([&]() -> Result<void> {
        Placer placer(_statements, projection, id, now, false);
        Placed placed;
        placer.placeOne(0, event, crypto::leafHash(event.header), placed);
        projection.settle();
        return {};
    });
    if (result) forget(projection);
    return result;
}

} // namespace souffleur::store
