#include "plugin/ledger/Outbox.h"

#include <algorithm>

#include "plugin/ledger/Database.h"
#include "plugin/ledger/Rows.h"
#include "plugin/wire/Header.h"

namespace souffleur::ledger {
namespace {

constexpr std::string_view kAcknowledged = "acknowledged";
constexpr int kUrgentScanMax = 10000;

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

/// Columns: seq, head, header, payload, subject, at.
OutboxEvent outboxEvent(const Query& row) {
    OutboxEvent out;
    out.seq = row.natural(0);
    out.header = row.text(2);
    out.payload = row.text(3);
    out.subject = row.id<SubjectId>(4);
    const auto header = wire::decodeHeader(out.header);
    if (!header) throw CorruptRow("own event " + std::to_string(out.seq) + " cannot be read");
    out.negative = wire::isNegative(header->event);
    return out;
}

bool isUndo(const OutboxEvent& event) {
    const auto header = wire::decodeHeader(event.header);
    return header && std::holds_alternative<consent::Retract>(header->event.body);
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
            OutboxEvent event = outboxEvent(rows);
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

Result<std::vector<OutboxEvent>> Outbox::urgent(std::size_t limit, std::uint64_t seq) const {
    return _database.read<std::vector<OutboxEvent>>(
        [&](Connection& c) -> Result<std::vector<OutboxEvent>> {
            std::vector<OutboxEvent> out;
            Query rows = c.query("chain-after");
            rows.bind(1, std::max(acknowledgedOf(c), seq)).bind(2, kUrgentScanMax);
            while (out.size() < limit && rows.step()) {
                OutboxEvent event = outboxEvent(rows);
                // An undo is none, but a hub that froze this device needs to know of it.
                if (!event.negative && !isUndo(event)) continue;
                event.prev = headAt(c, event.seq - 1);
                out.push_back(std::move(event));
            }
            return out;
        });
}

} // namespace souffleur::ledger
