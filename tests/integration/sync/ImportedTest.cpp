// rooms: sync-hub sync-agent kiosk-terminal
// A customer of an import at a till: does a spoken yes count at once?
#include "kiosk/terminal/Terminal.h"
#include "plugin/contact/Email.h"
#include "plugin/counter/Counter.h"
#include "plugin/crypto/Pin.h"
#include "plugin/policy/House.h"
#include "plugin/policy/PackLoader.h"
#include "sync/people/Importer.h"
#include "tests/integration/sync/Rig.h"
#include "tests/support/Deaf.h"

using namespace souffleur;
using namespace souffleur::test;

namespace {

constexpr const char* kPin = "204816";

/// The house of the demo: Anna came with an export of the ticketing system.
struct Imported {
    explicit Imported(bool addressesVerified) {
        house.addressesVerified = addressesVerified;
        pack = policy::PackLoader(house).builtIn("nl").value();
        people::Importer importer(rig.home->store(), rig.home->chain(), pack,
                                  store::StoreKeys{rig.home->houseKey()}, rig.random,
                                  {false, "pretix", "head-office", rig.clock.now().at});
        intake::Record anna;
        anna.sourceId = "C-1";
        anna.name = contact::PersonName::parse("Anna Vermeer", "nl").value();
        anna.language = "nl";
        anna.emails.push_back(contact::Email::parse("anna@example.org").value());
        REQUIRE(importer.take(anna).has_value());
        REQUIRE(importer.finish().has_value());
        till.emplace(rig, "till");
        REQUIRE(till->loop->round().has_value());
        counter.emplace(counter::CounterParts{*till->ledger, pins, rig.clock, rig.random, deaf},
                        counter::CounterSettings{}, std::make_shared<const consent::Policy>(pack));
        const auto noor = counter->enrolOperator({}, "Noor", "cashier", kPin).value();
        REQUIRE(counter->signIn(noor, kPin));
    }

    counter::Desk select() {
        counter::HostCustomer host;
        host.system = "pretix";
        host.id = "C-1";
        host.name = "Anna Vermeer";
        host.email = "anna@example.org";
        host.language = "nl";
        REQUIRE(counter->hostSelected(host));
        return counter->desk("en").value();
    }
    /// A yes, aloud; what became of it at the till.
    std::string saysYes(const counter::Desk& desk) {
        counter::ActRequest request;
        request.idempotencyKey = Uuid::random(rig.random);
        request.questionSet = desk.questionSet;
        request.subject = desk.customer->subject;
        request.outcome = counter::ActOutcome::save;
        request.language = "nl";
        request.answers.push_back({"newsletter", "email", consent::Choice::given});
        const auto done = counter->record(request, "en");
        REQUIRE(done.has_value());
        return done->act.choices.at(0).state;
    }
    std::string verdict(const SubjectId& subject) {
        REQUIRE(till->loop->round().has_value());
        const auto rows =
            rig.home->store()
                .eligibility({subject, "newsletter", "email", rig.clock.now().at + kMinuteMs}, pack)
                .value();
        return (rows.front().verdict.eligible ? "may: " : "may not: ") +
               rows.front().verdict.reason;
    }

    policy::House house = policy::sampleHouse("nl");
    consent::Policy pack;
    HubRig rig;
    std::optional<TillRig> till;
    crypto::PinHasher pins{crypto::Secret(std::string(32, 'p'))};
    Deaf deaf;
    std::optional<counter::Counter> counter;
};

} // namespace

TEST_CASE("a spoken yes on an imported address counts at once where the house vouches for it") {
    REQUIRE(policy::sampleHouse("nl").addressesVerified);
    Imported house(true);
    const counter::Desk desk = house.select();
    REQUIRE(desk.customer->contacts.size() == 1);
    CHECK(desk.customer->contacts.front().state == "ok");
    CHECK(house.saysYes(desk) == "given");
    CHECK(house.verdict(desk.customer->subject) == "may: given");
}

TEST_CASE("where the house does not vouch for its addresses, a spoken yes on one waits") {
    Imported house(false);
    const counter::Desk desk = house.select();
    REQUIRE(desk.customer->contacts.size() == 1);
    CHECK(desk.customer->contacts.front().state == "unconfirmed");
    CHECK(house.saysYes(desk) == "unconfirmed");
    CHECK(house.verdict(desk.customer->subject) == "may not: unconfirmed");
}
