// The differences and the count of rewrites, without a printer.
#include "firmware-config/provision/Plan.h"

#include "firmware-config/provision/Codec.h"
#include "tests/support/Property.h"

using namespace souffleur;
using namespace souffleur::provision;

namespace {

constexpr std::int64_t kDay = std::int64_t{24} * 60 * 60 * 1000;

escpos::Bitmap square(std::uint8_t byte) {
    return {8, 8, std::vector<std::uint8_t>(8, byte)};
}

} // namespace

PROPERTY("no day of any 24 hours has more rewrites than it bears", [] {
    std::vector<std::int64_t> writes;
    std::int64_t now = 1'000'000'000'000;
    const int perDay = *rc::gen::inRange(1, 12);
    const auto steps = *rc::gen::container<std::vector<std::pair<int, int>>>(
        40, rc::gen::pair(rc::gen::inRange(0, 5 * 60 * 60 * 1000), rc::gen::inRange(1, 5)));
    for (const auto& [passed, more] : steps) {
        now += passed;
        if (more > perDay) continue; // never
        const auto at = allowedAt(writes, perDay, more, now);
        RC_ASSERT((at <= now) == (more <= writesLeft(writes, perDay, now)));
        if (at > now) continue;
        for (int i = 0; i < more; ++i) writes.push_back(now);
    }
    for (const auto first : writes) {
        const auto within = std::count_if(writes.begin(), writes.end(), [&](std::int64_t one) {
            return one >= first && one < first + kDay;
        });
        RC_ASSERT(within <= perDay);
    }
})

PROPERTY("a refusal names the moment from which it is possible", [] {
    const std::int64_t now = 1'000'000'000'000;
    std::vector<std::int64_t> writes;
    for (const int ago :
         *rc::gen::container<std::vector<int>>(20, rc::gen::inRange(0, 200'000'000)))
        writes.push_back(now - ago);
    const int more = *rc::gen::inRange(1, 11);
    const auto at = allowedAt(writes, 10, more, now);
    RC_ASSERT(writesLeft(writes, 10, at) >= more);
    if (at > now) RC_ASSERT(writesLeft(writes, 10, at - 1) < more);
})

TEST_CASE("a clock that was set back gains nothing") {
    const std::int64_t now = 1'000'000'000'000;
    const std::vector<std::int64_t> ahead(10, now + 100 * kDay);
    CHECK(writesLeft(ahead, 10, now) == 0);
    CHECK(allowedAt(ahead, 10, 1, now) == now + kDay);
}

TEST_CASE("pictures are known only while nothing shows that somebody else was there") {
    Record record;
    record.keys = {"L1", "ZZ"};
    record.freeBytes = 100;
    record.pictures["L1"] = square(1);
    const auto known = [&](std::set<Key> keys, int room) {
        Present present;
        present.freeBytes = room;
        for (const auto& key : keys) present.pictures[key] = std::nullopt;
        recognise(present, record);
        return present.pictures["L1"].has_value();
    };
    CHECK(known({"L1", "ZZ"}, 100));
    CHECK_FALSE(known({"L1", "ZZ"}, 99));
    CHECK_FALSE(known({"L1"}, 100));
    CHECK_FALSE(known({"L1", "L2", "ZZ"}, 100));
    record.doubtful = "L2"; // was being written when the power went
    CHECK(known({"L1", "L2", "ZZ"}, 50));
    CHECK(known({"L1", "ZZ"}, 100));
    CHECK_FALSE(known({"L1"}, 100));
}

TEST_CASE("our files come back as they were written, and nothing else is taken for one") {
    Journal journal;
    journal.startedAt = -5;
    journal.backup = "backup-1.json";
    journal.target.model = "epson-tm-t88v";
    journal.target.switches[3] = "01222222";
    journal.target.values[201] = 65535;
    journal.target.serial[kBaud] = "9600";
    journal.target.pictures["L\""] = square(0x5A);
    journal.target.removed = {"  "};
    journal.target.untold = {"~~"};
    journal.target.exact = true;
    journal.settingMode = true;
    journal.unfinished = 70'000;
    const auto again = journalFrom(toJson(journal));
    REQUIRE(again);
    CHECK(toJson(*again) == toJson(journal));
    CHECK_FALSE(recordFrom(toJson(journal)));
    CHECK_FALSE(backupFrom("[]"));
    CHECK_FALSE(backupFrom(std::string(100'000, '[')));

    Backup backup;
    backup.identity.serial = "X\xFF\x01";
    backup.held.picturesRead = true;
    backup.held.pictures["L1"] = square(7);
    backup.held.pictures["L2"] = std::nullopt;
    const auto back = backupFrom(toJson(backup));
    REQUIRE(back);
    CHECK(back->held.pictures.at("L1")->bits == square(7).bits);
    CHECK_FALSE(back->held.pictures.at("L2"));
    CHECK(targetOf(*back).untold == std::set<Key>{"L2"});
}

PROPERTY("a file of ours with a changed byte is refused or read, never more", [] {
    Record record;
    record.writes = {1, 2, 3};
    record.keys = {"L1"};
    record.pictures["L1"] = square(0x3C);
    auto text = toJson(record);
    text[*rc::gen::inRange<std::size_t>(0, text.size())] = *rc::gen::arbitrary<char>();
    const auto found = recordFrom(text);
    if (found) RC_ASSERT(found->writes.size() <= 10'000U);
})
