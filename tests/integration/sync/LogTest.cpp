// A till follows the log of a real hub over real TLS, and finds a hub whose log is another one.
#include <doctest/doctest.h>

#include "sync/agent/LogWatch.h"
#include "tests/integration/sync/Rig.h"

using namespace souffleur;
using namespace souffleur::test;
using protocol::LogFault;

namespace {

/// The hub's database at one moment, to be put back later.
class Backup {
public:
    explicit Backup(HubRig& rig) : _rig(rig) {
        stopped([&] { copy(_file, _kept); });
    }
    void putBack() {
        stopped([&] {
            for (const char* beside : {"-wal", "-shm"})
                std::filesystem::remove(_file.string() + beside);
            copy(_kept, _file);
        });
    }

private:
    template <typename F>
    void stopped(F&& work) {
        _rig.server->stop();
        _rig.server.reset();
        _rig.routes.reset();
        _rig.home.reset(); // the last connection empties the write-ahead log
        work();
        _rig.start();
    }
    static void copy(const std::filesystem::path& from, const std::filesystem::path& to) {
        std::filesystem::copy_file(from, to, std::filesystem::copy_options::overwrite_existing);
    }

    HubRig& _rig;
    std::filesystem::path _file = _rig.folder.path() / "hub" / "hub.db";
    std::filesystem::path _kept = _rig.folder.path() / "backup.db";
};

agent::LogWatch watchOf(const TillRig& till) {
    return {{*till.remote, *till.ledger, till.rig.clock},
            [key = till.rig.home->signingKey().publicKey()] { return std::optional(key); },
            0};
}

/// All of one shard, so that a log that went on is longer there than it was.
void sayAndSync(TillRig& till, int times) {
    for (int i = 0; i < times; ++i) {
        SubjectId subject = SubjectId::random(till.rig.random);
        subject.uuid.bytes[0] = 0;
        till.say(subject, consent::Choice::refused);
    }
    REQUIRE(till.loop->round().has_value());
}

std::string alarmAt(const HubRig& rig, const OriginId& till) {
    const auto devices = rig.home->store().origins();
    for (const store::Origin& device : *devices) {
        if (device.id == till) return device.logAlarm;
    }
    return "no such till";
}

std::uint64_t keptBy(const TillRig& till) {
    const auto record = agent::loadLogRecord(*till.ledger).value();
    return record.kept ? record.kept->head.size : 0;
}

} // namespace

TEST_CASE("a till keeps the head of the log and follows it, over a restart too") {
    HubRig rig;
    TillRig till(rig, "one");
    TillRig other(rig, "two");
    sayAndSync(till, 3);
    auto watch = watchOf(till);
    watch.check();
    CHECK(keptBy(till) == 3);
    sayAndSync(other, 20);
    watch.check();
    CHECK(keptBy(till) == 23);
    rig.restart();
    till.close();
    till.open();
    sayAndSync(other, 2);
    auto again = watchOf(till);
    again.check();
    CHECK(keptBy(till) == 25);
    CHECK(again.fault() == LogFault::none);
    CHECK(alarmAt(rig, till.device->origin).empty());
}

TEST_CASE("a hub whose backup was put back shows another log, and everybody hears of it") {
    HubRig rig;
    TillRig till(rig, "one");
    TillRig other(rig, "two");
    sayAndSync(till, 5);
    Backup backup(rig);
    sayAndSync(other, 4);
    LogFault expected = LogFault::shorter;
    {
        auto watch = watchOf(till);
        watch.check();
        REQUIRE(keptBy(till) == 9);
        backup.putBack();
        SUBCASE("as it was") {}
        SUBCASE("and went on with other answers") {
            expected = LogFault::forked;
            TillRig third(rig, "three");
            sayAndSync(third, 10);
        }
        watch.check();
        CHECK(watch.fault() == expected);
        CHECK(keptBy(till) == 9); // the last good one
    }
    CHECK(alarmAt(rig, till.device->origin) == protocol::name(expected));
    // The other till sends again what the hub lost; sync goes on, and so does the alarm.
    sayAndSync(other, 1);
    sayAndSync(till, 1);
    auto again = watchOf(till);
    CHECK(again.fault() == expected);
    again.check();
    CHECK(again.fault() == expected);
    const auto record = agent::loadLogRecord(*till.ledger).value();
    REQUIRE(record.alarm.has_value());
    CHECK(record.alarm->told);
    // Both heads, signed by the same key: proof that head office showed two logs.
    CHECK(protocol::signedBy(record.kept->head, *record.key));
    CHECK(protocol::signedBy(record.alarm->shown->head, *record.key));
}

TEST_CASE("an alarm that a person accepted ends at the till and at head office") {
    HubRig rig;
    TillRig till(rig, "one");
    Backup backup(rig);
    sayAndSync(till, 3);
    {
        auto watch = watchOf(till);
        watch.check();
        backup.putBack();
        watch.check();
        REQUIRE(watch.fault() == LogFault::shorter);
    }
    REQUIRE(alarmAt(rig, till.device->origin) == "shorter");
    agent::LogRecord accepted;
    accepted.over = true;
    REQUIRE(agent::saveLogRecord(*till.ledger, accepted).has_value());
    sayAndSync(till, 2);
    auto watch = watchOf(till);
    watch.check();
    CHECK(watch.fault() == LogFault::none);
    CHECK(keptBy(till) == 5);
    CHECK(alarmAt(rig, till.device->origin).empty());
    CHECK_FALSE(agent::loadLogRecord(*till.ledger)->over);
}
