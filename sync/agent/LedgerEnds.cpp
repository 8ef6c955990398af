#include "sync/agent/LedgerEnds.h"

#include "plugin/ledger/Outbox.h"

namespace souffleur::agent {

Result<std::optional<protocol::Batch>> LedgerOutbox::next(std::size_t maxEvents,
                                                          std::size_t maxBytes) {
    auto run = _ledger.outbox().next(maxEvents, maxBytes);
    if (!run && run.error().code == Code::locked && _onSealed) {
        // What head office says of this till (it was withdrawn) goes before that a key lacks; an
        // older one, that has none to give, says nothing of it.
        auto asked = _onSealed();
        if (!asked && asked.error().code != Code::notFound) return passOn(asked);
        run = _ledger.outbox().next(maxEvents, maxBytes);
    }
    if (!run) return passOn(run);
    if (run->unopened > 0 && !_told) {
        _told = true;
        (void) _ledger.audit("system", "capture.unopened", std::to_string(run->unopened));
    }
    if (run->events.empty()) return std::optional<protocol::Batch>{};
    protocol::Batch batch;
    batch.origin = _ledger.origin();
    batch.firstSeq = run->firstSeq;
    batch.prev = run->prev;
    batch.events.reserve(run->events.size());
    for (ledger::OutboxEvent& event : run->events) {
        batch.events.push_back(
            {event.subject, event.negative, std::move(event.header), std::move(event.payload)});
    }
    return std::optional<protocol::Batch>(std::move(batch));
}

Result<void> LedgerOutbox::acknowledged(std::uint64_t seq, const crypto::Hash& head) {
    return _ledger.outbox().acknowledge(seq, head);
}

Result<void> LedgerOutbox::rewind(std::uint64_t seq, const crypto::Hash& head) {
    return _ledger.outbox().rewind(seq, head);
}

Result<std::uint64_t> LedgerOutbox::pending() {
    return _ledger.outbox().pending();
}

Result<protocol::Ahead> LedgerOutbox::urgent(std::uint64_t seq, std::size_t limit) {
    auto urgent = _ledger.outbox().urgent(limit, seq);
    if (!urgent) return passOn(urgent);
    protocol::Ahead ahead;
    ahead.through = urgent->through;
    std::vector<protocol::Batch>& runs = ahead.runs;
    for (ledger::OutboxEvent& event : urgent->events) {
        if (runs.empty() || runs.back().lastSeq() + 1 != event.seq) {
            protocol::Batch& run = runs.emplace_back();
            run.origin = _ledger.origin();
            run.firstSeq = event.seq;
            run.prev = event.prev;
        }
        runs.back().events.push_back(
            {event.subject, event.negative, std::move(event.header), std::move(event.payload)});
    }
    return ahead;
}

Result<std::string> LedgerReplica::cursor() {
    return _ledger.cursor();
}

Result<void> LedgerReplica::apply(const protocol::PullPage& page) {
    std::vector<ledger::Foreign> events;
    events.reserve(page.events.size());
    // What cannot be read here may be a no, and a doubt is one: it suppresses its subject.
    constexpr bool kNegative = true;
    for (const protocol::ForeignEvent& event : page.events) {
        events.push_back({event.origin, event.seq, event.header, {}, event.subject, kNegative});
    }
    auto applied = _ledger.applyForeign(events, page.cards, page.cursor);
    if (!applied) return passOn(applied);
    if (!page.more) {
        if (auto marked = _ledger.inStep(_clock.now().at); !marked) return marked;
    }
    if (_onApplied && (applied->placed > 0 || applied->cards > 0)) _onApplied();
    return {};
}

} // namespace souffleur::agent
