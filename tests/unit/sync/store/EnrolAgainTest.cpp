// A till that was revoked and enrolled anew says again all that it had said: the hub takes each
// answer once, and no undone yes stands.
#include "tests/unit/sync/store/Hub.h"

using namespace souffleur;
using namespace souffleur::store;
using namespace souffleur::test;
using consent::Choice;

namespace {

/// A till, the ids it enrols under later, and one person whose address is on file.
struct Rig {
    TemporaryFolder folder;
    std::unique_ptr<Store> hub = open(folder);
    TestOrigin till{1};
    TestOrigin fresh{44};
    TestOrigin second{45}; ///< another copy of the till's disk
    SubjectId anna = till.newSubject();
    wire::PersonData person = test::anna();
    std::string address = contactKey(StoreKeys{}, person.contacts[0].canonical);

    Rig() {
        for (const TestOrigin* each : {&till, &fresh, &second})
            REQUIRE(hub->enrol(each->enrolment()).has_value());
        till.add(anna, consent::Contact{"email", address, consent::ContactStatus::verified}, kNoon,
                 &person);
        REQUIRE(till.push(*hub, 1, 1).has_value());
    }
    [[nodiscard]] std::string answer() const {
        return hub->eligibility({anna, "newsletter", "email", kNoon + kHourMs}, pack())
            ->front()
            .verdict.reason;
    }
    void revoke() { REQUIRE(hub->setStatus(till.id, OriginStatus::revoked).has_value()); }
    /// A yes of the till that the hub has.
    consent::Event yes() {
        const auto said = till.add(anna, act(Choice::given), kNoon);
        REQUIRE(till.push(*hub, 2, 2).has_value());
        REQUIRE(answer() == "given");
        return said;
    }
};

consent::Event again(TestOrigin& fresh, const consent::Event& said) {
    return fresh.addAs(said.id, said.subject, said.body, said.at);
}

} // namespace

TEST_CASE("an undone yes does not stand because its till enrolled anew") {
    Rig r;
    const auto yes = r.yes();
    r.revoke();
    again(r.fresh, yes);
    r.fresh.add(r.anna, consent::Retract{yes.id, {}}, kNoon + 20);
    const auto placed = r.fresh.push(*r.hub, 1, 2);
    REQUIRE(placed.has_value());
    CHECK(placed->duplicates == 1);
    CHECK(placed->quarantined.empty());
    CHECK(r.answer() != "given");
    CHECK(stateOf(*r.hub, r.anna) != "given");
    SUBCASE("other tills hear of both") {
        const auto page = r.hub->pull({}, 500, r.second.id);
        REQUIRE(page.has_value());
        CHECK(page->events.size() == 3);
    }
    SUBCASE("a later yes counts again") {
        r.fresh.add(r.anna, act(Choice::given), kNoon + kMinuteMs);
        REQUIRE(r.fresh.push(*r.hub, 3, 3).has_value());
        CHECK(r.answer() == "given");
    }
    CHECK(r.hub->verify().has_value());
}

TEST_CASE("an undo alone under the new id takes the yes of the old one") {
    Rig r;
    const auto yes = r.yes();
    r.revoke();
    r.fresh.add(r.anna, consent::Retract{yes.id, {}}, kNoon + 20);
    REQUIRE(r.fresh.push(*r.hub, 1, 1).has_value());
    CHECK(r.answer() != "given");
}

TEST_CASE("two copies of one till enrol anew, and one of them undid the yes") {
    Rig r;
    const auto yes = r.till.add(r.anna, act(Choice::given), kNoon); // unsent on both disks
    again(r.fresh, yes);
    again(r.second, yes);
    r.second.add(r.anna, consent::Retract{yes.id, {}}, kNoon + 20);
    SUBCASE("the one that did not comes first") {
        REQUIRE(r.fresh.push(*r.hub, 1, 1).has_value());
        REQUIRE(r.second.push(*r.hub, 1, 2).has_value());
    }
    SUBCASE("or last") {
        REQUIRE(r.second.push(*r.hub, 1, 2).has_value());
        REQUIRE(r.fresh.push(*r.hub, 1, 1).has_value());
    }
    CHECK(r.answer() != "given");
    CHECK(r.hub->verify().has_value());
}

TEST_CASE("an undo under the new id takes no refusal of the old one away") {
    Rig r;
    (void) r.yes();
    const auto no = r.till.add(r.anna, act(Choice::refused), kNoon + 10);
    REQUIRE(r.till.push(*r.hub, 3, 3).has_value());
    r.fresh.add(r.anna, consent::Retract{no.id, {}}, kNoon + 20);
    REQUIRE(r.fresh.push(*r.hub, 1, 1).has_value());
    CHECK(r.answer() == "refused");
}

TEST_CASE("a no sent ahead under the old id gets its place under the new one") {
    Rig r;
    const auto no = r.till.add(r.anna, act(Choice::refused), kNoon);
    REQUIRE(r.hub->placeCopy(r.till.id, r.till.events[1], kNoon).has_value());
    REQUIRE(r.hub->event(no.id)->position == 0);
    r.revoke();
    again(r.fresh, no);
    REQUIRE(r.hub->placeCopy(r.fresh.id, r.fresh.events[0], kNoon).has_value());
    REQUIRE(r.hub->event(no.id)->position == 0);
    const auto placed = r.fresh.push(*r.hub, 1, 1);
    REQUIRE(placed.has_value());
    CHECK(placed->quarantined.empty());
    const auto row = r.hub->event(no.id);
    REQUIRE(row.has_value());
    CHECK(row->position > 0);
    CHECK(row->origin == r.fresh.id);
    CHECK(r.answer() == "refused");
    SUBCASE("sent once more it is the same") {
        REQUIRE(r.fresh.push(*r.hub, 1, 1).has_value());
        CHECK(r.hub->event(no.id)->position == row->position);
    }
    SUBCASE("the old one's own push is a duplicate, and no fork") {
        REQUIRE(r.hub->setStatus(r.till.id, OriginStatus::active).has_value());
        const auto late = r.till.push(*r.hub, 2, 2);
        REQUIRE(late.has_value());
        CHECK(late->duplicates == 1);
    }
    CHECK(r.hub->verify().has_value());
}

TEST_CASE("what was judged of a clock under the old id holds when it is said again under the new") {
    Rig r;
    TestOrigin office = headOffice(*r.hub);
    const auto no = r.till.add(r.anna, act(Choice::refused), kNoon - 365 * kDayMs);
    REQUIRE(r.till.push(*r.hub, 2, 2).has_value());
    r.second.add(r.anna, act(Choice::given), kNoon - 180 * kDayMs);
    REQUIRE(r.second.push(*r.hub, 1, 1).has_value());
    REQUIRE(r.answer() == "given"); // later by clocks that nobody doubts yet
    office.add(SubjectId{}, consent::ClockJudgement{r.till.id, 2, 2, 0, true}, kNoon);
    REQUIRE(office.push(*r.hub, 1, 1)->quarantined.empty());
    REQUIRE(r.answer() == "refused");
    r.revoke();
    again(r.fresh, no);
    SUBCASE("by a push: what has its place keeps it, and with it what was judged of it") {
        REQUIRE(r.fresh.push(*r.hub, 1, 1)->duplicates == 1);
        CHECK(r.hub->event(no.id)->origin == r.till.id);
    }
    SUBCASE("ahead of it") {
        REQUIRE(r.hub->placeCopy(r.fresh.id, r.fresh.events[0], kNoon).has_value());
        CHECK(r.hub->event(no.id)->origin == r.till.id);
    }
    CHECK(r.answer() == "refused");
    CHECK(r.hub->verify().has_value());
}

TEST_CASE("a copy of a no by a doubted clock stays in doubt when its original comes") {
    Rig r;
    TestOrigin office = headOffice(*r.hub);
    // The copy went ahead; its place is not known: every judgement of its origin holds for it.
    const auto no = r.till.add(r.anna, act(Choice::refused), kNoon - 365 * kDayMs);
    REQUIRE(r.hub->placeCopy(r.till.id, r.till.events[1], kNoon).has_value());
    office.add(SubjectId{}, consent::ClockJudgement{r.till.id, 1, 2, 0, true}, kNoon);
    REQUIRE(office.push(*r.hub, 1, 1)->quarantined.empty());
    r.second.add(r.anna, act(Choice::given), kNoon - 180 * kDayMs);
    REQUIRE(r.second.push(*r.hub, 1, 1).has_value());
    REQUIRE(r.answer() == "refused");
    SUBCASE("under the new id") {
        r.revoke();
        again(r.fresh, no);
        const auto placed = r.fresh.push(*r.hub, 1, 1);
        REQUIRE(placed.has_value());
        CHECK(placed->duplicates == 1);
        CHECK(r.hub->event(no.id)->position > 0);
        REQUIRE(r.fresh.push(*r.hub, 1, 1).has_value());
    }
    SUBCASE("under the old one") {
        REQUIRE(r.till.push(*r.hub, 2, 2).has_value());
    }
    SUBCASE("under the new one, and then under the old one") {
        again(r.fresh, no);
        REQUIRE(r.fresh.push(*r.hub, 1, 1).has_value());
        REQUIRE(r.till.push(*r.hub, 2, 2).has_value());
    }
    CHECK(r.answer() == "refused");
    CHECK(r.hub->verify().has_value());
}

TEST_CASE("what waited under the old id, and was judged there, is judged in its place as well") {
    Rig r;
    TestOrigin office = headOffice(*r.hub);
    const auto other =
        r.second.add(r.anna, act(Choice::refused, {}, consent::Method::spoken, "brochure"),
                     kNoon - 400 * kDayMs);
    r.second.add(r.anna, act(Choice::given), kNoon - 180 * kDayMs);
    REQUIRE(r.second.push(*r.hub, 1, 2).has_value());
    // It names a no that it was never shown, and says one itself.
    const auto said = r.till.add(r.anna, act(Choice::refused, {other.id}), kNoon - 365 * kDayMs);
    std::string expected = "given"; // later by clocks that nobody doubts
    SUBCASE("judged") {
        office.add(SubjectId{}, consent::ClockJudgement{r.till.id, 2, 2, 0, true}, kNoon);
        REQUIRE(office.push(*r.hub, 1, 1)->quarantined.empty());
        expected = "refused";
    }
    SUBCASE("not judged") {}
    REQUIRE(r.till.push(*r.hub, 2, 2)->quarantined.size() == 1);
    r.revoke();
    const auto page = r.hub->pull({}, 500, r.fresh.id);
    REQUIRE(page.has_value());
    REQUIRE(r.hub->served(r.fresh.id, {}, page->next, kNoon).has_value());
    again(r.fresh, said);
    REQUIRE(r.fresh.push(*r.hub, 1, 1)->placed == 1);
    CHECK(r.hub->counts(kNoon)->quarantined == 0);
    CHECK(r.answer() == expected);
    REQUIRE(r.fresh.push(*r.hub, 1, 1)->placed == 0);
    CHECK(r.hub->verify().has_value());
}

TEST_CASE("what waited under the old id waits no more once it is in the log under the new one") {
    Rig r;
    const auto no = r.second.add(r.anna, act(Choice::refused), kNoon + 10);
    REQUIRE(r.second.push(*r.hub, 1, 1).has_value());
    consent::Act both = act(Choice::given, {no.id});
    both.choices.push_back(
        act(Choice::refused, {}, consent::Method::spoken, "brochure").choices[0]);
    const auto said = r.till.add(r.anna, both, kNoon + 20);
    REQUIRE(r.till.push(*r.hub, 2, 2)->quarantined.size() == 1); // never shown that no
    r.revoke();
    again(r.fresh, said);
    REQUIRE(r.fresh.push(*r.hub, 1, 1)->quarantined.size() == 1);
    CHECK(r.hub->counts(kNoon)->quarantined == 2);
    CHECK(r.answer() != "given");
    const auto page = r.hub->pull({}, 500, r.fresh.id);
    REQUIRE(page.has_value());
    REQUIRE(r.hub->served(r.fresh.id, {}, page->next, kNoon).has_value());
    CHECK(r.hub->counts(kNoon)->quarantined == 0);
    CHECK(r.answer() == "given");
    CHECK(r.hub->verify().has_value());
}
