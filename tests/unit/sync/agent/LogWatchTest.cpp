// A till and a head office that says of its log what it likes.
#include "sync/agent/LogWatch.h"

#include <doctest/doctest.h>

#include <map>

#include "plugin/crypto/Chain.h"
#include "tests/support/TemporaryFolder.h"

using namespace souffleur;
using namespace souffleur::agent;
using protocol::LogFault;

namespace {

constexpr TimeMs kNoon = 1795521600000;

class HandClock final : public Clock {
public:
    [[nodiscard]] Reading now() const override { return {kNoon + ms, 0, 0}; }
    [[nodiscard]] TimeMs monotonicMs() const override { return ms; }
    TimeMs ms = 1;
};

/// A log in one shard, shown as it is or as the test says.
class Office final : public LogSource {
public:
    Result<protocol::LogAnswer> log(const protocol::LogSizes& from) override {
        ++asked;
        if (away) return fail(refusal, "no log");
        crypto::ShardHeads heads;
        heads[0] = {edge.size(), edge.head()};
        protocol::LogAnswer answer{protocol::signLog(id, heads, kNoon, key), {}};
        if (from[0] < edge.size()) {
            answer.paths[0] =
                crypto::consistencyPath(from[0], edge.size(),
                                        [&](unsigned level, std::uint64_t index) {
                                            return Result<crypto::Hash>(nodes.at({level, index}));
                                        })
                    .value();
        }
        return answer;
    }
    Result<void> logAlarm(LogFault fault) override {
        if (away) return fail(Code::unavailable, "away");
        alarms.push_back(fault);
        return {};
    }
    void add(std::string_view header) {
        const crypto::Hash leaf = crypto::leafHash(header);
        nodes[{0, edge.size()}] = leaf;
        edge.append(leaf, [&](unsigned level, std::uint64_t index, const crypto::Hash& head) {
            nodes[{level, index}] = head;
        });
    }
    void forget() {
        edge = {};
        nodes.clear();
    }

    SeededRandom random{3};
    OriginId id = OriginId::random(random);
    crypto::SigningKey key = crypto::SigningKey::generate(random);
    crypto::TreeFrontier edge;
    std::map<std::pair<unsigned, std::uint64_t>, crypto::Hash> nodes;
    bool away = false;
    Code refusal = Code::unavailable; ///< how it is away
    int asked = 0;
    std::vector<LogFault> alarms;
};

struct Till {
    test::TemporaryFolder folder;
    HandClock clock;
    SystemRandom random;
    std::unique_ptr<ledger::Ledger> ledger;
    Office office;
    std::optional<crypto::PublicKey> announced = office.key.publicKey();
    std::unique_ptr<LogWatch> watch;

    Till() {
        ledger::LedgerOptions options;
        options.folder = folder.path() / "ledger";
        options.origin = OriginId::random(random);
        ledger = std::move(ledger::Ledger::open(options, clock, random).value());
        restart();
    }
    void restart() {
        watch = std::make_unique<LogWatch>(
            LogWatch::Parts{office, *ledger, clock}, [this] { return announced; }, kMinuteMs);
    }
    LogFault later() {
        clock.ms += kMinuteMs;
        watch->check();
        return watch->fault();
    }
    [[nodiscard]] LogRecord record() const { return loadLogRecord(*ledger).value(); }
};

} // namespace

TEST_CASE("the head is kept as the log grows, and asked for at its time only") {
    Till till;
    till.office.add("a");
    CHECK(till.later() == LogFault::none);
    CHECK(till.record().kept->head.size == 1);
    till.office.add("b");
    till.watch->check();
    CHECK(till.office.asked == 1);
    CHECK(till.later() == LogFault::none);
    CHECK(till.record().kept->head.size == 2);
    CHECK(till.record().key == till.office.key.publicKey());
    CHECK(till.office.alarms.empty());
}

TEST_CASE("a log that is another one alarms once, and for good") {
    Till till;
    for (const char* one : {"a", "b", "c"}) till.office.add(one);
    REQUIRE(till.later() == LogFault::none);
    LogFault expected = LogFault::forked;
    const auto honest = till.office.nodes;
    const auto edge = till.office.edge;
    SUBCASE("changed") {
        till.office.forget();
        for (const char* one : {"a", "x", "c", "d"}) till.office.add(one);
    }
    SUBCASE("cut off") {
        expected = LogFault::shorter;
        till.office.forget();
        for (const char* one : {"a", "b"}) till.office.add(one);
    }
    SUBCASE("of another head office") {
        expected = LogFault::otherLog;
        till.office.id = OriginId::random(till.random);
    }
    SUBCASE("signed with another key, announced or not") {
        expected = LogFault::unsound;
        till.office.key = crypto::SigningKey::generate(till.office.random);
        till.announced = till.office.key.publicKey();
    }
    CHECK(till.later() == expected);
    CHECK(till.office.alarms == std::vector{expected});
    CHECK(till.record().kept->head.size == 3);
    // Good again: two heads that exclude each other were signed all the same.
    till.office.nodes = honest;
    till.office.edge = edge;
    CHECK(till.later() == expected);
    till.restart();
    CHECK(till.watch->fault() == expected);
    CHECK(till.later() == expected);
    CHECK(till.office.alarms.size() == 1);
}

TEST_CASE("head office hears of an alarm once it is there again") {
    Till till;
    till.office.add("a");
    REQUIRE(till.later() == LogFault::none);
    till.office.forget();
    till.office.add("x");
    class Deaf final : public LogSource {
    public:
        explicit Deaf(Office& behind) : _office(behind) {}
        Result<protocol::LogAnswer> log(const protocol::LogSizes& from) override {
            return _office.log(from);
        }
        Result<void> logAlarm(LogFault fault) override {
            if (deaf) return fail(Code::unavailable, "away");
            return _office.logAlarm(fault);
        }
        bool deaf = true;

    private:
        Office& _office;
    } source(till.office);
    LogWatch watch({source, *till.ledger, till.clock}, {}, 0);
    watch.check();
    CHECK(watch.fault() == LogFault::forked);
    CHECK_FALSE(till.record().alarm->told);
    source.deaf = false;
    till.restart(); // another process
    CHECK(till.later() == LogFault::forked);
    CHECK(till.office.alarms == std::vector{LogFault::forked});
    CHECK(till.record().alarm->told);
}

TEST_CASE("a head office that is away, or too old to have a key, is no fault") {
    Till till;
    till.office.away = true;
    CHECK(till.later() == LogFault::none);
    till.office.away = false;
    till.announced.reset();
    const int asked = till.office.asked;
    CHECK(till.later() == LogFault::none);
    CHECK(till.office.asked == asked);
    till.announced = till.office.key.publicKey();
    till.office.add("a");
    CHECK(till.later() == LogFault::none);
    CHECK(till.record().kept->head.size == 1);
}

TEST_CASE("what the till remembers survives its text form, and a damaged memory is not silent") {
    Till till;
    till.office.add("a");
    REQUIRE(till.later() == LogFault::none);
    till.office.forget();
    till.office.add("x");
    REQUIRE(till.later() == LogFault::forked);
    const LogRecord record = till.record();
    const std::string json = encodeLogRecord(record);
    CHECK(decodeLogRecord(json).value() == record);
    CHECK(decodeLogRecord(encodeLogRecord(LogRecord{})).value() == LogRecord{});
    for (std::size_t cut = 0; cut < json.size(); cut += 41)
        CHECK(decodeLogRecord(json.substr(0, cut)).error().code == Code::corrupt);
    REQUIRE(till.ledger->putSetting("log", "{not json"));
    till.restart();
    CHECK(till.later() == LogFault::none); // begun anew
    CHECK(till.record().kept->head.size == 1);
}

TEST_CASE("a head office that answers and shows no head any more is told after a week") {
    Till till;
    till.office.away = true; // of the log alone: rounds are in step
    for (int i = 0; i < 5; ++i) CHECK(till.later() == LogFault::none); // it never showed one
    till.office.away = false;
    till.office.add("a");
    REQUIRE(till.later() == LogFault::none);
    till.office.away = true;
    for (int i = 0; i < 5; ++i) CHECK(till.later() == LogFault::none);
    SUBCASE("it was a bad day") {
        till.office.away = false;
        CHECK(till.later() == LogFault::none);
        CHECK(till.record().silentSince == 0);
        till.office.away = true;
        till.clock.ms += kSilentMs;
        for (int i = 0; i < 5; ++i) CHECK(till.later() == LogFault::none);
    }
    SUBCASE("a till that slept all summer asks a few times first") {
        till.clock.ms += 90 * kDayMs;
        till.restart();
        for (int i = 1; i < kSilentTimes; ++i) CHECK(till.later() == LogFault::none);
        CHECK(till.later() == LogFault::silent);
    }
    SUBCASE("a week") {
        till.clock.ms += kSilentMs;
        CHECK(till.later() == LogFault::silent);
        const LogRecord record = till.record();
        CHECK_FALSE(record.alarm->shown);
        CHECK(decodeLogRecord(encodeLogRecord(record)).value() == record);
        till.office.away = false;
        CHECK(till.later() == LogFault::silent);
        CHECK(till.office.alarms == std::vector{LogFault::silent});
    }
}

TEST_CASE("a head office that only ever fails when it is asked for its log is told after a week") {
    Till till;
    for (const char* one : {"a", "b", "c"}) till.office.add(one);
    REQUIRE(till.later() == LogFault::none);
    till.office.forget(); // it took answers out, and rounds go on in step
    till.office.add("a");
    till.office.away = true;
    for (const Code code : {Code::notFound, Code::corrupt, Code::internal, Code::unavailable}) {
        till.office.refusal = code;
        (void) till.later();
    }
    CHECK(till.watch->fault() == LogFault::none);
    for (int day = 1; day < 9; ++day) {
        till.clock.ms += kDayMs;
        till.restart(); // switched off every night
        till.office.refusal = day % 2 == 0 ? Code::notFound : Code::corrupt;
        for (int i = 0; i < kSilentTimes; ++i) (void) till.later();
        CAPTURE(day);
        CHECK(till.watch->fault() == (day < 7 ? LogFault::none : LogFault::silent));
    }
    CHECK(till.record().kept->head.size == 3); // the evidence stays
}
