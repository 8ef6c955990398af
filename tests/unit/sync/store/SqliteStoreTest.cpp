#include "sync/store/Store.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "plugin/contact/Email.h"
#include "tests/support/Property.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestOrigin.h"

using namespace souffleur;
using namespace souffleur::store;
using consent::Choice;
using test::TestOrigin;

namespace {

constexpr TimeMs kNoon = 1795521600000;

wire::PersonData anna() {
    wire::PersonData person;
    person.displayName = "Anna Vermeer-Puig";
    person.language = "nl";
    person.contacts.push_back(
        {"email", "anna@example.org", contact::Email::parse("anna@example.org")->canonicalKey()});
    person.externalIds.push_back({"boxoffice", "4711"});
    return person;
}

std::unique_ptr<Store> open(const test::TemporaryFolder& folder) {
    auto store = openSqlite(folder.text(), StoreKeys{});
    REQUIRE_MESSAGE(store.has_value(), (store ? "" : store.error().text()));
    return std::move(*store);
}

std::string stateOf(const Store& store, const SubjectId& subject) {
    const auto person = store.person(subject);
    if (!person || person->states.empty()) return "none";
    return std::string(consent::name(person->states.front().view.state));
}

bool folderHolds(const test::TemporaryFolder& folder, const std::string& needle) {
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
        std::ifstream in(entry.path(), std::ios::binary);
        const std::string bytes{std::istreambuf_iterator<char>(in), {}};
        if (bytes.find(needle) != std::string::npos) return true;
    }
    return false;
}

} // namespace

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
    CHECK(till.push(*store, 1, 2).error().code == Code::refused);
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

TEST_CASE("erasure leaves no personal byte in the folder and outlives late arrivals") {
    test::TemporaryFolder folder;
    auto store = open(folder);
    TestOrigin till(10);
    TestOrigin late(11);
    REQUIRE(store->enrol(till.enrolment()).has_value());
    REQUIRE(store->enrol(late.enrolment()).has_value());
    wire::PersonData person = anna();
    person.displayName = "Quirinus Zonderling";
    const SubjectId subject = till.newSubject();
    till.add(subject, test::act(Choice::given), kNoon, &person);
    till.add(subject, consent::Erase{}, kNoon + 10);
    late.add(subject, test::act(Choice::given), kNoon + 5, &person);
    REQUIRE(till.push(*store, 1, 1).has_value());
    CHECK(store->people({"zonderling", "", {}, 10})->size() == 1);
    REQUIRE(till.push(*store, 2, 2).has_value());
    REQUIRE(late.push(*store, 1, 1).has_value());
    CHECK(store->people({"zonderling", "", {}, 10})->empty());
    CHECK(store->verify().has_value());
    store.reset(); // checkpoints the WAL
    CHECK_FALSE(folderHolds(folder, "Zonderling"));
    CHECK_FALSE(folderHolds(folder, "anna@example"));
}

TEST_CASE("a second hub on the folder is told so") {
    test::TemporaryFolder folder;
    const auto store = open(folder);
    CHECK(openSqlite(folder.text(), StoreKeys{}).error().code == Code::locked);
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

PROPERTY("whatever the order and cut of the batches, the projections are the same", [] {
    TestOrigin one(21);
    TestOrigin two(22);
    const std::vector<SubjectId> subjects{one.newSubject(), one.newSubject(), one.newSubject()};
    std::vector<EventId> negatives;
    std::vector<std::pair<EventId, std::size_t>> links;
    const int count = *rc::gen::inRange(1, 14);
    for (int i = 0; i < count; ++i) {
        TestOrigin& origin = *rc::gen::arbitrary<bool>() ? one : two;
        const auto subject = static_cast<std::size_t>(*rc::gen::inRange(0, 3));
        const TimeMs at = kNoon + *rc::gen::inRange<TimeMs>(0, 60) * kMinuteMs;
        const int what = *rc::gen::inRange(0, 8);
        if (what == 5) {
            const auto link = origin.add(
                subjects[subject], consent::Link{subjects[(subject + 1) % 3], "operator"}, at);
            links.emplace_back(link.id, subject);
        } else if (what == 6 && !links.empty()) {
            const auto& [target, side] = links.back();
            origin.add(subjects[side], consent::Unlink{target, subjects[(side + 1) % 3], negatives},
                       at);
        } else if (what == 7) {
            origin.add(subjects[subject], consent::Erase{}, at);
        } else {
            const auto choice = what < 2   ? Choice::given
                                : what < 4 ? Choice::refused
                                           : Choice::withdrawn;
            const wire::PersonData person = anna();
            const auto event =
                origin.add(subjects[subject], test::act(choice, negatives), at, &person);
            if (consent::negative(choice)) negatives.push_back(event.id);
        }
    }
    const auto fill = [&](bool oneFirst, std::size_t cut) {
        test::TemporaryFolder folder;
        const auto store = open(folder);
        RC_ASSERT(store->enrol(one.enrolment()).has_value() &&
                  store->enrol(two.enrolment()).has_value());
        const auto pushAll = [&](const TestOrigin& origin, std::size_t from, std::size_t to) {
            if (from <= to) RC_ASSERT(origin.push(*store, from, to).has_value());
        };
        const std::size_t split = std::min(cut, one.events.size());
        if (oneFirst) pushAll(one, 1, split);
        pushAll(two, 1, two.events.size());
        pushAll(one, oneFirst ? split + 1 : 1, one.events.size());
        const auto hash = store->verify();
        if (!hash) RC_FAIL(hash.error().text());
        return *hash;
    };
    const auto reference = fill(true, one.events.size());
    RC_ASSERT(fill(false, 0) == reference);
    RC_ASSERT(fill(true, one.events.size() / 2) == reference);
})
