// A device that enrolled anew: its whole chain goes out under its new id.
#include <limits>

#include "Fixture.h"
#include "plugin/crypto/Chain.h"
#include "plugin/wire/Header.h"

using namespace souffleur;
using namespace souffleur::ledger;
using namespace souffleur::ledger::testing;
using consent::Choice;
using consent::State;

namespace {

const SubjectId kAnna = idOf<SubjectId>(1);
const SubjectId kWim = idOf<SubjectId>(2);

/// Two answers that the hub has, and three that it has not.
struct Before {
    Rig rig;
    OriginId former = rig.options.origin;
    EventId lastNo;

    Before() {
        rig.add(kAnna, act({choice("newsletter", "email", Choice::given)}),
                somebody("Anna", "Bakker", "anna@example.org"));
        rig.add(kWim, act({choice("newsletter", "email", Choice::given)}));
        const OutboxBatch sent = rig.ledger->outbox().next().value();
        REQUIRE(rig.ledger->outbox().acknowledge(2, sent.head).has_value());
        lastNo = rig.add(kAnna, act({choice("newsletter", "email", Choice::refused)})).id;
        rig.add(kWim, act({choice("offers", "email", Choice::given)}), somebody("Wim", "Visser"));
        consent::Act again = act({choice("newsletter", "email", Choice::given)});
        again.seen = {lastNo};
        rig.clock.at += kSecondMs;
        rig.add(kAnna, again);
    }
    /// As if the hub had none of it.
    OutboxBatch wholeChain() {
        REQUIRE(rig.ledger->outbox().rewind(0, {}).has_value());
        return rig.ledger->outbox().next().value();
    }
    /// Under a new id.
    void enrolAgain(std::uint64_t device = 2) {
        rig.options.formerly.push_back(rig.options.origin);
        rig.options.origin = idOf<OriginId>(device);
        rig.clock.at += kSecondMs;
        rig.reopen();
    }
};

} // namespace

TEST_CASE("all that was said goes out under the new id, in order, as the same answers") {
    Before b;
    // What the hub acknowledged too: it may be a restored one, that lost it.
    const OutboxBatch old = b.wholeChain();
    REQUIRE(old.events.size() == 5);
    b.enrolAgain();
    const OutboxBatch now = b.rig.ledger->outbox().next().value();
    CHECK(now.firstSeq == 1);
    CHECK(now.prev == crypto::Hash{});
    REQUIRE(now.events.size() == 5);
    crypto::Hash head{};
    for (std::size_t i = 0; i < 5; ++i) {
        const auto before = wire::decodeHeader(old.events[i].header).value();
        const auto after = wire::decodeHeader(now.events[i].header).value();
        CHECK(before.event.origin == b.former);
        CHECK(after.event.origin == b.rig.options.origin);
        CHECK(wire::sameAnswer(before, after));
        CHECK(now.events[i].payload == old.events[i].payload);
        CHECK(now.events[i].negative == old.events[i].negative);
        head = crypto::chainNext(head, crypto::leafHash(now.events[i].header));
    }
    CHECK(now.head == head);
    CHECK(b.rig.ledger->cursor().value().empty());
}

TEST_CASE("nobody's state changes by it, and everything verifies") {
    Before b;
    const auto before = b.rig.ledger->verify().value();
    b.enrolAgain();
    const auto after = b.rig.ledger->verify();
    REQUIRE_MESSAGE(after.has_value(), (after ? "" : after.error().text()));
    CHECK(after->projections == before.projections);
    CHECK(after->formerEvents == 5);
    CHECK(b.rig.state(kAnna, "newsletter", "email") == State::given);
    CHECK(b.rig.ledger->search("visser", 5)->hits.size() == 1);
    CHECK(b.rig.ledger->stats()->pending == 5);
    CHECK(b.rig.ledger->event(b.lastNo).has_value());
    SUBCASE("opened once more it is as it was") {
        b.rig.reopen();
        CHECK(b.rig.ledger->stats()->pending == 5);
        CHECK(b.rig.ledger->verify()->projections == before.projections);
    }
    SUBCASE("it goes on") {
        CHECK(b.rig.add(kWim, act({choice("offers", "post", Choice::given)})).seq == 6);
        CHECK(b.rig.ledger->verify().has_value());
    }
    SUBCASE("a second time") {
        b.enrolAgain(3);
        CHECK(b.rig.ledger->stats()->pending == 5);
        CHECK(b.rig.ledger->verify()->formerEvents == 10);
        CHECK(b.rig.ledger->verify()->projections == before.projections);
    }
}

TEST_CASE("a page that repeats an answer across the change is told that it was stored") {
    Before b;
    Draft draft;
    draft.subject = kWim;
    draft.body = act({choice("offers", "post", Choice::refused)});
    const auto first = b.rig.ledger->append(draft, "one-key");
    REQUIRE(first.has_value());
    b.enrolAgain();
    const auto again = b.rig.ledger->append(draft, "one-key");
    REQUIRE(again.has_value());
    CHECK(again->repeated);
    CHECK(again->id == first->id);
    CHECK(again->seq == first->seq);
    CHECK(b.rig.ledger->stats()->pending == 6);
    CHECK(b.rig.ledger->earlier("one-key").has_value());
    CHECK_FALSE(b.rig.ledger->append(draft, "another-key")->repeated);
}

TEST_CASE("a ledger of no id that this device had is not taken over") {
    Before b;
    b.rig.ledger.reset();
    b.rig.options.formerly = {idOf<OriginId>(8)};
    b.rig.options.origin = idOf<OriginId>(9);
    const auto opened = Ledger::open(b.rig.options, b.rig.clock, b.rig.random);
    REQUIRE_FALSE(opened.has_value());
    CHECK(opened.error().code == Code::conflict);
}

TEST_CASE("what the hub had after all comes back under the old id and is no other answer") {
    Before b;
    const OutboxBatch old = b.rig.ledger->outbox().next().value();
    b.enrolAgain();
    std::vector<Foreign> pulled;
    for (const OutboxEvent& event : old.events)
        pulled.push_back({b.former, event.seq, event.header, {}, event.subject, true});
    const auto applied = b.rig.ledger->applyForeign(pulled, {}, "cursor");
    REQUIRE(applied.has_value());
    CHECK(applied->duplicates == 3);
    CHECK(applied->quarantined == 0);
    CHECK_FALSE(b.rig.ledger->personFacts(kAnna, policy())->restricted);
    CHECK(b.rig.ledger->verify().has_value());
}

TEST_CASE("an undo follows what it undid") {
    Before b;
    const auto by = idOf<OperatorId>(50);
    SUBCASE("both unsent: both go out anew") {
        const auto no = b.rig.add(kWim, act({choice("offers", "email", Choice::objected)}));
        b.rig.add(kWim, consent::Retract{no.id, by});
        b.enrolAgain();
    }
    SUBCASE("what was undone was sent") {
        const auto no = b.rig.add(kWim, act({choice("offers", "email", Choice::objected)}));
        const OutboxBatch all = b.rig.ledger->outbox().next().value();
        REQUIRE(b.rig.ledger->outbox().acknowledge(6, all.head).has_value());
        b.rig.add(kWim, consent::Retract{no.id, by});
        b.enrolAgain();
    }
    CHECK(b.rig.ledger->stats()->pending == 7);
    CHECK(b.rig.state(kWim, "offers", "email") == State::given);
    CHECK(b.rig.ledger->verify().has_value());
}

TEST_CASE("a chain of several pages goes over whole") {
    Before b;
    for (int i = 0; i < 2100; ++i)
        b.rig.add(kWim,
                  act({choice("offers", "sms", i % 2 == 0 ? Choice::given : Choice::refused)}));
    b.enrolAgain();
    CHECK(b.rig.ledger->stats()->pending == 2105);
    const auto report = b.rig.ledger->verify();
    REQUIRE_MESSAGE(report.has_value(), (report ? "" : report.error().text()));
    CHECK(report->formerEvents == 2105);
}

TEST_CASE("a clock that head office judged stays judged after the device enrolled anew") {
    Rig rig;
    const OriginId former = rig.options.origin;
    const TimeMs right = rig.clock.at;
    const auto enrolAgain = [&](std::uint64_t device) {
        rig.options.formerly.push_back(rig.options.origin);
        rig.options.origin = idOf<OriginId>(device);
        rig.reopen();
    };
    rig.add(kWim, act({choice("newsletter", "email", Choice::given)}));
    // Then its clock ran ten days ahead, and said to be right within 100 ms.
    rig.clock.at = right + 10 * kDayMs;
    rig.add(kAnna, act({choice("newsletter", "email", Choice::given)}));
    rig.clock.at = right + 20 * kDayMs;
    rig.add(kWim, act({choice("offers", "email", Choice::given)}));
    // Noes of another till, nine days later: given after that yes, but by the clocks before it.
    const std::vector<Foreign> noes{
        foreign(7, 1, kAnna, act({choice("newsletter", "email", Choice::refused)}),
                right + 9 * kDayMs),
        foreign(7, 2, kWim, act({choice("offers", "email", Choice::refused)}), right + 9 * kDayMs)};
    const std::vector<Foreign> judged{
        foreign(99, 1, SubjectId{}, consent::ClockJudgement{former, 2, 2, 10 * kDayMs, true},
                right + 9 * kDayMs)};
    REQUIRE(rig.ledger->applyForeign(noes, {}, "c").has_value());
    REQUIRE(rig.state(kAnna, "newsletter", "email") == State::given);
    SUBCASE("before") {
        REQUIRE(rig.ledger->applyForeign(judged, {}, "d").has_value());
        REQUIRE(rig.state(kAnna, "newsletter", "email") == State::refused);
        enrolAgain(2);
        CHECK(rig.state(kAnna, "newsletter", "email") == State::refused);
        // The cursor began anew: head office sends the judgement again, of the former id.
        REQUIRE(rig.ledger->applyForeign(judged, {}, "e").has_value());
    }
    SUBCASE("afterwards") {
        enrolAgain(2);
        CHECK(rig.state(kAnna, "newsletter", "email") == State::given);
        REQUIRE(rig.ledger->applyForeign(judged, {}, "d").has_value());
    }
    SUBCASE("twice") {
        REQUIRE(rig.ledger->applyForeign(judged, {}, "d").has_value());
        enrolAgain(2);
        enrolAgain(3);
    }
    SUBCASE("with all its range, however far that goes") {
        const auto to = std::numeric_limits<std::uint64_t>::max();
        REQUIRE(
            rig.ledger
                ->applyForeign(std::vector{foreign(99, 1, SubjectId{},
                                                   consent::ClockJudgement{former, 2, to, 0, true},
                                                   right + 9 * kDayMs)},
                               {}, "d")
                .has_value());
        enrolAgain(2);
        CHECK(rig.state(kWim, "offers", "email") == State::refused);
        CHECK(rig.state(kAnna, "newsletter", "email") == State::refused);
        return;
    }
    CHECK(rig.state(kAnna, "newsletter", "email") == State::refused);
    CHECK(rig.state(kWim, "offers", "email") == State::given); // what nobody doubts stays
    // What it says from now on is believed again.
    rig.add(kWim, act({choice("newsletter", "email", Choice::given)}));
    CHECK(rig.ledger->verify().has_value());
    rig.reopen();
    CHECK(rig.state(kAnna, "newsletter", "email") == State::refused);
}

TEST_CASE("the noes of the old id go ahead under the new one") {
    Before b;
    b.enrolAgain();
    const auto ahead = b.rig.ledger->outbox().urgent(10, 0);
    REQUIRE(ahead.has_value());
    REQUIRE(ahead->events.size() == 1);
    CHECK(wire::decodeHeader(ahead->events.front().header)->event.id == b.lastNo);
}
