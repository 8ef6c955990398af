// Answers by number, and what must hold of those that were acknowledged.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "tests/unit/plugin/ledger/Fixture.h"

namespace souffleur::ledger::testing {

/// What the caller was told of one answer.
struct Ack {
    EventId id;
    std::uint64_t seq = 0;
};

/// The `i`-th answer: of 37 people in turn, yes and no, now and then with a name.
inline Draft capture(std::uint64_t i) {
    using consent::Choice;
    Draft out;
    out.subject = idOf<SubjectId>(i % 37);
    out.body = act({choice("newsletter", i % 2 == 0 ? "email" : "post",
                           i % 5 == 0 ? Choice::refused : Choice::given)});
    if (i % 7 == 0) out.person = somebody("Anna" + std::to_string(i), "Bakker");
    return out;
}

/// Every acknowledged event is there under its position, none twice, and all verifies.
inline void checkCaptures(const LedgerOptions& options, const std::vector<Ack>& acks) {
    const StandingClock clock;
    SystemRandom random;
    auto opened = Ledger::open(options, clock, random);
    REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error().text()));
    const Ledger& ledger = **opened;
    std::set<EventId> distinct;
    for (const Ack& ack : acks) {
        const auto event = ledger.event(ack.id);
        REQUIRE(event.has_value());
        CHECK(event->event.position == ack.seq);
        CHECK(distinct.insert(ack.id).second);
    }
    const auto report = ledger.verify();
    CHECK_MESSAGE(report.has_value(), (report ? "" : report.error().text()));
    const Stats stats = ledger.stats().value();
    CHECK(stats.events == stats.ownEvents);
    // One answer may have been committed and not acknowledged when the process died.
    CHECK(stats.events >= acks.size());
    CHECK(stats.events <= acks.size() + 1);
}

} // namespace souffleur::ledger::testing
