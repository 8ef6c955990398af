#include "sync/store/Store.h"

#include <algorithm>
#include <set>

#include "plugin/base/Limits.h"
#include "tests/unit/sync/store/Hub.h"

using namespace souffleur;
using namespace souffleur::store;
using namespace souffleur::test;
using consent::Choice;

TEST_CASE("an act is placed, projected, found by name and address, and proved") {
    test::TemporaryFolder folder;
    const auto store = open(folder);
    TestOrigin till(1);
    REQUIRE(store->enrol(till.enrolment()).has_value());
    const SubjectId subject = till.newSubject();
    const wire::PersonData person = anna();
    till.add(subject, test::act(Choice::given), kNoon, &person);

    const auto placed = till.push(*store, 1, 1);
    REQUIRE_MESSAGE(placed.has_value(), placed.error().text());
    CHECK(placed->seq == 1);
    CHECK(placed->head == till.heads[1]);
    CHECK(stateOf(*store, subject) == "given");
    CHECK(store->people({"verm", "", {}, 10})->size() == 1);
    CHECK(store->people({"Anna@Example.org", "given", {}, 10})->size() == 1);
    CHECK(store->people({"verm", "refused", {}, 10})->empty());
    CHECK(store->people({"4711", "", {}, 10})->size() == 1);
    CHECK(store->people({" 47 11", "given", {}, 10})->size() == 1);
    CHECK(store->people({"4711", "refused", {}, 10})->empty());
    CHECK(store->people({"4712", "", {}, 10})->empty());
    CHECK(store->people({"vermer", "", {}, 10})->empty());
    CHECK(store->people({"vermer", "", {}, 10, true})->size() == 1);
    CHECK(store->people({"ana vermer", "", {}, 10, true})->size() == 1); // sounds alike
    CHECK(store->people({"bob vermer", "", {}, 10, true})->empty());
    CHECK(store->people({"anna vermer", "given", {}, 10, true})->size() == 1);
    CHECK(store->people({"Вермеер", "", {}, 10, true})->size() == 1);
    CHECK(store->people({"zonderling", "", {}, 10, true})->empty());
    CHECK(store->byExternalId("boxoffice", "4711").value() == std::vector{subject});
    CHECK(store->proof(subject)->front().leaf == crypto::leafHash(till.events[0].header));
    CHECK(store->verify().has_value());
}

TEST_CASE("a batch sent again is acknowledged and placed once") {
    test::TemporaryFolder folder;
    const auto store = open(folder);
    TestOrigin till(2);
    REQUIRE(store->enrol(till.enrolment()).has_value());
    for (int i = 0; i < 5; ++i) till.add(till.newSubject(), test::act(Choice::refused), kNoon + i);
    CHECK(till.push(*store, 1, 3)->seq == 3);
    CHECK(till.push(*store, 1, 5)->seq == 5);
    CHECK(till.push(*store, 2, 4)->seq == 5);
    CHECK(store->counts(kNoon)->events == 5);
}

TEST_CASE("a gap is refused with the sequence the hub has") {
    test::TemporaryFolder folder;
    const auto store = open(folder);
    TestOrigin till(3);
    REQUIRE(store->enrol(till.enrolment()).has_value());
    for (int i = 0; i < 3; ++i) till.add(till.newSubject(), test::act(Choice::given), kNoon);
    const auto placed = till.push(*store, 2, 3);
    REQUIRE_FALSE(placed.has_value());
    CHECK(placed.error().code == Code::conflict);
    CHECK(placed.error().where == "0/" + std::string(64, '0'));
}

TEST_CASE("a fork freezes its origin and discards nothing") {
    test::TemporaryFolder folder;
    const auto store = open(folder);
    TestOrigin till(4);
    REQUIRE(store->enrol(till.enrolment()).has_value());
    TestOrigin clone(4);
    till.add(till.newSubject(), test::act(Choice::given), kNoon);
    till.add(till.newSubject(), test::act(Choice::given), kNoon);
    clone.add(clone.newSubject(), test::act(Choice::given), kNoon + 1);
    clone.add(clone.newSubject(), test::act(Choice::given), kNoon + 1);
    REQUIRE(till.push(*store, 1, 2).has_value());
    SUBCASE("the same sequence with other bytes") {
        CHECK_FALSE(clone.push(*store, 1, 2).has_value());
    }
    SUBCASE("a later sequence on another history") {
        clone.add(clone.newSubject(), test::act(Choice::given), kNoon + 1);
        CHECK_FALSE(clone.push(*store, 3, 3).has_value());
    }
    CHECK(store->origin(till.id)->status == OriginStatus::frozen);
    CHECK(store->counts(kNoon)->events == 2);
    CHECK(till.push(*store, 1, 2).error().where == "fork");
}

TEST_CASE("what cannot be read is kept raw, acknowledged and does not block what follows") {
    test::TemporaryFolder folder;
    const auto store = open(folder);
    TestOrigin till(5);
    REQUIRE(store->enrol(till.enrolment()).has_value());
    const SubjectId subject = till.newSubject();
    till.add(subject, test::act(Choice::refused), kNoon);
    till.events[0].header = "{not json";
    till.heads[1] = crypto::chainNext(crypto::Hash{}, crypto::leafHash(till.events[0].header));
    till.add(subject, test::act(Choice::given), kNoon + 1);
    const auto placed = till.push(*store, 1, 2);
    REQUIRE_MESSAGE(placed.has_value(), placed.error().text());
    CHECK(placed->seq == 2);
    REQUIRE(placed->quarantined.size() == 1);
    CHECK(placed->quarantined[0].seq == 1);
    CHECK(store->counts(kNoon)->quarantined == 1);
    CHECK(till.push(*store, 1, 2).has_value());
}

TEST_CASE("a no that cannot be read suppresses its subject at the hub and on the card") {
    test::TemporaryFolder folder;
    const auto store = open(folder);
    TestOrigin till(15);
    REQUIRE(store->enrol(till.enrolment()).has_value());
    const SubjectId subject = till.newSubject();
    till.add(subject, test::act(Choice::given), kNoon);
    const auto no = till.add(till.newSubject(), test::act(Choice::refused), kNoon + 1);
    till.events[1].subject = subject; // the header names another subject
    till.add(subject, test::act(Choice::given, {no.id}), kNoon + 1000 * kDayMs);
    REQUIRE(till.push(*store, 1, 3).has_value());
    CHECK(stateOf(*store, subject) == "withdrawn");
    CHECK(store->counts(kNoon)->permitted == 0);
    const auto page = store->pull(Cursor{}, 10, OriginId{});
    REQUIRE(page->cards.size() == 1);
    CHECK(page->cards[0].restricted);
    const auto verified = store->verify();
    CHECK_MESSAGE(verified.has_value(), (verified ? "" : verified.error().text()));
}

TEST_CASE("the ledger verifies when all that is known of somebody is unreadable") {
    test::TemporaryFolder folder;
    const auto store = open(folder);
    TestOrigin till(16);
    REQUIRE(store->enrol(till.enrolment()).has_value());
    till.add(till.newSubject(), test::act(Choice::refused), kNoon);
    till.events[0].subject = till.newSubject();
    REQUIRE(till.push(*store, 1, 1)->quarantined.size() == 1);
    CHECK(store->verify().has_value());
}

TEST_CASE("an event of a newer version is read again by the build that knows it") {
    test::TemporaryFolder folder;
    auto store = open(folder);
    TestOrigin till(17);
    REQUIRE(store->enrol(till.enrolment()).has_value());
    const SubjectId subject = till.newSubject();
    till.add(subject, test::act(Choice::refused), kNoon);
    const std::string known = till.events[0].header;
    till.events[0].header.replace(known.find("\"v\":1"), 5, "\"v\":9");
    till.heads[1] = crypto::chainNext(crypto::Hash{}, crypto::leafHash(till.events[0].header));
    REQUIRE(till.push(*store, 1, 1)->quarantined.size() == 1);
    store.reset();
    // The build that knows version 9: to it, these bytes are what version 1 is to us.
    test::sql(folder.text(), "UPDATE quarantine SET header = " + test::blob(known));
    store = open(folder);
    CHECK(store->counts(kNoon)->quarantined == 0);
    CHECK(stateOf(*store, subject) == "refused");
    CHECK(store->proof(subject)->front().seq == 1);
}

TEST_CASE("an answer cannot weigh a no that its till was never shown") {
    test::TemporaryFolder folder;
    const auto store = open(folder);
    TestOrigin one(18);
    TestOrigin two(19);
    REQUIRE(store->enrol(one.enrolment()).has_value());
    REQUIRE(store->enrol(two.enrolment()).has_value());
    const SubjectId subject = one.newSubject();
    const auto no = one.add(subject, test::act(Choice::refused), kNoon);
    REQUIRE(one.push(*store, 1, 1).has_value());
    two.add(subject, test::act(Choice::given, {no.id}), kNoon);
    std::size_t quarantined = 1;
    SUBCASE("never") {}
    SUBCASE("a cursor that was made up shows nothing") {
        Cursor made;
        made.position.fill(1);
        Cursor next;
        next.position.fill(2);
        REQUIRE(store->served(two.id, made, next, 1).has_value());
    }
    SUBCASE("shown") {
        const auto page = store->pull(Cursor{}, 10, two.id);
        REQUIRE(store->served(two.id, Cursor{}, page->next, 1).has_value());
        quarantined = 0;
    }
    CHECK(two.push(*store, 1, 1)->quarantined.size() == quarantined);
    CHECK(stateOf(*store, subject) == (quarantined == 0 ? "given" : "refused"));
}

TEST_CASE("an event under another's id hides nothing") {
    test::TemporaryFolder folder;
    const auto store = open(folder);
    TestOrigin one(30);
    TestOrigin two(31);
    if (two.id > one.id) std::swap(one, two); // the forger's id sorts first
    TestOrigin office = headOffice(*store);
    REQUIRE(store->enrol(one.enrolment()).has_value());
    REQUIRE(store->enrol(two.enrolment()).has_value());
    const SubjectId a = one.newSubject();
    const SubjectId b = two.newSubject();
    const auto no = one.add(a, test::act(Choice::objected), kNoon);
    one.add(b, test::act(Choice::given), kNoon);
    office.add(a, consent::Link{b, "operator"}, kNoon);
    REQUIRE(one.push(*store, 1, 2).has_value());
    REQUIRE(office.push(*store, 1, 1).has_value());
    CHECK(stateOf(*store, b) == "objected");
    two.addAs(no.id, b, test::act(Choice::given, {}, consent::Method::spoken, "other"), kNoon);
    CHECK(two.push(*store, 1, 1)->quarantined.size() == 1);
    CHECK(stateOf(*store, b) == "objected");
    CHECK(store->verify().has_value());
}

TEST_CASE("an unlink of another pair ends no link") {
    test::TemporaryFolder folder;
    const auto store = open(folder);
    TestOrigin till(32);
    REQUIRE(store->enrol(till.enrolment()).has_value());
    const SubjectId a = till.newSubject();
    const SubjectId b = till.newSubject();
    till.add(a, test::act(Choice::refused), kNoon);
    till.add(b, test::act(Choice::given), kNoon);
    TestOrigin office = headOffice(*store);
    const auto link = office.add(b, consent::Link{a, "operator"}, kNoon);
    office.add(b, consent::Unlink{link.id, till.newSubject(), {}}, kNoon + 1);
    REQUIRE(till.push(*store, 1, 2).has_value());
    REQUIRE(office.push(*store, 1, 2).has_value());
    CHECK(stateOf(*store, a) == "refused");
    CHECK(stateOf(*store, b) == "refused");
}

TEST_CASE("a no that an unlink copied goes where its own origin undoes it") {
    test::TemporaryFolder folder;
    const auto store = open(folder);
    TestOrigin till(34);
    REQUIRE(store->enrol(till.enrolment()).has_value());
    TestOrigin office = headOffice(*store);
    const SubjectId a = till.newSubject();
    const SubjectId b = till.newSubject();
    const auto no = till.add(a, test::act(Choice::refused), kNoon);
    till.add(b, test::act(Choice::given), kNoon);
    till.add(a, consent::Retract{no.id, {}}, kNoon + 2);
    const auto link = office.add(b, consent::Link{a, "operator"}, kNoon);
    office.add(b, consent::Unlink{link.id, a, {no.id}}, kNoon + 1);
    REQUIRE(till.push(*store, 1, 2).has_value());
    REQUIRE(office.push(*store, 1, 2).has_value());
    CHECK(stateOf(*store, b) == "refused");
    REQUIRE(till.push(*store, 3, 3).has_value());
    // As at a till (plugin/ledger, Assembler): what was never said binds neither side.
    CHECK(stateOf(*store, b) == "given");
    CHECK(store->verify().has_value());
}

TEST_CASE("a page stays under what a till takes, whatever is in it") {
    test::TemporaryFolder folder;
    const auto store = open(folder);
    TestOrigin till(33);
    REQUIRE(store->enrol(till.enrolment()).has_value());
    std::vector<EventId> seen;
    const SubjectId subject = till.newSubject();
    for (std::size_t i = 0; i < limits::kSeenMax; ++i)
        seen.push_back(till.add(subject, test::act(Choice::refused), kNoon).id);
    for (std::size_t total = 0; total < std::size_t{6} * 1024 * 1024;) {
        till.add(subject, test::act(Choice::refused, seen), kNoon);
        total += till.events.back().header.size();
    }
    for (std::size_t from = 1; from <= till.events.size(); from += 1000) {
        const std::size_t to = std::min(from + 999, till.events.size());
        REQUIRE(till.push(*store, from, to)->quarantined.empty());
    }
    std::size_t got = 0;
    Cursor cursor;
    for (bool more = true; more;) {
        const auto page = store->pull(cursor, 5000, OriginId{});
        REQUIRE(page.has_value());
        std::size_t bytes = 0;
        for (const auto& event : page->events) bytes += event.header.size();
        CHECK(bytes <= 4 * 1024 * 1024);
        got += page->events.size();
        cursor = page->next;
        more = page->more;
    }
    CHECK(got == till.events.size());
}

TEST_CASE("a payload that its header does not commit to is never believed") {
    test::TemporaryFolder folder;
    const auto store = open(folder);
    TestOrigin till(6);
    REQUIRE(store->enrol(till.enrolment()).has_value());
    const wire::PersonData person = anna();
    till.add(till.newSubject(), test::act(Choice::given), kNoon, &person);
    till.events[0].payload.back() = ' ';
    CHECK(till.push(*store, 1, 1)->quarantined.size() == 1);
    CHECK(store->people({"anna", "", {}, 10})->empty());
}

TEST_CASE("a reader gets the others' events, each position once, with a card per subject") {
    test::TemporaryFolder folder;
    const auto store = open(folder);
    TestOrigin one(7);
    TestOrigin two(8);
    REQUIRE(store->enrol(one.enrolment()).has_value());
    REQUIRE(store->enrol(two.enrolment()).has_value());
    const wire::PersonData person = anna();
    for (int i = 0; i < 40; ++i)
        one.add(one.newSubject(), test::act(Choice::given), kNoon, &person);
    for (int i = 0; i < 7; ++i) two.add(two.newSubject(), test::act(Choice::given), kNoon);
    REQUIRE(one.push(*store, 1, 40).has_value());
    REQUIRE(two.push(*store, 1, 7).has_value());

    Cursor cursor;
    std::set<std::pair<OriginId, std::uint64_t>> got;
    bool more = true;
    while (more) {
        const auto page = store->pull(cursor, 6, two.id);
        REQUIRE(page.has_value());
        for (const auto& event : page->events) CHECK(got.emplace(event.origin, event.seq).second);
        for (const auto& card : page->cards) {
            CHECK(card.displayName == "Anna Vermeer-Puig");
            REQUIRE(card.contacts.size() == 1);
            CHECK(card.contacts[0].masked.find("anna@") == std::string::npos);
        }
        more = page->more;
        cursor = Cursor::parse(page->next.text()).value();
    }
    CHECK(got.size() == 40);
    CHECK(store->pull(cursor, 10, two.id)->events.empty());
}

TEST_CASE("an urgent copy counts at once, and its original only takes its place") {
    test::TemporaryFolder folder;
    const auto store = open(folder);
    TestOrigin till(9);
    REQUIRE(store->enrol(till.enrolment()).has_value());
    const SubjectId subject = till.newSubject();
    till.add(subject, test::act(Choice::given), kNoon);
    till.add(subject, test::act(Choice::withdrawn), kNoon + 1);
    REQUIRE(store->placeCopy(till.id, till.events[1], 1).has_value());
    CHECK(stateOf(*store, subject) == "withdrawn");
    CHECK(store->origin(till.id)->seq == 0);
    const auto placed = till.push(*store, 1, 2);
    REQUIRE_MESSAGE(placed.has_value(), placed.error().text());
    CHECK(placed->duplicates == 1);
    CHECK(stateOf(*store, subject) == "withdrawn");
    CHECK(store->counts(kNoon)->events == 2);
    CHECK(store->verify().has_value());
}

TEST_CASE("a second hub on the folder is told so") {
    test::TemporaryFolder folder;
    const auto store = open(folder);
    CHECK(test::tryOpen(folder.text()).error().code == Code::locked);
}

TEST_CASE("a code works once and for its time") {
    test::TemporaryFolder folder;
    const auto store = open(folder);
    const crypto::Hash code = crypto::sha256("code");
    REQUIRE(store->invite(code, "Till 3", "till-3", "terminal", 1000).has_value());
    CHECK(store->redeem(code, 1001).error().code == Code::notFound);
    CHECK(store->redeem(code, 999)->name == "Till 3");
    CHECK(store->redeem(code, 999).error().code == Code::notFound);
}

TEST_CASE("not every text is a cursor") {
    for (const char* text : {"1", "a", "1.2", "....", "-1"})
        CHECK_FALSE(Cursor::parse(text).has_value());
    CHECK(Cursor::parse(Cursor{}.text()).value() == Cursor{});
}

TEST_CASE("who may be written to by an undated permission alone is counted apart") {
    test::TemporaryFolder folder;
    const auto store = open(folder);
    TestOrigin till(6);
    REQUIRE(store->enrol(till.enrolment()).has_value());
    consent::Act old = test::act(Choice::given, {}, consent::Method::import);
    old.source = "boxoffice";
    old.choices[0].basis = consent::Basis::legacy;
    till.add(till.newSubject(), test::act(Choice::given), kNoon);
    till.add(till.newSubject(), old, kNoon);
    const SubjectId both = till.newSubject();
    till.add(both, old, kNoon);
    till.add(both, test::act(Choice::given, {}, consent::Method::spoken, "brochure", "post"),
             kNoon);
    till.add(till.newSubject(), test::act(Choice::refused), kNoon);
    REQUIRE(till.push(*store, 1, 5).has_value());
    const auto counts = store->counts(kNoon + 1);
    CHECK(counts->permitted == 3);
    CHECK(counts->undated == 1);
}

TEST_CASE("the code on a slip leads to its act, whatever came before") {
    test::TemporaryFolder folder;
    const auto store = open(folder);
    TestOrigin till(1);
    REQUIRE(store->enrol(till.enrolment()).has_value());
    SeededRandom random(3);
    const crypto::Handle handle = crypto::randomHandle(random);
    const SubjectId subject = till.newSubject();
    till.add(subject, test::act(Choice::refused), kNoon);
    consent::Act said = test::act(Choice::given);
    said.source = R"(a "slip":"text)";
    said.withdrawHandleHash = crypto::toHex(crypto::bytesOf(crypto::handleHash(handle)));
    const auto event = till.add(subject, said, kNoon + 1);
    REQUIRE(till.push(*store, 1, 2).has_value());
    const auto found = store->actBySlip(handle);
    REQUIRE(found.has_value());
    CHECK(found->act == event.id);
    CHECK(found->subject == subject);
    CHECK(store->actBySlip(crypto::randomHandle(random)).error().code == Code::notFound);
}

TEST_CASE("a slip's code leads to whom it was given, whatever another till claims later") {
    test::TemporaryFolder folder;
    auto store = open(folder);
    TestOrigin till(1);
    TestOrigin other(2);
    REQUIRE(store->enrol(till.enrolment()).has_value());
    REQUIRE(store->enrol(other.enrolment()).has_value());
    SeededRandom random(3);
    const crypto::Handle handle = crypto::randomHandle(random);
    consent::Act said = test::act(Choice::given);
    said.withdrawHandleHash = crypto::toHex(crypto::bytesOf(crypto::handleHash(handle)));
    const SubjectId anna = till.newSubject();
    till.add(anna, said, kNoon);
    SUBCASE("placed") {
        REQUIRE(till.push(*store, 1, 1).has_value());
    }
    SUBCASE("by a header that holds members of another version") {
        till.events[0].header.insert(1, R"("x":{"slip":")" + std::string(64, 'b') + R"("},)");
        REQUIRE(till.push(*store, 1, 1).has_value());
    }
    SUBCASE("as an advance copy") {
        REQUIRE(store->placeCopy(till.id, till.events[0], kNoon).has_value());
    }
    REQUIRE(store->actBySlip(handle)->subject == anna);
    const SubjectId bram = other.newSubject();
    said.choices[0].choice = Choice::refused;
    other.add(bram, said, kNoon - kDayMs); // its id is older
    const auto placed = other.push(*store, 1, 1);
    REQUIRE(placed.has_value());
    REQUIRE(placed->quarantined.size() == 1);
    CHECK(store->actBySlip(handle)->subject == anna);
    // No till learns of the claim, and the no that came with it holds all the same.
    const auto page = store->pull({}, 500, OriginId{}).value();
    for (const Outgoing& event : page.events) CHECK(event.subject != bram);
    CHECK(store->person(bram).has_value());
    CHECK(store->verify().has_value());
    // Another answer of the same person may name it: it leads to the first.
    other.add(anna, said, kNoon + kHourMs);
    CHECK(other.push(*store, 2, 2)->quarantined.empty());
    CHECK(store->actBySlip(handle)->subject == anna);
}
