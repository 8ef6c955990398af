#include "kiosk/terminal/TapActions.h"

#include "drivers/escpos/Encoder.h"
#include "kiosk/terminal/Doors.h"
#include "plugin/host/TapAnalyser.h"
#include "tests/support/Eventually.h"
#include "tests/support/Property.h"
#include "tests/support/Till.h"

using namespace souffleur;

namespace {

/// As Doors: a receipt's number is the customer of that system.
class Selecting final : public host::HostEvents {
public:
    explicit Selecting(counter::Counter& counter) : _counter(counter) {}
    void selected(const host::Selection& selection) override {
        counter::HostCustomer customer = test::Till::stranger(selection.id);
        customer.system = selection.system;
        (void) _counter.hostSelected(customer);
    }
    void cleared(const host::SelectionRef&) override {}
    void completed(const host::Completed&) override {}

private:
    counter::Counter& _counter;
};

} // namespace

TEST_CASE(
    "the pack's line is for those who are to be asked, in their language, and off by default") {
    test::Till till;
    Selecting doors(*till.till);
    terminal::TapActions actions(doors, till.clock);
    actions.prepare(*till.till, {}, "nl");
    CHECK_FALSE(actions.hints()); // no built-in pack has one
    CHECK(actions.hint("pretix", "C-1").empty());
    CHECK_FALSE(till.till->hostFlag().kind == consent::FlagKind::ask); // and nobody was selected

    auto pack = std::make_shared<consent::Policy>(*till.pack);
    pack->receiptHint = {{"nl", "Vraag naar onze nieuwsbrief"}, {"de", std::string(60, 'W')}};
    REQUIRE(till.till->usePolicy(pack));
    actions.heedPack(); // a new pack brings it: no restart
    CHECK(actions.hints());
    const auto line = escpos::pictureLine({}, "Vraag naar onze nieuwsbrief", "nl").value();
    REQUIRE(till.till->signIn(till.noor, test::Till::kPin));
    CHECK(actions.hint("pretix", "C-1").empty()); // nothing is known of them: not on paper
    const auto answer = [&](counter::ActOutcome outcome) {
        const auto desk = till.till->desk("nl").value();
        counter::ActRequest act;
        act.idempotencyKey = Uuid::random(till.random);
        act.questionSet = desk.questionSet;
        act.subject = desk.customer->subject;
        act.outcome = outcome;
        act.language = "nl";
        REQUIRE(till.till->record(act, "nl"));
    };
    answer(counter::ActOutcome::notNow);
    CHECK(actions.hint("pretix", "C-1").empty()); // asked just now
    till.till->hostCleared();
    till.clock.pass(60 * kDayMs);
    REQUIRE(till.till->signIn(till.noor, test::Till::kPin));
    CHECK(actions.hint("pretix", "C-1") == line);
    CHECK(till.till->hostFlag().kind == consent::FlagKind::ask);
    REQUIRE(till.till->setRush(true));
    CHECK(actions.hint("pretix", "C-1").empty());
    REQUIRE(till.till->setRush(false));
    till.till->lock();
    CHECK(actions.hint("pretix", "C-1").empty());
    REQUIRE(till.till->signIn(till.noor, test::Till::kPin));
    // Without a lease nobody can tell who said no.
    till.till->setReadable(false);
    CHECK(actions.hint("pretix", "C-1").empty());
    till.till->setReadable(true);
    CHECK(actions.hint("pretix", "C-1") == line);
    // Who said no to everything is not nagged on paper either.
    answer(counter::ActOutcome::stopEverything);
    CHECK(actions.hint("pretix", "C-1").empty());
    till.till->hostCleared();
    till.clock.pass(60 * kDayMs);
    REQUIRE(till.till->signIn(till.noor, test::Till::kPin));
    CHECK(actions.hint("pretix", "C-1").empty());
    // A pack that takes the line back is obeyed at once.
    REQUIRE(till.till->usePolicy(till.pack));
    CHECK(actions.hint("pretix", "C-2").empty());
    actions.heedPack();
    CHECK_FALSE(actions.hints());
    CHECK(till.till->hostFlag().kind == consent::FlagKind::objected); // C-2 was not even selected
}

TEST_CASE("a line as a picture is one command and changes no mode") {
    const auto line = escpos::pictureLine({}, "Привет", "ru").value();
    CHECK(line[0] == 0x1D);
    CHECK(line[1] == 'v');
    const std::size_t rows = line[6] + 256U * line[7];
    CHECK(line.size() == 8 + 72 * rows);
    CHECK(rows < 49);
    CHECK_FALSE(escpos::pictureLine({}, "", "nl"));
    CHECK_FALSE(escpos::pictureLine({}, "a\nb", "nl"));
    CHECK_FALSE(escpos::pictureLine({}, std::string(80, 'W'), "nl"));
    escpos::Profile old;
    old.graphics = escpos::Graphics::columnsEscStar;
    CHECK_FALSE(escpos::pictureLine(old, "abc", "nl"));
}

namespace {

/// A till whose only door is the tap, as the terminal wires it; buyers are on file by their orders.
struct TapHouse {
    TapHouse() {
        REQUIRE(till.till->signIn(till.noor, test::Till::kPin));
        hosts = std::move(host::SelectionServer::start(
                              (till.folder.path() / "s" / "host.sock").string(), doors, till.clock)
                              .value());
        doors.open(*till.till, *hosts, {});
        actions.prepare(*till.till, {}, "nl");
        for (const char* order : {"4711081", "4711082"}) {
            ledger::Draft draft;
            draft.subject = SubjectId::random(till.random);
            draft.body = consent::Order{"boxoffice", {}, 0};
            draft.person.name.given = "Wim";
            draft.person.externalIds.push_back({"boxoffice", std::string("order:") + order});
            REQUIRE(till.ledger->append(draft));
        }
    }
    ~TapHouse() { doors.close(); }
    TapHouse(const TapHouse&) = delete;
    TapHouse& operator=(const TapHouse&) = delete;

    /// Prints it, and waits until it was looked at.
    void print(const std::string& bytes) {
        analyser.offer({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
        REQUIRE(test::eventually([&] { return analyser.idle(); }));
    }
    [[nodiscard]] std::optional<SubjectId> onDesk() const {
        const auto desk = till.till->desk("en").value();
        return desk.customer ? std::optional(desk.customer->subject) : std::nullopt;
    }

    test::Till till;
    terminal::Doors doors;
    std::unique_ptr<host::SelectionServer> hosts;
    terminal::TapActions actions{doors, till.clock};
    host::TapAnalyser analyser{host::TapPatterns::load("generic").value(), actions};
};

const std::string kSaleA = "Theater\nOrder 4711081\nTotaal 20,00\n\x1dV\x01";
const std::string kSaleB = "Theater\nOrder 4711082\nTotaal 20,00\n\x1dV\x01";
const std::string kCardSlip = "Theater\nPIN **** **** **** 1234\n\x1dV\x01";
const std::string kCoffee = "Theater\n2 x koffie 6,00\n\x1dV\x01";

} // namespace

TEST_CASE("after the receipt of somebody else nobody's questions are left on the desk") {
    TapHouse house;
    house.print(kSaleA);
    const auto desk = house.till.till->desk("en").value();
    REQUIRE(desk.customer);
    house.till.clock.pass(2 * kMinuteMs);
    SUBCASE("paid by card: nothing is read from it") {
        house.print("Theater\nOrder 4711082\nPIN **** **** **** 1234\n\x1dV\x01");
    }
    SUBCASE("without a number") {
        house.print(kCoffee);
    }
    SUBCASE("of an order that is not on file") {
        house.print("Theater\nOrder 4711099\n\x1dV\x01");
    }
    CHECK_FALSE(house.onDesk());
    counter::ActRequest act; // as marked for the one before, saved a moment too late
    act.idempotencyKey = Uuid::random(house.till.random);
    act.questionSet = desk.questionSet;
    act.subject = desk.customer->subject;
    act.outcome = counter::ActOutcome::refuse;
    act.language = "nl";
    CHECK_FALSE(house.till.till->record(act, "nl"));
    house.print(kSaleB);
    REQUIRE(house.onDesk());
    CHECK(*house.onDesk() != act.subject);
}

TEST_CASE("a sale that is not read for the card data on it is nobody's card slip") {
    for (const char* paper : {"Theater\nOrder 4711082\nPIN **** **** **** 1234\n\x1dV\x01",
                              "PIN **** **** **** 1234\nTheater\nOrder 4711082\n\x1dV\x01"}) {
        for (const TimeMs later : {2 * kSecondMs, 20 * kSecondMs}) {
            CAPTURE(paper);
            CAPTURE(later);
            TapHouse house;
            house.print(kSaleA);
            REQUIRE(house.onDesk());
            house.till.clock.pass(later);
            house.print(paper);
            CHECK_FALSE(house.onDesk());
        }
    }
}

TEST_CASE("a receipt leaves the situation that the ticketing system said of this sale") {
    TapHouse house;
    host::Selection school;
    school.ref = {1, 1};
    school.system = "boxoffice";
    school.id = "order:4711081";
    school.situation = host::Situation::school;
    house.doors.selected(school);
    const auto situation = [&] { return house.till.till->desk("en").value().situation; };
    REQUIRE(situation() == consent::Situation::school);
    house.print(kSaleA);
    CHECK(situation() == consent::Situation::school);
    school.situation.reset(); // which takes it back itself
    house.doors.selected(school);
    CHECK(situation() == consent::Situation::counter);
}

TEST_CASE("what else comes out of a sale leaves its buyer on the desk") {
    TapHouse house;
    house.print(kSaleA);
    const auto buyer = house.onDesk();
    REQUIRE(buyer);
    house.till.clock.pass(2 * kSecondMs);
    house.print(kCoffee); // a voucher, a ticket
    CHECK(house.onDesk() == buyer);
    house.till.clock.pass(20 * kSecondMs);
    house.print(kCardSlip);
    house.print(kCardSlip);
    CHECK(house.onDesk() == buyer);
    house.print(kSaleA); // a duplicate
    CHECK(house.onDesk() == buyer);
    SUBCASE("but no third slip") {
        house.till.clock.pass(20 * kSecondMs);
        house.print(kCardSlip);
        house.print(kCardSlip);
        house.print(kCardSlip);
    }
    SUBCASE("nor one that comes later") {
        house.till.clock.pass(kMinuteMs);
        house.print(kCardSlip);
    }
    SUBCASE("nor other paper that comes later") {
        house.till.clock.pass(15 * kSecondMs);
        house.print(kCoffee);
    }
    CHECK_FALSE(house.onDesk());
}

TEST_CASE("a receipt that halts after its number is one receipt, cut or torn") {
    TapHouse house;
    house.print("Theater\nOrder 4711081\n");
    house.analyser.pause(); // the till waits for the card terminal
    REQUIRE(test::eventually([&] { return house.analyser.idle(); }));
    const auto buyer = house.onDesk();
    REQUIRE(buyer);
    house.till.clock.pass(90 * kSecondMs);
    house.print("Totaal 20,00\n\x1dV\x01");
    CHECK(house.onDesk() == buyer);
    house.print(kCoffee);
    CHECK_FALSE(house.onDesk());
}

TEST_CASE("whom a host or the cashier has chosen no receipt takes off the desk") {
    TapHouse house;
    const auto passes = [&] {
        house.till.clock.pass(10 * kMinuteMs);
        REQUIRE(house.till.till->signIn(house.till.noor, test::Till::kPin));
        house.print(kCoffee);
        house.print(kCardSlip);
        house.till.till->tick();
    };
    SUBCASE("a host") {
        REQUIRE(house.till.till->hostSelected(test::Till::stranger()));
    }
    SUBCASE("a host, after the receipt") {
        house.print(kSaleA);
        host::Selection selection;
        selection.ref = {1, 1};
        selection.system = "boxoffice";
        selection.id = "order:4711081";
        house.doors.selected(selection);
    }
    SUBCASE("the cashier, after the receipt") {
        house.print(kSaleA);
        REQUIRE(house.till.till->selectFound(house.onDesk().value()));
    }
    const auto chosen = house.onDesk();
    REQUIRE(chosen);
    passes();
    CHECK(house.onDesk() == chosen);
}

TEST_CASE("whom a receipt has put on the desk leaves it when it is old") {
    TapHouse house;
    house.print(kSaleA);
    house.till.clock.pass(counter::kFromPaperMs - kSecondMs);
    house.till.till->tick();
    CHECK(house.onDesk());
    REQUIRE(house.till.till->setLanguage("nl")); // the cashier is at it
    house.till.clock.pass(counter::kFromPaperMs - kSecondMs);
    house.till.till->tick();
    CHECK(house.onDesk());
    house.till.clock.pass(kSecondMs);
    house.till.till->tick();
    CHECK_FALSE(house.onDesk());
}

TEST_CASE("an order's number selects only whom the till has on file by it") {
    TapHouse house;
    house.print("Theater\nOrder 4711099\n\x1dV\x01");
    CHECK_FALSE(house.onDesk());
    house.print("Theater\nKlant: 204711\n\x1dV\x01"); // a customer's own
    CHECK(house.onDesk());
    house.print(kSaleA);
    REQUIRE(house.onDesk());
    // Without a lease no order leads to anybody.
    house.till.till->setReadable(false);
    house.print(kSaleB);
    CHECK_FALSE(house.onDesk());
    house.till.till->setReadable(true);
    // No line on paper by the flag of whoever is on the desk.
    auto pack = std::make_shared<consent::Policy>(*house.till.pack);
    pack->receiptHint = {{"nl", "Vraag naar onze nieuwsbrief"}};
    REQUIRE(house.till.till->usePolicy(pack));
    house.actions.heedPack();
    REQUIRE(house.till.till->hostSelected(test::Till::stranger()));
    CHECK(house.actions.hint("boxoffice", "order:4711099").empty());
    CHECK(house.onDesk());
}
