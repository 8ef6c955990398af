// Taking in what devices push: exactly once, in order, forks frozen, nothing discarded.
#include <algorithm>

#include "plugin/crypto/Chain.h"
#include "plugin/crypto/Encoding.h"
#include "sync/store/Placer.h"
#include "sync/store/SqlStore.h"
#include "sync/store/Tree.h"

namespace souffleur::store {
namespace {

constexpr const char* kForkedText = "this device's history forked: it must enrol anew";

/// Pages of 500 waiting answers that one pull tries again.
constexpr int kRetryPagesMax = 4;

/// Are events missing before these, or did head office's own chain go on meanwhile? Several hubs
/// append to it: who comes second asks where it ends now.
bool outOfStep(const Origin& origin, std::uint64_t firstSeq, const crypto::Hash& prev) {
    const bool last = firstSeq == origin.seq + 1;
    const bool outrun = origin.kind == "hub" && (!last || prev != origin.head);
    return firstSeq == 0 || firstSeq > origin.seq + 1 || outrun;
}

} // namespace

void SqlStore::placeAgain(const std::vector<Kept>& all) {
    Projection projection(_statements, _folder, _keys, _rules);
    std::vector<std::string> slips;
    for (const Kept& kept : all) {
        Placer placer(_statements, projection, kept.origin, kept.receivedAt, false, true);
        if (!placer.ready(kept.event)) continue;
        query("quarantine-drop").with(kept.event.subject, kept.origin, kept.seq).run();
        Placed placed;
        placer.placeOne(kept.seq, kept.event, crypto::leafHash(kept.event.header), placed);
        placer.finish();
        slips.insert(slips.end(), placer.slips().begin(), placer.slips().end());
        // What stood in its place suppressed its subject: the tills hear that it does no more.
        if (kept.event.negative && !kept.event.subject.none())
            query("urgent-put").with(kept.event.subject, Blob{std::string_view{}}).run();
        projection.touch(kept.event.subject);
    }
    placeEarly(projection, slips);
    Trees(_statements).grow();
    projection.settle();
    noteErasure(projection);
}

Result<void> SqlStore::served(const OriginId& reader, const Cursor& from, const Cursor& to,
                              TimeMs now) {
    return transaction([&]() -> Result<void> {
        query("origin-seen").with(now, reader).run();
        Cursor held;
        Cursor known; // by the reader
        if (Query row = query("served-get"); row.with(reader).step()) {
            held = Cursor::parse(row.text(0)).value_or(Cursor{});
            known = Cursor::parse(row.text(1)).value_or(Cursor{});
        }
        Cursor moved = held;
        Cursor shown = known;
        for (std::size_t shard = 0; shard < kShards; ++shard) {
            // A cursor that jumps ahead was not given by us: what it skips was not served.
            if (from.position[shard] > held.position[shard]) continue;
            moved.position[shard] = std::max(held.position[shard], to.position[shard]);
            // Who asks from here has what lies before.
            shown.position[shard] = std::max(known.position[shard], from.position[shard]);
        }
        if (from.urgent <= held.urgent) moved.urgent = std::max(held.urgent, to.urgent);
        if (moved != held || shown != known)
            query("served-put").with(reader, moved.text(), shown.text()).run();
        const auto started = _retryFrom.find(reader);
        if (moved == held && started == _retryFrom.end()) return {};
        // Page by page, in the end all of them: what waits for ever holds up nothing behind it, and
        // no single pull waits for more than a few.
        std::vector<Kept> page;
        std::int64_t seq = started == _retryFrom.end() ? -1 : started->second.first;
        SubjectId subject = started == _retryFrom.end() ? SubjectId{} : started->second.second;
        for (int pages = 0; pages < kRetryPagesMax; ++pages) {
            {
                Query waiting = query("quarantine-waiting");
                page = keptFrom(waiting.with(reader, seq, subject));
            }
            if (page.empty()) {
                _retryFrom.erase(reader);
                return {};
            }
            seq = static_cast<std::int64_t>(page.back().seq);
            subject = page.back().event.subject;
            placeAgain(page);
        }
        _retryFrom[reader] = {seq, subject};
        return {};
    });
}

Result<Placed> SqlStore::place(const OriginId& id, std::uint64_t firstSeq, const crypto::Hash& prev,
                               std::span<const Incoming> events, TimeMs now) {
    bool forked = false;
    auto result = transaction([&]() -> Result<Placed> {
        Projection projection(_statements, _folder, _keys, _rules);
        Origin origin;
        {
            Query row = query("origin-get");
            if (!row.with(id).step()) return fail(Code::notFound, "no such device");
            origin = readOrigin(row);
        }
        forked = origin.status == OriginStatus::frozen;
        if (forked) return fail(Code::conflict, kForkedText, "fork");
        if (origin.status != OriginStatus::active) {
            return fail(Code::refused, "this device is " + std::string(name(origin.status)));
        }
        if (outOfStep(origin, firstSeq, prev)) {
            return fail(Code::conflict, "events are missing before this batch",
                        std::to_string(origin.seq) + "/" +
                            crypto::toHex(crypto::bytesOf(origin.head)));
        }
        Placer placer(_statements, projection, id, now, origin.kind == "hub");
        forked = firstSeq == origin.seq + 1 && prev != origin.head;
        Placed placed;
        crypto::Hash head = origin.head;
        std::uint64_t seq = firstSeq;
        if (!forked) placer.ahead(events);
        for (auto it = events.begin(); it != events.end() && !forked; ++it, ++seq) {
            const crypto::Hash leaf = crypto::leafHash(it->header);
            if (seq <= origin.seq) {
                forked = !sameAsStored(_statements, id, seq, leaf);
                continue;
            }
            head = crypto::chainNext(head, leaf);
            placer.placeOne(seq, *it, leaf, placed);
        }
        if (forked) return fail(Code::conflict, kForkedText, "fork");
        placer.finish();
        placeEarly(projection, placer.slips());
        Trees(_statements).grow();
        projection.settle();
        noteErasure(projection);
        placed.seq = std::max(origin.seq, seq - 1);
        placed.head = head;
        query("origin-move").with(placed.seq, placed.head, now, placer.reached(), id).run();
        return placed;
    });
    if (forked) {
        if (auto kept = keepForked(id, firstSeq, events, now); !kept) return passOn(kept);
    }
    if (result) forget();
    return result;
}

Result<void> SqlStore::placeCopy(const OriginId& id, const Incoming& event, TimeMs now) {
    auto result = transaction([&]() -> Result<void> {
        Projection projection(_statements, _folder, _keys, _rules);
        Placer placer(_statements, projection, id, now, false);
        Placed placed;
        placer.placeOne(0, event, crypto::leafHash(event.header), placed);
        placer.finish();
        if (placeEarly(projection, placer.slips())) Trees(_statements).grow();
        projection.settle();
        noteErasure(projection);
        return {};
    });
    if (result) forget();
    return result;
}

} // namespace souffleur::store
