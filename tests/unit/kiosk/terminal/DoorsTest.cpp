// What comes in by the till's doors and what goes out to the ticketing screen.
#include "kiosk/terminal/Doors.h"

#include "kiosk/terminal/TapActions.h"
#include "tests/support/Property.h"
#include "tests/support/Till.h"

using namespace souffleur;

namespace {

/// The strip beside the ticketing screen.
class Strip final : public host::SelectionServer {
public:
    void publishFlag(const host::FlagView& view) override { last = view; }
    [[nodiscard]] host::SelectionServerStats stats() const override { return {}; }
    host::FlagView last;
};

struct Station {
    test::Till till;
    Strip strip;
    terminal::Doors doors;

    Station() {
        REQUIRE(till.till->signIn(till.noor, test::Till::kPin));
        doors.open(*till.till, strip, {});
    }
    ~Station() { doors.close(); }
    Station(const Station&) = delete;
    Station& operator=(const Station&) = delete;

    static host::Selection hosted(const std::string& id) {
        host::Selection selection;
        selection.ref = {1, 1};
        selection.system = "pretix";
        selection.id = id;
        selection.name = "Anna Vermeer";
        selection.email = "anna." + id + "@example.org";
        return selection;
    }
};

} // namespace

TEST_CASE("a tapped receipt leaves the situation that the cashier keeps") {
    Station house;
    house.doors.selected(Station::hosted("C-1"));
    REQUIRE(house.till.till->setSituation(consent::Situation::school, true)); // classes all morning
    terminal::TapActions tap(house.doors, house.till.clock);
    tap.receipt("boxoffice", "order:4711081"); // knows nothing of situations
    const auto desk = house.till.till->desk("en").value();
    CHECK(desk.situation == consent::Situation::school);
    CHECK(desk.situationSource == counter::SituationSource::cashier);
    CHECK(desk.questions.empty());
    auto phone = Station::hosted("C-2");
    phone.situation = host::Situation::phone; // a host that says so is heard
    house.doors.selected(phone);
    CHECK(house.till.till->desk("en")->situation == consent::Situation::phone);
    house.doors.selected(Station::hosted("C-3"));
    CHECK(house.till.till->desk("en")->situation == consent::Situation::school);
}

TEST_CASE("who leaves the till leaves no flag on the ticketing screen") {
    Station house;
    house.doors.selected(Station::hosted("C-1"));
    REQUIRE_FALSE(house.strip.last.script.empty());
    SUBCASE("locked") {
        static_cast<void>(house.till.till->lock());
    }
    SUBCASE("signed out") {
        static_cast<void>(house.till.till->signOut());
    }
    house.doors.sessionChanged(house.till.till->session());
    CHECK(house.strip.last.ref == host::SelectionRef{1, 1});
    CHECK(house.strip.last.kind.empty());
    CHECK(house.strip.last.words.empty());
    CHECK(house.strip.last.script.empty());
}
