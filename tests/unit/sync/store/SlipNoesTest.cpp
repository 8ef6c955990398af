// A slip that is taken back at a kiosk, before its act is here and after.
#include "plugin/crypto/Handle.h"
#include "tests/support/Property.h"
#include "tests/unit/sync/store/Hub.h"

using namespace souffleur;
using namespace souffleur::store;
using namespace souffleur::test;
using consent::Choice;

namespace {

constexpr TimeMs kPushed = TestOrigin::kPushedAt;

struct Rig {
    test::TemporaryFolder folder;
    std::unique_ptr<Store> hub = open(folder);
    SeededRandom random{11};
    TestOrigin till{1};
    TestOrigin kiosk{5};
    SubjectId anna = till.newSubject();
    crypto::Handle code = crypto::randomHandle(random);
    std::uint64_t number = 0;
    consent::Act said = test::act(Choice::given);

    Rig() {
        kiosk.kind = "kiosk";
        REQUIRE(hub->enrol(till.enrolment()).has_value());
        REQUIRE(hub->enrol(kiosk.enrolment()).has_value());
        said.withdrawHandleHash = crypto::toHex(crypto::bytesOf(crypto::handleHash(code)));
    }
    SealedKey item() {
        SealedKey key;
        key.origin = kiosk.id;
        key.number = ++number;
        return key;
    }
    SlipNo no(TimeMs at = kNoon + kMinuteMs) {
        SlipNo out;
        out.code = code;
        out.event = EventId::random(random);
        out.at = at;
        out.unc = 100;
        return out;
    }
    void takesBack(const SlipNo& what) {
        const auto done = hub->placeWithdrawal(item(), what, kPushed, SealedOf::active);
        REQUIRE_MESSAGE(done.has_value(), (done ? "" : done.error().text()));
    }
    std::string state() const { return stateOf(*hub, anna); }
    std::size_t events() const { return hub->proof(anna)->size(); }
};

} // namespace

TEST_CASE("a slip that was taken back before its act came is taken back when it comes") {
    Rig rig;
    const SlipNo no = rig.no();
    const SealedKey item = rig.item();
    REQUIRE(rig.hub->placeWithdrawal(item, no, kPushed, SealedOf::active).has_value());
    CHECK(rig.hub->placeWithdrawal(item, no, kPushed, SealedOf::active)->had);
    CHECK(rig.hub->counts(kNoon)->events == 0);
    SUBCASE("by its till") {
        rig.till.add(rig.anna, rig.said, kNoon);
        REQUIRE(rig.till.push(*rig.hub, 1, 1, kPushed + kHourMs).has_value());
    }
    SUBCASE("by its till, after a restart and in a batch of many") {
        rig.hub.reset();
        rig.hub = open(rig.folder);
        for (int i = 0; i < 20; ++i)
            rig.till.add(rig.till.newSubject(), test::act(Choice::given), kNoon);
        rig.till.add(rig.anna, rig.said, kNoon);
        REQUIRE(rig.till.push(*rig.hub, 1, 21, kPushed + kHourMs).has_value());
    }
    SUBCASE("as an advance copy") {
        rig.till.add(rig.anna, rig.said, kNoon);
        REQUIRE(rig.hub->placeCopy(rig.till.id, rig.till.events[0], kPushed).has_value());
        CHECK(rig.state() == "withdrawn");
        REQUIRE(rig.till.push(*rig.hub, 1, 1).has_value());
    }
    SUBCASE("out of quarantine, where it waited for the no that it names") {
        TestOrigin other(2);
        REQUIRE(rig.hub->enrol(other.enrolment()).has_value());
        const auto first = other.add(rig.anna, test::act(Choice::refused), kNoon - kHourMs);
        rig.said.seen = {first.id};
        rig.till.add(rig.anna, rig.said, kNoon);
        REQUIRE(rig.till.push(*rig.hub, 1, 1)->quarantined.size() == 1);
        REQUIRE(other.push(*rig.hub, 1, 1).has_value());
        CHECK(rig.state() != "withdrawn");
        const auto page = rig.hub->pull({}, 500, rig.till.id).value();
        REQUIRE(rig.hub->served(rig.till.id, {}, page.next, kPushed).has_value());
    }
    SUBCASE("of a visitor at that kiosk") {
        rig.kiosk.add(rig.anna, rig.said, kNoon);
        REQUIRE(rig.hub->placeSealed(rig.item(), rig.kiosk.events, kPushed, SealedOf::active)
                    .has_value());
    }
    SUBCASE("though the kiosk is not one of the house's any more") {
        REQUIRE(rig.hub->setStatus(rig.kiosk.id, OriginStatus::revoked).has_value());
        rig.till.add(rig.anna, rig.said, kNoon);
        REQUIRE(rig.till.push(*rig.hub, 1, 1).has_value());
    }
    CHECK(rig.state() == "withdrawn");
    CHECK(rig.hub->event(no.event)->origin == rig.kiosk.id);
    const auto before = rig.events();
    // Once.
    rig.said.seen.clear();
    rig.till.add(rig.anna, rig.said, kNoon + kSecondMs);
    const std::size_t last = rig.till.events.size();
    REQUIRE(rig.till.push(*rig.hub, last, last).has_value());
    CHECK(rig.events() == before + 1);
    CHECK(rig.hub->verify().has_value());
}

TEST_CASE(
    "a no by a slip is never older than what it takes back, whatever the kiosk's clock says") {
    Rig rig;
    rig.said.method = consent::Method::screen; // which lifts a withdrawal by the clock alone
    SlipNo no = rig.no(kNoon - kDayMs);
    SUBCASE("after its act") {
        rig.till.add(rig.anna, rig.said, kNoon);
        REQUIRE(rig.till.push(*rig.hub, 1, 1).has_value());
        rig.takesBack(no);
    }
    SUBCASE("before it") {
        rig.takesBack(no);
        rig.till.add(rig.anna, rig.said, kNoon);
        REQUIRE(rig.till.push(*rig.hub, 1, 1).has_value());
    }
    CHECK(rig.state() == "withdrawn");
}

TEST_CASE("what the kiosk's clock is off makes a no by a slip as uncertain") {
    Rig rig;
    SlipNo no = rig.no(kNoon + kHourMs);
    no.clockOff = 2 * kDayMs;
    rig.takesBack(no);
    rig.till.add(rig.anna, rig.said, kNoon);
    // By hand and a day later by its own clock: later than the no only if that clock was right.
    auto yes = test::act(Choice::given, {}, consent::Method::screen);
    TestOrigin other(2);
    REQUIRE(rig.hub->enrol(other.enrolment()).has_value());
    other.add(rig.anna, yes, kNoon + kDayMs);
    REQUIRE(rig.till.push(*rig.hub, 1, 1).has_value());
    REQUIRE(other.push(*rig.hub, 1, 1, kPushed + kDayMs).has_value());
    CHECK(rig.state() == "withdrawn");
}

TEST_CASE("noes that wait have a bound, beyond which nothing is acknowledged") {
    Rig rig;
    rig.hub.reset();
    const std::string bytes = onPostgres() ? "BYTEA" : "BLOB";
    const auto origin = blob({reinterpret_cast<const char*>(rig.kiosk.id.uuid.bytes.data()), 16});
    sql(rig.folder.text(),
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
            std::to_string(kEarlyMax) +
            ") INSERT INTO early (hash, event, origin, at, unc, offset_min, received_at) SELECT "
            "CAST(CAST(i AS TEXT) AS " +
            bytes + "), CAST(CAST(i AS TEXT) AS " + bytes + "), " + origin + ", 1, 1, 0, 1 FROM n");
    rig.hub = open(rig.folder);
    const SealedKey item = rig.item();
    const SlipNo no = rig.no();
    CHECK(rig.hub->placeWithdrawal(item, no, kPushed, SealedOf::active).error().code ==
          Code::tooLarge);
    CHECK_FALSE(rig.hub->hasSealed(item).value());
    // One whose act is here needs no room.
    rig.till.add(rig.anna, rig.said, kNoon);
    REQUIRE(rig.till.push(*rig.hub, 1, 1).has_value());
    CHECK(rig.hub->placeWithdrawal(item, no, kPushed, SealedOf::active).has_value());
    CHECK(rig.state() == "withdrawn");
}

TEST_CASE("answers whose clock was judged for another place are not placed") {
    Rig rig;
    rig.kiosk.add(rig.anna, rig.said, kNoon);
    SealedKey item = rig.item();
    item.judgedAt = 1;
    CHECK(rig.hub->placeSealed(item, rig.kiosk.events, kPushed, SealedOf::active).error().code ==
          Code::conflict);
    item.judgedAt = 0;
    CHECK(rig.hub->placeSealed(item, rig.kiosk.events, kPushed, SealedOf::active).has_value());
}

PROPERTY("whichever comes first, a slip's withdrawal and its act end as the same", [] {
    const TimeMs at = kNoon + *rc::gen::inRange<TimeMs>(-48, 48) * kHourMs;
    const TimeMs unc = *rc::gen::element<TimeMs>(100, kHourMs, 2 * kDayMs, kUncInfinite);
    const bool elsewhere = *rc::gen::arbitrary<bool>();
    const int noes = *rc::gen::inRange(1, 3);
    const int middle = *rc::gen::inRange(0, noes + 1);
    std::vector<std::string> ends;
    for (const int first : {0, middle, noes}) { // noes that come before the act
        Rig rig;
        rig.said.method = consent::Method::screen;
        TestOrigin other(2);
        REQUIRE(rig.hub->enrol(other.enrolment()).has_value());
        rig.till.add(rig.anna, rig.said, kNoon);
        if (elsewhere) other.add(rig.anna, test::act(Choice::refused), kNoon);
        const auto takeBack = [&] {
            SlipNo no = rig.no(at);
            no.unc = unc;
            rig.takesBack(no);
        };
        for (int i = 0; i < first; ++i) takeBack();
        REQUIRE(rig.till.push(*rig.hub, 1, 1).has_value());
        for (int i = first; i < noes; ++i) takeBack();
        if (elsewhere) REQUIRE(other.push(*rig.hub, 1, 1).has_value());
        RC_ASSERT(rig.events() == static_cast<std::size_t>(noes + 1 + (elsewhere ? 1 : 0)));
        RC_ASSERT(rig.hub->verify().has_value());
        ends.push_back(rig.state());
    }
    RC_ASSERT(ends.front() == "withdrawn");
    RC_ASSERT(ends[1] == ends[0]);
    RC_ASSERT(ends[2] == ends[0]);
})
