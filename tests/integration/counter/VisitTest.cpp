// After an answer: who is left in peace, what is told, what undo keeps.
#include <algorithm>

#include "tests/integration/counter/House.h"
#include "tests/support/Newsletter.h"

using namespace souffleur;
using namespace souffleur::test;
using consent::Choice;
using consent::State;
using counter::ActOutcome;

TEST_CASE("whoever answered is not asked again in that visit, at this till or after a restart") {
    struct Row {
        ActOutcome outcome;
        consent::FlagKind kind;
        const char* reason;
    };
    for (const Row& row :
         {Row{ActOutcome::refuse, consent::FlagKind::resting, "said-no"},
          Row{ActOutcome::notNow, consent::FlagKind::resting, "asked-not-answered"},
          Row{ActOutcome::unclear, consent::FlagKind::resting, "asked-not-answered"},
          Row{ActOutcome::stopEverything, consent::FlagKind::objected, "objected"}}) {
        House house;
        REQUIRE(house.till->record(house.answer(house.select(), row.outcome), "en"));
        house.clock.pass(kMinuteMs);
        house.select("C-2");
        counter::Desk desk = house.select();
        CHECK(askedKeys(desk).empty());
        CHECK_FALSE(desk.script);
        CHECK(desk.flag->kind == row.kind);
        CHECK(desk.flag->reasons.front().code == row.reason);
        CHECK(house.till->hostFlag().script.empty());
        CHECK_FALSE(desk.questions.empty()); // what stands may be changed
        house.restart();
        REQUIRE(house.till->signIn(house.noor, kPin));
        CHECK(askedKeys(house.select()).empty());
    }
}

TEST_CASE("a yes leaves the rest for another day, and is told as a yes") {
    House house;
    REQUIRE(
        house.till->record(house.say(house.select(), "newsletter", "email", Choice::given), "en"));
    house.select("C-2");
    const counter::Desk desk = house.select();
    CHECK(askedKeys(desk).empty());
    CHECK(desk.flag->kind == consent::FlagKind::consented);
    CHECK(desk.flag->reasons.front().code == "given");
    CHECK(desk.flag->reasons.front().at != 0);
    CHECK(desk.flag->againAt == 0);
    house.clock.pass(house.pack().reask.visitHours * kHourMs);
    house.select("C-2");
    CHECK_FALSE(askedKeys(house.select()).empty());
}

TEST_CASE("a yes that waits beside an older permission is told with its own date") {
    House house({}, "de"); // every yes by e-mail waits for its confirmation
    const SubjectId anna = house.select().customer->subject;
    consent::Act old = newsletter(Choice::given);
    old.controller = house.pack().controller.id;
    old.method = consent::Method::import;
    old.source = "import";
    old.choices[0].basis = consent::Basis::legacy;
    ledger::Draft draft;
    draft.subject = anna;
    draft.body = old;
    REQUIRE(house.ledger->append(draft));
    REQUIRE(house.state(anna, "newsletter", "email") == State::legacy);
    house.till->hostCleared();
    house.clock.pass(kDayMs);
    const TimeMs said = house.clock.at;
    REQUIRE(
        house.till->record(house.say(house.select(), "newsletter", "email", Choice::given), "en"));
    REQUIRE(house.state(anna, "newsletter", "email") == State::legacy);
    const auto told = [&](const counter::Desk& desk) {
        const auto row = std::ranges::find_if(desk.questions, [](const auto& question) {
            return question.purpose == "newsletter" && question.channel == "email";
        });
        REQUIRE(row != desk.questions.end());
        CHECK(row->answered == "unconfirmed");
        CHECK(row->answeredAt >= said);
        CHECK(desk.flag->reasons.front().code == "awaiting-confirmation");
        CHECK(desk.flag->reasons.front().at >= said);
        CHECK(askedKeys(desk).empty()); // not in the visit in which it was said
    };
    told(house.desk());
    house.select("C-2");
    told(house.select());
}

TEST_CASE("a yes on an address just typed waits, whatever yes stood on the one that bounced") {
    struct Row {
        bool bounced;  ///< else there was none
        bool replaces; ///< else the old one stays beside it
    };
    for (const Row& row : {Row{true, true}, Row{true, false}, Row{false, false}}) {
        CAPTURE(row.bounced);
        CAPTURE(row.replaces);
        House house;
        counter::HostCustomer host = house.stranger();
        if (!row.bounced) host.email.clear();
        const SubjectId anna = house.select(host).customer->subject;
        consent::Act old = newsletter(Choice::given);
        old.controller = house.pack().controller.id;
        old.method = consent::Method::paper;
        old.choices[0].validUntil = house.clock.at + 200 * kDayMs;
        ledger::Draft draft;
        draft.subject = anna;
        draft.body = old;
        draft.person.externalIds = {{host.system, host.id}};
        REQUIRE(house.ledger->append(draft));
        const std::string oldKey = house.ledger->contactKey(
            contact::Email::parse("anna@example.org").value().canonicalKey());
        const auto word = [&](const std::string& key, consent::ContactStatus status) {
            house.clock.pass(kSecondMs);
            ledger::Draft said;
            said.subject = anna;
            said.body = consent::Contact{"email", key, status};
            REQUIRE(house.ledger->append(said));
        };
        if (row.bounced) word(oldKey, consent::ContactStatus::bounced);
        house.till->hostCleared();
        house.clock.pass(100 * kDayMs);
        host.email.clear();
        counter::Desk desk = house.select(host);
        REQUIRE(desk.flag->kind ==
                (row.bounced ? consent::FlagKind::bounced : consent::FlagKind::noAddress));
        const TimeMs said = house.clock.at;
        auto request = house.say(desk, "newsletter", "email", Choice::given);
        request.contacts.push_back({counter::ContactKind::email, "anna.new@example.org", false,
                                    row.replaces ? desk.customer->contacts.at(0).id : Uuid{}});
        const auto done = house.till->record(request, "en");
        REQUIRE(done);
        CHECK(done->act.choices[0].state == "unconfirmed");
        const auto told = [&](const counter::Desk& seen, bool waits) {
            CHECK(seen.flag->kind ==
                  (waits ? consent::FlagKind::unconfirmed : consent::FlagKind::consented));
            CHECK(seen.flag->reasons.front().code == (waits ? "awaiting-confirmation" : "given"));
            CHECK(seen.flag->reasons.front().at >= said);
            const auto asked = std::ranges::find_if(seen.questions, [](const auto& question) {
                return question.purpose == "newsletter" && question.channel == "email";
            });
            REQUIRE(asked != seen.questions.end());
            CHECK(asked->answered == (waits ? "unconfirmed" : "given"));
            CHECK(asked->answeredAt >= said);
        };
        told(house.desk(), true);
        house.select("C-2");
        told(house.select(host), true);
        // The click on the mail to that address settles it.
        house.clock.pass(kMinuteMs);
        ledger::Draft click;
        click.subject = anna;
        click.body = consent::Confirmed{
            done->act.id, "email",
            house.ledger->contactKey(
                contact::Email::parse("anna.new@example.org").value().canonicalKey())};
        REQUIRE(house.ledger->append(click));
        house.select("C-2");
        told(house.select(host), false);
    }
}

TEST_CASE("a spoken yes of somebody who wants nothing is told not to count, and ends the visit") {
    House house;
    counter::Desk desk = house.select();
    REQUIRE(house.till->record(house.answer(desk, ActOutcome::stopEverything), "en"));
    house.clock.pass(100 * kDayMs);
    house.select("C-2");
    desk = house.select();
    const auto done =
        house.till->record(house.say(desk, "newsletter", "email", Choice::given), "en");
    REQUIRE(done);
    CHECK(done->act.choices[0].state == "unconfirmed");
    desk = house.desk();
    CHECK(desk.flag->kind == consent::FlagKind::objected);
    REQUIRE(desk.flag->reasons.size() > 1);
    CHECK(desk.flag->reasons[1].code == "needs-own-hand");
}

TEST_CASE("a withdrawal with nothing else said leads, and a spoken yes after it asks for paper") {
    House house;
    counter::Desk desk = house.select();
    REQUIRE(house.till->record(house.say(desk, "newsletter", "email", Choice::given), "en"));
    REQUIRE(
        house.till->record(house.say(house.desk(), "newsletter", "email", Choice::refused), "en"));
    desk = house.desk();
    CHECK(desk.flag->kind == consent::FlagKind::resting);
    CHECK(desk.flag->reasons.front().code == "withdrew");
    house.clock.pass(100 * kDayMs);
    house.select("C-2");
    desk = house.select();
    REQUIRE_FALSE(askedKeys(desk).empty());
    REQUIRE(house.till->record(house.say(desk, "newsletter", "email", Choice::given), "en"));
    house.select("C-2");
    desk = house.select(); // the spoken yes moved no state, and was an answer all the same
    CHECK(askedKeys(desk).empty());
    CHECK(desk.flag->kind == consent::FlagKind::unconfirmed);
    CHECK(desk.flag->reasons.front().code == "needs-own-hand");
}

TEST_CASE("undo keeps the address that the ticketing system supplies, and removes a typed one") {
    House house;
    counter::Desk desk = house.select();
    auto request = house.say(desk, "newsletter", "email", Choice::given);
    request.contacts.push_back({counter::ContactKind::phone, "+31 6 12345678", false, {}});
    const auto done = house.till->record(request, "en");
    REQUIRE(done);
    CHECK(house.desk().customer->contacts.size() == 2);
    house.clock.pass(kMinuteMs);
    REQUIRE(house.till->undo(done->act.id));
    desk = house.desk();
    REQUIRE(desk.customer->contacts.size() == 1);
    CHECK(desk.customer->contacts[0].kind == counter::ContactKind::email);
    CHECK_FALSE(askedKeys(desk).empty());
}

TEST_CASE("somebody selected before their record came is on file as soon as it is here") {
    House house;
    const counter::Desk early = house.select("C-77");
    CHECK(early.customer->isNew);
    const SubjectId subject = SubjectId::random(house.random);
    ledger::Draft draft;
    draft.subject = subject;
    draft.body = consent::Fact{"minor", "no"};
    draft.person.name.given = "Anna";
    draft.person.name.family = "Vermeer";
    draft.person.externalIds = {{"pretix", "C-77"}};
    REQUIRE(house.ledger->append(draft));
    house.till->ledgerChanged();
    const counter::Desk now = house.desk();
    CHECK(now.customer->subject == subject);
    CHECK_FALSE(now.customer->isNew);
    CHECK(now.questionSet != early.questionSet);
    CHECK(now.revision > early.revision);
    REQUIRE(house.till->record(house.say(now, "newsletter", "email", Choice::refused), "en"));
    CHECK(house.ledger->findExternal("pretix", "C-77").value() == std::vector{subject});
}
