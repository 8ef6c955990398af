// An address that is on file already and is typed once more; one of somebody restricted.
#include "tests/integration/counter/House.h"

using namespace souffleur;
using namespace souffleur::test;
using consent::Choice;
using consent::ContactStatus;
using counter::ContactKind;

namespace {

constexpr const char* kMail = "anna@example.org";

/// Anna has said no once and came back a year later; her address is of the status given.
struct Known : House {
    SubjectId subject;

    explicit Known(ContactStatus status) {
        const counter::Desk desk = select();
        subject = desk.customer->subject;
        REQUIRE(till->record(say(desk, "newsletter", "email", Choice::refused), "en"));
        clock.pass(kMinuteMs);
        put(consent::Contact{"email", key(), status});
        clock.pass(400 * kDayMs);
        select();
        REQUIRE(this->status() == status);
    }
    void put(const consent::Body& body) {
        ledger::Draft draft;
        draft.subject = subject;
        draft.body = body;
        REQUIRE(ledger->append(draft));
        till->ledgerChanged();
        till->hostCleared();
    }
    [[nodiscard]] std::string key() const {
        return ledger->contactKey(contact::Email::parse(kMail).value().canonicalKey());
    }
    [[nodiscard]] ContactStatus status() const {
        const auto person = ledger->person(subject).value();
        for (const auto& held : person.contacts) {
            if (held.channel == "email" && held.key == key()) return held.status;
        }
        return ContactStatus::removed;
    }
    [[nodiscard]] counter::ActRequest yes() {
        auto request = say(desk(), "newsletter", "email", Choice::given);
        request.contacts.push_back({ContactKind::email, kMail, true, {}});
        return request;
    }
};

} // namespace

TEST_CASE("an address that is typed once more stays what it was, and undo leaves it so") {
    for (const auto status :
         {ContactStatus::verified, ContactStatus::unverified, ContactStatus::bounced}) {
        CAPTURE(static_cast<int>(status));
        Known house(status);
        bool readable = true;
        SUBCASE("under a lease") {}
        SUBCASE("without one") {
            readable = false;
        }
        house.till->setReadable(readable);
        const auto done = house.till->record(house.yes(), "en");
        REQUIRE(done);
        CHECK(house.status() == status);
        // Only one that is known to be theirs needs no mail.
        const bool counts = readable && status == ContactStatus::verified;
        CHECK(done->act.choices[0].state == (counts ? "given" : "unconfirmed"));
        house.clock.pass(kSecondMs);
        REQUIRE(house.till->undo(done->act.id));
        CHECK(house.status() == status);
        house.clock.pass(kSecondMs);
        REQUIRE(house.till->addContact(house.subject, {ContactKind::email, kMail, true, {}}));
        CHECK(house.status() == status);
    }
}

TEST_CASE("an address that is corrected to itself is not taken away") {
    Known house(ContactStatus::verified);
    const Uuid id = house.desk().customer->contacts.at(0).id;
    REQUIRE(house.till->addContact(house.subject, {ContactKind::email, kMail, true, id}));
    CHECK(house.status() == ContactStatus::verified);
}

TEST_CASE("an address that was taken away and is typed again is a new one") {
    Known house(ContactStatus::removed);
    auto request = house.yes();
    const auto done = house.till->record(request, "en");
    REQUIRE(done);
    CHECK(done->act.choices[0].state == "unconfirmed");
    REQUIRE(house.status() != ContactStatus::removed);
    house.clock.pass(kSecondMs);
    REQUIRE(house.till->undo(done->act.id));
    CHECK(house.status() == ContactStatus::removed);
}

TEST_CASE("of somebody restricted no address is taken at a till, and a no is") {
    Known house(ContactStatus::verified);
    house.put(consent::Fact{"restricted", "yes"});
    bool readable = true;
    SUBCASE("under a lease") {}
    SUBCASE("without one") {
        readable = false;
    }
    auto host = house.stranger();
    host.phone = "+31 6 0000 0000"; // which the ticketing system supplies
    const counter::Desk desk = house.select(host);
    REQUIRE(desk.flag->kind == consent::FlagKind::restricted);
    house.till->setReadable(readable);
    const counter::NewContact typed{ContactKind::email, "new@example.org", true, {}};
    const std::uint64_t events = house.events();
    CHECK(house.till->setPreferences(house.subject, {}).error().problem == "subject-unknown");
    CHECK(house.till->addContact(house.subject, typed).error().problem == "subject-unknown");
    auto request = house.answer(house.desk(), counter::ActOutcome::stopEverything);
    request.contacts.push_back(typed);
    CHECK(house.till->record(request, "en").error().problem == "subject-unknown");
    CHECK(house.events() == events);
    request.contacts.clear();
    REQUIRE(house.till->record(request, "en"));
    CHECK(house.events() == events + 1);
}
