// What a till makes of head office's word about its log: an honest one is believed, and every way
// of not being so is told by its name.
#include "sync/protocol/Log.h"

#include <doctest/doctest.h>

#include <map>

#include "plugin/base/Random.h"
#include "plugin/crypto/Chain.h"
#include "tests/support/Property.h"

using namespace souffleur;
using namespace souffleur::protocol;

namespace {

constexpr TimeMs kNoon = 1795521600000;

/// A head office's log, leaf by leaf.
struct Log {
    SeededRandom random{5};
    OriginId id = OriginId::random(random);
    crypto::SigningKey key = crypto::SigningKey::generate(random);
    std::array<crypto::TreeFrontier, crypto::kLogShards> edges;
    std::array<std::map<std::pair<unsigned, std::uint64_t>, crypto::Hash>, crypto::kLogShards>
        nodes;

    void add(std::size_t shard, std::string_view header) {
        const crypto::Hash leaf = crypto::leafHash(header);
        nodes.at(shard)[{0, edges.at(shard).size()}] = leaf;
        edges.at(shard).append(leaf,
                               [&](unsigned level, std::uint64_t index, const crypto::Hash& head) {
                                   nodes.at(shard)[{level, index}] = head;
                               });
    }
    void fill(std::size_t events, const std::string& word) {
        for (std::size_t i = 0; i < events; ++i) add(i * i % 7, word + std::to_string(i));
    }
    [[nodiscard]] crypto::ShardHeads heads() const {
        crypto::ShardHeads heads;
        for (std::size_t i = 0; i < heads.size(); ++i)
            heads.at(i) = {edges.at(i).size(), edges.at(i).head()};
        return heads;
    }
    [[nodiscard]] LogAnswer answer(const LogSizes& from, TimeMs at = kNoon) const {
        LogAnswer out{signLog(id, heads(), at, key), {}};
        for (std::size_t i = 0; i < from.size(); ++i) {
            if (from.at(i) >= edges.at(i).size()) continue;
            out.paths.at(i) = crypto::consistencyPath(
                                  from.at(i), edges.at(i).size(),
                                  [&](unsigned level, std::uint64_t index) {
                                      return Result<crypto::Hash>(nodes.at(i).at({level, index}));
                                  })
                                  .value();
        }
        return out;
    }
    [[nodiscard]] LogFault judge(const LogState* kept, const LogAnswer& answer) const {
        return judgeLog(kept, answer, key.publicKey());
    }
};

} // namespace

TEST_CASE("a log that grew is the same log") {
    Log log;
    CHECK(log.judge(nullptr, log.answer({})) == LogFault::none);
    LogState kept = log.answer({}).now;
    for (int round = 0; round < 12; ++round) {
        log.fill(static_cast<std::size_t>(round) * 3, "round " + std::to_string(round));
        const LogAnswer answer = log.answer(sizesOf(kept.shards), kNoon + round);
        CHECK(log.judge(&kept, answer) == LogFault::none);
        CHECK(log.judge(nullptr, answer) == LogFault::none);
        kept = answer.now;
    }
    CHECK(log.judge(&kept, log.answer(sizesOf(kept.shards))) == LogFault::none); // nothing new
}

TEST_CASE("a log that was put back, or told otherwise to others, is found") {
    Log honest;
    honest.fill(60, "a");
    const LogState kept = honest.answer({}).now;
    Log other;
    SUBCASE("a backup") {
        other.fill(50, "a");
        CHECK(honest.judge(&kept, other.answer(sizesOf(kept.shards))) == LogFault::shorter);
    }
    SUBCASE("another history of the same length") {
        other.fill(59, "a");
        other.add(59 * 59 % 7, "another");
        CHECK(honest.judge(&kept, other.answer(sizesOf(kept.shards))) == LogFault::forked);
    }
    SUBCASE("a backup that went on") {
        other.fill(50, "a");
        other.fill(80, "b");
        CHECK(honest.judge(&kept, other.answer(sizesOf(kept.shards))) == LogFault::forked);
    }
    SUBCASE("an event put in between") {
        other.fill(30, "a");
        other.add(0, "inserted");
        for (std::size_t i = 30; i < 60; ++i) other.add(i * i % 7, "a" + std::to_string(i));
        CHECK(honest.judge(&kept, other.answer(sizesOf(kept.shards))) == LogFault::forked);
    }
    SUBCASE("another head office with the same key") {
        other.id = OriginId::random(other.random);
        other.fill(60, "a");
        CHECK(honest.judge(&kept, other.answer({})) == LogFault::otherLog);
    }
}

TEST_CASE("a word that is not signed, or not of what it says, is not believed") {
    Log log;
    log.fill(40, "a");
    const LogAnswer sound = log.answer({});
    const auto other = crypto::SigningKey::generate(log.random);
    CHECK(judgeLog(nullptr, sound, other.publicKey()) == LogFault::unsound);
    LogAnswer bad = sound;
    bad.now.head.at += 1;
    CHECK(log.judge(nullptr, bad) == LogFault::unsound);
    bad = sound;
    bad.now.head.size += 1;
    CHECK(log.judge(nullptr, bad) == LogFault::unsound);
    bad = sound;
    bad.now.shards[1].size += 1;
    CHECK(log.judge(nullptr, bad) == LogFault::unsound);
    bad = sound;
    bad.now.shards[1].head[0] ^= 1U;
    CHECK(log.judge(nullptr, bad) == LogFault::unsound);
    bad = sound;
    bad.now.head.log = OriginId{};
    CHECK(log.judge(nullptr, bad) == LogFault::unsound);
}

TEST_CASE("a proof that is withheld, cut, or another shard's does not pass") {
    Log log;
    log.fill(40, "a");
    const LogState kept = log.answer({}).now;
    log.fill(40, "b");
    const LogAnswer sound = log.answer(sizesOf(kept.shards));
    REQUIRE(log.judge(&kept, sound) == LogFault::none);
    LogAnswer bad = sound;
    bad.paths = {};
    CHECK(log.judge(&kept, bad) == LogFault::forked);
    bad = sound;
    bad.paths[1].pop_back();
    CHECK(log.judge(&kept, bad) == LogFault::forked);
    bad = sound;
    std::swap(bad.paths[1], bad.paths[2]);
    CHECK(log.judge(&kept, bad) == LogFault::forked);
    bad = sound;
    bad.paths[50].push_back(crypto::Hash{}); // of a shard that did not grow
    CHECK(log.judge(&kept, bad) == LogFault::forked);
}

TEST_CASE("what is said of a log survives its text form; rubbish does not become one") {
    Log log;
    log.fill(90, "a");
    const LogState kept = log.answer({}).now;
    log.fill(9, "b");
    const LogAnswer answer = log.answer(sizesOf(kept.shards));
    CHECK(decodeLogState(encodeLogState(kept)).value() == kept);
    const std::string json = encodeLogAnswer(answer);
    CHECK(decodeLogAnswer(json).value() == answer);
    for (std::size_t cut = 0; cut < json.size(); cut += 61)
        CHECK_FALSE(decodeLogAnswer(json.substr(0, cut)).has_value());
    for (const char* text : {"", "{}", "[]", "null", R"({"format":"souffleur-log-2"})"})
        CHECK_FALSE(decodeLogAnswer(text).has_value());
    CHECK(decodeLogAnswer(std::string(kLogMaxBytes + 1, ' ')).error().code == Code::tooLarge);
    const auto with = [&](std::string_view what, std::string_view instead) {
        std::string changed = json;
        const std::size_t at = changed.find(what);
        REQUIRE(at != std::string::npos);
        return changed.replace(at, what.size(), instead);
    };
    CHECK_FALSE(decodeLogAnswer(with(R"("shard":1)", R"("shard":64)")).has_value());
    CHECK_FALSE(decodeLogAnswer(with(R"("shard":1)", R"("shard":0)")).has_value()); // twice
    CHECK_FALSE(
        decodeLogAnswer(with(R"("shards":[)", R"("shards":[{"size":1,"head":"00"},)")).has_value());
    CHECK_FALSE(decodeLogAnswer(with(R"("path":[)", R"("path":["zz",)")).has_value());
    CHECK_FALSE(decodeLogAnswer(with(R"("size":)", R"("size":-)")).has_value());
}

TEST_CASE("sizes have one text form") {
    LogSizes sizes{};
    CHECK(parseSizes("").value() == sizes);
    CHECK(parseSizes(sizesText(sizes)).value() == sizes);
    sizes[0] = 7;
    sizes[63] = 123456;
    CHECK(parseSizes(sizesText(sizes)).value() == sizes);
    CHECK_FALSE(parseSizes("1.2.3").has_value());
    CHECK_FALSE(parseSizes(sizesText(sizes) + ".1").has_value());
    CHECK_FALSE(parseSizes(std::string(63, '.') + "x").has_value());
    CHECK_FALSE(parseSizes(std::string(63, '.') + "-1").has_value());
    CHECK_FALSE(parseSizes(std::string(63, '.') + "99999999999999999999").has_value());
}

PROPERTY("whatever was kept of an honest log, it goes on from there; of another it does not", [] {
    Log log;
    log.fill(*rc::gen::inRange<std::size_t>(0, 60), "a");
    const LogState kept = log.answer({}).now;
    log.fill(*rc::gen::inRange<std::size_t>(0, 60), "b");
    RC_ASSERT(log.judge(&kept, log.answer(sizesOf(kept.shards))) == LogFault::none);
    if (kept.head.size == 0) return;
    Log other;
    const auto changed = *rc::gen::inRange<std::uint64_t>(0, kept.head.size);
    for (std::uint64_t i = 0; i < kept.head.size; ++i)
        other.add(i * i % 7, (i == changed ? "c" : "a") + std::to_string(i));
    other.fill(*rc::gen::inRange<std::size_t>(0, 60), "b");
    RC_ASSERT(log.judge(&kept, other.answer(sizesOf(kept.shards))) == LogFault::forked);
})
