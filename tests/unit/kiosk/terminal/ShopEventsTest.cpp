#include "kiosk/terminal/ShopEvents.h"

#include <doctest/doctest.h>

#include "tests/integration/counter/House.h"

using namespace souffleur;
using consent::State;
using terminal::ShopEvents;

namespace {

constexpr TimeMs kDay = kDayMs;

struct Shop {
    test::House house;
    std::vector<std::string> screen;
    ShopEvents events{
        *house.ledger,
        *house.till,
        house.clock,
        house.random,
        {[this](const host::Selection& who) { screen.push_back("show " + who.id); },
         [this](const host::Selection& who) { screen.push_back("clear " + who.id); }}};

    static host::Selection anna(const std::string& id = "customer:AB12") {
        host::Selection who;
        who.system = "pretix";
        who.id = id;
        who.name = "Anna Vermeer";
        who.email = "anna@example.org";
        who.phone = "+31600000012";
        who.language = "nl";
        return who;
    }
    host::Evidence said(bool given, TimeMs ago, const std::string& id = "customer:AB12") const {
        host::Evidence out;
        out.person = anna(id);
        out.purpose = "newsletter";
        out.channel = "email";
        out.given = given;
        out.at = house.clock.at - ago;
        out.unc = kDay;
        out.source = "pretix:question:news";
        out.key = "pretix:" + id + (given ? "yes" : "no") + std::to_string(ago);
        return out;
    }
    [[nodiscard]] SubjectId subject(const std::string& id = "customer:AB12") const {
        const auto found = house.ledger->findExternal("pretix", id).value();
        REQUIRE(found.size() == 1);
        return found.front();
    }
    [[nodiscard]] std::vector<consent::Event> acts(SubjectId who) const {
        std::vector<consent::Event> out;
        const auto all = house.ledger->events(who, 100).value();
        for (const ledger::EventView& view : all) {
            if (std::holds_alternative<consent::Act>(view.event.body)) out.push_back(view.event);
        }
        return out;
    }
    State state(SubjectId who) { return house.state(who, "newsletter", "email"); }
};

} // namespace

TEST_CASE("an answer is an act by a connector, with source and date, nothing seen, no wording") {
    Shop shop;
    REQUIRE(shop.events.answered(shop.said(true, kHourMs)));
    REQUIRE(shop.events.answered(shop.said(true, kHourMs))); // told again after a restart
    const SubjectId who = shop.subject();
    const auto acts = shop.acts(who);
    REQUIRE(acts.size() == 1);
    CHECK(acts[0].at == shop.house.clock.at - kHourMs);
    CHECK(acts[0].unc == kDay);
    const auto& act = std::get<consent::Act>(acts[0].body);
    CHECK(act.method == consent::Method::connector);
    CHECK(act.source == "pretix:question:news");
    CHECK(act.controller == shop.house.pack().controller.id);
    CHECK(act.by.none());
    CHECK(act.seen.empty());
    CHECK(act.choices.at(0).notice == consent::NoticeRef{});
    const auto person = shop.house.ledger->person(who).value();
    CHECK(person.displayName == "Anna Vermeer");
    CHECK(person.contacts.size() == 3); // e-mail, telephone, text message
    CHECK(shop.house.ledger->verify());
}

TEST_CASE("less than a day of uncertainty is not believed") {
    Shop shop;
    host::Evidence sure = shop.said(true, kHourMs);
    sure.unc = 0;
    REQUIRE(shop.events.answered(sure));
    CHECK(shop.acts(shop.subject()).front().unc == kDay);
}

TEST_CASE("a no of the shop stands against its yes, and against an older yes of the till") {
    Shop shop;
    REQUIRE(shop.events.answered(shop.said(true, kHourMs)));
    const SubjectId who = shop.subject();
    REQUIRE(shop.events.answered(shop.said(false, kHourMs)));
    CHECK(shop.state(who) == State::refused);
    REQUIRE(shop.events.answered(shop.said(true, kHourMs / 2))); // within the uncertainty
    CHECK(shop.state(who) == State::refused);
}

TEST_CASE("a yes of the shop after a no at the till does not lift it by itself") {
    Shop shop;
    const auto desk = shop.house.select([] {
        counter::HostCustomer host;
        host.system = "pretix";
        host.id = "customer:AB12";
        host.name = "Anna Vermeer";
        host.email = "anna@example.org";
        host.language = "nl";
        return host;
    }());
    REQUIRE(shop.house.till->record(shop.house.answer(desk, counter::ActOutcome::stopEverything),
                                    "en"));
    const SubjectId who = shop.subject();
    CHECK(shop.state(who) == State::objected);
    shop.house.clock.pass(30 * kDay);
    REQUIRE(shop.events.answered(shop.said(true, 0)));
    CHECK(shop.state(who) == State::objected);
}

TEST_CASE("a guest of equal e-mail and name is the person on file; of another name is not") {
    Shop shop;
    REQUIRE(shop.events.answered(shop.said(true, kHourMs)));
    REQUIRE(shop.events.answered(shop.said(false, kHourMs, "order:gala-A")));
    CHECK(shop.subject("order:gala-A") == shop.subject());
    host::Evidence other = shop.said(false, kHourMs, "order:gala-B");
    other.person.name = "Bram Vermeer";
    REQUIRE(shop.events.answered(other));
    CHECK_FALSE(shop.subject("order:gala-B") == shop.subject());
}

TEST_CASE("nobody who was erased comes back through the shop") {
    Shop shop;
    REQUIRE(shop.events.answered(shop.said(true, kHourMs)));
    ledger::Draft erase;
    erase.subject = shop.subject();
    erase.body = consent::Erase{};
    REQUIRE(shop.house.ledger->append(erase));
    const auto before = shop.house.ledger->stats()->events;
    REQUIRE(shop.events.answered(shop.said(true, 0, "order:gala-C")));
    CHECK(shop.house.ledger->stats()->events == before);
}

TEST_CASE("a purpose that the pack does not have is refused, and nothing is written") {
    Shop shop;
    host::Evidence wrong = shop.said(true, kHourMs);
    wrong.purpose = "lottery";
    const auto outcome = shop.events.answered(wrong);
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == Code::invalid);
    CHECK(shop.house.ledger->stats()->subjects == 0);
}

TEST_CASE("hints that do not parse are left out") {
    Shop shop;
    host::Evidence rough = shop.said(false, kHourMs);
    rough.person.name = "\x1b[2J";
    rough.person.email = "no address";
    rough.person.phone = "call me";
    REQUIRE(shop.events.answered(rough));
    CHECK(shop.house.ledger->person(shop.subject())->contacts.empty());
    CHECK(shop.state(shop.subject()) == State::refused);
}

TEST_CASE("an anonymised customer has withdrawn everything, once; a stranger leaves no trace") {
    Shop shop;
    REQUIRE(shop.events.answered(shop.said(true, 10 * kDay)));
    const SubjectId who = shop.subject();
    REQUIRE(shop.events.anonymised("pretix", "customer:AB12"));
    REQUIRE(shop.events.anonymised("pretix", "customer:AB12"));
    CHECK(shop.acts(who).size() == 2);
    CHECK(shop.state(who) == State::withdrawn);
    REQUIRE(shop.events.anonymised("pretix", "customer:ZZ99"));
    CHECK(shop.house.ledger->findExternal("pretix", "customer:ZZ99")->empty());
}

TEST_CASE("only the customer who is still shown is taken off the till") {
    Shop shop;
    shop.events.ordered(Shop::anna("a"), "gala-A");
    shop.events.ordered(Shop::anna("b"), "gala-B");
    shop.events.cancelled(Shop::anna("a"), "gala-A");
    shop.events.cancelled(Shop::anna("b"), "gala-B");
    shop.events.cancelled(Shop::anna("b"), "gala-B");
    CHECK(shop.screen == std::vector<std::string>{"show a", "show b", "clear b"});
}

TEST_CASE("the cursor is kept in the ledger") {
    Shop shop;
    CHECK(shop.events.get("follow:pretix:house").error().code == Code::notFound);
    REQUIRE(shop.events.put("follow:pretix:house", "2026-11-22T12:00:00.000Z"));
    CHECK(shop.events.get("follow:pretix:house") == "2026-11-22T12:00:00.000Z");
}
