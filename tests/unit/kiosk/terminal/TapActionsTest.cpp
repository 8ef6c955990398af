#include "kiosk/terminal/TapActions.h"

#include "drivers/escpos/Encoder.h"
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
    terminal::TapActions actions(doors);
    actions.prepareHints(*till.till, {}, "nl");
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
