// A till's word about time: facts, addresses and erasures under clocks that are wrong or lie.

#include "tests/unit/sync/store/Hub.h"

using namespace souffleur;
using namespace souffleur::store;
using namespace souffleur::test;
using consent::Choice;
using consent::ContactStatus;

namespace {

constexpr TimeMs k2099 = 4070908800000;

/// Anna said yes at a working address, at noon; the hub heard of it a minute later.
struct House {
    test::TemporaryFolder folder;
    std::unique_ptr<Store> hub = open(folder);
    TestOrigin till{1};
    TestOrigin office = headOffice(*hub);
    SubjectId anna = till.newSubject();
    wire::PersonData person = test::anna();
    std::string address = contactKey(StoreKeys{}, person.contacts[0].canonical);
    std::size_t pushed = 0;
    std::size_t told = 0;

    House() {
        REQUIRE(hub->enrol(till.enrolment()).has_value());
        till.add(anna, consent::Contact{"email", address, ContactStatus::verified}, kNoon, &person);
        till.add(anna, test::act(Choice::given), kNoon);
        push(kNoon + kMinuteMs);
    }
    ~House() { CHECK(hub->verify().has_value()); }
    House(const House&) = delete;
    House& operator=(const House&) = delete;

    void push(TimeMs now) {
        if (pushed < till.events.size())
            REQUIRE(till.push(*hub, pushed + 1, till.events.size(), now).has_value());
        pushed = till.events.size();
        if (told < office.events.size())
            REQUIRE(office.push(*hub, told + 1, office.events.size(), now).has_value());
        told = office.events.size();
    }
    std::string asked() const {
        return hub->eligibility({anna, "newsletter", "email", kNoon + kDayMs}, pack())
            ->front()
            .verdict.reason;
    }
    /// Serves the till all there is; it has it once it asks from behind.
    void pull(bool acknowledge = true) {
        const Cursor from = hub->servedFrom(till.id, cursor).value();
        const auto page = hub->pull(from, 500, till.id).value();
        REQUIRE(hub->served(till.id, from, page.next, kNoon).has_value());
        if (!acknowledge) return;
        cursor = page.next;
        REQUIRE(hub->served(till.id, cursor, cursor, kNoon).has_value());
    }
    bool found() const { return !hub->people({"zonderling", "", {}, 10})->empty(); }

    Cursor cursor;
};

} // namespace

TEST_CASE("a till's \"not restricted\" of 2099 does not outlive head office's restriction") {
    House house;
    house.till.add(house.anna, consent::Fact{"restricted", "no"}, k2099);
    house.push(kNoon + 2 * kMinuteMs);
    SUBCASE("said afterwards") {
        house.office.add(house.anna, consent::Fact{"restricted", "yes"}, kNoon + kHourMs);
        house.push(kNoon + kHourMs);
        CHECK(house.asked() == "restricted");
    }
    SUBCASE("nor one that was said before, even if nobody judged the clock") {
        house.office.add(house.anna, consent::Fact{"restricted", "yes"}, kNoon);
        house.push(kNoon + 3 * kMinuteMs);
        CHECK(house.asked() == "restricted");
    }
    SUBCASE("judged or not") {
        house.office.add(SubjectId{},
                         consent::ClockJudgement{house.till.id, 3, 3, k2099 - kNoon, true}, kNoon);
        house.office.add(house.anna, consent::Fact{"restricted", "yes"}, kNoon + 100);
        house.push(kNoon + kHourMs);
        CHECK(house.asked() == "restricted");
    }
}

TEST_CASE("head office lifts what a till that never knew the time restricted") {
    House house;
    house.till.add(house.anna, consent::Fact{"restricted", "yes"}, k2099);
    house.push(kNoon + kHourMs);
    CHECK(house.asked() == "restricted");
    house.office.add(house.anna, consent::Fact{"restricted", "no"}, kNoon + kHourMs + kMinuteMs);
    house.push(kNoon + kHourMs + kMinuteMs);
    CHECK(house.asked() == "given");
}

TEST_CASE("a till's \"verified\" of 2099 does not outlive a bounce") {
    House house;
    house.till.add(house.anna, consent::Contact{"email", house.address, ContactStatus::verified},
                   k2099);
    house.push(kNoon + 2 * kMinuteMs);
    house.office.add(house.anna, consent::Contact{"email", house.address, ContactStatus::bounced},
                     kNoon + kHourMs);
    house.push(kNoon + kHourMs);
    CHECK(house.asked() == "bounced");
}

TEST_CASE("that an address stands in some later payload heals no bounce") {
    House house;
    house.office.add(house.anna, consent::Contact{"email", house.address, ContactStatus::bounced},
                     kNoon + kHourMs);
    house.push(kNoon + kHourMs);
    house.till.add(house.anna, test::act(Choice::given), kNoon + 2 * kHourMs, &house.person);
    house.push(kNoon + 2 * kHourMs);
    CHECK(house.asked() == "bounced");
}

TEST_CASE("a confirmation from the mail itself heals a bounce of before it, and nothing else") {
    House house;
    const auto bounce = [&](TimeMs at) {
        house.office.add(house.anna,
                         consent::Contact{"email", house.address, ContactStatus::bounced}, at);
        house.push(at);
    };
    const auto click = [&](TimeMs at, const std::string& address) {
        const EventId yes = wire::decodeHeader(house.till.events[1].header)->event.id;
        house.office.add(house.anna, consent::Confirmed{yes, "email", address}, at);
        house.push(at);
    };
    const auto status = [&] { return house.hub->person(house.anna)->contacts.front().status; };
    bounce(kNoon + kHourMs);
    SUBCASE("of later") {
        click(kNoon + 2 * kHourMs, house.address);
        CHECK(status() == "verified");
        CHECK(house.asked() == "given");
        SUBCASE("and bounces again") {
            bounce(kNoon + 3 * kHourMs);
            CHECK(house.asked() == "bounced");
        }
    }
    SUBCASE("not one of before, whenever it arrives") {
        click(kNoon + kMinuteMs, house.address);
        CHECK(house.asked() == "bounced");
    }
    SUBCASE("not one of another address") {
        click(kNoon + 2 * kHourMs, std::string(64, 'b'));
        CHECK(house.asked() == "bounced");
    }
    SUBCASE("nor does it bring back what was removed") {
        house.office.add(house.anna,
                         consent::Contact{"email", house.address, ContactStatus::removed},
                         kNoon + 2 * kHourMs);
        click(kNoon + 3 * kHourMs, house.address);
        CHECK(status() == "removed");
    }
    SUBCASE("a till's own note of a bounce as well") {
        click(kNoon + 2 * kHourMs, house.address);
        house.till.add(house.anna, consent::Contact{"email", house.address, ContactStatus::bounced},
                       kNoon + 3 * kHourMs);
        house.push(kNoon + 3 * kHourMs);
        REQUIRE(house.asked() == "bounced");
        click(kNoon + 4 * kHourMs, house.address);
        CHECK(house.asked() == "given");
    }
}

TEST_CASE("what head office says of an address makes it nobody's who only typed it") {
    House house;
    wire::PersonData person;
    person.contacts.push_back(
        {"email", "other@example.org", contact::Email::parse("other@example.org")->canonicalKey()});
    const std::string typed = contactKey(StoreKeys{}, person.contacts[0].canonical);
    const SubjectId pau = house.till.newSubject();
    house.till.add(pau, consent::Contact{"email", typed, ContactStatus::unverified}, kNoon + 1,
                   &person);
    house.push(kNoon + kHourMs);
    consent::Policy strict = pack();
    strict.rules.front().confirmNewAddress = true;
    const auto verified = [&] {
        const auto rows =
            house.hub->eligibility({pau, "newsletter", "email", kNoon + kDayMs}, strict).value();
        return rows.front().contact.status;
    };
    for (const auto status : {ContactStatus::bounced, ContactStatus::unverified}) {
        house.office.add(pau, consent::Contact{"email", typed, status}, kNoon + 2 * kHourMs);
        house.push(kNoon + 2 * kHourMs);
    }
    CHECK(verified() == "unverified");
    house.till.add(pau, test::act(Choice::given), kNoon + 3 * kHourMs);
    house.push(kNoon + 3 * kHourMs);
    CHECK(house.hub->eligibility({pau, "newsletter", "email", kNoon + kDayMs}, strict)
              ->front()
              .verdict.reason == "address-unconfirmed");
}

TEST_CASE("a till's \"no minor\" of 2099 does not outlive head office's word, and cards say so") {
    House house;
    house.till.add(house.anna, consent::Fact{"minor", "no"}, k2099);
    house.push(kNoon + 2 * kMinuteMs);
    house.office.add(house.anna, consent::Fact{"minor", "yes"}, kNoon + kHourMs);
    house.push(kNoon + kHourMs);
    CHECK(house.asked() == "minor");
    const auto page = house.hub->pull({}, 500, OriginId{}).value();
    REQUIRE(page.cards.size() == 1);
    CHECK(page.cards[0].minor);
}

TEST_CASE("a judgement that comes late takes a milder word's say away") {
    House house;
    TestOrigin two(5);
    REQUIRE(house.hub->enrol(two.enrolment()).has_value());
    two.add(house.anna, consent::Fact{"restricted", "yes"}, kNoon + kMinuteMs);
    REQUIRE(two.push(*house.hub, 1, 1, kNoon + 2 * kMinuteMs).has_value());
    CHECK(house.asked() == "restricted");
    house.till.add(house.anna, consent::Fact{"restricted", "no"}, kNoon + kHourMs);
    house.push(kNoon + kHourMs);
    CHECK(house.asked() == "given");
    house.office.add(SubjectId{}, consent::ClockJudgement{house.till.id, 3, 3, kDayMs, false},
                     kNoon + 2 * kHourMs);
    house.push(kNoon + 2 * kHourMs);
    CHECK(house.asked() == "restricted");
}

TEST_CASE("no till takes back what head office restricted or noted, head office does") {
    House house;
    consent::Body mild;
    std::string reason;
    SUBCASE("restricted") {
        house.office.add(house.anna, consent::Fact{"restricted", "yes"}, kNoon + kMinuteMs);
        mild = consent::Fact{"restricted", "no"};
        reason = "restricted";
    }
    SUBCASE("a minor") {
        house.office.add(house.anna, consent::Fact{"minor", "yes"}, kNoon + kMinuteMs);
        mild = consent::Fact{"minor", "no"};
        reason = "minor";
    }
    SUBCASE("bounced") {
        house.office.add(house.anna,
                         consent::Contact{"email", house.address, ContactStatus::bounced},
                         kNoon + kMinuteMs);
        mild = consent::Contact{"email", house.address, ContactStatus::verified};
        reason = "bounced";
    }
    house.push(kNoon + kMinuteMs);
    CHECK(house.asked() == reason);
    house.till.add(house.anna, mild, kNoon + 30 * kMinuteMs);
    house.push(kNoon + 30 * kMinuteMs);
    CHECK(house.asked() == reason);
    house.office.add(house.anna, mild, kNoon + kHourMs);
    house.push(kNoon + kHourMs);
    CHECK(house.asked() == "given");
}

TEST_CASE("a name of 2099 gives way to what was said after it came") {
    House house;
    house.person.displayName = "Zonderling";
    house.till.add(house.anna, consent::Fact{"language", "nl"}, k2099, &house.person);
    house.push(kNoon + kHourMs);
    CHECK(house.hub->person(house.anna)->display == "Zonderling");
    house.person.displayName = "Anna";
    house.till.add(house.anna, consent::Fact{"language", "nl"}, kNoon + 2 * kHourMs, &house.person);
    house.push(kNoon + 2 * kHourMs);
    CHECK(house.hub->person(house.anna)->display == "Anna");
}

TEST_CASE("no clock brings back who was erased") {
    House house;
    house.office.add(house.anna, consent::Erase{}, kNoon + kHourMs);
    house.person.displayName = "Quirinus Zonderling";
    const auto says = [&](TimeMs at, TimeMs now) {
        house.till.add(house.anna, consent::Fact{"language", "nl"}, at, &house.person);
        house.push(now);
    };
    SUBCASE("dated after the erasure and come before it") {
        says(kNoon + 2 * kHourMs, kNoon + kHourMs);
    }
    SUBCASE("dated after the erasure by a till that has not heard of it") {
        house.push(kNoon + kHourMs);
        says(kNoon + 2 * kHourMs, kNoon + 3 * kHourMs);
    }
    SUBCASE("that was told but did not show that it heard") {
        house.push(kNoon + kHourMs);
        house.pull(false);
        says(kNoon + 2 * kHourMs, kNoon + 3 * kHourMs);
    }
    SUBCASE("dated 2099 by one that has") {
        house.push(kNoon + kHourMs);
        house.pull();
        says(k2099, kNoon + 3 * kHourMs);
    }
    SUBCASE("said before the erasure by one that has heard since") {
        house.push(kNoon + kHourMs);
        house.pull();
        says(kNoon + kMinuteMs, kNoon + 3 * kHourMs);
    }
    SUBCASE("by one whose clock is judged afterwards") {
        house.push(kNoon + kHourMs);
        house.pull();
        says(kNoon + 2 * kHourMs, kNoon + 3 * kHourMs);
        CHECK(house.found());
        house.office.add(SubjectId{},
                         consent::ClockJudgement{house.till.id, 3, 3, 2 * kHourMs, false},
                         kNoon + 4 * kHourMs);
        house.push(kNoon + 4 * kHourMs);
    }
    CHECK_FALSE(house.found());
    CHECK(house.hub->proof(house.anna)->size() == 4);
    CHECK(house.hub->newestPayload(house.anna).value() == 0);
    CHECK(house.hub->suppressed(house.address).value());
}

TEST_CASE("who comes back after the erasure, at a till that heard of it, is known again") {
    House house;
    house.office.add(house.anna, consent::Erase{}, kNoon + kHourMs);
    house.push(kNoon + kHourMs);
    house.pull();
    house.person.displayName = "Quirinus Zonderling";
    house.till.add(house.anna, test::act(Choice::given), kNoon + 2 * kHourMs, &house.person);
    house.push(kNoon + 3 * kHourMs);
    CHECK(house.found());
    // And at the other tills: the card says which erasure it knows of.
    TestOrigin two(5);
    REQUIRE(house.hub->enrol(two.enrolment()).has_value());
    const auto page = house.hub->pull({}, 500, two.id);
    REQUIRE(page->cards.size() == 1);
    CHECK(page->cards[0].displayName == "Quirinus Zonderling");
    CHECK(page->cards[0].erasedTo == kNoon + kHourMs);
}

TEST_CASE("what waited in quarantine since before the till heard does not come back by waiting") {
    House house;
    TestOrigin two(5);
    REQUIRE(house.hub->enrol(two.enrolment()).has_value());
    const auto no = two.add(house.anna, test::act(Choice::refused), kNoon + kMinuteMs);
    house.office.add(house.anna, consent::Erase{}, kNoon + kHourMs);
    house.push(kNoon + kHourMs);
    house.person.displayName = "Quirinus Zonderling";
    house.till.add(house.anna, test::act(Choice::given, {no.id}, consent::Method::screen),
                   kNoon + 2 * kHourMs, &house.person);
    house.push(kNoon + 3 * kHourMs);
    CHECK(house.hub->counts(kNoon)->quarantined == 1);
    REQUIRE(two.push(*house.hub, 1, 1, kNoon + 4 * kHourMs).has_value());
    house.pull();
    CHECK(house.hub->counts(kNoon)->quarantined == 0);
    CHECK_FALSE(house.found());
    CHECK(house.hub->newestPayload(house.anna).value() == 0);
}

TEST_CASE("the hub remembers how far a device's clock has surely come") {
    House house;
    CHECK(house.hub->origin(house.till.id)->reached == kNoon - 100);
    house.till.add(house.anna, consent::Fact{"minor", "no"}, k2099); // cannot be
    house.till.add(house.anna, consent::Fact{"minor", "no"}, kNoon - kDayMs);
    house.push(kNoon + kHourMs);
    CHECK(house.hub->origin(house.till.id)->reached == kNoon - 100);
    house.hub.reset();
    house.hub = open(house.folder);
    CHECK(house.hub->origin(house.till.id)->reached == kNoon - 100);
    house.till.add(house.anna, consent::Fact{"minor", "no"}, kNoon + kHourMs);
    house.push(kNoon + kHourMs);
    CHECK(house.hub->origin(house.till.id)->reached == kNoon + kHourMs - 100);
}
