// The trees over the log: grown with it, provable at any time, the same after an erasure, a crash
// and an upgrade.
#include "sync/store/Store.h"

#include "plugin/crypto/Chain.h"
#include "tests/support/Property.h"
#include "tests/unit/sync/store/Hub.h"

using namespace souffleur;
using namespace souffleur::store;
using namespace souffleur::test;
using consent::Choice;

namespace {

/// A subject of the shard, so that its tree grows beyond the kept levels.
SubjectId subjectOf(std::size_t shard, std::uint64_t number) {
    SubjectId subject;
    subject.uuid.bytes[0] = static_cast<std::uint8_t>(shard);
    for (std::size_t i = 0; i < 8; ++i)
        subject.uuid.bytes.at(15 - i) = static_cast<std::uint8_t>(number >> (8 * i));
    subject.uuid.bytes[6] = 0x40;
    subject.uuid.bytes[8] = 0x80;
    return subject;
}

LogSizes sizesOf(const crypto::ShardHeads& heads) {
    LogSizes sizes{};
    for (std::size_t shard = 0; shard < kShards; ++shard) sizes.at(shard) = heads.at(shard).size;
    return sizes;
}

crypto::ShardHeads headsOf(const Store& store) {
    const auto growth = store.growth(LogSizes{});
    REQUIRE_MESSAGE(growth.has_value(), growth.error().text());
    return growth->heads;
}

void checkGrowth(const Store& store, const crypto::ShardHeads& earlier) {
    const auto growth = store.growth(sizesOf(earlier));
    REQUIRE(growth.has_value());
    for (std::size_t shard = 0; shard < kShards; ++shard) {
        CHECK(crypto::checkConsistency(earlier.at(shard).size, earlier.at(shard).head,
                                       growth->heads.at(shard).size, growth->heads.at(shard).head,
                                       growth->paths.at(shard)));
    }
}

void checkInclusion(const Store& store, const EventId& id, std::string_view header) {
    const auto in = store.inclusion(id);
    REQUIRE_MESSAGE(in.has_value(), in.error().text());
    CHECK(in->leaf == crypto::leafHash(header));
    CHECK(crypto::checkInclusion(in->leaf, in->position - 1, in->heads.at(in->shard).size, in->path,
                                 in->heads.at(in->shard).head));
}

void sql(const TemporaryFolder& folder, const std::string& statements) {
    test::sql(folder.text(), statements);
}

std::string zeroes(std::size_t count) {
    return test::blob(std::string(count, '\0'));
}

} // namespace

TEST_CASE("every event is proved to be in the log, and each log to begin with all before it") {
    TemporaryFolder folder;
    auto store = open(folder);
    TestOrigin till(1);
    REQUIRE(store->enrol(till.enrolment()).has_value());
    CHECK(crypto::leavesOf(headsOf(*store)) == 0);
    std::vector<EventId> ids;
    std::vector<crypto::ShardHeads> seen{headsOf(*store)};
    // 300 in one shard cross the kept levels 4 and 8; some beside them.
    for (std::uint64_t i = 0; i < 340; ++i) {
        const std::size_t shard = i % 8 == 7 ? 3 + i % 50 : 5;
        ids.push_back(till.add(subjectOf(shard, i), test::act(Choice::given), kNoon).id);
    }
    for (std::size_t from = 1; from <= ids.size(); from += 34) {
        REQUIRE(till.push(*store, from, from + 33).has_value());
        seen.push_back(headsOf(*store));
    }
    CHECK(crypto::leavesOf(seen.back()) == ids.size());
    CHECK(seen.back()[5].size > 256);
    for (const crypto::ShardHeads& earlier : seen) checkGrowth(*store, earlier);
    for (std::size_t i = 0; i < ids.size(); ++i)
        checkInclusion(*store, ids[i], till.events[i].header);
    const auto verified = store->verify();
    CHECK_MESSAGE(verified.has_value(), verified.error().text());
    store = nullptr;
    store = open(folder);
    CHECK(headsOf(*store) == seen.back());
}

TEST_CASE("a batch that was refused or came again moves no tree") {
    TemporaryFolder folder;
    const auto store = open(folder);
    TestOrigin till(2);
    REQUIRE(store->enrol(till.enrolment()).has_value());
    for (int i = 0; i < 6; ++i) till.add(till.newSubject(), test::act(Choice::refused), kNoon + i);
    REQUIRE(till.push(*store, 1, 3).has_value());
    const auto heads = headsOf(*store);
    CHECK_FALSE(till.push(*store, 5, 6).has_value());
    REQUIRE(till.push(*store, 1, 3).has_value());
    CHECK(headsOf(*store) == heads);
    CHECK(store->inclusion(EventId{}).error().code == Code::notFound);
}

TEST_CASE("an advance copy has no leaf before the event itself came") {
    TemporaryFolder folder;
    const auto store = open(folder);
    TestOrigin till(3);
    REQUIRE(store->enrol(till.enrolment()).has_value());
    const auto no = till.add(till.newSubject(), test::act(Choice::refused), kNoon);
    REQUIRE(store->placeCopy(till.id, till.events[0], kNoon).has_value());
    CHECK(crypto::leavesOf(headsOf(*store)) == 0);
    CHECK(store->inclusion(no.id).error().code == Code::conflict);
    REQUIRE(till.push(*store, 1, 1).has_value());
    CHECK(crypto::leavesOf(headsOf(*store)) == 1);
    checkInclusion(*store, no.id, till.events[0].header);
}

TEST_CASE("an erasure changes no leaf and breaks no proof") {
    TemporaryFolder folder;
    const auto store = open(folder);
    TestOrigin till(4);
    REQUIRE(store->enrol(till.enrolment()).has_value());
    TestOrigin office = headOffice(*store);
    const SubjectId subject = till.newSubject();
    const wire::PersonData person = anna();
    const auto yes = till.add(subject, test::act(Choice::given), kNoon, &person);
    REQUIRE(till.push(*store, 1, 1).has_value());
    const auto before = headsOf(*store);
    office.add(subject, consent::Erase{}, kNoon + kHourMs);
    REQUIRE(office.push(*store, 1, 1, kNoon + 2 * kHourMs).has_value());
    CHECK(store->newestPayload(subject).value() == 0); // it is gone
    checkGrowth(*store, before);
    checkInclusion(*store, yes.id, till.events[0].header);
    CHECK(store->verify().has_value());
}

TEST_CASE("what an older build placed is taken in when the store is opened") {
    TemporaryFolder folder;
    auto store = open(folder);
    TestOrigin till(5);
    REQUIRE(store->enrol(till.enrolment()).has_value());
    for (int i = 0; i < 200; ++i) till.add(till.newSubject(), test::act(Choice::given), kNoon + i);
    REQUIRE(till.push(*store, 1, 200).has_value());
    const auto heads = headsOf(*store);
    store = nullptr;
    SUBCASE("none of it") {
        sql(folder, "DELETE FROM trees; DELETE FROM tree_nodes");
    }
    SUBCASE("behind in some shards") {
        sql(folder,
            "DELETE FROM trees WHERE shard % 3 = 0; DELETE FROM tree_nodes WHERE shard % 3 = 0");
    }
    store = open(folder);
    CHECK(headsOf(*store) == heads);
    CHECK(store->verify().has_value());
}

TEST_CASE("a changed, exchanged or missing event is found by the trees") {
    TemporaryFolder folder;
    auto store = open(folder);
    TestOrigin till(6);
    REQUIRE(store->enrol(till.enrolment()).has_value());
    for (std::uint64_t i = 0; i < 40; ++i)
        till.add(subjectOf(9, i), test::act(Choice::given), kNoon + static_cast<TimeMs>(i));
    REQUIRE(till.push(*store, 1, 40).has_value());
    store = nullptr;
    SUBCASE("a leaf of another event") {
        sql(folder, "UPDATE events SET leaf = " + zeroes(32) + " WHERE pos = 7");
    }
    SUBCASE("two that changed places") {
        sql(folder, "UPDATE events SET pos = 4000 WHERE pos = 7; UPDATE events SET pos = 7 WHERE "
                    "pos = 8; UPDATE events SET pos = 8 WHERE pos = 4000");
    }
    SUBCASE("one that is gone") {
        sql(folder, "DELETE FROM events WHERE pos = 7");
    }
    SUBCASE("the last ones gone") {
        sql(folder,
            "DELETE FROM events WHERE pos > 30; UPDATE shards SET pos = 30 WHERE shard = 9");
    }
    SUBCASE("a subtree of another tree") {
        sql(folder, "UPDATE tree_nodes SET head = " + zeroes(32) + " WHERE idx = 1");
    }
    SUBCASE("an edge of another tree") {
        sql(folder, "UPDATE trees SET edge = " + zeroes(64));
    }
    store = open(folder);
    CHECK(store->verify().error().code == Code::corrupt);
}

TEST_CASE("a gap stops the proofs of its log and no answer") {
    TemporaryFolder folder;
    auto store = open(folder);
    TestOrigin till(7);
    REQUIRE(store->enrol(till.enrolment()).has_value());
    for (std::uint64_t i = 0; i < 4; ++i)
        till.add(subjectOf(9, i), test::act(Choice::given), kNoon);
    REQUIRE(till.push(*store, 1, 3).has_value());
    store = nullptr;
    sql(folder, "DELETE FROM events WHERE pos = 2; DELETE FROM trees; DELETE FROM tree_nodes");
    store = open(folder);
    CHECK(till.push(*store, 4, 4).has_value());
    CHECK(store->growth(LogSizes{}).error().code == Code::corrupt);
    CHECK(store->verify().error().code == Code::corrupt);
}

TEST_CASE("a tree that only lags is told as that, and taken in at the next opening") {
    TemporaryFolder folder;
    auto store = open(folder);
    TestOrigin till(9);
    REQUIRE(store->enrol(till.enrolment()).has_value());
    for (std::uint64_t i = 0; i < 4; ++i)
        till.add(subjectOf(9, i), test::act(Choice::given), kNoon);
    REQUIRE(till.push(*store, 1, 4).has_value());
    sql(folder, "DELETE FROM trees; DELETE FROM tree_nodes"); // as an older build leaves it
    const auto lagging = store->growth(LogSizes{});
    REQUIRE_FALSE(lagging.has_value());
    CHECK(lagging.error().code == Code::unavailable);
    CHECK(lagging.error().message.find("missing") == std::string::npos);
    store = nullptr;
    store = open(folder);
    CHECK(store->growth(LogSizes{}).has_value());
    CHECK(store->verify().has_value());
}

TEST_CASE("a reader that claims more than the log holds gets its heads and no proof") {
    TemporaryFolder folder;
    const auto store = open(folder);
    TestOrigin till(8);
    REQUIRE(store->enrol(till.enrolment()).has_value());
    till.add(subjectOf(2, 1), test::act(Choice::given), kNoon);
    REQUIRE(till.push(*store, 1, 1).has_value());
    LogSizes more{};
    more.fill(UINT64_MAX);
    const auto growth = store->growth(more);
    REQUIRE(growth.has_value());
    CHECK(growth->heads[2].size == 1);
    for (const crypto::TreePath& path : growth->paths) CHECK(path.empty());
}

PROPERTY("batches of any sizes into any shards: the trees stand for all of it", [] {
    TemporaryFolder folder;
    const auto store = open(folder);
    TestOrigin till(10);
    RC_ASSERT(store->enrol(till.enrolment()).has_value());
    std::vector<EventId> ids;
    std::vector<crypto::ShardHeads> seen{headsOf(*store)};
    const auto shards = *rc::gen::inRange<std::size_t>(1, 4);
    for (const std::size_t count :
         *rc::gen::container<std::vector<std::size_t>>(4, rc::gen::inRange<std::size_t>(1, 30))) {
        const std::size_t firstSeq = ids.size() + 1;
        for (std::size_t i = 0; i < count; ++i) {
            const auto shard = *rc::gen::inRange<std::size_t>(0, shards);
            ids.push_back(
                till.add(subjectOf(shard, ids.size()), test::act(Choice::given), kNoon).id);
        }
        RC_ASSERT(till.push(*store, firstSeq, ids.size()).has_value());
        seen.push_back(headsOf(*store));
    }
    for (const crypto::ShardHeads& earlier : seen) checkGrowth(*store, earlier);
    const auto at = *rc::gen::inRange<std::size_t>(0, ids.size());
    checkInclusion(*store, ids[at], till.events[at].header);
    RC_ASSERT(store->verify().has_value());
})
