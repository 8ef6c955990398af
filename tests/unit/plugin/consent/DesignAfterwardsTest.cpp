// DESIGN 4, sentence by sentence: each TEST_CASE is named after the sentence it holds us to.
// Here what comes after it: undo, links, clocks, expiry, and which of several is shown.
#include <doctest/doctest.h>

#include "tests/unit/plugin/consent/Story.h"

using namespace souffleur;
using namespace souffleur::test;

TEST_CASE("retract removes its target: same origin and operator, 5 min at most") {
    Story story;
    const Event& no = story.act(Choice::refused, kT0);
    Event& undo = story.add(kT0 + 5 * kMin);
    undo.body = Retract{no.id, operatorId(1)};
    CHECK(story.state().state == State::unknown);
    SUBCASE("a millisecond too late") {
        undo.at += 1;
    }
    SUBCASE("before its target") {
        undo.at = kT0 - 1;
    }
    SUBCASE("another operator") {
        undo.body = Retract{no.id, operatorId(2)};
    }
    SUBCASE("another origin") {
        undo.origin = originId(2);
    }
    SUBCASE("another person") {
        undo.subject = subjectId(2);
    }
    SUBCASE("an earlier position") {
        undo.position = 1;
    }
    SUBCASE("times that overflow") {
        undo.at = std::numeric_limits<TimeMs>::min();
    }
    CAPTURE(undo.at);
    if (undo.at != kT0 + 5 * kMin || undo.origin != originId(1) || undo.position != 2 ||
        undo.subject != subjectId(1) || std::get<Retract>(undo.body).by != operatorId(1)) {
        CHECK(story.state().state == State::refused);
    }
}

TEST_CASE("an undo under another id takes what was given, and no negative") {
    Story story;
    Event& said = story.act(Choice::given, kT0);
    said.body = [&] {
        Act act = std::get<Act>(said.body);
        act.choices.push_back(act.choices.front());
        act.choices.back().purpose = "brochure";
        act.choices.back().choice = Choice::refused;
        return act;
    }();
    const EventId yes = said.id;
    REQUIRE(story.state().state == State::given);
    Event& undo = story.add(kT0 + 5 * kMin);
    undo.body = Retract{yes, operatorId(1)};
    undo.origin = originId(2);
    const Key brochure{"house", "brochure", "email"};
    SUBCASE("at whatever position") {
        undo.position = 1;
    }
    SUBCASE("not placed yet") {
        undo.position = 0;
    }
    SUBCASE("and a later yes counts again") {
        story.act(Choice::given, kT0 + 6 * kMin);
        CHECK(story.state().state == State::given);
        return;
    }
    SUBCASE("but no other operator's") {
        undo.body = Retract{yes, operatorId(2)};
        CHECK(story.state().state == State::given);
        return;
    }
    SUBCASE("nor one that comes too late") {
        undo.at += 1;
        CHECK(story.state().state == State::given);
        return;
    }
    CHECK(story.state().state == State::unknown);
    CHECK(story.state(brochure).state == State::refused);
}

TEST_CASE("a retract never retracts anything but an act") {
    Story story;
    Event& yes = story.act(Choice::given);
    itemOf(yes).confirm = true;
    Event& click = story.add(kT0 + kMin);
    click.body = Confirmed{yes.id, "email", ""};
    story.add(kT0 + 2 * kMin).body = Retract{click.id, OperatorId{}};
    CHECK(story.state().state == State::given);
}

TEST_CASE("an undone undo is no undo: retracting a retract does nothing") {
    Story story;
    const EventId act = story.act(Choice::given).id;
    const EventId undo = story.add(kT0 + kMin).id;
    const_cast<Event&>(story.events()[1]).body = Retract{act, operatorId(1)};
    story.add(kT0 + 2 * kMin).body = Retract{undo, operatorId(1)};
    CHECK(story.state().state == State::unknown);
}

TEST_CASE("linked subjects: the union, and across subjects only seen counts, never the clock") {
    Story story;
    const std::set<SubjectId> both{subjectId(1), subjectId(2)};
    const EventId no = story.act(Choice::refused, kT0).id;
    Event& yes = story.act(Choice::given, kT0 + 900 * kDayMs);
    yes.subject = subjectId(2);
    CHECK(story.state(kNews, both).state == State::refused);
    CHECK(story.state(kNews, {subjectId(2)}).state == State::given);
    actOf(yes).seen = {no};
    CHECK(story.state(kNews, both).state == State::given);
}

TEST_CASE("unlink names the negatives that are copied to each side") {
    Story story;
    const EventId no = story.act(Choice::refused, kT0).id;
    Event& yes = story.act(Choice::given, kT0 + 900 * kDayMs);
    yes.subject = subjectId(2);
    const EventId link = story.add().id;
    const_cast<Event&>(story.events().back()).body = Link{subjectId(2), "operator"};
    CHECK(linkedWith(subjectId(1), story.events()).size() == 2);
    CHECK(negativesToCopy(story.events()) == std::vector{no});
    Event& unlink = story.add();
    unlink.body = Unlink{link, subjectId(2), {no}};
    CHECK(linkedWith(subjectId(1), story.events()).size() == 1);
    CHECK(story.state(kNews, {subjectId(1)}).state == State::refused);
    // Copied, it counts there as another subject's: the clock does not lift it, seen does.
    CHECK(story.state(kNews, {subjectId(2)}).state == State::refused);
    actOf(yes).seen = {no};
    CHECK(story.state(kNews, {subjectId(2)}).state == State::given);
    CHECK(story.state(kNews, {subjectId(3)}).state == State::unknown);
}

TEST_CASE("a copied negative that has not arrived is a doubt, and doubt is no") {
    Story story;
    story.act(Choice::given, kT0 + kDayMs);
    story.add().body = Unlink{eventId(77), subjectId(2), {eventId(78)}};
    CHECK(story.state().state == State::withdrawn);
    CHECK(story.state(kPost).state == State::withdrawn);
    CHECK_FALSE(story.objected());
    const History history(story.events(), {subjectId(1)}, Clocks(story.events()));
    CHECK(history.negatives(kPost) == std::vector{eventId(78)});
}

TEST_CASE("a link holds until an unlink names it") {
    Story story;
    const EventId first = story.add().id;
    const_cast<Event&>(story.events()[0]).body = Link{subjectId(2), "operator"};
    Event& second = story.add();
    second.subject = subjectId(2);
    second.body = Link{subjectId(3), "operator"};
    CHECK(linkedWith(subjectId(3), story.events()).size() == 3);
    Event& unlink = story.add();
    unlink.body = Unlink{second.id, subjectId(2), {}}; // names a link of other people
    CHECK(linkedWith(subjectId(1), story.events()).size() == 3);
    unlink.body = Unlink{first, subjectId(2), {}};
    CHECK(linkedWith(subjectId(1), story.events()).size() == 1);
    CHECK(linkedWith(subjectId(3), story.events()).size() == 2);
    story.add().body = Link{subjectId(2), "confirmed"}; // again
    CHECK(linkedWith(subjectId(1), story.events()).size() == 3);
}

TEST_CASE("the hub's judgement of a clock is an event: unc is the larger of both") {
    Story story;
    story.act(Choice::refused, kT0);
    Event& yes = elsewhere(story.act(Choice::given, kT0 + 30 * kMin));
    CHECK(story.state().state == State::given);
    Event& judgement = story.add();
    judgement.body = ClockJudgement{originId(2), 1, 2, 25 * kMin, false};
    CHECK(story.state().state == State::refused);
    judgement.body = ClockJudgement{originId(2), 3, 9, 25 * kMin, false}; // of other positions
    CHECK(story.state().state == State::given);
    yes.position = 0; // might be any of them
    CHECK(story.state().state == State::refused);
}

TEST_CASE("expired is computed when read") {
    Story story;
    itemOf(story.act(Choice::given)).validUntil = kT0 + kDayMs;
    const StateView view = story.state();
    CHECK(view.state == State::given);
    CHECK(stateAsOf(view, kT0 + kDayMs - 1) == State::given);
    CHECK(stateAsOf(view, kT0 + kDayMs) == State::expired);
    CHECK(asOf(view, kT0 + kDayMs).state == State::expired);
    CHECK(asOf(view, kT0 + kDayMs).because == view.because);
}

TEST_CASE("a yes without an end never expires") {
    Story story;
    story.act(Choice::given);
    CHECK(stateAsOf(story.state(), kMaxTime) == State::given);
}

TEST_CASE("an expired yes falls back to a soft opt-in that still holds, then to a legacy one") {
    Story story;
    itemOf(story.act(Choice::given)).validUntil = kT0 + kDayMs;
    for (const auto& [basis, days] :
         {std::pair{Basis::legacy, 3}, std::pair{Basis::softOptIn, 2}}) {
        Event& weak = story.act(Choice::given);
        actOf(weak).source = "old-system";
        itemOf(weak).basis = basis;
        itemOf(weak).validUntil = kT0 + days * kDayMs;
    }
    const StateView view = story.state();
    CHECK(stateAsOf(view, kT0) == State::given);
    CHECK(stateAsOf(view, kT0 + kDayMs) == State::softOptIn);
    CHECK(stateAsOf(view, kT0 + 2 * kDayMs) == State::legacy);
    CHECK(stateAsOf(view, kT0 + 3 * kDayMs) == State::expired);
    const StateView soft = asOf(view, kT0 + kDayMs);
    CHECK(soft.because == story.events()[2].id);
    CHECK(soft.basis == Basis::softOptIn);
    CHECK(soft.validUntil == kT0 + 2 * kDayMs);
}

TEST_CASE("shown negative: objected over withdrawn over refused, then the latest") {
    Story story;
    story.act(Choice::refused, kT0 + kDayMs);
    const EventId withdrawn = elsewhere(story.act(Choice::withdrawn, kT0)).id;
    CHECK(story.state().because == withdrawn);
    const EventId later = elsewhere(story.act(Choice::withdrawn, kT0 + 1)).id;
    CHECK(story.state().because == later);
    CHECK(story.state().place == "till-1");
    elsewhere(story.act(Choice::objected, kT0 - kDayMs));
    CHECK(story.state().state == State::objected);
}

TEST_CASE("soft opt-in and legacy need a source, and any negative beats them") {
    for (const auto& [basis, state] :
         {std::pair{Basis::softOptIn, State::softOptIn}, std::pair{Basis::legacy, State::legacy}}) {
        Story story;
        Event& yes = story.act(Choice::given, kT0 + 900 * kDayMs);
        itemOf(yes).basis = basis;
        CHECK(story.state().state == State::unknown);
        actOf(yes).source = "box-office";
        CHECK(story.state().state == state);
        const EventId no = story.act(Choice::refused, kT0).id;
        yes.position = 9;
        actOf(yes).seen = {no};
        CHECK(story.state().state == State::refused);
        CHECK_FALSE(story.state().pending);
    }
}

TEST_CASE("of two opt-ins the one that lasts longest decides, then the latest") {
    Story story;
    itemOf(story.act(Choice::given, kT0)).validUntil = kT0 + 9 * kDayMs;
    itemOf(story.act(Choice::given, kT0 + kDayMs)).validUntil = kT0 + 8 * kDayMs;
    CHECK(story.state().because == story.events()[0].id);
    itemOf(const_cast<Event&>(story.events()[1])).validUntil = kT0 + 9 * kDayMs;
    CHECK(story.state().because == story.events()[1].id);
}

TEST_CASE("equal ids with differing content: the lower origin and position stays") {
    Story story;
    Event& a = story.act(Choice::refused);
    Event& b = story.act(Choice::given);
    b.id = a.id;
    b.origin = originId(2);
    CHECK(story.state().state == State::refused);
    a.origin = originId(3);
    CHECK(story.state().state == State::given);
    a.origin = b.origin;
    a.position = 0; // not placed yet: the placed one is the original
    CHECK(story.state().state == State::given);
}

TEST_CASE("keys are those that some choice names") {
    Story story;
    story.act(Choice::given);
    story.act(Choice::refused, kT0, "*", "post");
    story.act(Choice::deferred, kT0, "brochure", "post");
    const History history(story.events(), {subjectId(1)}, Clocks{});
    CHECK(history.keys() == std::set<Key>{kNews, kPost});
    CHECK(history.negatives(kPost).size() == 1);
    CHECK(history.negatives(kNews).empty());
}
