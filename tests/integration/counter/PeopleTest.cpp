// Finding, adding and correcting people.
#include <algorithm>

#include "plugin/crypto/Encoding.h"
#include "plugin/crypto/Handle.h"
#include "tests/integration/counter/House.h"
#include "tests/support/Newsletter.h"

using namespace souffleur;
using namespace souffleur::test;
using consent::Choice;
using consent::State;
using counter::ActOutcome;
using counter::ContactKind;

TEST_CASE("who is typed in again under the same name and address is no new person") {
    House house;
    counter::NewPerson person{Uuid::random(house.random), "Anton", "Tsjechov", "ru", {}};
    person.contacts.push_back({ContactKind::email, "anton@example.org", false, {}});
    REQUIRE(house.till->newPerson(person));
    REQUIRE(house.till->record(house.answer(house.desk(), ActOutcome::stopEverything), "en"));
    const SubjectId first = house.desk().customer->subject;
    house.till->hostCleared();
    const auto again = [&](const char* given, const char* family, const char* address) {
        counter::NewPerson next{Uuid::random(house.random), given, family, "nl", {}};
        next.contacts.push_back({ContactKind::email, address, false, {}});
        REQUIRE(house.till->newPerson(next));
        return house.desk();
    };
    const counter::Desk known = again("anton", "TSJECHOV", "Anton@example.org");
    CHECK(known.customer->subject == first);
    CHECK_FALSE(known.customer->isNew);
    CHECK(known.flag->kind == consent::FlagKind::objected);
    // One address does not make a family one person.
    CHECK(again("Olga", "Tsjechova", "anton@example.org").customer->isNew);
    CHECK(again("Anton", "Tsjechov", "other@example.org").customer->isNew);
    // Without a lease nobody can tell who is on file.
    house.till->setReadable(false);
    CHECK(again("Anton", "Tsjechov", "anton@example.org").customer->isNew);
}

TEST_CASE("a new person is on file with their first act, and then found") {
    House house;
    const std::uint64_t before = house.events();
    counter::NewPerson person{Uuid::random(house.random), "Anton", "Tsjechov", "ru", {}};
    person.contacts.push_back({ContactKind::email, "anton@example.org", false, {}});
    const auto made = house.till->newPerson(person);
    REQUIRE(made);
    CHECK_FALSE(*made);
    CHECK(house.till->newPerson(person).value()); // the key again: the same person
    counter::Desk desk = house.desk();
    CHECK(desk.customer->isNew);
    CHECK(desk.customer->language == "ru");
    CHECK(desk.customer->contacts.size() == 1);
    CHECK(desk.customer->contacts[0].state == "unconfirmed");
    CHECK(house.events() == before);
    // A newly typed address is confirmed first.
    const auto done =
        house.till->record(house.say(desk, "newsletter", "email", Choice::given), "en");
    REQUIRE(done);
    CHECK(done->act.choices[0].state == "unconfirmed");
    CHECK(house.state(desk.customer->subject, "newsletter", "email") == State::requested);
    const auto found = house.till->search("tsjechov", 8);
    REQUIRE(found);
    REQUIRE(found->people.size() == 1);
    CHECK(found->people[0].subject == desk.customer->subject);
    CHECK(found->people[0].contacts.size() == 1);
    CHECK(house.till->search("anton@example.org", 8)->people.size() == 1);
    REQUIRE(house.till->clear());
    REQUIRE(house.till->select(found->people[0].subject));
    CHECK_FALSE(house.desk().customer->isNew);
    CHECK(house.till->select(SubjectId::random(house.random)).error().problem == "subject-unknown");
}

TEST_CASE("a slip's code that finds nobody says why; a name that finds nobody does not") {
    House house;
    const auto found = [&](const std::string& text) {
        const auto list = house.till->search(text, 8);
        REQUIRE(list);
        CHECK(list->people.empty());
        return list->slip;
    };
    const std::string code = crypto::slipCode(crypto::randomHandle(house.random));
    CHECK(found(code) == counter::SlipSearch::unknown);
    std::string mistyped = code;
    mistyped[0] = mistyped[0] == '1' ? '2' : '1';
    CHECK(found(mistyped) == counter::SlipSearch::mistyped);
    std::erase(mistyped, '-');
    CHECK(found(house.pack().controller.withdrawUrl + '#' + mistyped) ==
          counter::SlipSearch::mistyped);
    CHECK(found("Tsjechov") == counter::SlipSearch::none);
    CHECK(found("4711081") == counter::SlipSearch::none);
}

TEST_CASE("the code of a slip that was undone finds its holder and says that it does not count") {
    House house;
    const auto handle = crypto::randomHandle(house.random);
    ledger::Draft draft;
    draft.subject = SubjectId::random(house.random);
    consent::Act act = newsletter(consent::Choice::given);
    act.controller = house.pack().controller.id;
    act.method = consent::Method::spoken;
    act.withdrawHandleHash = crypto::toHex(crypto::bytesOf(crypto::handleHash(handle)));
    draft.body = act;
    draft.person.name.given = "Wim";
    const auto done = house.ledger->append(draft);
    REQUIRE(done);
    const auto found = house.till->search(crypto::slipCode(handle), 8);
    REQUIRE(found);
    CHECK(found->slip == counter::SlipSearch::none);
    ledger::Draft undo;
    undo.subject = draft.subject;
    undo.body = consent::Retract{done->id, act.by};
    REQUIRE(house.ledger->append(undo));
    const auto after = house.till->search(crypto::slipCode(handle), 8);
    REQUIRE(after);
    REQUIRE(after->people.size() == 1);
    CHECK(after->people[0].subject == draft.subject);
    CHECK(after->slip == counter::SlipSearch::takenBack);
    CHECK(counter::name(after->slip) == "taken-back");
}

TEST_CASE("what is on file of a ticketing system is known in every stage, under a lease") {
    House house;
    REQUIRE(house.till->record(house.answer(house.select("order:4711"), ActOutcome::refuse), "en"));
    house.till->lock();
    CHECK(house.till->onFile("pretix", "order:4711") == true);
    CHECK(house.till->onFile("pretix", "order:4712") == false);
    CHECK(house.till->onFile("other", "order:4711") == false);
    house.till->setReadable(false);
    CHECK(house.till->onFile("pretix", "order:4711").error().problem == "lease-over");
}

TEST_CASE("a mistyped address comes back as a question, and may be kept as typed") {
    House house;
    counter::NewPerson person{Uuid::random(house.random), "Anna", "Vermeer", "nl", {}};
    person.contacts.push_back({ContactKind::email, "anna@gmial.com", false, {}});
    const auto asked = house.till->newPerson(person);
    REQUIRE_FALSE(asked);
    REQUIRE(asked.error().fields.size() == 1);
    CHECK(asked.error().fields[0].pointer == "/contacts/0/value");
    CHECK(asked.error().fields[0].code == "email-mistyped");
    CHECK(asked.error().fields[0].suggestion == "anna@gmail.com");
    CHECK(asked.error().message.find("anna") == std::string::npos);
    person.contacts[0].confirmed = true;
    CHECK(house.till->newPerson(person));
}

TEST_CASE("names and addresses that are none are refused, member by member") {
    House house;
    counter::NewPerson person{Uuid::random(house.random), "", " ", "nl", {}};
    CHECK(house.till->newPerson(person).error().fields[0].pointer == "/name");
    person.given = "Jan";
    person.contacts = {{ContactKind::phone, "call me", false, {}},
                       {ContactKind::post, "nowhere", false, {}},
                       {ContactKind::email, "a\x1b@example.org", false, {}}};
    const auto refused = house.till->newPerson(person);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().fields.size() == 3);
    person.contacts.resize(4);
    CHECK(house.till->newPerson(person).error().fields[0].code == "too-long");
    person.contacts.clear();
    person.given = "Daan";
    person.family = "daan@example.org";
    CHECK(house.till->newPerson(person).error().fields[0].code == "not-a-name");
    person.given = std::string(10'000, 'x');
    CHECK(house.till->newPerson(person).error().fields[0].code == "too-long");
}

TEST_CASE("telephone and post typed at the counter are stored with their channels") {
    House house;
    counter::Desk desk = house.select();
    auto request = house.answer(desk, ActOutcome::notNow);
    request.contacts = {{ContactKind::phone, "06 0000 0000", false, {}},
                        {ContactKind::post, "Korte Straat 1\n1234 AB Delft", false, {}}};
    const auto done = house.till->record(request, "en");
    if (!done) {
        for (const auto& field : done.error().fields) {
            MESSAGE(field.pointer << " " << field.code);
        }
    }
    REQUIRE(done);
    const auto facts = house.ledger->personFacts(desk.customer->subject, house.pack()).value();
    CHECK(facts.contacts.at("phone").present);
    CHECK(facts.contacts.at("post").present);
    CHECK_FALSE(facts.contacts.at("post").verified);
    CHECK(facts.contacts.at("email").verified); // the ticketing system's own
    CHECK(house.desk().customer->contacts.size() == 3);
}

TEST_CASE(
    "an address of the ticketing system is confirmed too unless the house's file vouches for it") {
    House house;
    auto pack = std::make_shared<consent::Policy>(house.pack());
    CHECK(pack->hostAddressesVerified); // the sample house had them confirmed
    pack->hostAddressesVerified = false;
    REQUIRE(house.till->usePolicy(pack));
    const counter::Desk desk = house.select();
    CHECK(desk.questions[0].confirmBy == "mail");
    REQUIRE(house.till->record(house.say(desk, "newsletter", "email", Choice::given), "en"));
    CHECK(house.state(desk.customer->subject, "newsletter", "email") == State::requested);
}

TEST_CASE("the same e-mail is the same person only with the same name") {
    House house;
    const counter::Desk first = house.select("OLD-1");
    REQUIRE(house.till->record(house.say(first, "newsletter", "email", Choice::given), "en"));
    auto same = house.stranger("NEW-1");
    same.name = "VERMEER, Anna";
    CHECK(house.select(same).customer->subject == first.customer->subject);
    auto partner = house.stranger("NEW-2");
    partner.name = "Piet Vermeer";
    CHECK(house.select(partner).customer->subject != first.customer->subject);
    auto nameless = house.stranger("NEW-3");
    nameless.name.clear();
    CHECK(house.select(nameless).customer->subject != first.customer->subject);
}

TEST_CASE("a corrected address replaces the old one and waits for confirmation") {
    House house;
    counter::Desk desk = house.select();
    REQUIRE(house.till->record(house.say(desk, "newsletter", "email", Choice::given), "en"));
    desk = house.desk();
    const SubjectId subject = desk.customer->subject;
    house.clock.pass(kSecondMs);
    REQUIRE(house.till->addContact(
        subject, {ContactKind::email, "anna.v@example.net", false, desk.customer->contacts[0].id}));
    desk = house.desk();
    REQUIRE(desk.customer->contacts.size() == 1);
    CHECK(desk.customer->contacts[0].state == "unconfirmed");
    CHECK(house.till
              ->addContact(SubjectId::random(house.random),
                           {ContactKind::email, "b@example.org", false, {}})
              .error()
              .problem == "subject-unknown");
    CHECK(house.till->addContact(subject, {ContactKind::email, "no", false, {}})
              .error()
              .fields[0]
              .pointer == "/value");
}

TEST_CASE("preferences are kept, changed, and bounded by what the house offers") {
    House house;
    counter::Desk desk = house.select();
    const SubjectId subject = desk.customer->subject;
    REQUIRE(house.till->setPreferences(subject, {{"jazz"}, "monthly", "en"}));
    CHECK(house.desk().preferences->genres == std::vector<std::string>{"jazz"});
    REQUIRE(house.till->record(house.answer(house.desk(), ActOutcome::notNow), "en"));
    CHECK(house.desk().preferences->genres == std::vector<std::string>{"jazz"});
    CHECK(house.desk().preferences->frequency == "monthly");
    house.clock.pass(kSecondMs);
    REQUIRE(house.till->setPreferences(subject, {{"theatre"}, "monthly", "nl"}));
    CHECK(house.desk().preferences->genres == std::vector<std::string>{"theatre"});
    CHECK(house.desk().preferences->language == "nl");
    const std::uint64_t events = house.events();
    REQUIRE(house.till->setPreferences(subject, {{"theatre"}, "monthly", "nl"}));
    CHECK(house.events() == events);
    const auto refused = house.till->setPreferences(subject, {{"opera"}, "hourly", "tlh"});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().fields.size() == 3);
}

TEST_CASE("what a person said so far, newest first, page by page, undone ones marked") {
    House house;
    counter::Desk desk = house.select();
    const SubjectId subject = desk.customer->subject;
    CHECK(house.till->acts(subject, "", 10, "en").value().acts.empty());
    std::vector<EventId> ids;
    for (int i = 0; i < 3; ++i) {
        house.clock.pass(kMinuteMs);
        const auto done =
            house.till->record(house.answer(house.desk(), ActOutcome::stopEverything), "en");
        REQUIRE(done);
        ids.push_back(done->act.id);
    }
    REQUIRE(house.till->undo(ids.back()));
    const auto first = house.till->acts(subject, "", 2, "en").value();
    REQUIRE(first.acts.size() == 2);
    CHECK(first.acts[0].id == ids[2]);
    CHECK(first.acts[0].undone);
    CHECK(first.acts[0].outcome == "stop-everything");
    CHECK_FALSE(first.acts[1].undone);
    const auto rest = house.till->acts(subject, first.next, 2, "en").value();
    REQUIRE(rest.acts.size() == 1);
    CHECK(rest.acts[0].id == ids[0]);
    CHECK(rest.next.empty());
}

TEST_CASE("hints of a host may hold anything") {
    House house;
    counter::HostCustomer host;
    host.system = "box-office";
    host.id = "1";
    host.name = "\x1b@\x1d\x56\x41 Anna\nVermeer";
    host.email = "not an address";
    host.phone = std::string(5000, '7');
    host.card = "4711\x07";
    host.language = "xx-klingon";
    const counter::Desk desk = house.select(host);
    for (const char c : desk.customer->displayName) {
        CHECK(static_cast<unsigned char>(c) >= 0x20);
    }
    CHECK(desk.customer->contacts.empty());
    CHECK(desk.customer->language == house.pack().languages.front());
    CHECK(house.till->record(house.answer(desk, ActOutcome::refuse), "en"));
    host.system = "No Token!";
    CHECK(house.till->hostSelected(host));
    CHECK_FALSE(house.desk().customer);
}

TEST_CASE("a till says why a later yes does not count, and that a no is another record's") {
    House house;
    const counter::Desk desk = house.select();
    const SubjectId anna = desk.customer->subject;
    REQUIRE(house.till->record(house.say(desk, "newsletter", "email", Choice::refused), "en"));
    const auto codes = [&] {
        house.till->ledgerChanged();
        house.till->hostCleared();
        std::vector<std::string> out;
        const auto shown = house.select();
        REQUIRE(shown.flag.has_value());
        for (const counter::Reason& reason : shown.flag->reasons) out.push_back(reason.code);
        return out;
    };
    const auto has = [](const std::vector<std::string>& all, const char* code) {
        return std::ranges::find(all, code) != all.end();
    };
    CHECK_FALSE(has(codes(), "clock-in-doubt"));
    CHECK_FALSE(has(codes(), "records-linked"));
    consent::Act yes = newsletter(Choice::given);
    yes.controller = house.pack().controller.id;
    yes.method = consent::Method::import;
    ledger::Draft draft;
    draft.subject = anna;
    draft.body = yes;
    draft.when = Reading{house.clock.at + kHourMs, kDayMs, 60};
    house.clock.pass(2 * kHourMs);
    REQUIRE(house.ledger->append(draft));
    CHECK(house.state(anna, "newsletter", "email") == State::refused);
    CHECK(has(codes(), "clock-in-doubt"));
    ledger::Draft link;
    link.subject = anna;
    link.body = consent::Link{SubjectId::random(house.random), "operator"};
    REQUIRE(house.ledger->append(link));
    CHECK(has(codes(), "records-linked"));
}

TEST_CASE("advertising is recorded only beside the consent that the law wants with it") {
    House house({}, "ru");
    const counter::Desk desk = house.select();
    const auto ask = [&](std::initializer_list<std::pair<const char*, Choice>> said) {
        auto request = house.answer(house.desk(), ActOutcome::save);
        for (const auto& [purpose, choice] : said) {
            request.answers.push_back(
                {purpose, std::string_view(purpose) == "personal-data" ? "record" : "email",
                 choice});
        }
        return house.till->record(request, "ru");
    };
    const auto alone = ask({{"newsletter", Choice::given}});
    REQUIRE_FALSE(alone);
    CHECK(alone.error().problem == "invalid");
    CHECK(alone.error().fields.at(0).code == "needs-other-consent");
    CHECK(alone.error().fields.at(0).pointer == "/answers/0");
    REQUIRE_FALSE(ask({{"personal-data", Choice::refused}, {"newsletter", Choice::given}}));
    REQUIRE_FALSE(ask({{"newsletter", Choice::given}, {"personal-data", Choice::deferred}}));
    CHECK(house.events() == 0);
    CHECK(ask({{"newsletter", Choice::refused}}));
    house.till->hostCleared();
    house.select("C-2");
    CHECK(ask({{"newsletter", Choice::given}, {"personal-data", Choice::given}}));
}

TEST_CASE("a row stands in the same place at every visit, whatever is asked of it") {
    House house;
    const auto rows = [](const counter::Desk& desk) {
        std::vector<std::string> out;
        for (const counter::DeskQuestion& question : desk.questions) {
            out.push_back(question.purpose + '/' + question.channel);
        }
        return out;
    };
    const auto asked = [](const counter::Desk& desk) {
        return std::ranges::count_if(desk.questions, &counter::DeskQuestion::asked);
    };
    const counter::Desk first = house.select();
    REQUIRE(house.till->record(house.say(first, "newsletter", "email", Choice::refused), "en"));
    house.clock.pass(400 * kDayMs);
    const counter::Desk again = house.select();
    CHECK(asked(again) != asked(first));
    CHECK(rows(again) == rows(first));
    REQUIRE(house.till->record(house.answer(again, counter::ActOutcome::stopEverything), "en"));
    CHECK(rows(house.desk()) == rows(first)); // no partner's rows for those of the house
}

TEST_CASE("a rule that begins while the till is open bears on the states from that minute") {
    House house;
    const consent::ChannelRule* now =
        house.pack().rule("newsletter", "email", house.clock.at.load());
    REQUIRE(now != nullptr);
    REQUIRE(now->liftEvidence.contains(consent::Method::screen));
    auto changed = std::make_shared<consent::Policy>(house.pack());
    const TimeMs begins = house.clock.at + kHourMs;
    consent::ChannelRule strict = *now;
    strict.purpose = "newsletter";
    strict.validFrom = begins;
    strict.liftEvidence = {consent::Method::paper};
    changed->rules.push_back(strict);
    REQUIRE(house.till->usePolicy(changed));
    const auto anna = SubjectId::random(house.random);
    const auto write = [&](Choice what) {
        house.clock.pass(kSecondMs);
        consent::ChoiceItem item;
        item.purpose = "newsletter";
        item.channel = "email";
        item.choice = what;
        consent::Act act;
        act.controller = house.pack().controller.id;
        act.choices = {item};
        act.method = consent::Method::screen;
        act.by = house.noor;
        act.place = "till-1";
        REQUIRE(house.ledger->append({anna, act, {}, {}}));
    };
    write(Choice::withdrawn);
    write(Choice::given);
    REQUIRE(house.till->keepRules());
    CHECK(house.state(anna, "newsletter", "email") == State::given);
    house.clock.pass(kHourMs);
    REQUIRE(house.till->keepRules());
    CHECK(house.state(anna, "newsletter", "email") == State::withdrawn);
    REQUIRE(house.till->keepRules());
    CHECK(house.state(anna, "newsletter", "email") == State::withdrawn);
}
