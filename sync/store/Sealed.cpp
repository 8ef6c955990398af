// What kiosks sent: each item once, on a chain that head office writes for them.
#include "sync/store/Projection.h"
#include "sync/store/SqlStore.h"
#include "sync/store/Tree.h"

namespace souffleur::store {

Result<bool> SqlStore::hasSealed(const SealedKey& item) const {
    return guarded([&]() -> Result<bool> {
        return query("sealed-known").with(item.origin, item.number, item.digest).step();
    });
}

Result<std::uint64_t> SqlStore::countSealed(const OriginId& origin, std::uint64_t from,
                                            std::uint64_t to) const {
    return guarded([&]() -> Result<std::uint64_t> {
        Query row = query("sealed-count");
        row.with(origin, from, to).step();
        return static_cast<std::uint64_t>(row.number(0));
    });
}

Result<std::vector<KeptSealed>> SqlStore::keptSealed(const SealedKey& after,
                                                     std::size_t limit) const {
    return guarded([&]() -> Result<std::vector<KeptSealed>> {
        std::vector<KeptSealed> all;
        Query row = query("sealed-kept");
        row.with(after.origin, after.origin, after.number, after.number, after.digest,
                 std::uint64_t{limit});
        while (row.step())
            all.push_back({{OriginId{row.uuid(0)}, static_cast<std::uint64_t>(row.number(1)),
                            row.hash(2), static_cast<std::uint64_t>(row.number(3))},
                           row.text(4),
                           std::string(row.bytes(5))});
        return all;
    });
}

Result<std::vector<KeptCount>> SqlStore::keptCounts() const {
    return guarded([&]() -> Result<std::vector<KeptCount>> {
        std::vector<KeptCount> all;
        for (Query row = query("sealed-kept-why"); row.step();)
            all.push_back({OriginId{row.uuid(0)}, row.text(1),
                           static_cast<std::uint64_t>(row.number(2)),
                           static_cast<std::uint64_t>(row.number(3))});
        return all;
    });
}

Result<SqlStore::Sealing> SqlStore::beginSealed(const SealedKey& item, SealedOf of) const {
    Sealing out;
    {
        Query row = query("sealed-known");
        const bool known = row.with(item.origin, item.number, item.digest).step();
        out.kept = known && !row.text(1).empty();
        out.done.had = known && !out.kept;
    }
    if (out.done.had) return out;
    if (!out.kept)
        out.done.twoOfOne =
            query("sealed-number").with(item.origin, item.number, item.digest).step();
    {
        Query row = query("origin-get");
        if (!row.with(item.origin).step()) return fail(Code::notFound, "no such device");
        out.kiosk = readOrigin(row);
    }
    if (of == SealedOf::active && out.kiosk.status != OriginStatus::active)
        return fail(Code::refused, "this device is " + std::string(name(out.kiosk.status)));
    if (item.judgedAt && *item.judgedAt != out.kiosk.seq)
        return fail(Code::conflict, "the chain of this device went on meanwhile");
    return out;
}

SealedResult SqlStore::endSealed(const SealedKey& item, Sealing sealing,
                                 std::span<const Incoming> events, TimeMs now) {
    Projection projection(_statements, _folder, _keys, _rules);
    Placed placed;
    placeAtEnd(projection, sealing.kiosk, events, now, placed);
    Trees(_statements).grow();
    projection.settle();
    noteErasure(projection);
    if (sealing.kept) query("sealed-drop").with(item.origin, item.number, item.digest).run();
    query("sealed-put")
        .with(item.origin, item.number, item.digest, item.key, "", now, Blob{std::string_view{}})
        .run();
    sealing.done.unplaced = !placed.quarantined.empty();
    sealing.done.flagged = placed.flagged > 0;
    return sealing.done;
}

Result<SealedResult> SqlStore::placeSealed(const SealedKey& item, std::span<const Incoming> events,
                                           TimeMs now, SealedOf of) {
    auto result = transaction([&]() -> Result<SealedResult> {
        auto begun = beginSealed(item, of);
        if (!begun) return passOn(begun);
        if (begun->done.had) return begun->done;
        return endSealed(item, *std::move(begun), events, now);
    });
    if (result) forget();
    return result;
}

Result<SealedResult> SqlStore::keepSealed(const SealedKey& item, std::string_view raw,
                                          const std::string& why, TimeMs now) {
    return transaction([&]() -> Result<SealedResult> {
        SealedResult done;
        done.had = query("sealed-known").with(item.origin, item.number, item.digest).step();
        if (done.had) return done;
        done.twoOfOne = query("sealed-number").with(item.origin, item.number, item.digest).step();
        {
            Query count = query("sealed-kept-count");
            Query bytes = query("sealed-kept-bytes");
            count.with(item.origin).step();
            bytes.with(item.origin).step();
            if (static_cast<std::uint64_t>(count.number(0)) >= kSealedKeptMax ||
                static_cast<std::uint64_t>(bytes.number(0)) + raw.size() > kSealedKeptBytesMax)
                return fail(Code::tooLarge, "enough is kept of this device");
        }
        query("sealed-put")
            .with(item.origin, item.number, item.digest, item.key, why, now, Blob{raw})
            .run();
        query("origin-seen").with(now, item.origin).run();
        return done;
    });
}

Result<std::vector<IntakeKey>> SqlStore::intakeKeys() const {
    return guarded([&]() -> Result<std::vector<IntakeKey>> {
        std::vector<IntakeKey> keys;
        for (Query row = query("intake-keys"); row.step();)
            keys.push_back({static_cast<std::uint64_t>(row.number(0)), row.text(1),
                            std::string(row.bytes(2)), row.number(3)});
        return keys;
    });
}

Result<void> SqlStore::putIntakeKey(const IntakeKey& key) {
    return transaction([&]() -> Result<void> {
        query("intake-key-put")
            .with(key.number, key.certificatePem, Blob{key.sealedKey}, key.madeAt)
            .run();
        return {};
    });
}

Result<void> SqlStore::dropIntakeKeys(std::uint64_t below) {
    return transaction([&]() -> Result<void> {
        query("intake-key-drop").with(below).run();
        return {};
    });
}

Result<void> SqlStore::noteIntakeNeed(const OriginId& origin, std::uint64_t number) {
    return transaction([&]() -> Result<void> {
        query("intake-needs-put").with(origin, number).run();
        return {};
    });
}

Result<std::vector<std::pair<OriginId, std::uint64_t>>> SqlStore::intakeNeeds() const {
    return guarded([&]() -> Result<std::vector<std::pair<OriginId, std::uint64_t>>> {
        std::vector<std::pair<OriginId, std::uint64_t>> needs;
        for (Query row = query("intake-needs"); row.step();)
            needs.emplace_back(OriginId{row.uuid(0)}, static_cast<std::uint64_t>(row.number(1)));
        return needs;
    });
}

} // namespace souffleur::store
