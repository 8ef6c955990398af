// A proof holds for head office's key and its own bytes, and for nothing else.
#include "sync/protocol/Proof.h"

#include <doctest/doctest.h>

#include <map>

#include "plugin/base/Random.h"
#include "plugin/crypto/Chain.h"
#include "plugin/crypto/Encoding.h"
#include "plugin/wire/Header.h"
#include "plugin/wire/Json.h"
#include "tests/support/TestOrigin.h"

using namespace souffleur;
using protocol::Proof;

namespace {

constexpr TimeMs kNoon = 1795521600000;

struct Made {
    SeededRandom random{3};
    crypto::SigningKey key = crypto::SigningKey::generate(random);
    test::TestOrigin till{4};
    Proof proof;
    std::string payload = "salt and personal data";

    Made() {
        const auto event =
            till.add(till.newSubject(), test::act(consent::Choice::refused), kNoon, nullptr);
        proof.event = event.id;
        proof.kind = "act";
        proof.madeAt = kNoon + kDayMs;
        proof.receivedAt = kNoon + kSecondMs;
        proof.header =
            wire::encodeHeader(event, crypto::toHex(crypto::bytesOf(crypto::sha256(payload))))
                .value();
        proof.leaf = crypto::leafHash(proof.header);
        proof.shard = 11;
        proof.position = 803;
        proof.origin = event.origin;
        proof.originKind = "terminal";
        proof.originName = "Till 1";
        proof.originPlace = "till-1";
        proof.originPosition = 1;
        proof.originKey = key.publicKey();
    }

    /// Puts the event at its place in a log of 900 in its shard, and others beside it.
    void include() {
        std::map<std::pair<unsigned, std::uint64_t>, crypto::Hash> nodes;
        crypto::TreeFrontier edge;
        for (std::uint64_t i = 0; i < 900; ++i) {
            const bool ours = i + 1 == proof.position;
            const crypto::Hash leaf = ours ? proof.leaf : crypto::leafHash(std::to_string(i));
            nodes[{0, i}] = leaf;
            edge.append(leaf, [&](unsigned level, std::uint64_t index, const crypto::Hash& head) {
                nodes[{level, index}] = head;
            });
        }
        crypto::ShardHeads heads;
        heads[3] = {1, proof.leaf};
        heads.at(proof.shard) = {edge.size(), edge.head()};
        protocol::ProofInclusion inclusion;
        inclusion.treeSize = edge.size();
        inclusion.path =
            crypto::inclusionPath(proof.position - 1, edge.size(),
                                  [&](unsigned level, std::uint64_t index) {
                                      return Result<crypto::Hash>(nodes.at({level, index}));
                                  })
                .value();
        inclusion.shardPath = crypto::shardPath(heads, proof.shard);
        inclusion.head =
            protocol::signLog(OriginId::random(random), heads, kNoon + kDayMs, key).head;
        proof.inclusion = inclusion;
    }
};

} // namespace

TEST_CASE("a proof as handed out is sound, laid out anew as well") {
    const Made made;
    std::string json = protocol::encodeProof(made.proof, &made.key);
    json.insert(1, "\n    ");
    const auto report = protocol::checkProof(json, made.key.publicKey(), made.payload);
    REQUIRE(report.has_value());
    CHECK(report->sound());
    CHECK(report->signatureOk);
    CHECK(report->commitmentOk);
    CHECK(report->act.id == made.proof.event);
    CHECK(protocol::checkProof(json, made.key.publicKey())->sound());
    CHECK_FALSE(protocol::checkProof(json, made.key.publicKey(), "somebody else")->sound());
}

TEST_CASE("a proof without a signature, or of another key, does not hold") {
    Made made;
    const auto bare = protocol::encodeProof(made.proof, nullptr);
    CHECK_FALSE(protocol::checkProof(bare, made.key.publicKey())->sound());
    const auto other = crypto::SigningKey::generate(made.random);
    const auto json = protocol::encodeProof(made.proof, &made.key);
    const auto report = protocol::checkProof(json, other.publicKey());
    REQUIRE(report.has_value());
    CHECK_FALSE(report->signatureOk);
    CHECK_FALSE(report->sound());
}

TEST_CASE("no field of a proof can be changed") {
    Made made;
    SUBCASE("as it is") {}
    SUBCASE("with its place in the log") {
        made.include();
    }
    const std::string json = protocol::encodeProof(made.proof, &made.key);
    int tried = 0;
    for (std::size_t i = 0; i < json.size(); ++i) {
        std::string changed = json;
        changed[i] = changed[i] == '7' ? '8' : '7';
        const auto report = protocol::checkProof(changed, made.key.publicKey());
        const bool rule = json.find("leafRule") <= i && i < json.find("\"tree\"");
        if (report && !rule) {
            CHECK_MESSAGE(!report->sound(), "byte " << i << " of " << json);
            ++tried;
        }
    }
    CHECK(tried > 100);
}

TEST_CASE("what is no proof is said to be none") {
    const Made made;
    for (const char* text : {"", "{}", "[]", R"({"format":"souffleur-receipt-1"})",
                             R"({"format":"souffleur-proof-1"})", "\xff"}) {
        CHECK_FALSE(protocol::checkProof(text, made.key.publicKey()).has_value());
    }
    CHECK(protocol::checkProof(std::string(protocol::kProofMaxBytes + 1, ' '), made.key.publicKey())
              .error()
              .code == Code::tooLarge);
}

TEST_CASE("a proof shows the event at its place in the log, and at no other") {
    Made made;
    made.include();
    const auto check = [&](const Proof& proof) {
        const auto report =
            protocol::checkProof(protocol::encodeProof(proof, &made.key), made.key.publicKey());
        REQUIRE(report.has_value());
        return report->sound() && report->inclusionOk;
    };
    CHECK(check(made.proof));
    Proof bad = made.proof;
    SUBCASE("another position") {
        bad.position += 1;
    }
    SUBCASE("no position") {
        bad.position = 0;
    }
    SUBCASE("another shard") {
        bad.shard = 3;
    }
    SUBCASE("a shard that there is not") {
        bad.shard = 64;
    }
    SUBCASE("a smaller tree") {
        bad.inclusion->treeSize = 850;
    }
    SUBCASE("a larger tree") {
        bad.inclusion->treeSize = 1024;
    }
    SUBCASE("no path") {
        bad.inclusion->path.clear();
    }
    SUBCASE("a path cut off") {
        bad.inclusion->path.pop_back();
    }
    SUBCASE("a path too long") {
        bad.inclusion->path.push_back(crypto::Hash{});
    }
    SUBCASE("no way to the root") {
        bad.inclusion->shardPath.clear();
    }
    SUBCASE("another log's head") {
        bad.inclusion->head.log = OriginId{};
    }
    SUBCASE("a head of another time") {
        bad.inclusion->head.at += 1;
    }
    SUBCASE("another head that is signed") {
        crypto::ShardHeads empty;
        bad.inclusion->head =
            protocol::signLog(made.proof.inclusion->head.log, empty, kNoon, made.key).head;
    }
    SUBCASE("a head that somebody else signed") {
        const auto other = crypto::SigningKey::generate(made.random);
        bad.inclusion->head.signature = other.sign(protocol::signingInput(bad.inclusion->head));
    }
    CHECK_FALSE(check(bad));
}

TEST_CASE("a place in the log that cannot be read makes the document none") {
    Made made;
    made.include();
    const std::string json = protocol::encodeProof(made.proof, &made.key);
    for (const auto& [what, instead] : std::initializer_list<std::pair<const char*, const char*>>{
             {R"("path":[")", R"("path":["0)"},
             {R"("treeSize":)", R"("treeSize":-)"},
             {R"("inclusion":{)", R"("inclusion":[],"x":{)"},
             {R"("shardPath":[)", R"("shardPath":[7,)"},
             {R"("root":")", R"("root":"x)"}}) {
        std::string changed = json;
        const std::size_t at = changed.find(what);
        REQUIRE(at != std::string::npos);
        changed.replace(at, std::string_view(what).size(), instead);
        CHECK_FALSE(protocol::checkProof(changed, made.key.publicKey()).has_value());
    }
}
