// Who may sign in: PINs from 0600 files, badges from standard input, unlock.
#include <doctest/doctest.h>

#include "plugin/ledger/Operators.h"
#include "tests/support/DeviceFolder.h"

using namespace souffleur;
using Folder = test::DeviceFolder;

TEST_CASE("an operator is added with a PIN, a badge or both, and never with neither") {
    Folder till;
    CHECK(cli::addOperator(till.context, {"Nobody", "cashier", {}, false}) == 1);
    CHECK(cli::addOperator(till.context, {"Pau", "cashier", till.pinFile(), false}) == 0);
    till.typed("04A2B91C55D180\n");
    CHECK(cli::addOperator(till.context, {"Noor", "supervisor", {}, true}) == 0);
    till.typed("04A2B91C55D180\n");
    CHECK(cli::addOperator(till.context, {"Thief", "cashier", {}, true}) == 1);
    till.typed("short\n");
    CHECK(cli::addOperator(till.context, {"Short", "cashier", {}, true}) == 1);
    till.typed("");
    CHECK(cli::addOperator(till.context, {"None", "cashier", till.pinFile(), true}) == 1);
    const auto ledger = till.ledger();
    const auto rows = ledger->operators().list().value();
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].name == "Noor");
    CHECK(rows[0].pin.empty());
    CHECK(rows[0].role == "supervisor");
    CHECK(rows[0].badge == till.hasher().badge("04A2B91C55D180").value());
    CHECK(rows[1].name == "Pau");
    CHECK(till.hasher().verify("204816", rows[1].pin).value());
}

TEST_CASE("a badge is replaced and taken away, a lock-out ended") {
    Folder till;
    CHECK(cli::addOperator(till.context, {"Pau", "cashier", till.pinFile(), false}) == 0);
    till.typed("04A2B91C55D180");
    CHECK(cli::setBadge(till.context, "Pau", false) == 0);
    CHECK(cli::setBadge(till.context, "Noor", true) == 1);
    {
        const auto ledger = till.ledger();
        const auto pau = ledger->operators().named("Pau").value();
        CHECK(pau.badge == till.hasher().badge("04A2B91C55D180").value());
        CHECK_FALSE(pau.pin.empty());
        for (int i = 0; i < ledger::Operators::kFailuresMax; ++i) {
            REQUIRE(ledger->operators().attempt(pau.id, till.clock.now().at));
        }
        REQUIRE_FALSE(ledger->operators().attempt(pau.id, till.clock.now().at));
    }
    CHECK(cli::setBadge(till.context, "Pau", true) == 0);
    CHECK(cli::unlockOperators(till.context) == 0);
    const auto ledger = till.ledger();
    const auto pau = ledger->operators().named("Pau").value();
    CHECK(pau.badge.empty());
    CHECK(pau.failures == 0);
    CHECK(ledger->operators().attempt(pau.id, till.clock.now().at).has_value());
}

TEST_CASE("a PIN that anybody would try first is refused") {
    Folder till;
    for (const char* pin : {"123456", "654321", "000000", "121212", "123123", "890123", "12345"}) {
        REQUIRE(crypto::writePrivateFile(till.pinFile(), pin));
        CHECK_MESSAGE(
            cli::addOperator(till.context, {"Pau", "cashier", till.pinFile(), false}) == 1, pin);
    }
    REQUIRE(crypto::writePrivateFile(till.pinFile(), "204817"));
    CHECK(cli::addOperator(till.context, {"Pau", "cashier", till.pinFile(), false}) == 0);
}

TEST_CASE("a PIN is changed; who is removed signs in no more and frees the name") {
    Folder till;
    CHECK(cli::listOperators(till.context) == 0);
    REQUIRE(cli::addOperator(till.context, {"Pau", "cashier", till.pinFile(), false}) == 0);
    REQUIRE(crypto::writePrivateFile(till.pinFile(), "730914"));
    CHECK(cli::setPin(till.context, "Noor", till.pinFile()) == 1);
    CHECK(cli::setPin(till.context, "Pau", till.pinFile()) == 0);
    OperatorId id;
    {
        const auto ledger = till.ledger();
        const auto pau = ledger->operators().named("Pau").value();
        CHECK(till.hasher().verify("730914", pau.pin).value());
        CHECK_FALSE(till.hasher().verify("204816", pau.pin).value());
        id = pau.id;
    }
    CHECK(cli::removeOperator(till.context, "Pau") == 0);
    CHECK(cli::removeOperator(till.context, "Pau") == 1);
    CHECK(cli::addOperator(till.context, {"Pau", "cashier", till.pinFile(), false}) == 0);
    const auto ledger = till.ledger();
    REQUIRE(ledger->operators().list().value().size() == 1);
    CHECK(ledger->operators().list().value().front().id != id);
}
