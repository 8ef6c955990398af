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

/// How finely it is known when a device was last seen; origin-seen says the same.
constexpr TimeMs kSeenEveryMs = kMinuteMs;
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

/// What a reader was handed and has, before and after one more page.
struct SqlStore::Shown {
    Cursor held;
    Cursor known; ///< by the reader
    Cursor moved; ///< held, with the page
    Cursor shown; ///< known, with the page
    [[nodiscard]] bool same() const { return moved == held && shown == known; }
};

SqlStore::Shown SqlStore::shownTo(const OriginId& reader, const Cursor& from,
                                  const Cursor& to) const {
    Shown out;
    if (Query row = query("served-get"); row.with(reader).step()) {
        out.held = Cursor::parse(row.text(0)).value_or(Cursor{});
        out.known = Cursor::parse(row.text(1)).value_or(Cursor{});
    }
    out.moved = out.held;
    out.shown = out.known;
    for (std::size_t shard = 0; shard < kShards; ++shard) {
        // A cursor that jumps ahead was not given by us: what it skips was not served.
        if (from.position[shard] > out.held.position[shard]) continue;
        out.moved.position[shard] = std::max(out.held.position[shard], to.position[shard]);
        // Who asks from here has what lies before.
        out.shown.position[shard] = std::max(out.known.position[shard], from.position[shard]);
    }
    if (from.urgent <= out.held.urgent) out.moved.urgent = std::max(out.held.urgent, to.urgent);
    return out;
}

Result<bool> SqlStore::servesNothingNew(const OriginId& reader, const Cursor& from,
                                        const Cursor& to, TimeMs now) const {
    return snapshot([&]() -> Result<bool> {
        if (_retryFrom.contains(reader)) return false;
        Query row = query("origin-get");
        if (row.with(reader).step() && readOrigin(row).lastSeen + kSeenEveryMs <= now) return false;
        return shownTo(reader, from, to).same();
    });
}

Result<void> SqlStore::served(const OriginId& reader, const Cursor& from, const Cursor& to,
                              TimeMs now) {
    // Thousands of devices ask every few seconds, and most hear nothing new: nothing is written,
    // and no disk waited for.
    const auto idle = servesNothingNew(reader, from, to, now);
    if (!idle) return passOn(idle);
    if (*idle) return {};
    return transaction([&]() -> Result<void> {
        query("origin-seen").with(now, reader).run();
        const Shown page = shownTo(reader, from, to);
        if (!page.same())
            query("served-put").with(reader, page.moved.text(), page.shown.text()).run();
        const auto started = _retryFrom.find(reader);
        if (page.moved == page.held && started == _retryFrom.end()) return {};
        // Page by page, in the end all of them: what waits for ever holds up nothing behind it, and
        // no single pull waits for more than a few.
        std::vector<Kept> kept;
        std::int64_t seq = started == _retryFrom.end() ? -1 : started->second.first;
        SubjectId subject = started == _retryFrom.end() ? SubjectId{} : started->second.second;
        for (int pages = 0; pages < kRetryPagesMax; ++pages) {
            {
                Query waiting = query("quarantine-waiting");
                kept = keptFrom(waiting.with(reader, seq, subject));
            }
            if (kept.empty()) {
                _retryFrom.erase(reader);
                return {};
            }
            seq = static_cast<std::int64_t>(kept.back().seq);
            subject = kept.back().event.subject;
            placeAgain(kept);
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
