#include <SQLiteCpp/SQLiteCpp.h>

#include "plugin/ledger/Ledger.h"

#include "Fixture.h"
#include "plugin/base/Limits.h"
#include "plugin/crypto/Chain.h"
#include "plugin/ledger/Connection.h"
#include "plugin/ledger/Database.h"

using namespace souffleur;
using namespace souffleur::ledger;
using namespace souffleur::ledger::testing;
using consent::Choice;
using consent::State;

TEST_CASE("an act becomes an event, a state and an outbox row at once") {
    Rig rig;
    const auto anna = idOf<SubjectId>(1);
    const Appended done = rig.add(anna, act({choice("newsletter", "email", Choice::given)}),
                                  somebody("Anna", "Bakker", "anna@example.org"));
    CHECK(done.seq == 1);
    CHECK_FALSE(done.repeated);
    CHECK(rig.state(anna, "newsletter", "email") == State::given);
    CHECK(rig.state(anna, "newsletter", "post") == State::unknown);
    CHECK(rig.ledger->outbox().pending().value() == 1);
    const auto facts = rig.ledger->personFacts(anna, policy()).value();
    CHECK(facts.known);
    CHECK(facts.language == "nl");
    CHECK(facts.contacts.at("email").present);
    CHECK_FALSE(facts.contacts.at("email").verified);
    const PersonView view = rig.ledger->person(anna).value();
    CHECK(view.displayName == "Anna Bakker");
    CHECK(view.contacts.at(0).masked.find("anna") == std::string::npos);
    CHECK(view.contacts.at(0).key == rig.ledger->contactKey("email:anna@example.org"));
    CHECK(rig.ledger->findContact("email:anna@example.org").value() == std::vector{anna});
    CHECK(rig.ledger->verify().has_value());
}

TEST_CASE("a slip's handle finds whom it was given to, whoever claims it later") {
    Rig rig;
    const auto anna = idOf<SubjectId>(1);
    const auto bram = idOf<SubjectId>(2);
    const auto withSlip = [](char digit) {
        consent::Act out = act({choice("newsletter", "email", Choice::refused)});
        out.withdrawHandleHash = std::string(64, digit);
        return out;
    };
    rig.add(anna, withSlip('a'), somebody("Anna", "Bakker"));
    rig.add(bram, withSlip('b'), somebody("Bram", "Jansen"));
    rig.add(bram, act({choice("newsletter", "email", Choice::given)}));
    const auto holder = [&](char digit) {
        return rig.ledger->findSlip(std::string(64, digit)).value().subject;
    };
    CHECK(holder('a') == anna);
    CHECK(holder('b') == bram);
    rig.clock.at -= kDayMs; // its id is older
    rig.add(bram, withSlip('a'));
    CHECK(holder('a') == anna);
    CHECK(rig.ledger->findSlip(std::string(64, 'c')).error().code == Code::notFound);
    CHECK(rig.ledger->findSlip("a").error().code == Code::invalid);
    CHECK(rig.ledger->findSlip(std::string(64, '%')).error().code == Code::invalid);
}

TEST_CASE("a slip whose act was taken back says so; another of the same person does not") {
    Rig rig;
    const auto anna = idOf<SubjectId>(1);
    const auto withSlip = [](char digit) {
        consent::Act out = act({choice("newsletter", "email", Choice::given)});
        out.withdrawHandleHash = std::string(64, digit);
        return out;
    };
    const EventId first = rig.add(anna, withSlip('a'), somebody("Anna", "Bakker")).id;
    rig.add(anna, withSlip('b'));
    CHECK_FALSE(rig.ledger->findSlip(std::string(64, 'a')).value().takenBack);
    rig.add(anna, consent::Retract{first, idOf<OperatorId>(51)}); // not who took the answer
    CHECK_FALSE(rig.ledger->findSlip(std::string(64, 'a')).value().takenBack);
    rig.add(anna, consent::Retract{first, idOf<OperatorId>(50)});
    CHECK(rig.ledger->findSlip(std::string(64, 'a')).value().takenBack);
    CHECK(rig.ledger->findSlip(std::string(64, 'a')).value().subject == anna);
    CHECK_FALSE(rig.ledger->findSlip(std::string(64, 'b')).value().takenBack);
}

TEST_CASE("nobody is not an error for a flag, but is for a view") {
    Rig rig;
    CHECK_FALSE(rig.ledger->personFacts(idOf<SubjectId>(9), policy()).value().known);
    CHECK(rig.ledger->person(idOf<SubjectId>(9)).error().code == Code::notFound);
    CHECK(rig.ledger->event(idOf<EventId>(9)).error().code == Code::notFound);
}

TEST_CASE("everything is still there after a restart") {
    Rig rig;
    const auto anna = idOf<SubjectId>(1);
    const Appended done = rig.add(anna, act({choice("newsletter", "email", Choice::refused)}),
                                  somebody("Anna", "Bakker"));
    CHECK(rig.ledger->inStep(1763800001000).has_value());
    CHECK(rig.ledger->putSetting("pretix-since", "x").has_value());
    const auto before = rig.ledger->verify().value();
    rig.reopen();
    CHECK(rig.state(anna, "newsletter", "email") == State::refused);
    CHECK(rig.ledger->event(done.id).value().own);
    CHECK(rig.ledger->personFacts(anna, policy()).value().asOf == 1763800001000);
    CHECK(rig.ledger->setting("pretix-since").value() == "x");
    CHECK(rig.ledger->setting("absent").error().code == Code::notFound);
    const auto after = rig.ledger->verify().value();
    CHECK(after.head == before.head);
    CHECK(after.projections == before.projections);
    CHECK(rig.add(anna, act({choice("offers", "email", Choice::given)})).seq == 2);
}

TEST_CASE("an idempotency key writes once, also across a restart") {
    Rig rig;
    Draft draft;
    draft.subject = idOf<SubjectId>(1);
    draft.body = act({choice("newsletter", "email", Choice::given)});
    const Appended first = rig.ledger->append(draft, "request-1").value();
    const Appended second = rig.ledger->append(draft, "request-1").value();
    CHECK(second.repeated);
    CHECK(second.id == first.id);
    rig.reopen();
    CHECK(rig.ledger->append(draft, "request-1").value().id == first.id);
    CHECK(rig.ledger->append(draft, "request-2").value().id != first.id);
    CHECK(rig.ledger->stats().value().events == 2);
    CHECK(rig.ledger->append(draft, std::string(129, 'x')).error().code == Code::tooLarge);
}

TEST_CASE("several drafts go in together or not at all") {
    Rig rig;
    Draft good;
    good.subject = idOf<SubjectId>(1);
    good.body = act({choice("newsletter", "email", Choice::given)});
    Draft bad = good;
    bad.body = act({});
    const std::vector<Draft> mixed{good, bad};
    CHECK(rig.ledger->append(mixed).error().code == Code::invalid);
    CHECK(rig.ledger->stats().value().events == 0);
    const std::vector<Draft> both{good, good};
    const auto done = rig.ledger->append(both, "k").value();
    CHECK(done.at(1).seq == 2);
    CHECK(rig.ledger->append(both, "k").value().at(1).id == done.at(1).id);
    CHECK(rig.ledger->append(std::vector<Draft>{}).error().code == Code::invalid);
    CHECK(rig.ledger->append(std::vector<Draft>(kDraftsMax + 1, good)).error().code ==
          Code::tooLarge);
}

TEST_CASE("an event over 64 KiB is refused and leaves nothing") {
    Rig rig;
    Draft draft;
    draft.subject = idOf<SubjectId>(1);
    draft.body = act({choice("newsletter", "email", Choice::given)});
    draft.person.name.family.assign(10'000'000, 'x');
    CHECK_FALSE(rig.ledger->append(draft).has_value());
    CHECK(rig.ledger->stats().value().events == 0);
    CHECK(rig.ledger->stats().value().subjects == 0);
}

TEST_CASE("a wildcard no covers what the policy offers, later keys too") {
    Rig rig;
    const auto anna = idOf<SubjectId>(1);
    rig.add(anna, act({choice("*", "email", Choice::withdrawn)}));
    CHECK(rig.state(anna, "newsletter", "email") == State::withdrawn);
    CHECK(rig.state(anna, "offers", "email") == State::withdrawn);
    CHECK(rig.state(anna, "offers", "post") == State::unknown);
    rig.add(anna, act({choice("*", "*", Choice::objected)}));
    CHECK(rig.state(anna, "offers", "post") == State::objected);
    CHECK(rig.ledger->personFacts(anna, policy()).value().objected);
}

TEST_CASE("a retract takes the act back") {
    Rig rig;
    const auto anna = idOf<SubjectId>(1);
    const Appended done = rig.add(anna, act({choice("newsletter", "email", Choice::given)}));
    CHECK(rig.state(anna, "newsletter", "email") == State::given);
    rig.add(anna, consent::Retract{done.id, idOf<OperatorId>(50)});
    CHECK(rig.state(anna, "newsletter", "email") == State::unknown);
    CHECK(rig.ledger->verify().has_value());
}

TEST_CASE("negatives names what an act must have seen, newest first") {
    Rig rig;
    const auto anna = idOf<SubjectId>(1);
    const Appended one = rig.add(anna, act({choice("newsletter", "email", Choice::refused)}));
    rig.clock.at += kMinuteMs;
    const Appended two = rig.add(anna, act({choice("*", "*", Choice::withdrawn)}));
    const std::vector<consent::Key> keys{{"house", "newsletter", "email"}};
    CHECK(rig.ledger->negatives(anna, keys).value() == std::vector{two.id, one.id});
    const std::vector<consent::Key> other{{"house", "offers", "post"}};
    CHECK(rig.ledger->negatives(anna, other).value() == std::vector{two.id});
    CHECK(rig.ledger->negatives(idOf<SubjectId>(3), keys).value().empty());
}

TEST_CASE("an address waits while it was only told, and no mail confirmed it") {
    Rig rig;
    const auto anna = idOf<SubjectId>(1);
    const std::string key = rig.ledger->contactKey("email:anna@example.org");
    const auto waits = [&] {
        return rig.ledger->personFacts(anna, policy()).value().contacts.at("email").waits;
    };
    const EventId yes = rig.add(anna, act({choice("newsletter", "email", Choice::given)})).id;
    rig.add(anna, consent::Contact{"email", key, consent::ContactStatus::unverified});
    CHECK(waits());
    const std::string other = rig.ledger->contactKey("email:a.bakker@example.org");
    rig.clock.at += 1;
    rig.add(anna, consent::Contact{"email", other, consent::ContactStatus::bounced});
    CHECK(waits()); // that one is no way out
    rig.clock.at += 1;
    rig.add(anna, consent::Confirmed{yes, "email", key});
    CHECK_FALSE(waits());
}

TEST_CASE("an address that was typed at a till that never knew the time waits as well") {
    class Unsynced final : public Clock {
    public:
        [[nodiscard]] Reading now() const override { return {at, kUncInfinite, 60}; }
        [[nodiscard]] TimeMs monotonicMs() const override { return at; }
        TimeMs at = 1763800000000;
    } clock;
    Folder folder;
    SeededRandom random(1);
    auto ledger = std::move(Ledger::open(optionsFor(folder.path, 1), clock, random).value());
    const auto anna = idOf<SubjectId>(1);
    const auto add = [&](consent::Body body) {
        Draft draft;
        draft.subject = anna;
        draft.body = std::move(body);
        REQUIRE(ledger->append(draft).has_value());
        clock.at += 1;
    };
    add(act({choice("newsletter", "email", Choice::given)}));
    add(consent::Contact{"email", ledger->contactKey("email:anna@example.org"),
                         consent::ContactStatus::unverified});
    CHECK(ledger->personFacts(anna, policy()).value().contacts.at("email").waits);
}

TEST_CASE("facts, contacts and orders make the person") {
    Rig rig;
    const auto anna = idOf<SubjectId>(1);
    const std::string key = rig.ledger->contactKey("email:anna@example.org");
    rig.add(anna, consent::Contact{"email", key, consent::ContactStatus::verified},
            somebody("Anna", "Bakker", "anna@example.org"));
    rig.add(anna, consent::Fact{"minor", "yes"});
    rig.add(anna, consent::Fact{"language", "ca"});
    wire::PersonData bought;
    bought.order.number = "R-77";
    bought.order.at = 1700000000000;
    bought.externalIds = {{"pretix", "ABC12"}};
    rig.add(anna, consent::Order{"pretix", {"jazz"}, 4500}, bought);
    auto facts = rig.ledger->personFacts(anna, policy()).value();
    CHECK(facts.minor);
    CHECK(facts.language == "ca");
    CHECK(facts.orders == 1);
    CHECK(facts.customerSince == 1700000000000);
    CHECK(facts.contacts.at("email").verified);
    CHECK(rig.ledger->findExternal("pretix", "ABC12").value() == std::vector{anna});
    CHECK(rig.ledger->findExternal("pretix", "ABC13").value().empty());
    rig.clock.at += 1;
    rig.add(anna, consent::Contact{"email", key, consent::ContactStatus::bounced});
    CHECK(rig.ledger->personFacts(anna, policy()).value().contacts.at("email").bounced);
    rig.clock.at += 1;
    rig.add(anna, consent::Contact{"email", key, consent::ContactStatus::removed});
    facts = rig.ledger->personFacts(anna, policy()).value();
    CHECK(facts.contacts.empty());
    CHECK(rig.ledger->record(anna).value().name.family == "Bakker");
    CHECK(rig.ledger->verify().has_value());
}

TEST_CASE("linked subjects are one person until they are unlinked") {
    Rig rig;
    const auto a = idOf<SubjectId>(1);
    const auto b = idOf<SubjectId>(2);
    rig.add(a, act({choice("newsletter", "email", Choice::given)}), somebody("Anna", "Bakker"));
    const Appended no = rig.add(b, act({choice("newsletter", "email", Choice::refused)}),
                                somebody("Anna", "Bakker"));
    CHECK(rig.state(a, "newsletter", "email") == State::given);
    const Appended link = rig.add(a, consent::Link{b, "operator"});
    CHECK(rig.state(a, "newsletter", "email") == State::refused);
    CHECK(rig.state(b, "newsletter", "email") == State::refused);
    CHECK(rig.ledger->person(b).value().subjects.size() == 2);
    CHECK(rig.ledger->stats().value().persons == 1);
    CHECK(rig.ledger->verify().has_value());
    rig.add(a, consent::Unlink{link.id, b, {no.id}});
    CHECK(rig.state(a, "newsletter", "email") == State::refused);
    CHECK(rig.ledger->stats().value().persons == 2);
    CHECK(rig.ledger->person(b).value().subjects.size() == 1);
    CHECK(rig.ledger->verify().has_value());
}

TEST_CASE("other rules at opening rebuild the states") {
    Rig rig;
    const auto anna = idOf<SubjectId>(1);
    rig.add(anna, act({choice("newsletter", "email", Choice::withdrawn)}));
    rig.add(anna, act({choice("newsletter", "email", Choice::given)}));
    CHECK(rig.state(anna, "newsletter", "email") == State::given);
    consent::StateRules strict;
    strict.liftEvidence = {consent::Method::paper};
    CHECK(rig.ledger->useRules(strict).has_value());
    CHECK(rig.state(anna, "newsletter", "email") == State::withdrawn);
    rig.reopen();
    CHECK(rig.state(anna, "newsletter", "email") == State::given);
    CHECK(rig.ledger->verify().has_value());
}

TEST_CASE("a commit that fails undoes what was remembered of it") {
    const Folder folder;
    auto database = Database::open(folder.path, 256).value();
    REQUIRE(database->maintain([](Connection& c) -> Result<void> {
        c.execute("PRAGMA foreign_keys = ON");
        c.execute("CREATE TABLE late (num INTEGER REFERENCES people (num) DEFERRABLE INITIALLY "
                  "DEFERRED)");
        return {};
    }));
    int remembered = 0;
    const auto write = [&](const char* statement) {
        return database->write<void>(
            [&](Connection& c) -> Result<void> {
                ++remembered;
                c.execute(statement);
                return {};
            },
            [&] { --remembered; });
    };
    CHECK_FALSE(write("INSERT INTO late VALUES (-9)").has_value()); // only the commit fails
    CHECK(remembered == 0);
    CHECK_FALSE(write("INSERT INTO nowhere VALUES (1)").has_value());
    CHECK(remembered == 0);
    CHECK(write("INSERT INTO late VALUES (NULL)").has_value());
    CHECK(remembered == 1);
}

TEST_CASE("rules whose states could not be written are not in force") {
    Rig rig;
    const auto anna = idOf<SubjectId>(1);
    rig.add(anna, act({choice("newsletter", "email", Choice::withdrawn)}));
    const auto raw = [&](const char* statement) {
        SQLite::Database db((rig.folder.path / "ledger.db").string(), SQLite::OPEN_READWRITE);
        db.setBusyTimeout(10000);
        db.exec(statement);
    };
    raw("CREATE TRIGGER spoil BEFORE INSERT ON states BEGIN SELECT RAISE(ABORT, 'full'); END");
    consent::StateRules strict;
    strict.liftEvidence = {consent::Method::paper};
    CHECK_FALSE(rig.ledger->useRules(strict).has_value());
    raw("DROP TRIGGER spoil");
    rig.add(anna, act({choice("newsletter", "email", Choice::given)}));
    CHECK(rig.state(anna, "newsletter", "email") == State::given);
    CHECK(rig.ledger->useRules(strict).has_value());
    CHECK(rig.state(anna, "newsletter", "email") == State::withdrawn);
}

TEST_CASE("the same rules at opening leave the states alone") {
    Rig rig;
    const auto anna = idOf<SubjectId>(1);
    rig.add(anna, act({choice("newsletter", "email", Choice::refused)}));
    rig.ledger.reset();
    const auto marked = [&](const char* statement) {
        SQLite::Database raw((rig.folder.path / "ledger.db").string(), SQLite::OPEN_READWRITE);
        return raw.exec(statement);
    };
    // A rebuild would write the row again.
    REQUIRE(marked("DELETE FROM states") == 1);
    rig.reopen();
    CHECK(rig.ledger->useRules(rig.options.rules).has_value());
    CHECK(rig.state(anna, "newsletter", "email") == State::unknown);
    rig.ledger.reset();
    rig.options.rules.liftEvidence = {consent::Method::paper};
    rig.reopen();
    CHECK(rig.state(anna, "newsletter", "email") == State::refused);
}

TEST_CASE("a second opener and another device are turned away") {
    Rig rig;
    CHECK(Ledger::open(rig.options, rig.clock, rig.random).error().code == Code::locked);
    rig.ledger.reset();
    LedgerOptions other = rig.options;
    other.origin = idOf<OriginId>(77);
    CHECK(Ledger::open(other, rig.clock, rig.random).error().code == Code::conflict);
    rig.reopen();
}

TEST_CASE("files are the owner's alone") {
    Rig rig;
    rig.add(idOf<SubjectId>(1), consent::Fact{"minor", "no"});
    for (const auto& entry : std::filesystem::directory_iterator(rig.folder.path)) {
        CAPTURE(entry.path().string());
        const auto others = std::filesystem::perms::group_all | std::filesystem::perms::others_all;
        CHECK((entry.status().permissions() & others) == std::filesystem::perms::none);
    }
}

TEST_CASE("export gives every event as it was heard") {
    Rig rig;
    const Appended done =
        rig.add(idOf<SubjectId>(1), act({choice("newsletter", "email", Choice::given)}),
                somebody("Anna", "Bakker"));
    std::vector<std::string> lines;
    const auto take = [&](std::string_view line) {
        lines.emplace_back(line);
        return true;
    };
    CHECK(rig.ledger->exportNdjson(false, take).has_value());
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].find(rig.ledger->event(done.id).value().header) != std::string::npos);
    CHECK(lines[0].find("Bakker") == std::string::npos);
    CHECK(rig.ledger->exportNdjson(true, take).has_value());
    CHECK(lines[1].find("Bakker") != std::string::npos);
}

TEST_CASE("what was heard while nobody was signed in is listed with it, all of it, until claimed") {
    Rig rig;
    consent::Act nobodys = act({choice("newsletter", "email", consent::Choice::refused)});
    nobodys.by = {};
    std::vector<EventId> expected;
    for (std::uint64_t n = 0; n < 600; ++n) {
        rig.clock.at += 1;
        expected.push_back(rig.add(idOf<SubjectId>(n), nobodys).id);
    }
    rig.add(idOf<SubjectId>(1), act({choice("newsletter", "email", consent::Choice::given)}));
    consent::Act fed = nobodys;
    fed.method = consent::Method::connector; // nobody stood there
    rig.add(idOf<SubjectId>(2), fed);
    rig.reopen();
    auto open = rig.ledger->unattributed(500).value();
    CHECK(open.total == 600);
    CHECK(open.acts == std::vector(expected.begin(), expected.begin() + 500));
    CHECK(rig.ledger->attribute(expected[0], "somebody").has_value());
    CHECK(rig.ledger->attribute(expected[0], "somebody").error().code == Code::notFound);
    CHECK(rig.ledger->attribute(idOf<EventId>(9), "somebody").error().code == Code::notFound);
    open = rig.ledger->unattributed(500).value();
    CHECK(open.total == 599);
    CHECK(open.acts.front() == expected[1]);
    CHECK(open.acts.back() == expected[500]);
    // A till does not attribute what another one heard.
    Rig other(2);
    REQUIRE(other.ledger->applyForeign(rig.exported(), {}, "").has_value());
    CHECK(other.ledger->unattributed(1).value().total == 0);
}
