#include "sync/people/Importer.h"

#include "tests/support/Property.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestOrigin.h"

using namespace souffleur;
using namespace souffleur::people;

namespace {

constexpr TimeMs kNow = 1795521600000;

consent::Policy policy() {
    consent::Policy policy;
    policy.controller.id = "house";
    consent::Purpose newsletter;
    newsletter.id = "newsletter";
    newsletter.dpv = "dpv:DirectMarketing";
    newsletter.channels = {"email"};
    policy.purposes.push_back(newsletter);
    consent::ChannelRule email;
    email.channel = "email";
    email.basis = {consent::Basis::consent, consent::Basis::softOptIn, consent::Basis::legacy};
    email.softMonths = 24;
    email.legacyMonths = 12;
    email.expiryMonths = 60;
    policy.rules.push_back(email);
    return policy;
}

intake::Record record(const char* id, const char* name, const char* email) {
    intake::Record record;
    record.sourceId = id;
    record.name = contact::PersonName::parse(name, "nl").value();
    record.language = "nl";
    if (*email != '\0') record.emails.push_back(contact::Email::parse(email).value());
    return record;
}

/// The hub's chain, straight into a store.
class StoreSink final : public EventSink {
public:
    explicit StoreSink(store::Store& store) : _store(store) {}
    Result<std::vector<EventId>> append(std::span<const NewEvent> events) override {
        const std::size_t first = origin.events.size() + 1;
        std::vector<EventId> ids;
        for (const NewEvent& event : events) {
            origin.unc = event.unc; // the hub's chain keeps it: by it the store knows an import
            ids.push_back(origin
                              .add(event.subject, event.body, event.at,
                                   event.person.empty() ? nullptr : &event.person)
                              .id);
        }
        auto placed = origin.push(_store, first, origin.events.size(), kNow);
        if (!placed) return passOn(placed);
        return ids;
    }
    test::TestOrigin origin{77};

private:
    store::Store& _store;
};

struct Rig {
    Rig() {
        sink.origin.kind = "hub";
        REQUIRE(store->enrol(sink.origin.enrolment()).has_value());
    }
    ImportCounts run(const std::vector<intake::Record>& records, bool dryRun = false) {
        Importer importer(*store, sink, pack, keys, random,
                          {dryRun, "import", "head-office", kNow});
        for (const auto& one : records) {
            const auto taken = importer.take(one);
            REQUIRE_MESSAGE(taken.has_value(), (taken ? "" : taken.error().text()));
        }
        const auto done = importer.finish();
        REQUIRE_MESSAGE(done.has_value(), (done ? "" : done.error().text()));
        return importer.counts();
    }
    std::string stateOf(const char* id) {
        const auto subjects = store->byExternalId("import", id).value();
        if (subjects.empty()) return "nobody";
        const auto person = store->person(subjects.front()).value();
        for (const auto& row : person.states) {
            if (row.key.channel == "email" || row.key.channel == "*")
                return std::string(consent::name(row.view.state));
        }
        return "none";
    }

    test::TemporaryFolder folder;
    store::StoreKeys keys;
    std::unique_ptr<store::Store> store = std::move(*store::openSqlite(folder.text(), keys));
    StoreSink sink{*store};
    consent::Policy pack = policy();
    SeededRandom random{4};
};

} // namespace

TEST_CASE("an answer that cannot be read stops what the export said before, and nothing else") {
    Rig rig;
    const auto said = [](const char* id, intake::Answer answer, std::optional<TimeMs> at) {
        auto one = record(id, "Anna de Vries", (std::string("a") + id + "@example.org").c_str());
        one.permissions.push_back({"newsletter", "email", answer, at, {}, "nieuwsbrief"});
        return one;
    };
    const auto unclear = intake::Answer::unclear;
    rig.run({said("1", intake::Answer::given, kNow - 100 * kDayMs),
             said("2", intake::Answer::given, {}), said("3", intake::Answer::given, {})});
    auto buyer = said("4", unclear, {});
    buyer.orders.push_back({"K3R9F", kNow - 30 * kDayMs, "Hamlet", "Theatre", 7600});
    const std::vector<intake::Record> file{
        said("1", unclear, kNow - 10 * kDayMs), said("2", unclear, {}),
        said("3", unclear, kNow - 10 * kDayMs), buyer,
        said("5", intake::Answer::given, {}),   said("5", unclear, {})};
    const ImportCounts promised = rig.run(file, true);
    CHECK(promised.doubts == 3);
    CHECK(promised.newlyReachable == 0);
    const ImportCounts counts = rig.run(file);
    CHECK(counts.doubts == 4); // the fifth customer's yes stood in the file itself
    CHECK(counts.negatives == 0);
    for (const char* id : {"1", "2", "3", "5"}) CHECK(rig.stateOf(id) == "refused");
    CHECK(rig.stateOf("4") == "none"); // no permission by the sale, and no refusal either
    CHECK(rig.store->verify().has_value());
    rig.run({said("1", intake::Answer::given, kNow - kDayMs)}); // asked again
    CHECK(rig.stateOf("1") == "given");
}

TEST_CASE("an answer that cannot be read and has no date doubts no word given to us ourselves") {
    Rig rig;
    auto one = record("1", "Anna de Vries", "anna@example.org");
    rig.run({one});
    const SubjectId anna = rig.store->byExternalId("import", "1").value().front();
    consent::Act act;
    act.controller = rig.pack.controller.id;
    act.place = "till-1";
    consent::ChoiceItem yes;
    yes.purpose = "newsletter";
    yes.channel = "email";
    yes.choice = consent::Choice::given;
    act.choices.push_back(yes);
    REQUIRE(rig.sink.append(std::vector<NewEvent>{{anna, act, {}, kNow - kDayMs, kSecondMs}}));
    REQUIRE(rig.stateOf("1") == "given");
    one.permissions.push_back(
        {"newsletter", "email", intake::Answer::unclear, {}, {}, "nieuwsbrief"});
    CHECK(rig.run({one}).doubts == 0);
    CHECK(rig.stateOf("1") == "given");
}

TEST_CASE("a yes with a date is consent, one without is legacy, a no is a no, a buyer is soft") {
    Rig rig;
    auto consenting = record("1", "Anna de Vries", "anna@example.org");
    consenting.permissions.push_back(
        {"newsletter", "email", intake::Answer::given, kNow - 100 * kDayMs, {}, "nieuwsbrief"});
    auto old = record("2", "Bram Jansen", "bram@example.org");
    old.permissions.push_back(
        {"newsletter", "email", intake::Answer::given, {}, {}, "nieuwsbrief"});
    auto refusing = record("3", "Carla Puig", "carla@example.org");
    refusing.permissions.push_back(
        {"newsletter", "email", intake::Answer::refused, {}, {}, "nieuwsbrief"});
    auto buyer = record("4", "Daan Smit", "daan@example.org");
    buyer.orders.push_back({"K3R9F", kNow - 30 * kDayMs, "Hamlet", "Theatre", 7600});
    auto objecting = record("5", "Eva Bos", "eva@example.org");
    objecting.permissions.push_back(
        {"*", "*", intake::Answer::objected, kNow - kDayMs, {}, "nooit meer"});
    objecting.orders.push_back({"K3R9G", kNow - 30 * kDayMs, "Hamlet", "Theatre", 7600});

    auto waiting = record("6", "Fien Dam", "fien@example.org");
    waiting.permissions.push_back(
        {"newsletter", "email", intake::Answer::given, kNow - 3 * kDayMs, false, "nieuwsbrief"});

    const ImportCounts counts = rig.run({consenting, old, refusing, buyer, objecting, waiting});
    CHECK(rig.stateOf("6") == "requested");
    CHECK(rig.stateOf("1") == "given");
    CHECK(rig.stateOf("2") == "legacy");
    CHECK(rig.stateOf("3") == "refused");
    CHECK(rig.stateOf("4") == "soft-opt-in");
    CHECK(rig.stateOf("5") == "objected");
    CHECK(counts.reachable == 3);
    CHECK(counts.consents == 2);
    CHECK(counts.legacy == 1);
    CHECK(counts.negatives == 2);
    CHECK(rig.store->verify().has_value());
}

TEST_CASE("a buyer of too long ago, or without an order number, is no soft opt-in") {
    Rig rig;
    auto longAgo = record("1", "Anna de Vries", "anna@example.org");
    longAgo.orders.push_back({"A1", kNow - 1000 * kDayMs, "", "", 0});
    auto unnamed = record("2", "Bram Jansen", "bram@example.org");
    unnamed.orders.push_back({"", kNow - kDayMs, "", "", 0});
    CHECK(rig.run({longAgo, unnamed}).softOptIns == 0);
}

TEST_CASE("the same number is the same subject, the same address and name one person, a shared "
          "address is not") {
    Rig rig;
    rig.run({record("1", "Anna de Vries", "family@example.org")});
    const ImportCounts counts = rig.run({record("1", "Anna de Vries", "family@example.org"),
                                         record("2", "Anna de Vries", "family@example.org"),
                                         record("3", "Bram de Vries", "family@example.org")});
    CHECK(counts.known == 1);
    CHECK(counts.newSubjects == 2);
    CHECK(counts.linked == 1);
    CHECK(rig.store->counts(kNow)->subjects == 3);
    CHECK(rig.store->counts(kNow)->persons == 2);
}

TEST_CASE("an import links nobody with what a stranger typed at a kiosk") {
    Rig rig;
    test::TestOrigin kiosk{5};
    kiosk.kind = "kiosk";
    REQUIRE(rig.store->enrol(kiosk.enrolment()).has_value());
    const SubjectId stranger = kiosk.newSubject();
    wire::PersonData typed;
    typed.displayName = "Anna de Vries";
    typed.language = "nl";
    typed.contacts.push_back({"email", "anna@example.org", "email:anna@example.org"});
    const EventId act =
        kiosk
            .add(stranger, test::act(consent::Choice::refused, {}, consent::Method::kiosk), kNow,
                 &typed)
            .id;
    REQUIRE(kiosk.push(*rig.store, 1, 1, kNow).has_value());
    SUBCASE("while nobody confirmed it") {
        CHECK(rig.run({record("1", "Anna de Vries", "anna@example.org")}).linked == 0);
    }
    SUBCASE("nor once the address bounced, and they took it back by their slip") {
        kiosk.add(stranger, test::act(consent::Choice::withdrawn, {}, consent::Method::kiosk),
                  kNow);
        REQUIRE(kiosk.push(*rig.store, 2, 2, kNow).has_value());
        const std::vector<NewEvent> bounce{
            {stranger,
             consent::Contact{"email", store::contactKey(rig.keys, "email:anna@example.org"),
                              consent::ContactStatus::bounced},
             {},
             kNow,
             0}};
        rig.sink.append(bounce).value();
        CHECK(rig.run({record("1", "Anna de Vries", "anna@example.org")}).linked == 0);
    }
    SUBCASE("and does once it was confirmed from there") {
        const std::vector<NewEvent> mail{
            {stranger,
             consent::Confirmed{act, "email",
                                store::contactKey(rig.keys, "email:anna@example.org")},
             {},
             kNow,
             0}};
        rig.sink.append(mail).value();
        CHECK(rig.run({record("1", "Anna de Vries", "anna@example.org")}).linked == 1);
    }
}

TEST_CASE("an import revives nobody who was erased") {
    Rig rig;
    rig.run({record("1", "Anna de Vries", "anna@example.org")});
    const SubjectId subject = rig.store->byExternalId("import", "1")->front();
    rig.sink.append(std::vector<NewEvent>{{subject, consent::Erase{}, {}, kNow, 0}}).value();
    const ImportCounts counts = rig.run({record("1", "Anna de Vries", "anna@example.org")});
    CHECK(counts.suppressed == 1);
    CHECK(counts.newSubjects == 0);
    CHECK(rig.store->people({"vries", "", {}, 10})->empty());
}

TEST_CASE("a dry run counts the same and writes nothing") {
    Rig rig;
    auto buyer = record("4", "Daan Smit", "daan@example.org");
    buyer.orders.push_back({"K3R9F", kNow - 30 * kDayMs, "Hamlet", "Theatre", 7600});
    const ImportCounts dry = rig.run({buyer}, true);
    CHECK(rig.store->counts(kNow)->events == 0);
    const ImportCounts wet = rig.run({buyer});
    CHECK(dry.reachable == wet.reachable);
    CHECK(dry.softOptIns == wet.softOptIns);
}

TEST_CASE("a dry run promises no more people than the import then reaches") {
    Rig rig;
    auto partner = record("1", "Anna de Vries", "family@example.org");
    partner.permissions.push_back(
        {"*", "*", intake::Answer::refused, kNow - 90 * kDayMs, {}, "nooit"});
    auto refused = record("2", "Bram Jansen", "bram@example.org");
    refused.permissions.push_back(
        {"newsletter", "email", intake::Answer::refused, kNow - 90 * kDayMs, {}, "nieuwsbrief"});
    rig.run({partner, refused});
    CHECK(rig.store->reachable(rig.pack, kNow).value() == 0);

    const auto willing = [](const char* id, const char* name, const char* email) {
        auto one = record(id, name, email);
        one.permissions.push_back(
            {"newsletter", "email", intake::Answer::given, {}, {}, "nieuwsbrief"});
        return one;
    };
    auto bounced = willing("5", "Eva Bos", "eva@example.org");
    bounced.emailBounced = true;
    const std::vector<intake::Record> file{
        willing("3", "Carla de Vries", "family@example.org"), // rule 8: Anna's no at her address
        willing("2", "Bram Jansen", "bram@example.org"),      // his own no
        willing("4", "Daan Smit", "daan@example.org"), bounced};
    const ImportCounts dry = rig.run(file, true);
    CHECK(dry.newlyReachable == 1);
    rig.run(file);
    CHECK(rig.store->reachable(rig.pack, kNow).value() == dry.newlyReachable);
    CHECK(rig.run(file, true).newlyReachable == 0);
}

TEST_CASE("a dry run counts a customer of several rows as the import does") {
    const auto row = [](const char* id, const char* name, const char* email, intake::Answer answer,
                        std::optional<TimeMs> at = {}) {
        auto one = record(id, name, email);
        one.permissions.push_back({"newsletter", "email", answer, at, {}, "nieuwsbrief"});
        return one;
    };
    const auto yes = intake::Answer::given;
    const auto no = intake::Answer::refused;
    const auto anna = [&](intake::Answer answer, std::optional<TimeMs> at = {}) {
        return row("1", "Anna de Vries", "anna@example.org", answer, at);
    };
    const TimeMs old = kNow - 90 * kDayMs;
    const std::vector<std::vector<intake::Record>> files{
        {anna(yes), anna(no)},
        {anna(no), anna(yes)},
        {anna(yes, old), anna(no, old)},
        {anna(no, old), anna(yes, old)},
        {anna(yes, old), anna(no)},
        {anna(yes), anna(no, old)},
        {anna(yes, old), anna(no, old - 30 * kDayMs)},
        {anna(yes), anna(yes)},
        {anna(yes), row("1", "Anna de Vries", "other@example.org", yes)},
        {anna(yes), row("2", "Anna de Vries", "anna@example.org", yes)}, // one person, linked
        {anna(yes), row("2", "Anna de Vries", "anna@example.org", no)},
        {anna(yes), row("2", "Bo de Vries", "anna@example.org", no)}, // rule 8
        {row("2", "Bo de Vries", "anna@example.org", no), anna(yes)},
        {anna(yes), row("1", "Anna de Vries", "", no)},
        {anna(yes), row("1", "Anna de Vries", "", intake::Answer::objected)},
    };
    for (std::size_t i = 0; i < files.size(); ++i) {
        CAPTURE(i);
        Rig rig;
        const auto promised = rig.run(files[i], true).newlyReachable;
        rig.run(files[i]);
        CHECK(promised == rig.store->reachable(rig.pack, kNow).value());
    }
}

TEST_CASE("an old no in the till's words outlives the import of an older yes") {
    Rig rig;
    rig.run({record("1", "Anna de Vries", "anna@example.org")});
    const SubjectId subject = rig.store->byExternalId("import", "1")->front();
    rig.sink
        .append(std::vector<NewEvent>{
            {subject, test::act(consent::Choice::refused), {}, kNow - 10 * kDayMs, 0}})
        .value();
    auto consenting = record("1", "Anna de Vries", "anna@example.org");
    consenting.permissions.push_back(
        {"newsletter", "email", intake::Answer::given, kNow - 11 * kDayMs, {}, "nieuwsbrief"});
    rig.run({consenting});
    CHECK(rig.stateOf("1") == "refused");
}

TEST_CASE("a consent that lapses falls back to the soft opt-in behind it, also when read from the "
          "store") {
    Rig rig;
    rig.pack.rules.front().expiryMonths = 2;
    auto both = record("1", "Anna de Vries", "anna@example.org");
    both.permissions.push_back(
        {"newsletter", "email", intake::Answer::given, kNow - 30 * kDayMs, {}, "nieuwsbrief"});
    rig.run({both});
    auto buyer = record("1", "Anna de Vries", "anna@example.org");
    buyer.orders.push_back({"K3R9F", kNow - 30 * kDayMs, "Hamlet", "Theatre", 7600});
    rig.run({buyer});
    const SubjectId subject = rig.store->byExternalId("import", "1")->front();
    const auto person = rig.store->person(subject).value();
    REQUIRE(person.states.size() == 1);
    const consent::StateView& view = person.states.front().view;
    CHECK(consent::asOf(view, kNow).state == consent::State::given);
    CHECK(consent::asOf(view, kNow + 90 * kDayMs).state == consent::State::softOptIn);
    CHECK(consent::asOf(view, kNow + 900 * kDayMs).state == consent::State::expired);
    CHECK(rig.store->counts(kNow + 90 * kDayMs)->permitted == 1);
}

TEST_CASE("an exception for one purpose makes no soft opt-in of a ticket buyer") {
    Rig rig;
    rig.pack.rules.front().purpose = "newsletter";
    auto buyer = record("4", "Daan Smit", "daan@example.org");
    buyer.orders.push_back({"K3R9F", kNow - 30 * kDayMs, "Hamlet", "Theatre", 7600});
    CHECK(rig.run({buyer}).softOptIns == 0);
    CHECK(rig.stateOf("4") == "none");
}
