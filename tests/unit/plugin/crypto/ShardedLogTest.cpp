#include "plugin/crypto/ShardedLog.h"

#include <doctest/doctest.h>

#include "plugin/crypto/Chain.h"

using namespace souffleur::crypto;

namespace {

ShardHeads someHeads() {
    ShardHeads heads;
    for (std::size_t i = 0; i < heads.size(); ++i)
        heads.at(i) = {i * 1000, leafHash(std::to_string(i))};
    return heads;
}

} // namespace

TEST_CASE("each shard's head leads to the root of roots by six hashes, at its own place only") {
    const ShardHeads heads = someHeads();
    const Hash root = rootOfRoots(heads);
    for (std::size_t shard = 0; shard < kLogShards; ++shard) {
        const TreePath path = shardPath(heads, shard);
        CHECK(path.size() == 6);
        const Hash leaf = shardLeaf(shard, heads.at(shard));
        CHECK(checkInclusion(leaf, shard, kLogShards, path, root));
        CHECK_FALSE(checkInclusion(leaf, shard ^ 1U, kLogShards, path, root));
    }
    CHECK(leavesOf(heads) == 1000 * 63 * 32);
}

TEST_CASE("the root of roots binds each shard's number, size and head") {
    const ShardHeads heads = someHeads();
    const Hash root = rootOfRoots(heads);
    for (std::size_t shard = 0; shard < kLogShards; ++shard) {
        ShardHeads other = heads;
        other.at(shard).size += 1;
        CHECK(rootOfRoots(other) != root);
        other = heads;
        other.at(shard).head[31] ^= 1U;
        CHECK(rootOfRoots(other) != root);
        CHECK(shardLeaf(shard, heads[0]) != shardLeaf((shard + 1) % kLogShards, heads[0]));
    }
    ShardHeads swapped = heads;
    std::swap(swapped[3], swapped[4]);
    CHECK(rootOfRoots(swapped) != root);
    CHECK(shardLeaf(0, {std::uint64_t{1} << 40U, root}) != shardLeaf(0, {1, root}));
}
