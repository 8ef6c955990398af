// Merkle trees as RFC 9162 section 2.1 has them (SHA-256): tree heads, inclusion and consistency
// proofs, made and checked. Pure: where leaves and subtrees are kept is the caller's business.
// A leaf of the hub's trees is leafHash() (Chain.h), a node SHA-256(0x01 ‖ left ‖ right).
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/base/Result.h"
#include "plugin/crypto/Hash.h"

namespace souffleur::crypto {

/// No tree of ours is larger; it keeps every sum and shift far from the end of 64 bits.
inline constexpr std::uint64_t kTreeLeavesMax = std::uint64_t{1} << 53;
/// No proof holds more hashes: one a level, and one.
inline constexpr std::size_t kTreePathMax = 54;

/// Hashes from the bottom to the top, as the RFC orders them.
using TreePath = std::vector<Hash>;

/// The head of the tree without leaves: SHA-256 of nothing.
Hash emptyTreeHead() noexcept;
Hash nodeHash(const Hash& left, const Hash& right) noexcept;

/// The right-hand edge of a growing tree: the heads of the perfect subtrees that its leaves fall
/// into, largest first. All that appending and the head need, 32 bytes for each bit set in the
/// size. A value.
class TreeFrontier {
public:
    /// Told of each perfect subtree that a leaf completed: `level` 1 has two leaves, `index` counts
    /// the subtrees of the level from the left, from 0.
    using OnNode = std::function<void(unsigned level, std::uint64_t index, const Hash& head)>;

    TreeFrontier() = default;
    /// What bytes() gave for a tree of this size. Errors: corrupt (another length, too large).
    static Result<TreeFrontier> parse(std::uint64_t size, std::string_view bytes);

    /// `onNode` may be empty. Size must stay below kTreeLeavesMax (a bug otherwise: throws
    /// std::length_error).
    void append(const Hash& leaf, const OnNode& onNode);
    [[nodiscard]] std::uint64_t size() const noexcept { return _size; }
    [[nodiscard]] Hash head() const noexcept;
    [[nodiscard]] std::string bytes() const;

private:
    std::uint64_t _size = 0;
    std::vector<Hash> _heads;
};

/// The head of the perfect subtree of 2^level leaves that begins at leaf index << level; level 0 is
/// the leaf. Asked only for what lies wholly within the tree.
using SubtreeSource = std::function<Result<Hash>(unsigned level, std::uint64_t index)>;

/// The head of the first `size` leaves. Errors: tooLarge, and the source's.
Result<Hash> treeHead(std::uint64_t size, const SubtreeSource& source);
/// Proves that leaf `index` (from 0) is in the tree of `size` leaves (2.1.3.1). Errors: invalid
/// (index not below size), tooLarge, and the source's.
Result<TreePath> inclusionPath(std::uint64_t index, std::uint64_t size,
                               const SubtreeSource& source);
/// Proves that the tree of `size` leaves begins with the tree of `earlier` (2.1.4.1); empty for the
/// same size, and for an earlier size of 0. Errors: invalid (earlier above size), tooLarge, and the
/// source's.
Result<TreePath> consistencyPath(std::uint64_t earlier, std::uint64_t size,
                                 const SubtreeSource& source);

/// The head that the path leads to from the leaf (2.1.3.2); nothing where the path is not one of
/// this place: too short, too long, an index beyond the size.
std::optional<Hash> headFromInclusion(const Hash& leaf, std::uint64_t index, std::uint64_t size,
                                      std::span<const Hash> path);
bool checkInclusion(const Hash& leaf, std::uint64_t index, std::uint64_t size,
                    std::span<const Hash> path, const Hash& head);
/// Does the tree (`size`, `head`) begin with the tree (`earlier`, `earlierHead`)? (2.1.4.2) Every
/// tree begins with the one without leaves, and with itself; both want an empty path.
bool checkConsistency(std::uint64_t earlier, const Hash& earlierHead, std::uint64_t size,
                      const Hash& head, std::span<const Hash> path);

} // namespace souffleur::crypto
