#include "sync/store/Tree.h"

#include "sync/store/SqlStore.h"

namespace souffleur::store {
namespace {

/// Heads of every fourth level are kept: a fifteenth of a row an event, and fifteen reads where a
/// proof needs what lies between.
constexpr unsigned kKeptEvery = 4;

static_assert(kShards == crypto::kLogShards);

Error missingEvent(std::size_t shard) {
    return {Code::corrupt,
            "an event of the log is missing: its tree cannot go on; restore the last backup",
            "shard " + std::to_string(shard)};
}

Error laggingTree(std::size_t shard) {
    return {Code::unavailable,
            "the tree over the log lags behind what an older version placed: start head office "
            "anew, nothing is wrong with the log",
            "shard " + std::to_string(shard)};
}

Error wrongTree(std::size_t shard) {
    return {Code::corrupt, "the tree over the log is not what the events say",
            "shard " + std::to_string(shard)};
}

} // namespace

crypto::TreeFrontier Trees::edgeOf(std::size_t shard) {
    Query row = query("tree-get");
    if (!row.with(static_cast<std::uint64_t>(shard)).step()) return {};
    auto edge =
        crypto::TreeFrontier::parse(static_cast<std::uint64_t>(row.number(0)), row.bytes(1));
    // Made again from the events; verify() compares.
    return edge ? *std::move(edge) : crypto::TreeFrontier{};
}

bool Trees::behind() {
    return query("trees-behind").step();
}

void Trees::grow() {
    std::uint64_t shard = kShards; // none yet
    crypto::TreeFrontier edge;
    std::uint64_t before = 0;
    const auto keep = [&](unsigned level, std::uint64_t index, const crypto::Hash& head) {
        if (level % kKeptEvery == 0)
            query("tree-node-put").with(shard, static_cast<int>(level), index, head).later();
    };
    const auto finish = [&] {
        if (edge.size() > before)
            query("tree-put").with(shard, edge.size(), Blob{edge.bytes()}).later();
    };
    Query row = query("leaves-new");
    while (row.step()) {
        if (const auto next = static_cast<std::uint64_t>(row.number(0)); next != shard) {
            finish();
            shard = next;
            const auto held = crypto::TreeFrontier::parse(static_cast<std::uint64_t>(row.number(1)),
                                                          row.bytes(2));
            edge = held ? *held : crypto::TreeFrontier{};
            before = edge.size();
            // One that cannot be read is made again from the events; verify() compares.
            Query all = query("leaves-after");
            for (all.with(shard, 0); !held && all.step();)
                if (static_cast<std::uint64_t>(all.number(0)) == edge.size() + 1)
                    edge.append(all.hash(1), keep);
        }
        if (static_cast<std::uint64_t>(row.number(3)) == edge.size() + 1)
            edge.append(row.hash(4), keep);
    }
    finish();
}

Result<crypto::ShardHeads> Trees::heads() {
    crypto::ShardHeads heads;
    Query row = query("tree-list");
    while (row.step()) {
        const auto shard = static_cast<std::size_t>(row.number(0)) % kShards;
        const auto size = static_cast<std::uint64_t>(row.number(2));
        const auto edge = crypto::TreeFrontier::parse(size, row.bytes(3));
        if (!edge) return tl::make_unexpected(wrongTree(shard));
        if (row.number(1) != row.number(2)) {
            // What comes next in it is there: it only has to be taken in, as every opening does.
            const bool behind = query("leaf-at").with(row.number(0), row.number(2) + 1).step();
            return tl::make_unexpected(behind ? laggingTree(shard) : missingEvent(shard));
        }
        heads.at(shard) = {size, edge->head()};
    }
    return heads;
}

Result<crypto::Hash> Trees::subtree(std::size_t shard, unsigned level, std::uint64_t index) {
    const auto number = static_cast<std::uint64_t>(shard);
    if (level == 0) {
        Query row = query("leaf-at");
        if (!row.with(number, index + 1).step()) return tl::make_unexpected(missingEvent(shard));
        return row.hash(0);
    }
    if (level % kKeptEvery == 0) {
        Query row = query("tree-node");
        if (!row.with(number, static_cast<int>(level), index).step())
            return tl::make_unexpected(wrongTree(shard));
        return row.hash(0);
    }
    auto left = subtree(shard, level - 1, 2 * index);
    if (!left) return left;
    auto right = subtree(shard, level - 1, 2 * index + 1);
    if (!right) return right;
    return crypto::nodeHash(*left, *right);
}

crypto::SubtreeSource Trees::sourceOf(std::size_t shard) {
    return
        [this, shard](unsigned level, std::uint64_t index) { return subtree(shard, level, index); };
}

Result<crypto::TreePath> Trees::inclusion(std::size_t shard, std::uint64_t position,
                                          std::uint64_t size) {
    return crypto::inclusionPath(position - 1, size, sourceOf(shard));
}

Result<crypto::TreePath> Trees::consistency(std::size_t shard, std::uint64_t earlier,
                                            std::uint64_t size) {
    return crypto::consistencyPath(earlier, size, sourceOf(shard));
}

Result<void> Trees::verify(std::size_t shard) {
    const auto number = static_cast<std::uint64_t>(shard);
    crypto::TreeFrontier edge;
    bool kept = true;
    const auto compare = [&](unsigned level, std::uint64_t index, const crypto::Hash& head) {
        if (level % kKeptEvery != 0) return;
        Query row = query("tree-node");
        kept =
            kept && row.with(number, static_cast<int>(level), index).step() && row.hash(0) == head;
    };
    {
        Query row = query("leaves-after");
        row.with(number, 0);
        while (row.step()) {
            if (static_cast<std::uint64_t>(row.number(0)) != edge.size() + 1)
                return tl::make_unexpected(missingEvent(shard));
            edge.append(row.hash(1), compare);
        }
    }
    const crypto::TreeFrontier present = edgeOf(shard);
    if (present.size() > edge.size()) return tl::make_unexpected(missingEvent(shard));
    if (!kept || present.size() != edge.size() || present.bytes() != edge.bytes())
        return tl::make_unexpected(wrongTree(shard));
    return {};
}

Result<void> Trees::verify() {
    for (std::size_t shard = 0; shard < kShards; ++shard) {
        if (auto sound = verify(shard); !sound) return sound;
    }
    return {};
}

// --- the store's side

Result<void> SqlStore::growTrees() {
    const auto due = guarded([&]() -> Result<bool> { return Trees(_statements).behind(); });
    if (!due) return passOn(due);
    if (!*due) return {};
    return transaction([&]() -> Result<void> {
        Trees(_statements).grow();
        return {};
    });
}

Result<InclusionRow> SqlStore::inclusion(const EventId& id) const {
    return snapshot([&]() -> Result<InclusionRow> {
        InclusionRow out;
        {
            Query row = query("event-known");
            if (!row.with(id).step()) return fail(Code::notFound, "there is no such event");
            out.leaf = row.hash(1);
            out.shard = static_cast<std::size_t>(row.number(2)) % kShards;
            out.position = static_cast<std::uint64_t>(row.number(3));
        }
        if (out.position == 0) {
            return fail(Code::conflict,
                        "this is an advance copy of a no: the event itself has not come yet, and "
                        "has no place in the log before it does");
        }
        Trees trees(_statements);
        const auto heads = trees.heads();
        if (!heads) return passOn(heads);
        out.heads = *heads;
        auto path = trees.inclusion(out.shard, out.position, out.heads.at(out.shard).size);
        if (!path) return passOn(path);
        out.path = *std::move(path);
        return out;
    });
}

Result<LogGrowth> SqlStore::growth(const LogSizes& from) const {
    return snapshot([&]() -> Result<LogGrowth> {
        LogGrowth out;
        Trees trees(_statements);
        const auto heads = trees.heads();
        if (!heads) return passOn(heads);
        out.heads = *heads;
        for (std::size_t shard = 0; shard < kShards; ++shard) {
            const std::uint64_t size = out.heads.at(shard).size;
            if (from.at(shard) >= size) continue; // as it was, or shorter: the reader sees it
            auto path = trees.consistency(shard, from.at(shard), size);
            if (!path) return passOn(path);
            out.paths.at(shard) = *std::move(path);
        }
        return out;
    });
}

} // namespace souffleur::store
