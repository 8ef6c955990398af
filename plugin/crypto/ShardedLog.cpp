#include "plugin/crypto/ShardedLog.h"

#include <array>
#include <bit>
#include <iterator>
#include <numeric>

namespace souffleur::crypto {
namespace {

constexpr std::string_view kShardContext = "souffleur-shard-1";

/// The tree over the shards' leaves, each level from the left.
Hash subtree(const ShardHeads& heads, unsigned level, std::uint64_t index) {
    if (level == 0) return shardLeaf(static_cast<std::size_t>(index), heads[index]);
    return nodeHash(subtree(heads, level - 1, 2 * index), subtree(heads, level - 1, 2 * index + 1));
}

} // namespace

Hash shardLeaf(std::size_t shard, const ShardHead& head) noexcept {
    std::array<char, 1 + sizeof head.size> place{static_cast<char>(shard)};
    std::uint64_t size = head.size;
    for (auto at = place.rbegin(); at != std::prev(place.rend()); ++at, size >>= 8U)
        *at = static_cast<char>(size & 0xffU);
    Sha256 sum;
    sum.update(std::string_view("\0", 1)).update(kShardContext);
    return sum.update({place.data(), place.size()}).update(bytesOf(head.head)).finish();
}

Hash rootOfRoots(const ShardHeads& heads) {
    return subtree(heads, std::bit_width(kLogShards) - 1, 0);
}

TreePath shardPath(const ShardHeads& heads, std::size_t shard) {
    const auto source = [&heads](unsigned level, std::uint64_t index) -> Result<Hash> {
        return subtree(heads, level, index);
    };
    return inclusionPath(shard, kLogShards, source).value();
}

std::uint64_t leavesOf(const ShardHeads& heads) noexcept {
    return std::accumulate(
        heads.begin(), heads.end(), std::uint64_t{0},
        [](std::uint64_t sum, const ShardHead& head) { return sum + head.size; });
}

} // namespace souffleur::crypto
