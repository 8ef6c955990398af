// A log in 64 trees and the one hash that stands for all of them (DESIGN 6): the root of roots is
// the head of the tree (MerkleTree.h) over the heads of the shards.
#pragma once

#include <array>
#include <cstdint>

#include "plugin/crypto/MerkleTree.h"

namespace souffleur::crypto {

inline constexpr std::size_t kLogShards = 64;

/// How far one shard has come.
struct ShardHead {
    std::uint64_t size = 0; ///< leaves
    Hash head = emptyTreeHead();

    bool operator==(const ShardHead&) const = default;
};
using ShardHeads = std::array<ShardHead, kLogShards>;

/// Leaf of a shard in the tree over them: SHA-256(0x00 ‖ "souffleur-shard-1" ‖ shard (1 byte) ‖
/// size (8 bytes, big endian) ‖ head).
Hash shardLeaf(std::size_t shard, const ShardHead& head) noexcept;
Hash rootOfRoots(const ShardHeads& heads);
/// Leads from shardLeaf() of this shard to the root of roots: six hashes. `shard` below kLogShards.
TreePath shardPath(const ShardHeads& heads, std::size_t shard);
/// Leaves of all shards.
std::uint64_t leavesOf(const ShardHeads& heads) noexcept;

} // namespace souffleur::crypto
