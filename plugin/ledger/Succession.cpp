// A device that enrolled anew takes its ledger over: what the hub never had goes out under its new
// id, in the same order and under the same event ids; the old chain stays on file.
#include <set>

#include "plugin/crypto/Chain.h"
#include "plugin/ledger/Parts.h"
#include "plugin/ledger/Rows.h"
#include "plugin/wire/Header.h"

namespace souffleur::ledger {
namespace {

struct Unsent {
    std::uint64_t seq = 0;
    std::int64_t num = 0;
    std::string header;
    SubjectId subject;
    std::int64_t subjectNum = 0;
};

std::vector<Unsent> unsent(Connection& c) {
    std::vector<Unsent> out;
    Query rows = c.query("chain-unsent");
    rows.bind(1, metaNumber(c, "acknowledged"));
    while (rows.step()) {
        Unsent& one =
            out.emplace_back(Unsent{rows.natural(0), rows.integer(1), rows.text(2), {}, 0});
        if (rows.isNull(4)) continue;
        one.subject = rows.id<SubjectId>(3);
        one.subjectNum = rows.integer(4);
    }
    return out;
}

} // namespace

Result<void> Ledger::Parts::succeed(Connection& c, const OriginId& former) {
    const std::vector<Unsent> pending = unsent(c);
    c.query("chain-former").bind(1, former).run();
    c.execute("DELETE FROM own_chain");
    // Keys of requests name positions of the old chain. The new id was served nothing yet.
    c.execute("DELETE FROM idempotency");
    c.execute("DELETE FROM meta WHERE name IN ('acknowledged', 'cursor')");
    const std::int64_t own = recorder.origin(c, options.origin);
    std::set<EventId> adopted;
    Recorder::Touched touched;
    crypto::Hash head{};
    std::uint64_t seq = 0;
    for (const Unsent& one : pending) {
        auto header = wire::decodeHeader(one.header);
        if (!header) return passOn(header);
        consent::Event& event = header->event;
        const auto* undo = std::get_if<consent::Retract>(&event.body);
        // An undo of what stays with the old id would undo nothing under the new one.
        if (undo != nullptr && !adopted.contains(undo->target)) continue;
        event.origin = options.origin;
        auto bytes = wire::encodeHeader(event, header->commitment);
        if (!bytes) return passOn(bytes);
        c.query("former-keep").bind(1, former).bind(2, one.seq).bindBlob(3, one.header).run();
        c.query("event-adopt")
            .bind(1, one.num)
            .bind(2, own)
            .bind(3, ++seq)
            .bindBlob(4, *bytes)
            .run();
        head = crypto::chainNext(head, crypto::leafHash(*bytes));
        c.query("chain-add").bind(1, seq).bind(2, one.num).bind(3, head).run();
        adopted.insert(event.id);
        if (one.subjectNum != 0) touched.states.emplace(one.subjectNum, one.subject);
    }
    recorder.refresh(c, touched);
    putMeta(c, "origin", options.origin.text());
    return {};
}

} // namespace souffleur::ledger
