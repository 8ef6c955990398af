// A till may be wrong, stolen or restored from a backup: what the hub believes of it, and when.
#include <filesystem>
#include <fstream>

#include "tests/unit/sync/store/Hub.h"

using namespace souffleur;
using namespace souffleur::store;
using namespace souffleur::test;
using consent::Choice;
using consent::Method;

namespace {

/// Serves the reader one page from the cursor, as the hub's routes do.
PullPage serve(Store& hub, const TestOrigin& reader, Cursor& cursor, std::size_t limit = 500) {
    const Cursor from = hub.servedFrom(reader.id, cursor).value();
    auto page = hub.pull(from, limit, reader.id).value();
    REQUIRE(hub.served(reader.id, from, page.next, 1).has_value());
    cursor = Cursor::parse(page.next.text()).value();
    return page;
}

} // namespace

TEST_CASE("what only head office may say is not taken from a till") {
    test::TemporaryFolder folder;
    const auto hub = open(folder);
    TestOrigin till(1);
    TestOrigin office = headOffice(*hub);
    REQUIRE(hub->enrol(till.enrolment()).has_value());
    const SubjectId anna = till.newSubject();
    const SubjectId other = till.newSubject();
    const wire::PersonData person = test::anna();
    till.add(anna, test::act(Choice::refused), kNoon, &person);
    consent::Act asked = test::act(Choice::given);
    asked.choices.front().confirm = true;
    const auto yes = till.add(other, asked, kNoon);
    const auto link = office.add(other, consent::Link{anna, "operator"}, kNoon);
    REQUIRE(till.push(*hub, 1, 2)->quarantined.empty());
    REQUIRE(office.push(*hub, 1, 1)->quarantined.empty());
    REQUIRE(stateOf(*hub, other) == "refused");

    SUBCASE("unlink") {
        till.add(other, consent::Unlink{link.id, anna, {}}, kNoon + 1);
    }
    SUBCASE("erase") {
        till.add(anna, consent::Erase{}, kNoon + 1);
    }
    SUBCASE("confirmed") {
        till.add(other, consent::Confirmed{yes.id, "email", std::string(64, 'a')}, kNoon + 1);
    }
    SUBCASE("link") {
        till.add(till.newSubject(), consent::Link{anna, "operator"}, kNoon + 1);
    }
    SUBCASE("clock") {
        till.add(SubjectId{}, consent::ClockJudgement{till.id, 0, 9, 0, true}, kNoon + 1);
    }
    const auto placed = till.push(*hub, 3, 3);
    REQUIRE(placed.has_value());
    CHECK(placed->seq == 3);
    REQUIRE(placed->quarantined.size() == 1);
    CHECK(placed->quarantined[0].reason.find("head office") != std::string::npos);
    // An erasure that is not believed is a doubt, and a doubt is a no.
    for (const SubjectId& one : {anna, other})
        CHECK(consent::negative(consent::stateFrom(stateOf(*hub, one)).value()));
    CHECK(hub->people({"vermeer", "", {}, 10})->size() == 1);
    CHECK(hub->counts(kNoon)->quarantined == 1);
    CHECK(hub->verify().has_value());
}

TEST_CASE("head office's judgement of a clock takes the win from a till in the year 2099") {
    test::TemporaryFolder folder;
    const auto hub = open(folder);
    TestOrigin honest(2);
    TestOrigin early(3);
    TestOrigin office = headOffice(*hub);
    REQUIRE(hub->enrol(honest.enrolment()).has_value());
    REQUIRE(hub->enrol(early.enrolment()).has_value());
    const SubjectId anna = honest.newSubject();
    constexpr TimeMs k2099 = 4070908800000;
    honest.add(anna, test::act(Choice::refused), kNoon);
    early.add(anna, test::act(Choice::given), k2099);
    REQUIRE(honest.push(*hub, 1, 1).has_value());
    REQUIRE(early.push(*hub, 1, 1).has_value());
    CHECK(stateOf(*hub, anna) == "given"); // nobody judged yet
    office.add(SubjectId{}, consent::ClockJudgement{early.id, 1, 1, 0, true}, kNoon);
    REQUIRE(office.push(*hub, 1, 1)->quarantined.empty());
    CHECK(stateOf(*hub, anna) == "refused");
    CHECK(hub->clocks().has_value());
    CHECK(hub->counts(kNoon)->persons == 1); // a judgement is of nobody
    Cursor cursor;
    const auto page = serve(*hub, honest, cursor);
    CHECK(page.events.size() == 2);
    CHECK(page.cards.size() == 1);
    CHECK(hub->verify().has_value());
}

TEST_CASE("a no that cannot be read reaches the other tills at once, as a card") {
    test::TemporaryFolder folder;
    const auto hub = open(folder);
    TestOrigin one(4);
    TestOrigin two(5);
    REQUIRE(hub->enrol(one.enrolment()).has_value());
    REQUIRE(hub->enrol(two.enrolment()).has_value());
    const SubjectId anna = one.newSubject();
    one.add(anna, test::act(Choice::given), kNoon);
    REQUIRE(one.push(*hub, 1, 1).has_value());
    Cursor cursor;
    const auto before = serve(*hub, two, cursor);
    REQUIRE(before.cards.size() == 1);
    CHECK_FALSE(before.cards[0].restricted);
    one.add(anna, test::act(Choice::refused), kNoon + 1);
    one.events[1].header = "{of a version to come";
    one.heads[2] = crypto::chainNext(one.heads[1], crypto::leafHash(one.events[1].header));
    REQUIRE(one.push(*hub, 2, 2)->quarantined.size() == 1); // in the very millisecond of the first
    const auto after = serve(*hub, two, cursor);
    CHECK(after.events.empty());
    REQUIRE(after.cards.size() == 1);
    CHECK(after.cards[0].subject == anna);
    CHECK(after.cards[0].restricted);
    CHECK(after.cards[0].version > before.cards[0].version);
    CHECK(serve(*hub, two, cursor).cards.empty());
}

TEST_CASE("an advance copy goes out at once and again at its place when the original came") {
    test::TemporaryFolder folder;
    const auto hub = open(folder);
    TestOrigin one(6);
    TestOrigin two(7);
    REQUIRE(hub->enrol(one.enrolment()).has_value());
    REQUIRE(hub->enrol(two.enrolment()).has_value());
    const SubjectId anna = one.newSubject();
    one.add(anna, test::act(Choice::given), kNoon);
    const auto no = one.add(anna, test::act(Choice::refused), kNoon + 1);
    REQUIRE(hub->placeCopy(one.id, one.events[1], 1).has_value());

    SUBCASE("and a till that was served the copy may weigh it") {
        Cursor cursor;
        const auto copy = serve(*hub, two, cursor);
        REQUIRE(copy.events.size() == 1);
        CHECK(copy.events[0].seq == 0);
        two.add(anna, test::act(Choice::given, {no.id}), kNoon + 2);
        CHECK(two.push(*hub, 1, 1)->quarantined.empty());
        REQUIRE(one.push(*hub, 1, 2).has_value());
        const auto original = serve(*hub, two, cursor);
        REQUIRE(original.events.size() == 2);
        CHECK(original.events[1].seq == 2);
        CHECK(original.events[1].header == one.events[1].header);
        CHECK(stateOf(*hub, anna) == "given");
    }
    SUBCASE("and a till that was not served it may not") {
        two.add(anna, test::act(Choice::given, {no.id}), kNoon + 2);
        CHECK(two.push(*hub, 1, 1)->quarantined.size() == 1);
        CHECK(stateOf(*hub, anna) == "refused");
    }
    SUBCASE("and is not counted: the log has no place for it yet") {
        Cursor cursor;
        CHECK(serve(*hub, two, cursor).next.position == Cursor{}.position);
        Cursor own;
        CHECK(serve(*hub, one, own).events.empty());
    }
    CHECK(hub->verify().has_value());
}

TEST_CASE("a hub restored from a backup takes every genuine answer, once it knows again") {
    test::TemporaryFolder folder;
    test::TemporaryFolder backup;
    auto hub = open(folder);
    TestOrigin one(8);
    TestOrigin two(9);
    REQUIRE(hub->enrol(one.enrolment()).has_value());
    REQUIRE(hub->enrol(two.enrolment()).has_value());
    hub.reset();
    test::copyStore(folder.text(), backup.text());
    hub = open(folder);
    const SubjectId anna = one.newSubject();
    const auto no = one.add(anna, test::act(Choice::refused), kNoon);
    REQUIRE(one.push(*hub, 1, 1).has_value());
    Cursor cursor;
    REQUIRE(serve(*hub, two, cursor).events.size() == 1);
    two.add(anna, test::act(Choice::given, {no.id}), kNoon);

    hub.reset();
    hub = open(backup); // it knows neither the no nor that it was served
    SUBCASE("the no comes first") {
        REQUIRE(one.push(*hub, 1, 1).has_value());
        CHECK(two.push(*hub, 1, 1)->quarantined.size() == 1);
    }
    SUBCASE("the answer comes first") {
        CHECK(two.push(*hub, 1, 1)->quarantined.size() == 1);
        REQUIRE(one.push(*hub, 1, 1).has_value());
    }
    CHECK(stateOf(*hub, anna) == "refused");
    CHECK(serve(*hub, two, cursor).events.size() == 1); // again, from where the hub knows
    CHECK(stateOf(*hub, anna) == "given");
    CHECK(hub->counts(kNoon)->quarantined == 0);
    CHECK(hub->proof(anna)->size() == 2);
    CHECK(hub->verify().has_value());
}

TEST_CASE("states follow the rules of the pack, at the next opening and in the proof too") {
    test::TemporaryFolder folder;
    auto hub = open(folder);
    TestOrigin till(10);
    REQUIRE(hub->enrol(till.enrolment()).has_value());
    const SubjectId anna = till.newSubject();
    const auto no = till.add(anna, test::act(Choice::withdrawn), kNoon);
    till.add(anna, test::act(Choice::given, {no.id}, Method::screen), kNoon + 1);
    REQUIRE(till.push(*hub, 1, 2).has_value());
    CHECK(stateOf(*hub, anna) == "given");
    consent::StateRules strict;
    strict.liftEvidence = {Method::paper};
    strict.liftEvidenceFor[{"newsletter", "email"}] = {Method::paper, Method::web};
    strict.stoppedByObjection.insert("partner:circus");
    REQUIRE(hub->useRules(strict).has_value());
    CHECK(stateOf(*hub, anna) == "withdrawn");
    CHECK(hub->verify().has_value());
    hub.reset();
    hub = open(folder);
    const auto again = till.add(anna, test::act(Choice::withdrawn), kNoon + 2);
    till.add(anna, test::act(Choice::given, {no.id, again.id}, Method::screen), kNoon + 3);
    REQUIRE(till.push(*hub, 3, 4).has_value());
    CHECK(stateOf(*hub, anna) == "withdrawn");
    till.add(anna, test::act(Choice::given, {no.id, again.id}, Method::web), kNoon + 3);
    REQUIRE(till.push(*hub, 5, 5).has_value());
    CHECK(stateOf(*hub, anna) == "given");
    CHECK(hub->verify().has_value());
}

TEST_CASE("a yes to words that the house never had is flagged; a no needs none") {
    test::TemporaryFolder folder;
    auto hub = open(folder);
    TestOrigin till(13);
    REQUIRE(hub->enrol(till.enrolment()).has_value());
    const consent::NoticeRef words{"newsletter-email", 3, "nl", std::string(64, 'a')};
    const auto yesTo = [&](const consent::NoticeRef& notice, Method method = Method::spoken) {
        consent::Act act = test::act(Choice::given, {}, method);
        act.choices.front().notice = notice;
        till.add(till.newSubject(), act, kNoon);
        const std::size_t last = till.events.size();
        const auto placed = till.push(*hub, last, last);
        REQUIRE(placed.has_value());
        CHECK(placed->placed == 1);
        return placed->flagged;
    };
    CHECK(yesTo({}) == 0); // no pack is known yet
    REQUIRE(hub->keepWordings(std::vector{consent::Notice{words, {}, {}, {}, {}}}).has_value());
    CHECK(yesTo(words) == 0);
    consent::NoticeRef other = words;
    other.sha256 = std::string(64, 'b');
    CHECK(yesTo(other) == 1);
    CHECK(yesTo({}) == 1);
    CHECK(yesTo({}, Method::import) == 0);
    till.add(till.newSubject(), test::act(Choice::refused), kNoon);
    CHECK(till.push(*hub, 6, 6)->flagged == 0);
    hub.reset();
    hub = open(folder);
    CHECK(yesTo(words) == 0); // kept
    CHECK(yesTo(other) == 1);
    CHECK(hub->counts(kNoon)->flagged == 3);
    CHECK(hub->verify().has_value());
}

TEST_CASE("an erasure takes what lies in quarantine along") {
    test::TemporaryFolder folder;
    const auto hub = open(folder);
    TestOrigin till(12);
    TestOrigin office = headOffice(*hub);
    REQUIRE(hub->enrol(till.enrolment()).has_value());
    wire::PersonData person = anna();
    person.displayName = "Quirinus Zonderling";
    const SubjectId subject = till.newSubject();
    till.add(subject, test::act(Choice::given, {EventId{subject.uuid}}), kNoon, &person);
    REQUIRE(till.push(*hub, 1, 1)->quarantined.size() == 1);
    office.add(subject, consent::Erase{}, kNoon + 10);
    REQUIRE(office.push(*hub, 1, 1).has_value());
    CHECK(hub->maintain().value());
    CHECK_FALSE(test::storeHolds(folder.text(), "Zonderling"));
}
