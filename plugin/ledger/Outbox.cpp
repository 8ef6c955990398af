#include "plugin/ledger/Outbox.h"

#include <algorithm>

#include "plugin/ledger/Database.h"
#include "plugin/ledger/Rows.h"
#include "plugin/ledger/Vault.h"
#include "plugin/wire/Header.h"

namespace souffleur::ledger {
namespace {

constexpr std::string_view kAcknowledged = "acknowledged";

std::uint64_t acknowledgedOf(Connection& c) {
    return static_cast<std::uint64_t>(metaNumber(c, kAcknowledged));
}

std::uint64_t lastSeq(Connection& c) {
    Query last = c.query("chain-last");
    return last.step() ? last.natural(0) : 0;
}

crypto::Hash headAt(Connection& c, std::uint64_t seq) {
    if (seq == 0) return {};
    Query at = c.query("chain-at");
    at.bind(1, seq);
    if (!at.step()) throw CorruptRow("the chain has a hole at " + std::to_string(seq));
    return at.hash(0);
}

/// Columns: seq, head, header, payload, subject, at, num, id.
wire::Header ownHeader(const Query& row) {
    auto header = wire::decodeHeader(row.text(2));
    if (!header)
        throw CorruptRow("own event " + std::to_string(row.natural(0)) + " cannot be read");
    return *std::move(header);
}

OutboxEvent outboxEvent(const Query& row, const wire::Header& header) {
    OutboxEvent out;
    out.seq = row.natural(0);
    out.header = row.text(2);
    out.payload = row.text(3);
    out.subject = row.id<SubjectId>(4);
    out.negative = wire::isNegative(header.event);
    return out;
}

/// Puts the whole payload in the place of the part that is read here. False: no key opens it.
/// Errors: locked.
Result<bool> unseal(Connection& c, const Vault& vault, const Query& row, OutboxEvent& event) {
    if (!isPart(event.payload)) return true;
    Query sealed = c.query("sealed-get");
    sealed.bind(1, row.integer(6));
    if (!sealed.step())
        throw CorruptRow("what was sealed of own event " + std::to_string(event.seq) + " is gone");
    auto whole = vault.open(row.id<EventId>(7), sealed.bytes(0));
    if (!whole && whole.error().code == Code::locked) return passOn(whole);
    const bool opened = whole.has_value();
    event.payload = opened ? *std::move(whole) : std::string();
    return opened;
}

/// Is `head` ours at `seq`?
Result<void> checkHead(Connection& c, std::uint64_t seq, const crypto::Hash& head) {
    if (seq > lastSeq(c)) {
        return fail(Code::invalid, "the hub acknowledges events that were never made here",
                    std::to_string(seq));
    }
    if (headAt(c, seq) != head) {
        return fail(Code::conflict, "the hub holds another chain of this device: enrol it anew",
                    std::to_string(seq));
    }
    return {};
}

} // namespace

Result<OutboxBatch> Outbox::next(std::size_t maxEvents, std::size_t maxBytes) const {
    return _database.read<OutboxBatch>([&](Connection& c) -> Result<OutboxBatch> {
        OutboxBatch out;
        const std::uint64_t acknowledged = acknowledgedOf(c);
        out.prev = headAt(c, acknowledged);
        out.head = out.prev;
        out.firstSeq = acknowledged + 1;
        std::size_t bytes = 0;
        Query rows = c.query("chain-after");
        rows.bind(1, acknowledged).bind(2, maxEvents);
        while (rows.step()) {
            OutboxEvent event = outboxEvent(rows, ownHeader(rows));
            const auto opened = unseal(c, _vault, rows, event);
            if (!opened && !out.events.empty()) break; // what comes before it does not wait
            if (!opened) return passOn(opened);
            if (!*opened) ++out.unopened;
            bytes += event.header.size() + event.payload.size();
            if (bytes > maxBytes && !out.events.empty()) break;
            out.head = rows.hash(1);
            out.events.push_back(std::move(event));
        }
        return out;
    });
}

Result<void> Outbox::acknowledge(std::uint64_t seq, const crypto::Hash& head) {
    return _database.write<void>([&](Connection& c) -> Result<void> {
        if (auto ok = checkHead(c, seq, head); !ok) return ok;
        if (seq > acknowledgedOf(c)) putMeta(c, kAcknowledged, static_cast<std::int64_t>(seq));
        return {};
    });
}

Result<void> Outbox::rewind(std::uint64_t seq, const crypto::Hash& head) {
    return _database.write<void>([&](Connection& c) -> Result<void> {
        if (auto ok = checkHead(c, seq, head); !ok) return ok;
        if (seq < acknowledgedOf(c)) putMeta(c, kAcknowledged, static_cast<std::int64_t>(seq));
        return {};
    });
}

Result<std::uint64_t> Outbox::acknowledged() const {
    return _database.read<std::uint64_t>(
        [](Connection& c) -> Result<std::uint64_t> { return acknowledgedOf(c); });
}

Result<std::uint64_t> Outbox::pending() const {
    return _database.read<std::uint64_t>(
        [](Connection& c) -> Result<std::uint64_t> { return lastSeq(c) - acknowledgedOf(c); });
}

Result<UrgentEvents> Outbox::urgent(std::size_t limit, std::uint64_t seq) const {
    return _database.read<UrgentEvents>([&](Connection& c) -> Result<UrgentEvents> {
        UrgentEvents out;
        out.through = std::max(acknowledgedOf(c), seq);
        Query rows = c.query("chain-after");
        rows.bind(1, out.through).bind(2, kUrgentScanMax);
        while (out.events.size() < limit && rows.step()) {
            out.through = rows.natural(0);
            const auto header = ownHeader(rows);
            // An undo is none, but a hub that froze this device needs to know of it.
            if (!wire::isNegative(header.event) &&
                !std::holds_alternative<consent::Retract>(header.event.body))
                continue;
            OutboxEvent event = outboxEvent(rows, header);
            // One whose payload nobody can open yet goes with the push: a copy without it would
            // stay so.
            if (!unseal(c, _vault, rows, event)) continue;
            event.prev = headAt(c, out.through - 1);
            out.events.push_back(std::move(event));
        }
        return out;
    });
}

} // namespace souffleur::ledger
