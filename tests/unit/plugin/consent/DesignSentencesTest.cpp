// DESIGN 4, sentence by sentence: each TEST_CASE is named after the sentence it holds us to.
#include <doctest/doctest.h>

#include "plugin/base/Limits.h"
#include "plugin/consent/StateOf.h"
#include "tests/support/ConsentGen.h"

using namespace souffleur;
using namespace souffleur::test;

namespace {

const Key kNews{"house", "newsletter", "email"};
const Key kPost{"house", "brochure", "post"};
constexpr TimeMs kMin = kMinuteMs;

/// A story told event by event; each new event has its own id and the next position of its origin.
class Story {
public:
    Event& act(Choice choice, TimeMs at = kT0, const Token& purpose = "newsletter",
               const Token& channel = "email") {
        Event& event = add(at);
        Act act;
        act.controller = "house";
        act.method = Method::screen;
        act.by = operatorId(1);
        act.place = "till-1";
        ChoiceItem item;
        item.purpose = purpose;
        item.channel = channel;
        item.choice = choice;
        act.choices.push_back(item);
        event.body = act;
        return event;
    }
    Event& add(TimeMs at = kT0) {
        Event event;
        event.id = eventId(++_count);
        event.origin = originId(1);
        event.position = _count;
        event.subject = subjectId(1);
        event.at = at;
        event.unc = 0;
        _events.push_back(event);
        return _events.back();
    }
    [[nodiscard]] StateView state(const Key& key = kNews,
                                  std::set<SubjectId> subjects = {subjectId(1)},
                                  const StateRules& rules = {}) const {
        return History(_events, subjects, Clocks(_events), rules).state(key);
    }
    [[nodiscard]] bool objected() const {
        return History(_events, {subjectId(1)}, Clocks(_events)).objected("house");
    }
    Story() { _events.reserve(32); }
    Story(const Story&) = delete;
    Story& operator=(const Story&) = delete;
    [[nodiscard]] const std::vector<Event>& events() const { return _events; }

private:
    std::vector<Event> _events;
    std::uint64_t _count = 0;
};

Act& actOf(Event& event) {
    return std::get<Act>(event.body);
}
ChoiceItem& itemOf(Event& event) {
    return actOf(event).choices.front();
}
/// Another till, whose positions say nothing about the first one's.
Event& elsewhere(Event& event) {
    event.origin = originId(2);
    return event;
}

} // namespace

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
