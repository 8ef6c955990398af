// What nobody may talk head office out of: addresses, facts, erasures, and answers that wait.
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/unit/sync/store/Hub.h"

using namespace souffleur;
using namespace souffleur::store;
using namespace souffleur::test;
using consent::Choice;
using consent::ContactStatus;
namespace {
bool folderHolds(const test::TemporaryFolder& folder, const std::string& needle) {
    return test::storeHolds(folder.text(), needle);
}
struct House {
    test::TemporaryFolder folder;
    std::unique_ptr<Store> hub = open(folder);
    TestOrigin till{1};
    TestOrigin office = headOffice(*hub);
    SubjectId s = till.newSubject();
    wire::PersonData person = anna();
    std::string address = contactKey(StoreKeys{}, person.contacts[0].canonical);
    std::size_t a = 0, b = 0;
    House() {
        REQUIRE(hub->enrol(till.enrolment()).has_value());
        till.add(s, consent::Contact{"email", address, ContactStatus::verified}, kNoon, &person);
        till.add(s, test::act(Choice::given), kNoon);
        push();
    }
    void push() {
        if (a < till.events.size()) REQUIRE(till.push(*hub, a + 1, till.events.size()).has_value());
        a = till.events.size();
        if (b < office.events.size())
            REQUIRE(office.push(*hub, b + 1, office.events.size()).has_value());
        b = office.events.size();
    }
    std::string asked() {
        return hub->eligibility({s, "newsletter", "email", kNoon + 1000}, pack())
            ->front()
            .verdict.reason;
    }
};
} // namespace

TEST_CASE("who gave the consent that the law wants beside it may be written to") {
    House r;
    consent::Policy p = pack();
    p.rules[0].needs = "personal-data";
    consent::ChannelRule rec;
    rec.channel = "record";
    p.rules.push_back(rec);
    consent::Purpose pd;
    pd.id = "personal-data";
    pd.channels = {"record"};
    p.purposes.push_back(pd);
    r.till.add(r.s, test::act(Choice::given, {}, consent::Method::paper, "personal-data", "record"),
               kNoon);
    r.push();
    CHECK(consent::name(r.hub->state(r.s, {"house", "personal-data", "record"})->state) == "given");
    CHECK(
        r.hub->eligibility({r.s, "newsletter", "email", kNoon + 1000}, p)->front().verdict.reason ==
        "given");
}
TEST_CASE("a thousand answers that wait for ever do not starve the next") {
    House r;
    TestOrigin two(5);
    REQUIRE(r.hub->enrol(two.enrolment()).has_value());
    SeededRandom random(99);
    for (int i = 0; i < 999; ++i)
        two.add(two.newSubject(), test::act(Choice::given, {EventId{Uuid::timed(kNoon, random)}}),
                kNoon);
    const auto no = r.till.add(r.s, test::act(Choice::refused), kNoon + 1);
    r.push();
    two.add(r.s, test::act(Choice::given, {no.id}, consent::Method::screen),
            kNoon + 2); // not yet served
    REQUIRE(two.push(*r.hub, 1, 999)->quarantined.size() == 999);
    REQUIRE(two.push(*r.hub, 1000, 1000)->quarantined.size() == 1);
    Cursor cursor;
    for (int i = 0; i < 5; ++i) {
        const Cursor from = r.hub->servedFrom(two.id, cursor).value();
        auto page = r.hub->pull(from, 500, two.id).value();
        REQUIRE(r.hub->served(two.id, from, page.next, 1).has_value());
        cursor = Cursor::parse(page.next.text()).value();
    }
    CHECK(r.hub->counts(kNoon)->quarantined == 999);
}

TEST_CASE("of more waiting answers than a pull tries again the last one has its turn as well") {
    House r;
    TestOrigin two(5);
    REQUIRE(r.hub->enrol(two.enrolment()).has_value());
    SeededRandom random(99);
    const auto no = r.till.add(r.s, test::act(Choice::refused), kNoon + 1);
    r.push();
    for (int i = 0; i < 2999; ++i)
        two.add(two.newSubject(), test::act(Choice::given, {EventId{Uuid::timed(kNoon, random)}}),
                kNoon);
    two.add(r.s, test::act(Choice::given, {no.id}, consent::Method::screen), kNoon + 2);
    for (std::size_t at = 1; at <= 3000; at += 1000)
        REQUIRE(two.push(*r.hub, at, at + 999).has_value());
    for (int i = 0; i < 5; ++i) {
        const Cursor from = r.hub->servedFrom(two.id, {}).value();
        const auto page = r.hub->pull(from, 500, two.id).value();
        REQUIRE(r.hub->served(two.id, from, page.next, 1).has_value());
    }
    CHECK(r.hub->counts(kNoon)->quarantined == 2999);
}

TEST_CASE("what goes to quarantine after the erasure leaves nothing of the person") {
    House r;
    r.office.add(r.s, consent::Erase{}, kNoon + 10);
    r.push();
    wire::PersonData late = anna();
    late.displayName = "Quirinus Zonderling";
    SUBCASE("names an unseen no") {
        SeededRandom random(77);
        r.till.add(r.s, test::act(Choice::given, {EventId{Uuid::timed(kNoon, random)}}), kNoon + 5,
                   &late);
    }
    SUBCASE("says what only head office may") {
        r.till.add(r.s, consent::Link{r.till.newSubject(), "operator"}, kNoon + 5, &late);
    }
    r.push();
    (void) r.hub->maintain();
    r.hub.reset();
    CHECK_FALSE(folderHolds(r.folder, "Zonderling"));
}
