// rooms: plugin-counter plugin-policy drivers-emulator
// The counter over a real ledger: what is asked, recorded, taken back.
#include <algorithm>

#include "tests/integration/counter/House.h"

using namespace souffleur;
using namespace souffleur::test;
using consent::Choice;
using consent::State;
using counter::ActOutcome;

TEST_CASE("a customer who is not on file is asked, and nothing is stored until they answer") {
    House house;
    const std::uint64_t before = house.events();
    const counter::Desk desk = house.select();
    REQUIRE(desk.customer);
    CHECK(desk.customer->isNew);
    CHECK(desk.customer->displayName == "Anna Vermeer");
    CHECK(desk.customer->language == "nl");
    REQUIRE(desk.customer->contacts.size() == 1);
    CHECK(desk.customer->contacts[0].masked.find("anna@") == std::string::npos);
    REQUIRE(desk.flag);
    CHECK(desk.flag->kind == consent::FlagKind::unknown);
    CHECK(desk.flag->reasons.front().code == "never-asked");
    CHECK_FALSE(askedKeys(desk).empty());
    REQUIRE(desk.script);
    CHECK(desk.script->language == "nl");
    CHECK_FALSE(desk.script->translation.empty());
    CHECK_FALSE(desk.questionSet.none());
    CHECK(house.events() == before);
    CHECK(house.ledger->findExternal("pretix", "C-1").value().empty());
}

TEST_CASE("a yes is on the disk before it is acknowledged, and a repeated key writes nothing") {
    House house;
    const counter::Desk desk = house.select();
    const auto request = house.say(desk, "newsletter", "email", Choice::given);
    const auto first = house.till->record(request, "en");
    REQUIRE(first);
    CHECK_FALSE(first->repeated);
    CHECK(first->act.outcome == "save");
    CHECK(first->act.operatorName == "Noor");
    CHECK(first->act.place == "Till 1");
    REQUIRE(first->act.choices.size() == 1);
    CHECK(first->act.choices[0].state == "given");
    CHECK(first->act.noticeRefs.size() == 1);
    CHECK(house.state(desk.customer->subject, "newsletter", "email") == State::given);
    CHECK(house.ledger->findExternal("pretix", "C-1").value() ==
          std::vector{desk.customer->subject});
    const std::uint64_t events = house.events();
    const auto again = house.till->record(request, "en");
    REQUIRE(again);
    CHECK(again->repeated);
    CHECK(again->act.id == first->act.id);
    auto other = request;
    other.answers[0].choice = Choice::refused;
    const auto refused = house.till->record(other, "en");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().problem == "idempotency-conflict");
    CHECK(house.events() == events);
    CHECK_FALSE(house.desk().customer->isNew);
}

TEST_CASE("an act carries wording, place, pseudonym and the hash of its withdrawal handle") {
    House house;
    const auto done =
        house.till->record(house.say(house.select(), "newsletter", "email", Choice::given), "en");
    REQUIRE(done);
    const auto event = house.ledger->event(done->act.id).value();
    const auto& act = std::get<consent::Act>(event.event.body);
    CHECK(act.by == house.noor);
    CHECK(act.place == "till-1");
    CHECK(act.controller == house.pack().controller.id);
    CHECK(act.withdrawHandleHash.size() == 64);
    CHECK(act.choices[0].notice.language == "nl");
    CHECK(act.choices[0].notice.sha256.size() == 64);
    CHECK(act.choices[0].validUntil > event.event.at);
    CHECK(house.ledger->setting("wording:" + act.choices[0].notice.id).has_value());
}

TEST_CASE("refuse speaks for every asked question and rests") {
    House house;
    const counter::Desk desk = house.select();
    const auto done = house.till->record(house.answer(desk, ActOutcome::refuse), "en");
    REQUIRE(done);
    CHECK(done->act.choices.size() == askedKeys(desk).size());
    for (const counter::DeskQuestion& question : desk.questions) {
        CHECK(house.state(desk.customer->subject, question.purpose, question.channel) ==
              (question.asked ? State::refused : State::unknown));
    }
    const counter::Desk after = house.desk();
    REQUIRE(after.flag->lastNo);
    CHECK(after.flag->lastNo->place == "Till 1");
    CHECK(after.lastAct->outcome == "refuse");
}

TEST_CASE("after an answer nothing more is asked in that sale, and no line moves") {
    House house;
    const counter::Desk before = house.select();
    REQUIRE(house.till->record(house.say(before, "newsletter", "email", Choice::given), "en"));
    const counter::Desk after = house.desk();
    CHECK(askedKeys(after).empty());
    CHECK_FALSE(after.script);
    CHECK_FALSE(after.questionSet.none());
    for (std::size_t i = 0; i < before.questions.size(); ++i) {
        CHECK(after.questions[i].id == before.questions[i].id);
    }
    house.clock.pass(kSecondMs);
    REQUIRE(house.till->undo(after.lastAct->id));
    CHECK(askedKeys(house.desk()) == askedKeys(before));
    house.select("C-2");
    CHECK_FALSE(askedKeys(house.desk()).empty());
}

TEST_CASE("not now and unclear are never a yes") {
    for (const ActOutcome outcome : {ActOutcome::notNow, ActOutcome::unclear}) {
        House house;
        const counter::Desk desk = house.select();
        const auto done = house.till->record(house.answer(desk, outcome), "en");
        REQUIRE(done);
        CHECK(house.desk().lastAct->outcome == std::string(name(outcome)));
        for (const counter::DeskQuestion& question : desk.questions) {
            if (question.asked) {
                CHECK(house.state(desk.customer->subject, question.purpose, question.channel) ==
                      State::deferred);
            }
        }
    }
}

TEST_CASE("stop everything objects to all, asked or not, later ones too") {
    House house;
    const counter::Desk desk = house.select();
    REQUIRE(house.till->record(house.answer(desk, ActOutcome::stopEverything), "en"));
    for (const consent::Purpose& purpose : house.pack().purposes) {
        for (const consent::Token& channel : purpose.channels) {
            CHECK(house.state(desk.customer->subject, purpose.id, channel) == State::objected);
        }
    }
    const counter::Desk after = house.desk();
    CHECK(after.flag->kind == consent::FlagKind::objected);
    CHECK(askedKeys(after).empty());
    CHECK_FALSE(after.script);
}

TEST_CASE("a no to what was given takes it back") {
    House house;
    counter::Desk desk = house.select();
    REQUIRE(house.till->record(house.say(desk, "newsletter", "email", Choice::given), "en"));
    desk = house.desk();
    REQUIRE(house.till->record(house.say(desk, "newsletter", "email", Choice::refused), "en"));
    CHECK(house.state(desk.customer->subject, "newsletter", "email") == State::withdrawn);
}

TEST_CASE("after a withdrawal a spoken yes waits, the person's own hand lifts it") {
    House house;
    counter::Desk desk = house.select();
    const SubjectId subject = desk.customer->subject;
    REQUIRE(house.till->record(house.say(desk, "newsletter", "email", Choice::given), "en"));
    desk = house.desk();
    REQUIRE(house.till->record(house.say(desk, "newsletter", "email", Choice::refused), "en"));
    desk = house.desk();
    const auto question =
        std::ranges::find_if(desk.questions, [](const counter::DeskQuestion& each) {
            return each.purpose == "newsletter" && each.channel == "email";
        });
    REQUIRE(question != desk.questions.end());
    CHECK_FALSE(question->asked);
    CHECK(question->answered == "withdrawn");
    CHECK(question->confirmBy == "own-hand");
    auto spoken = house.say(desk, "newsletter", "email", Choice::given);
    const auto done = house.till->record(spoken, "en");
    REQUIRE(done);
    CHECK(done->act.choices[0].state == "unconfirmed");
    CHECK(house.state(subject, "newsletter", "email") == State::withdrawn);
    auto own = house.say(house.desk(), "newsletter", "email", Choice::given);
    own.method = consent::Method::screen;
    REQUIRE(house.till->record(own, "en"));
    CHECK(house.state(subject, "newsletter", "email") == State::given);
}

TEST_CASE("an answer names in seen every negative on file behind the questions") {
    House house;
    counter::Desk desk = house.select();
    const auto no = house.till->record(house.answer(desk, ActOutcome::refuse), "en");
    REQUIRE(no);
    const auto yes =
        house.till->record(house.say(house.desk(), "newsletter", "email", Choice::given), "en");
    REQUIRE(yes);
    const auto event = house.ledger->event(yes->act.id).value();
    CHECK(std::get<consent::Act>(event.event.body).seen == std::vector{no->act.id});
}

TEST_CASE("an answer to a picture that has changed is refused and stores nothing") {
    House house;
    const counter::Desk desk = house.select();
    REQUIRE(house.till->record(house.say(desk, "newsletter", "email", Choice::given), "en"));
    const counter::Desk shown = house.desk();
    // Another way into the same ledger: what sync brings in.
    consent::Act act;
    act.controller = house.pack().controller.id;
    consent::ChoiceItem item;
    item.purpose = "newsletter";
    item.channel = "email";
    item.choice = Choice::refused;
    act.choices.push_back(item);
    act.method = consent::Method::web;
    REQUIRE(house.ledger->append(ledger::Draft{shown.customer->subject, act, {}, {}}));
    const std::uint64_t events = house.events();
    const auto late =
        house.till->record(house.say(shown, "newsletter", "email", Choice::given), "en");
    REQUIRE_FALSE(late);
    CHECK(late.error().problem == "stale-questions");
    CHECK(house.events() == events);
    const counter::Desk now = house.desk();
    CHECK(now.questionSet != shown.questionSet);
    CHECK(now.revision > shown.revision);
    REQUIRE(house.till->record(house.say(now, "newsletter", "email", Choice::given), "en"));
    CHECK(house.state(now.customer->subject, "newsletter", "email") == State::given);
}

TEST_CASE("what the ledger took in from others shows on the desk") {
    House house;
    REQUIRE(house.till->record(house.answer(house.select(), ActOutcome::refuse), "en"));
    const counter::Desk before = house.desk();
    house.till->ledgerChanged();
    CHECK(house.desk().revision == before.revision);
    consent::Act act;
    act.controller = house.pack().controller.id;
    consent::ChoiceItem item;
    item.purpose = "*";
    item.channel = "*";
    item.choice = Choice::objected;
    act.choices.push_back(item);
    act.method = consent::Method::web;
    REQUIRE(house.ledger->append(ledger::Draft{before.customer->subject, act, {}, {}}));
    house.till->ledgerChanged();
    CHECK(house.desk().revision > before.revision);
    CHECK(house.desk().flag->kind == consent::FlagKind::objected);
}

TEST_CASE("an answer for another customer, or without its members, is refused") {
    House house;
    const counter::Desk desk = house.select();
    auto other = house.answer(desk, ActOutcome::refuse);
    other.subject = SubjectId::random(house.random);
    CHECK(house.till->record(other, "en").error().problem == "stale-questions");
    auto wrong = house.say(desk, "newsletter", "carrier-pigeon", Choice::given);
    wrong.answers.push_back({"newsletter", "email", Choice::objected});
    wrong.answers.push_back({"newsletter", "email", Choice::given});
    const auto said = house.till->record(wrong, "en");
    REQUIRE_FALSE(said);
    CHECK(said.error().problem == "invalid");
    CHECK(said.error().fields ==
          std::vector<counter::FieldError>{{"/answers/0", "not-in-question-set", {}},
                                           {"/answers/1/choice", "out-of-range", {}},
                                           {"/answers/2", "duplicate", {}}});
    auto empty = house.answer(desk, ActOutcome::save);
    CHECK(house.till->record(empty, "en").error().fields[0].code == "missing");
    auto phone = house.answer(desk, ActOutcome::refuse);
    phone.method = consent::Method::phone;
    CHECK(house.till->record(phone, "en").error().fields[0].pointer == "/method");
    auto language = house.answer(desk, ActOutcome::refuse);
    language.language = "ru";
    CHECK(house.till->record(language, "en").error().fields[0].pointer == "/language");
}

TEST_CASE("undo restores the previous state exactly") {
    House house;
    counter::Desk desk = house.select();
    REQUIRE(house.till->record(house.say(desk, "newsletter", "email", Choice::given), "en"));
    desk = house.desk();
    const SubjectId subject = desk.customer->subject;
    const auto before = house.ledger->personFacts(subject, house.pack()).value();
    auto request = house.answer(desk, ActOutcome::stopEverything);
    request.contacts.push_back({counter::ContactKind::email, "anna.new@example.org", false,
                                desk.customer->contacts[0].id});
    const auto done = house.till->record(request, "en");
    REQUIRE(done);
    CHECK(house.state(subject, "newsletter", "email") == State::objected);
    CHECK(house.desk().undo.available);
    house.clock.pass(4 * kMinuteMs);
    REQUIRE(house.till->undo(done->act.id));
    const auto after = house.ledger->personFacts(subject, house.pack()).value();
    CHECK(after.states == before.states);
    CHECK(after.objected == before.objected);
    CHECK(after.contacts.at("email").verified == before.contacts.at("email").verified);
    CHECK_FALSE(house.desk().lastAct);
    const std::uint64_t events = house.events();
    REQUIRE(house.till->undo(done->act.id)); // twice is once
    CHECK(house.events() == events);
    CHECK(house.desk().customer->contacts.size() == desk.customer->contacts.size());
}

TEST_CASE("undo is over after five minutes, with the next customer, for another operator") {
    counter::CounterSettings settings;
    settings.autoLockAfterMs = 0;
    House house(settings);
    const auto record = [&] {
        const auto done =
            house.till->record(house.answer(house.desk(), ActOutcome::stopEverything), "en");
        REQUIRE(done);
        return done->act.id;
    };
    house.select("A");
    EventId act = record();
    SUBCASE("five minutes") {
        house.clock.pass(5 * kMinuteMs);
        const std::uint64_t revision = house.desk().revision;
        house.till->tick();
        CHECK_FALSE(house.desk().undo.available);
        CHECK(house.desk().revision > revision);
    }
    SUBCASE("the clock was set back") {
        house.clock.at -= kHourMs;
    }
    SUBCASE("the next customer") {
        house.select("B");
    }
    SUBCASE("another operator") {
        const OperatorId pau = house.till->enrolOperator({}, "Pau", "cashier", "111111").value();
        REQUIRE(house.till->signIn(pau, "111111"));
    }
    const auto undone = house.till->undo(act);
    REQUIRE_FALSE(undone);
    CHECK(undone.error().problem == "undo-over");
}

TEST_CASE("the host naming the same customer again keeps undo and the last answer") {
    House house;
    const auto done = house.till->record(house.answer(house.select(), ActOutcome::refuse), "en");
    REQUIRE(done);
    const counter::Desk desk = house.select();
    REQUIRE(desk.lastAct);
    CHECK(desk.undo.available);
    CHECK(house.till->undo(done->act.id));
    house.till->hostCleared();
    CHECK_FALSE(house.desk().customer);
    CHECK_FALSE(house.heard.hasCustomer);
}

TEST_CASE("on the phone answers are by phone and nothing is printed") {
    House house;
    house.select();
    REQUIRE(house.till->setSituation(consent::Situation::phone, false));
    const counter::Desk desk = house.desk();
    CHECK(desk.situationSource == counter::SituationSource::cashier);
    auto request = house.answer(desk, ActOutcome::refuse);
    CHECK(house.till->record(request, "en").error().fields[0].pointer == "/method");
    request.method = consent::Method::phone;
    const auto done = house.till->record(request, "en");
    REQUIRE(done);
    CHECK_FALSE(house.desk().slipOffered);
    CHECK(house.till->printSlip(done->act.id).error().problem == "slip-not-offered");
    house.select("B");
    CHECK(house.desk().situation == consent::Situation::counter);
    REQUIRE(house.till->setSituation(consent::Situation::phone, true));
    house.select("C");
    CHECK(house.desk().situation == consent::Situation::phone);
    // What the host says of a sale holds for as long as it says so.
    auto group = house.stranger("D");
    group.situation = consent::Situation::group;
    CHECK(house.select(group).situation == consent::Situation::group);
    CHECK(house.select("D").situation == consent::Situation::phone);
}

TEST_CASE("a school stores no pupils, yet a no of somebody on file is heard") {
    House house;
    counter::Desk desk = house.select();
    REQUIRE(house.till->record(house.say(desk, "newsletter", "email", Choice::given), "en"));
    REQUIRE(house.till->setSituation(consent::Situation::school, false));
    desk = house.desk();
    CHECK(desk.questions.empty());
    CHECK(desk.questionSet.none());
    REQUIRE(house.till->record(house.answer(desk, ActOutcome::stopEverything), "en"));
    CHECK(house.state(desk.customer->subject, "newsletter", "email") == State::objected);
    auto pupil = house.stranger("PUPIL");
    pupil.name = "Jan Jansen";
    pupil.email.clear();
    pupil.situation = consent::Situation::school;
    desk = house.select(pupil);
    CHECK(desk.situationSource == counter::SituationSource::host);
    const std::uint64_t events = house.events();
    const auto said = house.till->record(house.answer(desk, ActOutcome::stopEverything), "en");
    REQUIRE_FALSE(said);
    CHECK(said.error().problem == "no-pupils");
    CHECK(house.till->newPerson({Uuid::random(house.random), "Jan", "Jansen", "nl", {}})
              .error()
              .problem == "no-pupils");
    CHECK(house.events() == events);
}

TEST_CASE("a group's questions are for its contact person") {
    House house;
    house.select();
    REQUIRE(house.till->setSituation(consent::Situation::group, false));
    const std::vector<counter::Reason> reasons = house.desk().flag->reasons;
    CHECK(std::ranges::find(reasons, counter::Reason{"group-contact", 0, 0, {}}) != reasons.end());
}

TEST_CASE("the customer's language changes the wording, and only to one that the pack has") {
    House house;
    const counter::Desk before = house.select();
    REQUIRE(house.till->setLanguage("ru"));
    const counter::Desk desk = house.desk();
    CHECK(desk.script->language == "ru");
    CHECK(desk.questionSet != before.questionSet);
    CHECK(house.till->setLanguage("tlh").error().problem == "language-not-worded");
}

TEST_CASE(
    "an answer that was acknowledged is acknowledged again after a restart, and stored once") {
    House house;
    const counter::Desk desk = house.select();
    auto request = house.answer(desk, counter::ActOutcome::refuse);
    const auto first = house.till->record(request, "en");
    REQUIRE(first);
    const std::uint64_t events = house.events();
    house.restart();
    CHECK(house.till->record(request, "en").error().problem == "sign-in-needed");
    REQUIRE(house.till->signIn(house.noor, test::kPin));
    const auto again = house.till->record(request, "en");
    REQUIRE(again);
    CHECK(again->repeated);
    CHECK(again->act.id == first->act.id);
    CHECK(again->act.outcome == first->act.outcome);
    CHECK(again->act.choices.size() == first->act.choices.size());
    CHECK(house.events() == events);
    // With another customer on the desk as well.
    house.restart();
    REQUIRE(house.till->signIn(house.noor, test::kPin));
    house.select("C-2");
    CHECK(house.till->record(request, "en").value().repeated);
    // The same key for another answer is a mistake of the page.
    request.outcome = counter::ActOutcome::notNow;
    CHECK(house.till->record(request, "en").error().problem == "idempotency-conflict");
    house.restart();
    REQUIRE(house.till->signIn(house.noor, test::kPin));
    CHECK(house.till->record(request, "en").error().problem == "idempotency-conflict");
    CHECK(house.events() == events);
}
