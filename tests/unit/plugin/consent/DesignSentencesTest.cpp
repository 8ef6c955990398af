// DESIGN 4, sentence by sentence: each TEST_CASE is named after the sentence it holds us to.
// Here what is said: the set rule, confirmation, objection.
#include <doctest/doctest.h>

#include "tests/unit/plugin/consent/Story.h"

using namespace souffleur;
using namespace souffleur::test;

TEST_CASE("nothing said is unknown") {
    const Story story;
    CHECK(story.state() == StateView{});
}

TEST_CASE("negatives are refused, withdrawn, objected") {
    for (const auto& [choice, state] : {std::pair{Choice::refused, State::refused},
                                        std::pair{Choice::withdrawn, State::withdrawn},
                                        std::pair{Choice::objected, State::objected}}) {
        Story story;
        story.act(choice);
        CHECK(story.state().state == state);
        CHECK(negative(state));
    }
}

TEST_CASE("negatives may use * for purpose or channel and then cover later ones too") {
    Story story;
    story.act(Choice::withdrawn, kT0, "*", "email");
    story.act(Choice::refused, kT0, "brochure", "*");
    CHECK(story.state().state == State::withdrawn);
    CHECK(story.state({"house", "invented-later", "email"}).state == State::withdrawn);
    CHECK(story.state({"house", "brochure", "invented-later"}).state == State::refused);
    CHECK(story.state({"house", "newsletter", "phone"}).state == State::unknown);
    CHECK(story.state({"another-house", "newsletter", "email"}).state == State::unknown);
}

TEST_CASE("deferred is neutral") {
    Story story;
    story.act(Choice::deferred, kT0 + kMin);
    CHECK(story.state().state == State::deferred);
    CHECK(story.state().deferredAt == kT0 + kMin);
    story.act(Choice::given, kT0);
    CHECK(story.state().state == State::given);
    CHECK(story.state().deferredAt == kT0 + kMin);
    story.act(Choice::refused, kT0 + 2 * kMin);
    story.act(Choice::deferred, kT0 + 3 * kMin);
    CHECK(story.state().state == State::refused);
}

TEST_CASE("an opt-in beats a negative if it names it in seen") {
    Story story;
    const EventId no = story.act(Choice::refused, kT0).id;
    Event& yes = elsewhere(story.act(Choice::given, kT0));
    yes.unc = kUncInfinite;
    CHECK(story.state().state == State::refused);
    actOf(yes).seen = {no};
    CHECK(story.state().state == State::given);
    CHECK(story.state().because == yes.id);
}

TEST_CASE("an opt-in beats a negative as a live act of the same origin at a later position") {
    Story story;
    story.act(Choice::refused, kT0);
    Event& yes = story.act(Choice::given, kT0 - kDayMs); // the clock jumped back
    yes.unc = kUncInfinite;
    CHECK(story.state().state == State::given);
    yes.position = 0; // not placed yet: nobody knows
    CHECK(story.state().state == State::refused);
}

TEST_CASE("a negative at a later position of the same origin stands") {
    Story story;
    story.act(Choice::given, kT0);
    story.act(Choice::refused, kT0);
    CHECK(story.state().state == State::refused);
}

TEST_CASE("a yes and a no in one act is a no, even if it claims to have seen itself") {
    Story story;
    Event& both = story.act(Choice::given);
    ChoiceItem no = itemOf(both);
    no.choice = Choice::refused;
    no.channel = Token(kAny);
    actOf(both).choices.push_back(no);
    actOf(both).seen = {both.id};
    CHECK(story.state().state == State::refused);
}

TEST_CASE("by the clock: at - unc - 5 min is later than the negative's at + unc") {
    Story story;
    Event& no = story.act(Choice::refused, kT0);
    Event& yes = elsewhere(story.act(Choice::given, kT0 + 8 * kMin));
    no.unc = kMin;
    yes.unc = 2 * kMin;
    CHECK(story.state().state == State::refused); // exactly on the line is not later
    yes.at += 1;
    CHECK(story.state().state == State::given);
}

TEST_CASE("by the clock: neither clock suspect") {
    for (const OriginId suspected : {originId(1), originId(2)}) {
        Story story;
        story.act(Choice::refused, kT0);
        elsewhere(story.act(Choice::given, kT0 + kDayMs));
        CHECK(story.state().state == State::given);
        Event& judgement = story.add();
        judgement.body = ClockJudgement{suspected, 1, 100, 0, true};
        CHECK(story.state().state == State::refused);
    }
}

TEST_CASE("a clock that was never synchronised wins nothing") {
    Story story;
    Event& no = story.act(Choice::refused, kT0);
    Event& yes = elsewhere(story.act(Choice::given, kT0 + 1000 * kDayMs));
    yes.unc = kUncInfinite;
    CHECK(story.state().state == State::refused);
    yes.unc = 0;
    no.unc = kUncInfinite;
    CHECK(story.state().state == State::refused);
    no.unc = -1; // no clock says so
    CHECK(story.state().state == State::refused);
}

TEST_CASE("a time outside the range of the wire is a suspect clock") {
    Story story;
    story.act(Choice::refused, kT0);
    Event& yes = elsewhere(story.act(Choice::given, kMaxTime + 1));
    CHECK(story.state().state == State::refused);
    yes.at = kMaxTime;
    CHECK(story.state().state == State::given);
}

TEST_CASE("imports and connectors are not live: only by the clock, a day at least") {
    for (const Method method : {Method::import, Method::connector}) {
        Story story;
        const Event& no = story.act(Choice::refused, kT0);
        Event& yes = story.act(Choice::given, kT0 + kDayMs + 5 * kMin);
        actOf(yes).method = method;
        actOf(yes).seen = {no.id};
        CHECK(story.state().state == State::refused);
        yes.at += 1;
        CHECK(story.state().state == State::given);
    }
}

TEST_CASE("an imported negative is believed to the day at best, too") {
    Story story;
    Event& no = elsewhere(story.act(Choice::refused, kT0));
    actOf(no).method = Method::import;
    Event& yes = story.act(Choice::given, kT0 + kDayMs + 5 * kMin);
    CHECK(story.state().state == State::refused);
    yes.at += 1;
    CHECK(story.state().state == State::given);
}

TEST_CASE("given iff some opt-in, confirmed where it must be, beats every negative") {
    Story story;
    const EventId first = story.act(Choice::refused, kT0).id;
    const EventId second = elsewhere(story.act(Choice::refused, kT0)).id;
    Event& a = story.act(Choice::given, kT0);
    Event& b = story.act(Choice::given, kT0);
    a.origin = originId(3);
    b.origin = originId(4);
    actOf(a).seen = {first};
    actOf(b).seen = {second};
    SUBCASE("two opt-ins that beat one each do not add up") {
        CHECK(story.state().state == State::refused);
    }
    SUBCASE("one that beats both does") {
        actOf(b).seen.push_back(first);
        CHECK(story.state().state == State::given);
        CHECK(story.state().because == b.id);
    }
}

TEST_CASE("an opt-in that must be confirmed counts once its mail is answered") {
    Story story;
    Event& yes = story.act(Choice::given);
    itemOf(yes).confirm = true;
    CHECK(story.state().state == State::requested);
    CHECK(story.state().pending);
    Event& click = story.add(kT0 + kDayMs);
    SUBCASE("of another channel: no") {
        click.body = Confirmed{yes.id, "phone", ""};
        CHECK(story.state().state == State::requested);
    }
    SUBCASE("by another person: no") {
        click.subject = subjectId(7);
        click.body = Confirmed{yes.id, "email", ""};
        CHECK(story.state().state == State::requested);
    }
    SUBCASE("confirmed inherits its target's time") {
        click.body = Confirmed{yes.id, "email", ""};
        CHECK(story.state().state == State::given);
        CHECK(story.state().at == kT0);
        CHECK_FALSE(story.state().pending);
        // A withdrawal between the yes and the click stands: the click is never an opt-in itself.
        elsewhere(story.act(Choice::withdrawn, kT0 + 10 * kMin));
        CHECK(story.state().state == State::withdrawn);
    }
}

TEST_CASE("confirmed inherits its target's seen") {
    Story story;
    const EventId no = elsewhere(story.act(Choice::withdrawn, kT0)).id;
    Event& yes = story.act(Choice::given, kT0);
    actOf(yes).method = Method::spoken;
    actOf(yes).seen = {no};
    itemOf(yes).confirm = true;
    CHECK(story.state().state == State::withdrawn);
    CHECK(story.state().pending);
    story.add(kT0 + kDayMs).body = Confirmed{yes.id, "email", ""};
    CHECK(story.state().state == State::given);
}

TEST_CASE("objection falls only to (a) by a live act") {
    Story story;
    const EventId no = story.act(Choice::objected, kT0).id;
    Event& yes = elsewhere(story.act(Choice::given, kT0 + 900 * kDayMs));
    CHECK(story.state().state == State::objected); // the clock alone is not enough
    CHECK(story.objected());
    actOf(yes).seen = {no};
    SUBCASE("an import has no hand") {
        actOf(yes).method = Method::import;
        CHECK(story.state().state == State::objected);
    }
    SUBCASE("a live act that has seen it") {
        CHECK(story.state().state == State::given);
        CHECK_FALSE(story.objected());
    }
}

TEST_CASE("an objection also stops profiling, labels and audiences") {
    Story story;
    story.act(Choice::given, kT0, "profiling", "email");
    story.act(Choice::given, kT0, "newsletter", "social");
    elsewhere(story.act(Choice::objected, kT0 - kDayMs, "brochure", "post"));
    CHECK(story.state({"house", "profiling", "email"}).state == State::objected);
    CHECK(story.state({"house", "newsletter", "social"}).state == State::objected);
    CHECK(story.state({"house", "labels", "email"}).state == State::objected);
    CHECK(story.state().state == State::unknown);
}

TEST_CASE("after stop everything, one yes to one thing lifts that thing alone") {
    Story story;
    const EventId no = story.act(Choice::objected, kT0, "*", "*").id;
    CHECK(story.objected());
    Event& yes = elsewhere(story.act(Choice::given, kT0 + kDayMs));
    actOf(yes).seen = {no};
    CHECK(story.state().state == State::given);
    CHECK(story.state(kPost).state == State::objected);
    CHECK(story.state({"house", "profiling", "email"}).state == State::objected);
    CHECK_FALSE(story.objected());
}

TEST_CASE("lifting a withdrawal or objection needs the pack's liftEvidence") {
    for (const Choice choice : {Choice::withdrawn, Choice::objected}) {
        Story story;
        const EventId no = story.act(choice, kT0).id;
        Event& yes = story.act(Choice::given, kT0 + kDayMs);
        actOf(yes).seen = {no};
        for (const Method own : {Method::screen, Method::paper, Method::kiosk, Method::web}) {
            actOf(yes).method = own;
            CHECK(story.state().state == State::given);
        }
        for (const Method heard : {Method::spoken, Method::phone}) {
            actOf(yes).method = heard;
            CHECK(negative(story.state().state));
            CHECK(story.state().pending); // a spoken yes waits for confirmation by mail
        }
        StateRules lax;
        lax.liftEvidenceFor[{Token(kAny), "email"}] = {Method::phone};
        CHECK(story.state(kNews, {subjectId(1)}, lax).state == State::given);
        story.add().body = Confirmed{yes.id, "email", ""};
        CHECK(story.state().state == State::given);
    }
}

TEST_CASE("a refusal is lifted by a spoken yes") {
    Story story;
    story.act(Choice::refused, kT0);
    Event& yes = story.act(Choice::given, kT0 + kMin);
    actOf(yes).method = Method::spoken;
    CHECK(story.state().state == State::given);
}
