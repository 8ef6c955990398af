#include "plugin/ledger/Outbox.h"

#include "Fixture.h"
#include "plugin/crypto/Chain.h"

using namespace souffleur;
using namespace souffleur::ledger;
using namespace souffleur::ledger::testing;
using consent::Choice;

namespace {

void fill(Rig& rig, int count) {
    for (int i = 0; i < count; ++i) {
        rig.add(idOf<SubjectId>(static_cast<std::uint64_t>(i)),
                act({choice("newsletter", "email", i % 3 == 0 ? Choice::refused : Choice::given)}),
                somebody("Anna", "Bakker"));
    }
}

} // namespace

TEST_CASE("batches are contiguous, chained and the same when read twice") {
    Rig rig;
    fill(rig, 10);
    Outbox& outbox = rig.ledger->outbox();
    const OutboxBatch one = outbox.next(4).value();
    CHECK(one.firstSeq == 1);
    CHECK(one.prev == crypto::Hash{});
    REQUIRE(one.events.size() == 4);
    crypto::Hash head{};
    for (const OutboxEvent& event : one.events) {
        head = crypto::chainNext(head, crypto::leafHash(event.header));
    }
    CHECK(head == one.head);
    const OutboxBatch again = outbox.next(4).value();
    CHECK(again.events.at(3).header == one.events.at(3).header);
    CHECK(again.events.at(3).payload == one.events.at(3).payload);
    CHECK(outbox.acknowledge(4, one.head).has_value());
    const OutboxBatch two = outbox.next().value();
    CHECK(two.firstSeq == 5);
    CHECK(two.prev == one.head);
    CHECK(two.events.size() == 6);
    CHECK(outbox.pending().value() == 6);
    rig.reopen();
    CHECK(rig.ledger->outbox().acknowledged().value() == 4);
}

TEST_CASE("a batch is bounded in bytes but never empty") {
    Rig rig;
    fill(rig, 3);
    CHECK(rig.ledger->outbox().next(1000, 1).value().events.size() == 1);
}

TEST_CASE("a head that is not ours is a fork and changes nothing") {
    Rig rig;
    fill(rig, 3);
    Outbox& outbox = rig.ledger->outbox();
    crypto::Hash wrong{};
    wrong.fill(1);
    CHECK(outbox.acknowledge(2, wrong).error().code == Code::conflict);
    CHECK(outbox.acknowledge(4, wrong).error().code == Code::invalid);
    CHECK(outbox.acknowledged().value() == 0);
    CHECK(outbox.acknowledge(0, crypto::Hash{}).has_value());
}

TEST_CASE("an old acknowledgement is ignored, a rewind is not") {
    Rig rig;
    fill(rig, 3);
    Outbox& outbox = rig.ledger->outbox();
    const crypto::Hash first = outbox.next(1).value().head;
    const crypto::Hash last = outbox.next().value().head;
    CHECK(outbox.acknowledge(3, last).has_value());
    CHECK(outbox.next().value().events.empty());
    CHECK(outbox.acknowledge(1, first).has_value());
    CHECK(outbox.acknowledged().value() == 3);
    CHECK(outbox.rewind(1, first).has_value());
    CHECK(outbox.next().value().events.size() == 2);
}

TEST_CASE("urgent gives the negatives only") {
    Rig rig;
    fill(rig, 7);
    const auto urgent = rig.ledger->outbox().urgent(2).value();
    REQUIRE(urgent.events.size() == 2);
    CHECK(urgent.events[0].seq == 1);
    CHECK(urgent.events[1].seq == 4);
    CHECK(urgent.events[1].negative);
    CHECK(urgent.through == 4);
}

TEST_CASE("one question for what is urgent looks at so many, and the next goes on from there") {
    Rig rig;
    const auto say = [&](Choice what) {
        rig.add(idOf<SubjectId>(1), act({choice("newsletter", "email", what)}));
    };
    for (std::size_t n = 0; n < kUrgentScanMax; ++n) say(Choice::given);
    say(Choice::given);
    say(Choice::refused);
    Outbox& outbox = rig.ledger->outbox();
    const auto first = outbox.urgent(10).value();
    CHECK(first.events.empty());
    CHECK(first.through == kUrgentScanMax);
    const auto second = outbox.urgent(10, first.through).value();
    REQUIRE(second.events.size() == 1);
    CHECK(second.events[0].seq == kUrgentScanMax + 2);
    CHECK(second.through == kUrgentScanMax + 2);
    const auto third = outbox.urgent(10, second.through).value();
    CHECK(third.events.empty());
    CHECK(third.through == second.through);
}
