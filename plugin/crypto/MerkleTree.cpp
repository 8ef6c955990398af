#include "plugin/crypto/MerkleTree.h"

#include <algorithm>
#include <bit>
#include <stdexcept>

namespace souffleur::crypto {
namespace {

constexpr std::size_t kHashBytes = Hash{}.size();

bool odd(std::uint64_t number) noexcept {
    return (number & 1U) != 0;
}

/// The head of the leaves [from, to), not empty. `from` is where a subtree as large begins.
Result<Hash> rangeHead(std::uint64_t from, std::uint64_t to, const SubtreeSource& source) {
    std::vector<Hash> parts; // largest first
    for (std::uint64_t at = from; at < to;) {
        const auto level = static_cast<unsigned>(std::bit_width(to - at)) - 1;
        auto head = source(level, at >> level);
        if (!head) return head;
        parts.push_back(*head);
        at += std::uint64_t{1} << level;
    }
    Hash head = parts.back();
    for (auto it = parts.rbegin() + 1; it != parts.rend(); ++it) head = nodeHash(*it, head);
    return head;
}

/// The largest power of two below `size`, which is 2 at least.
std::uint64_t splitOf(std::uint64_t size) noexcept {
    return std::bit_floor(size - 1);
}

/// Adds the head of [from, to) to the path.
Result<void> addRange(TreePath& path, std::uint64_t from, std::uint64_t to,
                      const SubtreeSource& source) {
    auto head = rangeHead(from, to, source);
    if (!head) return passOn(head);
    path.push_back(*head);
    return {};
}

constexpr const char* kTooLarge = "a tree is smaller than this";

} // namespace

Hash emptyTreeHead() noexcept {
    return sha256(std::string_view{});
}

Hash nodeHash(const Hash& left, const Hash& right) noexcept {
    Sha256 sum;
    sum.update(std::string_view("\1", 1)).update(bytesOf(left)).update(bytesOf(right));
    return sum.finish();
}

Result<TreeFrontier> TreeFrontier::parse(std::uint64_t size, std::string_view bytes) {
    const auto heads = static_cast<std::size_t>(std::popcount(size));
    if (size > kTreeLeavesMax || bytes.size() != heads * kHashBytes)
        return fail(Code::corrupt, "this is not the edge of a tree of this size");
    TreeFrontier out;
    out._size = size;
    out._heads.resize(heads);
    for (Hash& head : out._heads) {
        std::copy_n(bytes.begin(), kHashBytes, head.begin());
        bytes.remove_prefix(kHashBytes);
    }
    return out;
}

void TreeFrontier::append(const Hash& leaf, const OnNode& onNode) {
    if (_size >= kTreeLeavesMax) throw std::length_error("a tree has no room for more leaves");
    Hash head = leaf;
    std::uint64_t index = _size;
    for (unsigned level = 1; odd(index); ++level) {
        head = nodeHash(_heads.back(), head);
        _heads.pop_back();
        index >>= 1U;
        if (onNode) onNode(level, index, head);
    }
    _heads.push_back(head);
    ++_size;
}

Hash TreeFrontier::head() const noexcept {
    if (_heads.empty()) return emptyTreeHead();
    Hash head = _heads.back();
    for (auto it = _heads.rbegin() + 1; it != _heads.rend(); ++it) head = nodeHash(*it, head);
    return head;
}

std::string TreeFrontier::bytes() const {
    std::string out;
    out.reserve(_heads.size() * kHashBytes);
    for (const Hash& head : _heads) out += bytesOf(head);
    return out;
}

Result<Hash> treeHead(std::uint64_t size, const SubtreeSource& source) {
    if (size > kTreeLeavesMax) return fail(Code::tooLarge, kTooLarge);
    if (size == 0) return emptyTreeHead();
    return rangeHead(0, size, source);
}

Result<TreePath> inclusionPath(std::uint64_t index, std::uint64_t size,
                               const SubtreeSource& source) {
    if (size > kTreeLeavesMax) return fail(Code::tooLarge, kTooLarge);
    if (index >= size) return fail(Code::invalid, "the tree has no such leaf");
    TreePath path; // from the top, turned round at the end
    std::uint64_t from = 0;
    std::uint64_t to = size;
    while (to - from > 1) {
        const std::uint64_t middle = from + splitOf(to - from);
        const bool left = index < middle;
        auto added =
            left ? addRange(path, middle, to, source) : addRange(path, from, middle, source);
        if (!added) return passOn(added);
        (left ? to : from) = middle;
    }
    std::reverse(path.begin(), path.end());
    return path;
}

Result<TreePath> consistencyPath(std::uint64_t earlier, std::uint64_t size,
                                 const SubtreeSource& source) {
    if (size > kTreeLeavesMax) return fail(Code::tooLarge, kTooLarge);
    if (earlier > size) return fail(Code::invalid, "the tree was never that large");
    TreePath path;
    if (earlier == 0 || earlier == size) return path;
    std::uint64_t from = 0;
    std::uint64_t to = size;
    // SUBPROOF: as long as the earlier tree ends within [from, to), the half that it does not end
    // in is told. `whole`: the earlier tree is a left-hand edge, which the reader knows.
    bool whole = true;
    while (earlier != to) {
        const std::uint64_t middle = from + splitOf(to - from);
        const bool left = earlier <= middle;
        auto added =
            left ? addRange(path, middle, to, source) : addRange(path, from, middle, source);
        if (!added) return passOn(added);
        whole = whole && left;
        (left ? to : from) = middle;
    }
    if (!whole) {
        if (auto added = addRange(path, from, to, source); !added) return passOn(added);
    }
    std::reverse(path.begin(), path.end());
    return path;
}

std::optional<Hash> headFromInclusion(const Hash& leaf, std::uint64_t index, std::uint64_t size,
                                      std::span<const Hash> path) {
    if (index >= size || size > kTreeLeavesMax || path.size() > kTreePathMax) return std::nullopt;
    std::uint64_t at = index;
    std::uint64_t last = size - 1;
    Hash head = leaf;
    for (const Hash& beside : path) {
        if (last == 0) return std::nullopt;
        if (odd(at) || at == last) {
            head = nodeHash(beside, head);
            while (!odd(at) && at != 0) {
                at >>= 1U;
                last >>= 1U;
            }
        } else {
            head = nodeHash(head, beside);
        }
        at >>= 1U;
        last >>= 1U;
    }
    if (last != 0) return std::nullopt;
    return head;
}

bool checkInclusion(const Hash& leaf, std::uint64_t index, std::uint64_t size,
                    std::span<const Hash> path, const Hash& head) {
    return headFromInclusion(leaf, index, size, path) == head;
}

bool checkConsistency(std::uint64_t earlier, const Hash& earlierHead, std::uint64_t size,
                      const Hash& head, std::span<const Hash> path) {
    if (earlier > size || size > kTreeLeavesMax || path.size() > kTreePathMax) return false;
    if (earlier == size) return path.empty() && earlierHead == head;
    if (earlier == 0) return path.empty() && earlierHead == emptyTreeHead();
    std::uint64_t at = earlier - 1;
    std::uint64_t last = size - 1;
    while (odd(at)) {
        at >>= 1U;
        last >>= 1U;
    }
    // Of a power of two the head itself is the first hash, and the path leaves it out.
    Hash before = earlierHead;
    if (!std::has_single_bit(earlier)) {
        if (path.empty()) return false;
        before = path.front();
        path = path.subspan(1);
    }
    Hash after = before;
    for (const Hash& beside : path) {
        if (last == 0) return false;
        if (odd(at) || at == last) {
            before = nodeHash(beside, before);
            after = nodeHash(beside, after);
            while (!odd(at) && at != 0) {
                at >>= 1U;
                last >>= 1U;
            }
        } else {
            after = nodeHash(after, beside);
        }
        at >>= 1U;
        last >>= 1U;
    }
    return last == 0 && before == earlierHead && after == head;
}

} // namespace souffleur::crypto
