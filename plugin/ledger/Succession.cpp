// A device that enrolled anew takes its ledger over: its whole chain goes out under its new id, in
// the same order and under the same event ids; the old chain stays on file. What a hub acknowledged
// goes too: a hub that was restored from a backup may have lost it, another takes it as a
// duplicate.
#include "plugin/crypto/Chain.h"
#include "plugin/ledger/Parts.h"
#include "plugin/ledger/Rows.h"
#include "plugin/wire/Header.h"

namespace souffleur::ledger {
namespace {

constexpr std::size_t kPage = 1000;

struct Said {
    std::uint64_t seq = 0;
    std::int64_t num = 0;
    std::string header;
    SubjectId subject;
    std::int64_t subjectNum = 0;
};

/// The next of what was said under the id `former`.
std::vector<Said> pageOf(Connection& c, const OriginId& former, std::uint64_t after) {
    std::vector<Said> out;
    Query rows = c.query("former-page");
    rows.bind(1, former).bind(2, after).bind(3, kPage);
    while (rows.step()) {
        Said& one = out.emplace_back(Said{rows.natural(0), rows.integer(1), rows.text(2), {}, 0});
        if (rows.isNull(4)) continue;
        one.subject = rows.id<SubjectId>(3);
        one.subjectNum = rows.integer(4);
    }
    return out;
}

/// The header under another origin, all else byte for byte: members that this build does not know
/// survive.
Result<std::string> renamed(const std::string& header, const OriginId& from, const OriginId& to) {
    const std::string member = "\"origin\":\"";
    std::string out = header;
    const std::size_t at = out.find(member + from.text() + '"');
    if (at == std::string::npos)
        return fail(Code::corrupt, "an own event does not name this device");
    out.replace(at + member.size(), from.text().size(), to.text());
    // The root has one origin: where that is the new one, nothing else was touched.
    const auto read = wire::decodeHeader(out);
    if (!read) return passOn(read);
    if (read->event.origin != to)
        return fail(Code::corrupt, "an own event does not name this device");
    return out;
}

} // namespace

Result<void> Ledger::Parts::succeed(Connection& c, const OriginId& former) {
    c.query("chain-former").bind(1, former).run();
    c.execute("DELETE FROM own_chain");
    tail.reset();
    // The new id was served nothing yet.
    c.execute("DELETE FROM meta WHERE name IN ('acknowledged', 'cursor', 'sealed-to')");
    const std::int64_t own = recorder.origin(c, options.origin);
    Recorder::Touched touched;
    crypto::Hash head{};
    std::uint64_t seq = 0;
    bool moved = false;
    for (auto page = pageOf(c, former, 0); !page.empty();
         page = pageOf(c, former, page.back().seq)) {
        for (const Said& one : page) {
            const auto header = renamed(one.header, former, options.origin);
            if (!header) return passOn(header);
            c.query("former-keep").bind(1, former).bind(2, one.seq).bindBlob(3, one.header).run();
            c.query("event-adopt")
                .bind(1, one.num)
                .bind(2, own)
                .bind(3, ++seq)
                .bindBlob(4, *header)
                .run();
            moved = moved || seq != one.seq;
            head = crypto::chainNext(head, crypto::leafHash(*header));
            c.query("chain-add").bind(1, seq).bind(2, one.num).bind(3, head).run();
            if (one.subjectNum == 0) continue;
            touched.states.emplace(one.subjectNum, one.subject);
            touched.people.insert(one.subjectNum);
        }
    }
    // Keys of requests name positions: a page that repeats an answer across the change is told that
    // it was stored. Where a header was dropped in between, the positions are others.
    if (moved) c.execute("DELETE FROM idempotency");
    touched.clocks = true; // what was judged of the former id's is read for this one's
    recorder.refresh(c, touched);
    putMeta(c, "origin", options.origin.text());
    return {};
}

} // namespace souffleur::ledger
