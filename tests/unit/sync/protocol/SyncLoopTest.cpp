#include "sync/protocol/SyncLoop.h"

#include <condition_variable>
#include <deque>
#include <mutex>

#include "plugin/crypto/Chain.h"
#include "plugin/crypto/Encoding.h"
#include "tests/support/Property.h"

using namespace souffleur;
using namespace souffleur::protocol;

namespace {

/// A chain of `count` events in memory.
class MemoryOutbox final : public Outbox {
public:
    explicit MemoryOutbox(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            events.push_back({SubjectId{}, false, "{\"n\":" + std::to_string(i) + "}", ""});
            heads.push_back(
                crypto::chainNext(heads.back(), crypto::leafHash(events.back().header)));
        }
    }
    Result<std::optional<Batch>> next(std::size_t maxEvents, std::size_t maxBytes) override {
        if (sealed) return fail(Code::locked, "no key", "lease");
        maxEvents = std::min(maxEvents, std::max<std::size_t>(maxBytes / eventBytes, 1));
        if (acked >= events.size()) return std::optional<Batch>{};
        Batch batch;
        batch.firstSeq = acked + 1;
        batch.prev = heads[acked];
        for (std::size_t i = acked; i < events.size() && batch.events.size() < maxEvents; ++i)
            batch.events.push_back(events[i]);
        return std::optional<Batch>(batch);
    }
    Result<void> acknowledged(std::uint64_t seq, const crypto::Hash&) override {
        acked = static_cast<std::size_t>(seq);
        return {};
    }
    Result<void> rewind(std::uint64_t seq, const crypto::Hash& head) override {
        if (heads[static_cast<std::size_t>(seq)] != head)
            return fail(Code::conflict, "fork", "fork");
        return acknowledged(seq, head);
    }
    Result<std::uint64_t> pending() override { return events.size() - acked; }
    Result<Ahead> urgent(std::uint64_t seq, std::size_t) override {
        ++looks;
        Ahead ahead;
        std::vector<Batch>& runs = ahead.runs;
        ahead.through = std::max<std::size_t>(acked, seq);
        const std::size_t end = std::min(events.size(), ahead.through + scanMax);
        for (std::size_t i = ahead.through; i < end; ++i) {
            ahead.through = i + 1;
            if (!events[i].negative) continue;
            if (!runs.empty() && runs.back().lastSeq() == i) {
                runs.back().events.push_back(events[i]);
                continue;
            }
            Batch& run = runs.emplace_back();
            run.firstSeq = i + 1;
            run.prev = heads[i];
            run.events.push_back(events[i]);
        }
        return ahead;
    }

    std::vector<WireEvent> events;
    std::vector<crypto::Hash> heads{crypto::Hash{}};
    std::size_t acked = 0;
    std::size_t scanMax = 100;  ///< events of one look for urgent ones
    std::size_t eventBytes = 1; ///< how large one counts
    int looks = 0;
    bool sealed = false; ///< no key opens the next one
};

class MemoryReplica final : public Replica {
public:
    Result<std::string> cursor() override { return at; }
    Result<void> apply(const PullPage& page) override {
        pages += 1;
        at = page.cursor;
        return {};
    }
    std::string at;
    int pages = 0;
};

/// A hub that takes what is contiguous, with scripted refusals.
class MemoryHub final : public Hub {
public:
    Result<PushAnswer> push(const Batch& batch) override {
        const std::lock_guard lock(mutex);
        ++pushes;
        if (forked) return fail(Code::conflict, "this device's history forked", "fork");
        if (!failures.empty()) {
            const Error error = failures.front();
            failures.pop_front();
            return tl::make_unexpected(error);
        }
        if (batch.events.size() > largest) return fail(Code::tooLarge, "too large");
        if (batch.events.size() > carries) return fail(Code::unavailable, "it took too long");
        if (batch.firstSeq > seq + 1)
            return fail(Code::conflict, "missing",
                        std::to_string(seq) + "/" + crypto::toHex(crypto::bytesOf(head)));
        seq = std::max(seq, batch.lastSeq());
        head = batch.head;
        return PushAnswer{seq, batch.head, {}};
    }
    Result<void> urgent(const Batch& batch) override {
        const std::lock_guard lock(mutex);
        if (urgentAway) return fail(Code::unavailable, "no such way here");
        CHECK((forked || pushes == 0));
        CHECK(checkBatch(batch, publicKey).has_value());
        CHECK(encodeBatch(batch).size() <= limits::kBatchMaxBytes);
        if (batch.events.size() > largestAhead) return fail(Code::tooLarge, "too large");
        if (batch.firstSeq <= noRoomFor && noRoomFor <= batch.lastSeq())
            return fail(Code::conflict, "no more of it is kept", "fork");
        for (std::size_t i = 0; i < batch.events.size(); ++i) copies.push_back(batch.firstSeq + i);
        return {};
    }
    Result<PullPage> pull(const std::string& cursor, std::size_t limit) override {
        const std::lock_guard lock(mutex);
        if (limit > carriesDown) return fail(Code::unavailable, "it took too long");
        PullPage page;
        page.cursor = std::to_string(
            cursor.empty() ? 1 : std::stoi(cursor) + (std::stoi(cursor) < lastPage ? 1 : 0));
        page.more = std::stoi(page.cursor) < lastPage;
        if (tells) page.held = Held{seq, head};
        return page;
    }
    void cancel() override {}

    std::mutex mutex;
    std::uint64_t seq = 0;
    crypto::Hash head{};
    int pushes = 0;
    int lastPage = 3;
    std::size_t largest = 1000;
    std::size_t carries = 1000;     ///< events up, in time
    std::size_t carriesDown = 1000; ///< and down
    std::deque<Error> failures;
    bool urgentAway = false;
    bool tells = true; ///< how far it holds the chain
    bool forked = false;
    std::size_t largestAhead = 1000;
    std::uint64_t noRoomFor = 0; ///< of a forked history
    std::vector<std::uint64_t> copies;
    crypto::PublicKey publicKey{};
};

struct Rig {
    explicit Rig(std::size_t events) : outbox(events) {}
    MemoryOutbox outbox;
    MemoryReplica replica;
    MemoryHub hub;
    SeededRandom random{1};
    crypto::SigningKey key = crypto::SigningKey::generate(random);
    SystemClock clock;
    SyncLoop loop{outbox,
                  replica,
                  hub,
                  key,
                  clock,
                  random,
                  {.intervalMs = 5, .backoffMinMs = 1, .backoffMaxMs = 4},
                  {}};
};

} // namespace

TEST_CASE("a round pushes everything and pulls every page") {
    Rig rig(2500);
    REQUIRE(rig.loop.round().has_value());
    CHECK(rig.hub.seq == 2500);
    CHECK(rig.hub.pushes == 3);
    CHECK(rig.replica.at == "3");
    CHECK(rig.loop.status().state == SyncStatus::State::inStep);
    CHECK(rig.loop.status().pending == 0);
}

TEST_CASE("an answer that cannot be opened yet holds up neither noes nor what others said") {
    Rig rig(20);
    rig.hub.publicKey = rig.key.publicKey();
    rig.outbox.events[7].negative = true;
    rig.outbox.sealed = true;
    CHECK(rig.loop.round().error().code == Code::locked);
    CHECK(rig.hub.copies == std::vector<std::uint64_t>{8});
    CHECK(rig.replica.at == "3");
    CHECK(rig.loop.status().state == SyncStatus::State::behind);
    CHECK(rig.loop.status().pending == 20);
    rig.outbox.sealed = false;
    REQUIRE(rig.loop.round().has_value());
    CHECK(rig.loop.status().pending == 0);
}

TEST_CASE("the negatives of a backlog go ahead of it, each once") {
    Rig rig(2500);
    rig.hub.publicKey = rig.key.publicKey();
    rig.outbox.events[1700].negative = true;
    rig.outbox.events[2400].negative = true;
    SUBCASE("on the urgent way") {
        rig.hub.failures = {{Code::unavailable, "away", ""}};
        CHECK_FALSE(rig.loop.round().has_value());
        rig.hub.pushes = 0;
        REQUIRE(rig.loop.round().has_value());
        CHECK(rig.hub.copies == std::vector<std::uint64_t>{1701, 2401});
    }
    SUBCASE("and a hub without one still gets everything") {
        rig.hub.urgentAway = true;
        REQUIRE(rig.loop.round().has_value());
        CHECK(rig.hub.copies.empty());
    }
    CHECK(rig.hub.seq == 2500);
}

TEST_CASE("a run of noes goes ahead in pieces that a hub takes") {
    Rig rig(60);
    rig.hub.publicKey = rig.key.publicKey();
    rig.outbox.heads = {crypto::Hash{}};
    for (std::size_t i = 0; i < rig.outbox.events.size(); ++i) {
        WireEvent& event = rig.outbox.events[i];
        event.negative = i >= 10;
        event.header = std::string(60 * 1024, 'n') + std::to_string(i);
        rig.outbox.heads.push_back(
            crypto::chainNext(rig.outbox.heads.back(), crypto::leafHash(event.header)));
    }
    rig.hub.failures = {{Code::unavailable, "away", ""}}; // the push; the copies went before
    SUBCASE("by their bytes") {}
    SUBCASE("where somebody on the way has a smaller limit") {
        rig.hub.largestAhead = 3;
    }
    CHECK_FALSE(rig.loop.round().has_value());
    REQUIRE(rig.hub.copies.size() == 50);
    CHECK(rig.hub.copies.front() == 11);
    CHECK(rig.hub.copies.back() == 60);
}

TEST_CASE("one no that is too large alone holds up no other") {
    Rig rig(30);
    rig.hub.publicKey = rig.key.publicKey();
    rig.outbox.events[10].negative = true;
    rig.outbox.events[20].negative = true;
    rig.hub.largestAhead = 0;
    rig.hub.failures = {{Code::unavailable, "away", ""}};
    CHECK_FALSE(rig.loop.round().has_value());
    CHECK(rig.hub.copies.empty());
}

TEST_CASE("a device whose history forked still brings its noes, each once") {
    Rig rig(300);
    rig.hub.publicKey = rig.key.publicKey();
    rig.hub.forked = true;
    for (const std::size_t no : {5U, 6U, 200U}) rig.outbox.events[no].negative = true;
    SUBCASE("of a long backlog") {}
    SUBCASE("of a short one") {
        rig.outbox.acked = 290;
        rig.outbox.events[295].negative = true;
    }
    CHECK_FALSE(rig.loop.round().has_value());
    CHECK_FALSE(rig.loop.round().has_value());
    CHECK(rig.loop.status().state == SyncStatus::State::forked);
    CHECK(rig.hub.copies == (rig.outbox.acked == 0 ? std::vector<std::uint64_t>{6, 7, 201}
                                                   : std::vector<std::uint64_t>{296}));
}

TEST_CASE("one no that head office has no room for holds up no later one") {
    Rig rig(600);
    rig.hub.publicKey = rig.key.publicKey();
    rig.hub.forked = true;
    for (const std::size_t no : {5U, 200U, 201U, 590U}) rig.outbox.events[no].negative = true;
    rig.hub.noRoomFor = 6;
    CHECK_FALSE(rig.loop.round().has_value());
    CHECK(rig.hub.copies == std::vector<std::uint64_t>{201, 202, 591});
    CHECK(rig.loop.status().state == SyncStatus::State::forked);
    CHECK(rig.loop.status().pending == 600);
    // What was tried is not sent again and again; what is new is.
    rig.outbox.events.push_back({SubjectId{}, true, "{}", ""});
    rig.outbox.heads.push_back(crypto::chainNext(rig.outbox.heads.back(), crypto::leafHash("{}")));
    CHECK_FALSE(rig.loop.round().has_value());
    CHECK(rig.hub.copies == std::vector<std::uint64_t>{201, 202, 591, 601});
}

TEST_CASE("a no far back in a backlog is found, and what was looked at is not looked at again") {
    Rig rig(2500);
    rig.hub.publicKey = rig.key.publicKey();
    rig.outbox.events[2400].negative = true;
    SUBCASE("by a device in step") {
        rig.hub.failures = {{Code::unavailable, "away", ""}, {Code::unavailable, "away", ""}};
    }
    SUBCASE("by one whose history forked") {
        rig.hub.forked = true;
    }
    CHECK_FALSE(rig.loop.round().has_value());
    CHECK(rig.hub.copies == std::vector<std::uint64_t>{2401});
    const int looks = rig.outbox.looks;
    CHECK(looks >= 25);
    CHECK(looks <= 27);
    rig.hub.pushes = 0;
    CHECK_FALSE(rig.loop.round().has_value());
    CHECK(rig.outbox.looks <= 28 + 2);
    CHECK(rig.hub.copies == std::vector<std::uint64_t>{2401});
}

TEST_CASE("a body that is too large for someone on the way is sent in smaller ones") {
    Rig rig(900);
    rig.hub.largest = 100;
    REQUIRE(rig.loop.round().has_value());
    CHECK(rig.hub.seq == 900);
}

TEST_CASE("through a link that carries little at a time all of it goes in small pieces") {
    Rig rig(2000);
    SUBCASE("up") {
        rig.outbox.eventBytes = 500;
        rig.hub.carries = 20; // events, before the link is cut
    }
    SUBCASE("down") {
        rig.hub.carriesDown = 100;
    }
    int rounds = 0;
    while (!rig.loop.round().has_value()) REQUIRE(++rounds < 20);
    CHECK(rig.hub.seq == 2000);
    CHECK(rig.replica.at == "3");
    CHECK(rounds > 2); // one a failure: the backoff lies between
}

TEST_CASE("a hub restored from a backup gets the missing events again") {
    Rig rig(30);
    REQUIRE(rig.loop.round().has_value());
    rig.outbox.events.push_back({SubjectId{}, false, "{\"n\":30}", ""});
    rig.outbox.heads.push_back(
        crypto::chainNext(rig.outbox.heads.back(), crypto::leafHash("{\"n\":30}")));
    rig.hub.seq = 10;
    rig.hub.head = rig.outbox.heads[10];
    REQUIRE(rig.loop.round().has_value());
    CHECK(rig.hub.seq == 31);
}

TEST_CASE("a hub restored from a backup gets them also from who has nothing new to say") {
    Rig rig(30);
    REQUIRE(rig.loop.round().has_value());
    rig.hub.seq = 10;
    rig.hub.head = rig.outbox.heads[10];
    REQUIRE(rig.loop.round().has_value());
    CHECK(rig.outbox.acked == 10);
    REQUIRE(rig.loop.round().has_value());
    CHECK(rig.hub.seq == 30);
    CHECK(rig.outbox.acked == 30);
    const int pushes = rig.hub.pushes;
    REQUIRE(rig.loop.round().has_value());
    CHECK(rig.hub.pushes == pushes);
    // A chain that is not ours is the push's affair.
    rig.hub.seq = 20;
    rig.hub.head = rig.outbox.heads[19];
    REQUIRE(rig.loop.round().has_value());
    CHECK(rig.outbox.acked == 30);
    // An older hub says nothing.
    rig.hub.head = rig.outbox.heads[20];
    rig.hub.tells = false;
    REQUIRE(rig.loop.round().has_value());
    CHECK(rig.outbox.acked == 30);
}

TEST_CASE("a refusal or an absent hub loses nothing and says so") {
    Rig rig(3);
    SUBCASE("refused") {
        rig.hub.failures = {{Code::refused, "revoked", ""}};
        CHECK_FALSE(rig.loop.round().has_value());
        CHECK(rig.loop.status().state == SyncStatus::State::refused);
    }
    SUBCASE("away") {
        rig.hub.failures = {{Code::unavailable, "no connection", ""}};
        CHECK_FALSE(rig.loop.round().has_value());
        CHECK(rig.loop.status().state == SyncStatus::State::offline);
    }
    SUBCASE("forked") {
        rig.hub.failures = {{Code::conflict, "forked", "fork"}};
        CHECK_FALSE(rig.loop.round().has_value());
        CHECK(rig.loop.status().state == SyncStatus::State::forked);
    }
    CHECK(rig.loop.status().pending == 3);
    CHECK(rig.outbox.acked == 0);
    CHECK(rig.loop.round().has_value());
    CHECK(rig.hub.seq == 3);
}

TEST_CASE("the loop keeps trying by itself until the hub is back") {
    std::mutex mutex;
    std::condition_variable changed;
    bool inStep = false;
    MemoryOutbox outbox(5);
    MemoryReplica replica;
    MemoryHub hub;
    for (int i = 0; i < 6; ++i) hub.failures.push_back({Code::unavailable, "no connection", ""});
    SeededRandom random(1);
    const auto key = crypto::SigningKey::generate(random);
    SystemClock clock;
    SyncLoop loop(outbox, replica, hub, key, clock, random,
                  {.intervalMs = 5, .backoffMinMs = 1, .backoffMaxMs = 4},
                  [&](const SyncStatus& status) {
                      const std::lock_guard lock(mutex);
                      inStep = status.state == SyncStatus::State::inStep;
                      changed.notify_all();
                  });
    loop.start();
    {
        std::unique_lock lock(mutex);
        CHECK(changed.wait_for(lock, std::chrono::seconds(20), [&] { return inStep; }));
    }
    loop.stop();
    CHECK(hub.seq == 5);
}
