// rooms: sync-hub sync-agent kiosk-terminal
// DESIGN 4, rule by rule, across two tills and head office: each heard its part without the other.
#include "plugin/policy/PackLoader.h"
#include "tests/integration/sync/Rig.h"

using namespace souffleur;
using namespace souffleur::test;
using consent::Choice;
using consent::Method;

namespace {

const consent::Key kNewsletter{kController, "newsletter", "email"};

/// How it was said; what is not named is the newsletter by e-mail, aloud, with nothing seen.
struct Said {
    Method method = Method::spoken;
    bool confirm = false;
    std::vector<EventId> seen{};
    consent::Token purpose = "newsletter";
    consent::Token channel = "email";
};

/// Two tills of one house and one customer, an hour ago by a clock that everybody trusts.
struct Pair {
    Pair() { rig.clock.synced(50); }
    /// `minute`: after the beginning of the hour. Nothing is seen but what is named.
    EventId say(TillRig& till, int minute, Choice choice, const Said& how = {},
                std::optional<SubjectId> who = {}) {
        consent::Act act = newsletter(choice);
        act.choices.front().purpose = how.purpose;
        act.choices.front().channel = how.channel;
        act.choices.front().confirm = how.confirm;
        act.method = how.method;
        act.seen = how.seen;
        act.place = "till";
        return append(till, minute, act, who.value_or(anna));
    }
    EventId append(TillRig& till, int minute, const consent::Body& body, const SubjectId& who) {
        ledger::Draft draft;
        draft.subject = who;
        draft.body = body;
        draft.when = Reading{began + minute * kMinuteMs, 50, 0};
        const auto appended = till.ledger->append(draft);
        REQUIRE_MESSAGE(appended.has_value(), (appended ? "" : appended.error().text()));
        return appended->id;
    }
    EventId office(const consent::Body& body, const SubjectId& who, TimeMs at = 0) {
        const std::vector<people::NewEvent> events{{who, body, {}, at, kSecondMs}};
        const auto ids = rig.home->chain().append(events);
        REQUIRE_MESSAGE(ids.has_value(), (ids ? "" : ids.error().text()));
        return ids->front();
    }
    void settle() {
        for (int i = 0; i < 2; ++i) {
            REQUIRE(one.loop->round().has_value());
            REQUIRE(two.loop->round().has_value());
        }
    }
    /// What all three say of it; "differs" where they do not say the same.
    std::string everywhere(const SubjectId& who) {
        settle();
        const auto view = rig.home->store().state(who, kNewsletter);
        const std::string at = view ? std::string(consent::name(view->state)) : "none";
        for (const TillRig* till : {&one, &two}) {
            if (till->state(who) != at) return "differs: " + at + " but " + till->state(who);
        }
        return at;
    }
    std::string everywhere() { return everywhere(anna); }

    HubRig rig;
    TillRig one{rig, "one"};
    TillRig two{rig, "two"};
    SubjectId anna = SubjectId::random(rig.random);
    TimeMs began = rig.clock.now().at - kHourMs;
};

} // namespace

TEST_CASE("rule 1 across two tills: a no to everything covers what another till asks") {
    Pair house;
    house.say(house.one, 0, Choice::refused, {.purpose = "*", .channel = "*"});
    house.say(house.two, 1, Choice::given);
    CHECK(house.everywhere() == "refused");
}

TEST_CASE("rule 1 across two tills: not now is neither yes nor no") {
    Pair house;
    house.say(house.one, 0, Choice::given);
    house.say(house.two, 20, Choice::deferred);
    CHECK(house.everywhere() == "given");
    const SubjectId wim = SubjectId::random(house.rig.random);
    house.say(house.one, 0, Choice::refused, {}, wim);
    house.say(house.two, 20, Choice::deferred, {}, wim);
    CHECK(house.everywhere(wim) == "refused");
}

TEST_CASE("rule 2 across two tills: a yes beats the no that it names, whatever the clocks say") {
    Pair house;
    const EventId no = house.say(house.one, 30, Choice::refused);
    house.settle();
    house.say(house.two, 0, Choice::given, {.seen = {no}});
    CHECK(house.everywhere() == "given");
}

TEST_CASE("rule 2 across two tills: a yes beats a no unseen only when it is surely later") {
    Pair house;
    house.say(house.one, 0, Choice::refused);
    house.say(house.two, 4, Choice::given);
    CHECK(house.everywhere() == "refused");
    house.say(house.two, 20, Choice::given);
    CHECK(house.everywhere() == "given");
}

TEST_CASE("rule 2 across two tills: an import is no live word, and known to the day at best") {
    Pair house;
    house.say(house.one, 0, Choice::refused);
    house.settle();
    consent::Act yes = newsletter(Choice::given);
    yes.method = Method::import;
    yes.source = "export";
    house.office(yes, house.anna, house.began + 20 * kMinuteMs);
    CHECK(house.everywhere() == "refused");
}

TEST_CASE("rule 3 across two tills: a yes must beat every no, not the last one") {
    Pair house;
    const EventId first = house.say(house.one, 0, Choice::refused);
    house.settle();
    house.say(house.one, 11, Choice::refused);
    house.say(house.two, 10, Choice::given, {.seen = {first}});
    CHECK(house.everywhere() == "refused");
}

TEST_CASE("rule 4 across two tills: an objection falls only to a live word that names it") {
    Pair house;
    const EventId stop =
        house.say(house.one, 0, Choice::objected, {.purpose = "*", .channel = "*"});
    house.say(house.two, 50, Choice::given, {.method = Method::screen});
    CHECK(house.everywhere() == "objected");
    house.say(house.two, 51, Choice::given, {.method = Method::screen, .seen = {stop}});
    CHECK(house.everywhere() == "given");
}

TEST_CASE("rule 5 across two tills: a spoken yes lifts no withdrawal before its mail is answered") {
    Pair house;
    house.say(house.one, 0, Choice::given);
    const EventId no = house.say(house.one, 1, Choice::withdrawn);
    house.settle();
    const EventId spoken = house.say(house.two, 20, Choice::given, {.seen = {no}});
    CHECK(house.everywhere() == "withdrawn");
    SUBCASE("the mail") {
        house.office(consent::Confirmed{spoken, "email", std::string(64, 'a')}, house.anna);
    }
    SUBCASE("their own hand") {
        house.say(house.two, 30, Choice::given, {.method = Method::screen, .seen = {no}});
    }
    CHECK(house.everywhere() == "given");
}

TEST_CASE("rule 6 across two tills: a confirmation is as old as the yes that it confirms") {
    Pair house;
    const EventId yes = house.say(house.one, 0, Choice::given, {.confirm = true});
    CHECK(house.everywhere() == "requested");
    bool said = false;
    SUBCASE("nothing said meanwhile") {}
    SUBCASE("a no meanwhile, elsewhere") {
        house.say(house.two, 20, Choice::refused);
        said = true;
    }
    house.settle();
    house.office(consent::Confirmed{yes, "email", std::string(64, 'a')}, house.anna);
    CHECK(house.everywhere() == (said ? "refused" : "given"));
}

TEST_CASE("rule 6 across two tills: only the till that heard an answer takes it back") {
    Pair house;
    const EventId no = house.say(house.one, 0, Choice::refused);
    house.settle();
    house.append(house.two, 1, consent::Retract{no, {}}, house.anna);
    CHECK(house.everywhere() == "refused");
    house.append(house.one, 2, consent::Retract{no, {}}, house.anna);
    house.settle();
    for (const TillRig* till : {&house.one, &house.two}) CHECK(till->state(house.anna) == "none");
    CHECK(consent::name(house.rig.home->store().state(house.anna, kNewsletter)->state) ==
          "unknown");
}

TEST_CASE("rule 7 across two tills: between linked records no clock counts, a named no does") {
    Pair house;
    const SubjectId twin = SubjectId::random(house.rig.random);
    const EventId no = house.say(house.one, 0, Choice::refused);
    house.say(house.two, 40, Choice::given, {}, twin);
    CHECK(house.everywhere(twin) == "given");
    house.office(consent::Link{house.anna, "operator"}, twin);
    CHECK(house.everywhere(twin) == "refused");
    house.say(house.two, 41, Choice::given, {.seen = {no}}, twin);
    CHECK(house.everywhere(twin) == "given");
    CHECK(house.everywhere() == "given");
}

TEST_CASE("rule 7 across two tills: who is unlinked keeps the noes that are copied") {
    Pair house;
    const SubjectId twin = SubjectId::random(house.rig.random);
    const EventId no = house.say(house.one, 0, Choice::refused);
    house.say(house.two, 40, Choice::given, {}, twin);
    const EventId link = house.office(consent::Link{house.anna, "operator"}, twin);
    CHECK(house.everywhere(twin) == "refused");
    std::vector<EventId> copied;
    SUBCASE("copied") {
        copied = {no};
    }
    SUBCASE("left to the one who said it") {}
    house.settle();
    house.office(consent::Unlink{link, house.anna, copied}, twin);
    CHECK(house.everywhere(twin) == (copied.empty() ? "given" : "refused"));
    CHECK(house.everywhere() == "refused");
}

TEST_CASE("rule 8 across two tills: a no shuts the address for whoever else holds it") {
    Pair house;
    const SubjectId other = SubjectId::random(house.rig.random);
    house.one.say(house.anna, Choice::refused, "shared@example.org");
    house.two.say(other, Choice::given, "shared@example.org");
    house.settle();
    const consent::Policy pack =
        policy::PackLoader(policy::sampleHouse("nl")).builtIn("nl").value();
    consent::Policy ours = pack;
    ours.controller.id = kController;
    const auto rows = house.rig.home->store().eligibility(
        {other, "newsletter", "email", house.rig.clock.now().at}, ours);
    REQUIRE(rows.has_value());
    REQUIRE(rows->size() == 1);
    CHECK_FALSE(rows->front().verdict.eligible);
    CHECK(rows->front().verdict.reason == "said-no-at-address");
}

TEST_CASE("rule 9 across two tills: nobody has seen what was never shown to them") {
    Pair house;
    const EventId no = house.say(house.one, 40, Choice::refused);
    REQUIRE(house.one.loop->round().has_value());
    house.say(house.two, 0, Choice::given, {.seen = {no}});
    // It sends before it ever asked for what others said.
    auto batch = house.two.outbox->next(10, 100'000).value().value();
    protocol::seal(batch, *house.two.signing);
    REQUIRE(house.two.remote->push(batch).has_value());
    CHECK(house.rig.home->store().counts(0)->quarantined == 1);
    REQUIRE(house.one.loop->round().has_value());
    CHECK(house.one.state(house.anna) == "refused");
    const auto view = house.rig.home->store().state(house.anna, kNewsletter);
    CHECK(consent::name(view.value().state) == "refused");
}
