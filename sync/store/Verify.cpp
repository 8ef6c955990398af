// The store against itself: leaves, chains, commitments, and projections rebuilt from events.
#include "plugin/crypto/Chain.h"
#include "plugin/crypto/Encoding.h"
#include "plugin/wire/Header.h"
#include "sync/store/Projection.h"
#include "sync/store/SqlStore.h"
#include "sync/store/SqliteSession.h"
#include "sync/store/Tree.h"

namespace souffleur::store {
namespace {

/// SHA-256 over the ordered rows of subjects, states and contact points, each value with its
/// length.
crypto::Hash digest(Statements& statements) {
    crypto::Sha256 sum;
    const auto eat = [&sum](std::string_view bytes) {
        sum.update(std::to_string(bytes.size())).update(":").update(bytes);
    };
    for (const char* name : {"all-subjects", "all-states", "all-contacts"}) {
        eat(name);
        Query row(statements[name]);
        while (row.step()) {
            for (int i = 0; i < row.columns(); ++i) eat(row.bytes(i));
        }
    }
    return sum.finish();
}

/// One stored event checked against its own hashes.
Result<consent::Event> checked(Query& row) {
    const std::string where = "sequence " + std::to_string(row.number(1));
    const std::string_view header = row.bytes(3);
    if (crypto::leafHash(header) != row.hash(2))
        return fail(Code::corrupt, "a stored header does not hash to its leaf", where);
    auto read = wire::decodeHeader(header);
    if (!read) return fail(Code::corrupt, "a stored header cannot be read", where);
    const std::string_view payload = row.bytes(4);
    if (!payload.empty() &&
        read->commitment != crypto::toHex(crypto::bytesOf(crypto::sha256(payload)))) {
        return fail(Code::corrupt, "a stored payload is not what its header commits to", where);
    }
    read->event.position = static_cast<std::uint64_t>(row.number(1));
    read->event.received = row.number(6);
    return std::move(read->event);
}

} // namespace

Result<void> SqlStore::rebuildInto(Statements& statements, Projection& projection) const {
    std::map<OriginId, std::pair<std::uint64_t, crypto::Hash>> chains;
    std::uint64_t position = 0;
    // Whose word it is decides: only head office releases an address.
    for (Query each = query("origin-list"); each.step();) {
        const Origin origin = readOrigin(each);
        Query(statements["origin-put"])
            .with(origin.id, origin.kind, "", "", origin.publicKey, "", "", crypto::Hash{}, 0)
            .run();
    }
    Query row = query("chain");
    while (row.step()) {
        auto event = checked(row);
        if (!event) return passOn(event);
        auto& [seq, head] = chains[event->origin];
        // Gaps are events of another's id or in quarantine: the chain can then not be followed from
        // here.
        if (event->position == seq + 1) head = crypto::chainNext(head, row.hash(2));
        seq = event->position;
        Query(statements["event-put"])
            .with(event->subject, event->id, 0, ++position, event->origin, event->position,
                  consent::kindName(event->body), false, event->at, event->received, row.number(7),
                  row.hash(2), Blob{row.bytes(3)}, Blob{row.bytes(4)})
            .run();
        if (!event->subject.none())
            Query(statements["subject-touch"]).with(event->subject, event->subject, 0).run();
        projection.apply(*event, !projection.gone(*event, row.number(7) != 0), row.bytes(4));
    }
    Query kept = query("quarantine-all");
    while (kept.step()) {
        const SubjectId subject{kept.uuid(2)};
        Query(statements["quarantine-put"])
            .with(OriginId{kept.uuid(0)}, static_cast<std::uint64_t>(kept.number(1)), subject,
                  kept.number(3) != 0, "", false, 0, Blob{kept.bytes(4)}, Blob{std::string_view{}})
            .run();
        if (!subject.none()) Query(statements["subject-touch"]).with(subject, subject, 0).run();
        projection.touch(subject);
    }
    Query forked = query("forked-all");
    while (forked.step()) {
        const SubjectId subject{forked.uuid(0)};
        Query(statements["forked-put"])
            .with(subject, OriginId{forked.uuid(1)}, forked.hash(2),
                  static_cast<std::uint64_t>(forked.number(3)), forked.number(4) != 0, false, 0,
                  Blob{forked.bytes(5)}, Blob{std::string_view{}})
            .run();
        if (!subject.none()) Query(statements["subject-touch"]).with(subject, subject, 0).run();
        projection.touch(subject);
    }
    projection.settle();
    return checkHeads(chains);
}

Result<void> SqlStore::checkHeads(
    const std::map<OriginId, std::pair<std::uint64_t, crypto::Hash>>& chains) const {
    for (const auto& [id, chain] : chains) {
        Query count = query("count-of-origin");
        count.with(id).step();
        const bool whole = static_cast<std::uint64_t>(count.number(0)) == chain.first;
        Query row = query("origin-get");
        if (!whole || !row.with(id).step()) continue;
        if (static_cast<std::uint64_t>(row.number(7)) != chain.first)
            continue; // ends in quarantine
        if (row.hash(8) != chain.second) {
            return fail(Code::corrupt, "an origin's chain does not end in its head", id.text());
        }
    }
    return {};
}

Result<crypto::Hash> SqlStore::verify() const {
    // At one moment: a serving hub may write meanwhile.
    return snapshot([&]() -> Result<crypto::Hash> {
        if (auto sound = Trees(_statements).verify(); !sound) return passOn(sound);
        SQLite::Database fresh(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
        makeTables(fresh, {"001-events.sql", "006-forks.sql", "007-times.sql"});
        SqliteStatements statements(fresh);
        contact::Folder folder;
        Projection projection(statements, folder, _keys, _rules);
        if (auto rebuilt = rebuildInto(statements, projection); !rebuilt) return passOn(rebuilt);
        const crypto::Hash expected = digest(statements);
        const crypto::Hash present = digest(_statements);
        if (expected != present)
            return fail(Code::corrupt, "the projections are not what the events say: rebuild them");
        return present;
    });
}

} // namespace souffleur::store
