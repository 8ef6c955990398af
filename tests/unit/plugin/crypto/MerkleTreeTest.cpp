// The trees against the recursive definitions of RFC 9162 section 2.1, written down once more here.
#include "plugin/crypto/MerkleTree.h"

#include <doctest/doctest.h>

#include <map>

#include "plugin/crypto/Chain.h"
#include "plugin/crypto/Encoding.h"
#include "tests/support/Property.h"

using namespace souffleur;
using namespace souffleur::crypto;

namespace {

using Leaves = std::vector<Hash>;

std::string hex(const Hash& hash) {
    return toHex(bytesOf(hash));
}

Leaves leavesOf(std::size_t count, char of = 'e') {
    Leaves leaves;
    for (std::size_t i = 0; i < count; ++i) leaves.push_back(leafHash(of + std::to_string(i)));
    return leaves;
}

std::span<const Hash> first(const Leaves& leaves, std::size_t count) {
    return std::span(leaves).first(count);
}

std::size_t split(std::size_t size) {
    std::size_t k = 1;
    while (k * 2 < size) k *= 2;
    return k;
}

// --- the RFC's definitions, word by word

Hash mth(std::span<const Hash> d) {
    if (d.empty()) return sha256(std::string_view{});
    if (d.size() == 1) return d[0];
    const std::size_t k = split(d.size());
    return nodeHash(mth(d.first(k)), mth(d.subspan(k)));
}

TreePath path(std::size_t m, std::span<const Hash> d) {
    if (d.size() == 1) return {};
    const std::size_t k = split(d.size());
    TreePath out = m < k ? path(m, d.first(k)) : path(m - k, d.subspan(k));
    out.push_back(m < k ? mth(d.subspan(k)) : mth(d.first(k)));
    return out;
}

TreePath subproof(std::size_t m, std::span<const Hash> d, bool b) {
    if (m == d.size()) return b ? TreePath{} : TreePath{mth(d)};
    const std::size_t k = split(d.size());
    TreePath out = m <= k ? subproof(m, d.first(k), b) : subproof(m - k, d.subspan(k), false);
    out.push_back(m <= k ? mth(d.subspan(k)) : mth(d.first(k)));
    return out;
}

// --- a tree as the hub keeps it

struct Kept {
    TreeFrontier frontier;
    std::map<std::pair<unsigned, std::uint64_t>, Hash> nodes;

    explicit Kept(const Leaves& leaves) {
        for (const Hash& leaf : leaves) {
            nodes[{0, frontier.size()}] = leaf;
            frontier.append(leaf, [this](unsigned level, std::uint64_t index, const Hash& head) {
                CHECK(nodes.emplace(std::pair{level, index}, head).second);
            });
        }
    }
    [[nodiscard]] SubtreeSource source() const {
        return [this](unsigned level, std::uint64_t index) -> Result<Hash> {
            const auto found = nodes.find({level, index});
            if (found == nodes.end()) return fail(Code::notFound, "no such subtree");
            return found->second;
        };
    }
};

} // namespace

TEST_CASE("heads of the trees that Certificate Transparency publishes as test vectors") {
    const std::array<std::string, 8> entries{"",
                                             "00",
                                             "10",
                                             "2021",
                                             "3031",
                                             "40414243",
                                             "5051525354555657",
                                             "606162636465666768696a6b6c6d6e6f"};
    const std::array<const char*, 9> heads{
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
    TreeFrontier frontier;
    CHECK(hex(frontier.head()) == heads[0]);
    for (std::size_t i = 0; i < entries.size(); ++i) {
        frontier.append(leafHash(fromHex(entries.at(i)).value()), {});
        CHECK(hex(frontier.head()) == heads.at(i + 1));
    }
}

TEST_CASE("every tree of up to 70 leaves: heads and proofs are the definition's, and hold") {
    const Leaves all = leavesOf(70);
    const Kept kept(all);
    for (std::size_t size = 0; size <= all.size(); ++size) {
        const auto d = first(all, size);
        const Hash head = mth(d);
        CHECK(treeHead(size, kept.source()).value() == head);
        for (std::size_t m = 0; m < size; ++m) {
            const auto proof = inclusionPath(m, size, kept.source()).value();
            CHECK(proof == path(m, d));
            CHECK(checkInclusion(all[m], m, size, proof, head));
            CHECK_FALSE(checkInclusion(leafHash("other"), m, size, proof, head));
        }
        for (std::size_t m = 0; m <= size; ++m) {
            const auto proof = consistencyPath(m, size, kept.source()).value();
            if (m > 0) CHECK(proof == subproof(m, d, true));
            CHECK(checkConsistency(m, mth(first(all, m)), size, head, proof));
        }
    }
}

TEST_CASE("the edge of a tree is kept as bytes") {
    const Leaves all = leavesOf(40);
    TreeFrontier frontier;
    for (const Hash& leaf : all) {
        auto again = TreeFrontier::parse(frontier.size(), frontier.bytes());
        REQUIRE(again.has_value());
        CHECK(again->head() == frontier.head());
        again->append(leaf, {});
        frontier.append(leaf, {});
        CHECK(again->head() == frontier.head());
    }
    CHECK(frontier.bytes().size() == 2 * 32); // 32 + 8
    CHECK_FALSE(TreeFrontier::parse(41, frontier.bytes()).has_value());
    CHECK_FALSE(TreeFrontier::parse(40, frontier.bytes() + "x").has_value());
    CHECK_FALSE(TreeFrontier::parse(40, "").has_value());
    CHECK_FALSE(TreeFrontier::parse(kTreeLeavesMax * 2, std::string(32, 'x')).has_value());
}

TEST_CASE("a proof of another place, another tree or another length does not hold") {
    const Leaves all = leavesOf(21);
    const Kept kept(all);
    const Hash head = mth(all);
    const auto proof = inclusionPath(9, 21, kept.source()).value();
    for (std::size_t size = 0; size < 64; ++size) {
        for (std::size_t index = 0; index < 64; ++index) {
            // The shape of a path is that of its place alone: trees of other sizes may share it,
            // and so may other places at the same depth. Its leaf's place never does.
            if (index == 9 && size == 21) continue;
            const auto found = headFromInclusion(all[9], index, size, proof);
            if (size == 21) CHECK(found != head);
        }
    }
    TreePath longer = proof;
    longer.push_back(head);
    CHECK_FALSE(headFromInclusion(all[9], 9, 21, longer).has_value());
    CHECK_FALSE(headFromInclusion(all[9], 9, 21, std::span(proof).first(4)).has_value());
    CHECK_FALSE(checkInclusion(all[9], 9, 21, {}, head));
    CHECK_FALSE(headFromInclusion(all[0], 0, 0, {}).has_value());
    CHECK(headFromInclusion(all[0], 0, 1, {}) == all[0]);
    CHECK_FALSE(headFromInclusion(all[0], 0, 1, TreePath{head}).has_value());
    CHECK_FALSE(headFromInclusion(all[0], 0, kTreeLeavesMax + 1, TreePath(53, head)).has_value());
    CHECK_FALSE(headFromInclusion(all[0], 0, 21, TreePath(kTreePathMax + 1, head)).has_value());
    CHECK(inclusionPath(21, 21, kept.source()).error().code == Code::invalid);
    CHECK(inclusionPath(0, kTreeLeavesMax + 1, kept.source()).error().code == Code::tooLarge);
    CHECK(consistencyPath(22, 21, kept.source()).error().code == Code::invalid);
}

TEST_CASE("two histories that part are never consistent") {
    const Leaves all = leavesOf(33);
    for (std::size_t parts = 0; parts < 20; ++parts) {
        Leaves other = all;
        other[parts] = leafHash("another history");
        const Kept kept(other);
        for (std::size_t m = parts + 1; m <= other.size(); ++m) {
            const auto proof = consistencyPath(m, other.size(), kept.source()).value();
            CHECK_FALSE(checkConsistency(m, mth(first(all, m)), other.size(), mth(other), proof));
            // Nor does the honest tree's proof speak for the other head.
            const auto honest = consistencyPath(m, all.size(), Kept(all).source()).value();
            CHECK_FALSE(checkConsistency(m, mth(first(all, m)), all.size(), mth(other), honest));
        }
    }
    CHECK_FALSE(checkConsistency(0, leafHash("no"), 5, mth(first(all, 5)), {}));
    CHECK_FALSE(checkConsistency(6, mth(first(all, 6)), 5, mth(first(all, 5)), {}));
    CHECK_FALSE(checkConsistency(3, mth(first(all, 3)), 5, mth(first(all, 5)), {}));
    CHECK_FALSE(checkConsistency(4, mth(first(all, 4)), 5, mth(first(all, 5)), {}));
    CHECK_FALSE(checkConsistency(5, mth(all), 5, mth(first(all, 5)), {}));
    CHECK_FALSE(
        checkConsistency(5, mth(first(all, 5)), 5, mth(first(all, 5)), TreePath{all.front()}));
}

TEST_CASE("a source that fails is told") {
    const SubtreeSource none = [](unsigned, std::uint64_t) -> Result<Hash> {
        return fail(Code::storage, "gone");
    };
    CHECK(treeHead(3, none).error().code == Code::storage);
    CHECK(inclusionPath(1, 3, none).error().code == Code::storage);
    CHECK(consistencyPath(1, 3, none).error().code == Code::storage);
    CHECK(treeHead(0, none).value() == emptyTreeHead());
}

PROPERTY("trees of any size: proofs made are the definition's and hold", [] {
    const auto size = *rc::gen::inRange<std::size_t>(1, 400);
    const auto index = *rc::gen::inRange<std::size_t>(0, size);
    const auto earlier = *rc::gen::inRange<std::size_t>(1, size + 1);
    const Leaves all = leavesOf(size);
    const Kept kept(all);
    RC_ASSERT(kept.frontier.head() == mth(all));
    const auto in = inclusionPath(index, size, kept.source()).value();
    RC_ASSERT(in == path(index, all));
    RC_ASSERT(in.size() <= kTreePathMax);
    RC_ASSERT(checkInclusion(all[index], index, size, in, mth(all)));
    const auto since = consistencyPath(earlier, size, kept.source()).value();
    RC_ASSERT(since == subproof(earlier, all, true));
    RC_ASSERT(checkConsistency(earlier, mth(first(all, earlier)), size, mth(all), since));
})

PROPERTY("a proof with any bit turned, any hash lost, added or exchanged does not hold", [] {
    const auto size = *rc::gen::inRange<std::size_t>(2, 200);
    const auto index = *rc::gen::inRange<std::size_t>(0, size);
    const auto earlier = *rc::gen::inRange<std::size_t>(1, size);
    const bool inclusion = *rc::gen::arbitrary<bool>();
    const Leaves all = leavesOf(size);
    const Kept kept(all);
    const Hash head = mth(all);
    const TreePath sound = inclusion ? inclusionPath(index, size, kept.source()).value()
                                     : consistencyPath(earlier, size, kept.source()).value();
    TreePath bad = sound;
    const auto at = *rc::gen::inRange<std::size_t>(0, bad.size());
    switch (*rc::gen::inRange(0, 4)) {
    case 0:
        bad[at][*rc::gen::inRange<std::size_t>(0, 32)] ^=
            static_cast<std::uint8_t>(1U << *rc::gen::inRange(0U, 8U));
        break;
    case 1:
        bad.erase(bad.begin() + static_cast<std::ptrdiff_t>(at));
        break;
    case 2:
        bad.insert(bad.begin() + static_cast<std::ptrdiff_t>(at), leafHash("added"));
        break;
    default:
        std::swap(bad[at], bad.back());
        break;
    }
    RC_PRE(bad != sound);
    const bool held = inclusion
                          ? checkInclusion(all[index], index, size, bad, head)
                          : checkConsistency(earlier, mth(first(all, earlier)), size, head, bad);
    RC_ASSERT_FALSE(held);
})
