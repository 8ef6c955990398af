// Who sits at the till: PIN, badge, lock-out, and nobody at all.
#include <algorithm>

#include "tests/integration/counter/House.h"

using namespace souffleur;
using namespace souffleur::test;
using counter::ActOutcome;
using counter::Stage;

TEST_CASE("five wrong PINs lock an operator out, and it lasts longer each time") {
    House house({}, "nl", false);
    CHECK(house.till->session().stage == Stage::signedOut);
    CHECK(house.till->desk("en").error().problem == "sign-in-needed");
    int left = ledger::Operators::kFailuresMax;
    counter::Refusal last;
    for (int i = 0; i < 12 && last.problem != "operator-locked-out"; ++i) {
        const auto tried = house.till->signIn(house.noor, "000000");
        REQUIRE_FALSE(tried);
        last = tried.error();
        if (last.problem == "pin-wrong") {
            CHECK(last.attemptsLeft < left);
            left = last.attemptsLeft;
        }
    }
    REQUIRE(last.problem == "operator-locked-out");
    CHECK(last.retryAfterMs > 0);
    CHECK(house.till->signIn(house.noor, kPin).error().problem == "operator-locked-out");
    CHECK(house.till->operators().value()[0].lockedOutFor > 0);
    house.clock.pass(last.retryAfterMs);
    const TimeMs before = last.retryAfterMs;
    CHECK(house.till->signIn(house.noor, "000000").error().problem == "pin-wrong");
    const auto again = house.till->signIn(house.noor, "000000");
    REQUIRE(again.error().problem == "operator-locked-out");
    CHECK(again.error().retryAfterMs > before);
    house.clock.pass(again.error().retryAfterMs);
    REQUIRE(house.till->signIn(house.noor, kPin));
    CHECK(house.till->session().who->name == "Noor");
}

TEST_CASE("a name and an id that names nobody are refused in the same words") {
    House house({}, "nl", false);
    const OperatorId nobody = OperatorId::random(house.random);
    for (int i = 0; i <= ledger::Operators::kFailuresMax; ++i) {
        CAPTURE(i);
        const auto known = house.till->signIn(house.noor, "000000").error();
        const auto unknown = house.till->signIn(nobody, "000000").error();
        CHECK(known.problem == unknown.problem);
        CHECK(known.message == unknown.message);
        CHECK(known.attemptsLeft == unknown.attemptsLeft);
        CHECK(known.retryAfterMs == unknown.retryAfterMs);
    }
}

TEST_CASE("a badge signs its holder in, also while their PIN is locked out") {
    House house({}, "nl", false);
    CHECK_FALSE(house.till->badgesInUse().value());
    auto row = house.ledger->operators().get(house.noor).value();
    row.badge = house.pins.badge("04A2B91C55D180").value();
    REQUIRE(house.ledger->operators().put(row));
    CHECK(house.till->badgesInUse().value());
    while (house.till->signIn(house.noor, "000000").error().problem != "operator-locked-out") {
    }
    const auto in = house.till->signInByBadge("04A2B91C55D180");
    REQUIRE(in);
    CHECK(in->stage == Stage::signedIn);
    CHECK(in->who->name == "Noor");
    house.till->lock();
    REQUIRE(house.till->signInByBadge("04A2B91C55D180\n"));
    CHECK(house.till->session().stage == Stage::signedIn);
    // The other way round, too.
    house.till->signOut();
    counter::Refusal last;
    int left = ledger::Operators::kFailuresMax;
    while (last.problem != "operator-locked-out") {
        last = house.till->signInByBadge("04A2B91C55D181").error();
        if (last.problem == "operator-locked-out") break;
        CHECK(last.problem == "badge-unknown");
        CHECK(last.attemptsLeft == --left);
    }
    CHECK(last.retryAfterMs > 0);
    CHECK(house.till->signInByBadge("04A2B91C55D180").error().problem == "operator-locked-out");
    house.clock.pass(kHourMs);
    REQUIRE(house.till->signIn(house.noor, kPin));
    CHECK(house.till->signInByBadge("1").error().problem == "badge-unknown");
}

TEST_CASE("the till locks by itself, hides the desk, and the same PIN opens it again") {
    House house;
    house.select();
    house.clock.pass(299'999);
    house.till->tick();
    CHECK(house.till->session().stage == Stage::signedIn);
    house.clock.pass(1);
    house.till->tick();
    CHECK(house.till->session().stage == Stage::locked);
    CHECK(house.till->session().who->id == house.noor);
    CHECK(house.till->desk("en").error().problem == "locked");
    CHECK(house.till->hostFlag().quiet);
    CHECK(house.till->record({}, "en").error().problem == "locked");
    REQUIRE(house.till->hostSelected(house.stranger("B"))); // the sale goes on
    REQUIRE(house.till->signIn(house.noor, kPin));
    CHECK(house.desk().customer.has_value());
    CHECK(house.heard.stages.back() == Stage::signedIn);
}

TEST_CASE("with nobody signed in answers are still recorded, and attributed later") {
    House house({}, "nl", false);
    REQUIRE(house.till->goUnidentified());
    const counter::Desk desk = house.select();
    const auto done = house.till->record(house.answer(desk, ActOutcome::refuse), "en");
    REQUIRE(done);
    CHECK(done->act.operatorName.empty());
    CHECK(house.till->search("anna", 5).error().problem == "sign-in-needed");
    CHECK(house.till->acts(desk.customer->subject, "", 5, "en").error().problem ==
          "sign-in-needed");
    CHECK(house.till->attribute(done->act.id).error().problem == "sign-in-needed");
    REQUIRE(house.till->signIn(house.noor, kPin));
    CHECK(house.till->unattributed().value().acts == std::vector{done->act.id});
    CHECK(house.till->unattributed().value().total == 1);
    CHECK(house.till->unattributed().value().customers == std::vector{desk.customer->displayName});
    house.till->setReadable(false); // no lease: it may show nobody
    CHECK(house.till->unattributed().value().customers == std::vector<std::string>{""});
    house.till->setReadable(true);
    REQUIRE(house.till->attribute(done->act.id));
    CHECK(house.till->unattributed().value().acts.empty());
    CHECK(house.till->unattributed().value().total == 0);
    CHECK(house.till->attribute(done->act.id).error().problem == "not-found");
    CHECK_FALSE(house.desk().undo.available); // it was not theirs to undo
}

TEST_CASE("where the house wants names, unidentified is for when nobody can sign in") {
    counter::CounterSettings settings;
    settings.unidentifiedAllowed = false;
    House house(settings, "nl", false);
    CHECK(house.till->goUnidentified().error().problem == "unidentified-not-allowed");
    while (house.till->signIn(house.noor, "000000").error().problem != "operator-locked-out") {
    }
    CHECK(house.till->session().unidentifiedAllowed);
    CHECK(house.till->goUnidentified());
}

TEST_CASE("capture without a name ends when the till is left alone, and its customer goes") {
    House house({}, "nl", false);
    REQUIRE(house.till->goUnidentified());
    house.select();
    house.clock.pass(299'999);
    house.till->tick();
    CHECK(house.till->session().stage == Stage::unidentified);
    house.clock.pass(1);
    house.till->tick();
    CHECK(house.till->session().stage == Stage::signedOut);
    CHECK(house.heard.stages.back() == Stage::signedOut);
    CHECK_FALSE(house.till->desk("en"));
    REQUIRE(house.till->goUnidentified()); // whoever comes goes on at once
    CHECK_FALSE(house.desk().customer);
    CHECK(house.select().customer);
}

TEST_CASE("where the house wants names, capture without one ends once somebody can sign in") {
    counter::CounterSettings settings;
    settings.unidentifiedAllowed = false;
    House house(settings, "nl", false);
    counter::Refusal last;
    while (last.problem != "operator-locked-out") {
        last = house.till->signIn(house.noor, "000000").error();
    }
    REQUIRE(house.till->goUnidentified()); // the only operator is locked out: anybody may
    house.select();
    house.clock.pass(last.retryAfterMs - 1);
    house.till->tick();
    CHECK(house.till->session().stage == Stage::unidentified);
    house.clock.pass(1);
    house.till->tick();
    CHECK(house.till->session().stage == Stage::signedOut);
    CHECK(house.till->desk("en").error().problem == "sign-in-needed");
    CHECK_FALSE(house.till->goUnidentified());
    REQUIRE(house.till->signIn(house.noor, kPin));
    CHECK(house.desk().customer); // the sale went on
}

TEST_CASE("a till nobody is at tells the ticketing screen as little as a locked one") {
    House house({}, "nl", false);
    CHECK(house.till->hostSelected(house.stranger())->quiet); // before anybody came
    REQUIRE(house.till->signIn(house.noor, kPin));
    CHECK_FALSE(house.till->hostFlag().quiet);
    CHECK_FALSE(house.till->hostFlag().script.empty());
    house.till->lock();
    CHECK(house.till->hostFlag().quiet);
    REQUIRE(house.till->signIn(house.noor, kPin));
    static_cast<void>(house.till->signOut());
    CHECK(house.till->hostFlag().quiet);
    CHECK(house.till->hostFlag().script.empty());
    REQUIRE(house.till->goUnidentified());
    CHECK_FALSE(house.till->hostFlag().quiet);
}

TEST_CASE("where all sign in by badge, a shut badge reader is nobody") {
    counter::CounterSettings settings;
    settings.unidentifiedAllowed = false;
    House house(settings, "nl", false);
    auto row = house.ledger->operators().get(house.noor).value();
    row.pin.clear();
    row.badge = house.pins.badge("04A2B91C55D180").value();
    REQUIRE(house.ledger->operators().put(row));
    CHECK(house.till->operators().value().empty());
    CHECK_FALSE(house.till->session().unidentifiedAllowed);
    while (house.till->signInByBadge("04A2B91C55D181").error().problem != "operator-locked-out") {
    }
    CHECK(house.till->session().unidentifiedAllowed);
}

TEST_CASE("everything is refused that needs somebody, when nobody is there") {
    House house({}, "nl", false);
    const SubjectId nobody;
    CHECK(house.till->clear().error().problem == "sign-in-needed");
    CHECK(house.till->select(nobody).error().problem == "sign-in-needed");
    CHECK(house.till->selectFound(nobody).error().problem == "sign-in-needed");
    CHECK(house.till->setRush(true).error().problem == "sign-in-needed");
    CHECK(house.till->setLanguage("nl").error().problem == "sign-in-needed");
    CHECK(house.till->setSituation(consent::Situation::phone, true).error().problem ==
          "sign-in-needed");
    CHECK(house.till->record({}, "en").error().problem == "sign-in-needed");
    CHECK(house.till->undo({}).error().problem == "sign-in-needed");
    CHECK(house.till->printSlip({}).error().problem == "sign-in-needed");
    CHECK(house.till->decide({}, true).error().problem == "sign-in-needed");
    CHECK(house.till->newPerson({}).error().problem == "sign-in-needed");
    CHECK(house.till->setPreferences(nobody, {}).error().problem == "sign-in-needed");
    CHECK(house.till->addContact(nobody, {}).error().problem == "sign-in-needed");
    CHECK(house.till->receipt({}, "en").error().problem == "sign-in-needed");
}
