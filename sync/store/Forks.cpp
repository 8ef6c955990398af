#include "sync/store/Forks.h"

#include "plugin/crypto/Chain.h"
#include "plugin/crypto/Encoding.h"
#include "plugin/wire/Header.h"
#include "sync/store/SqlStore.h"

namespace souffleur::store {
namespace {

/// What the event says, where all of it fits together.
Result<wire::Header> readWhole(const OriginId& origin, const Incoming& incoming) {
    auto read = wire::decodeHeader(incoming.header);
    if (!read) return read;
    const bool fits =
        read->event.origin == origin && read->event.subject == incoming.subject &&
        (incoming.payload.empty() ||
         read->commitment == crypto::toHex(crypto::bytesOf(crypto::sha256(incoming.payload))));
    if (!fits) return fail(Code::invalid, "the event is not what it says");
    return read;
}

/// An undo that has no place leaves open what it undid: a doubt.
bool doubt(const Incoming& incoming, const Result<wire::Header>& read) {
    return incoming.negative ||
           (read && (wire::isNegative(read->event) ||
                     std::holds_alternative<consent::Retract>(read->event.body)));
}

bool sameAsHeld(std::string_view held, const std::string& header) {
    const auto one = wire::decodeHeader(held);
    const auto other = wire::decodeHeader(header);
    return one && other && wire::sameAnswer(*one, *other);
}

} // namespace

bool Forks::inChain(std::uint64_t seq, const crypto::Hash& leaf) {
    if (Query row = query("event-leaf-at"); row.with(_origin, seq).step())
        return row.hash(0) == leaf;
    Query row = query("quarantine-at");
    return row.with(_origin, seq).step() && crypto::leafHash(row.bytes(0)) == leaf;
}

bool Forks::inLog(const consent::Event& event, const std::string& header) {
    Query row = query("event-by-id");
    return row.with(event.id).step() && sameAsHeld(row.bytes(2), header);
}

bool Forks::sentAnew(const consent::Event& event, const std::string& header) {
    Query row = query("event-by-id");
    return row.with(event.id).step() && OriginId{row.uuid(0)} != event.origin &&
           sameAsHeld(row.bytes(2), header);
}

bool Forks::lessBelieved(const consent::Event& event, const OriginId& former, std::uint64_t seq) {
    if (former == event.origin) return false;
    consent::Event before = event;
    before.origin = former;
    before.position = seq;
    const consent::Clocks& clocks = _projection.clocks();
    return clocks.unc(before) > clocks.unc(event) ||
           (clocks.suspect(before) && !clocks.suspect(event));
}

std::optional<Forks::Former> Forks::doubted(const consent::Event& event,
                                            const std::string& header) {
    std::vector<Former> all;
    for (const bool forked : {false, true}) {
        Query row = query(forked ? "forked-of" : "quarantine-of");
        for (row.with(event.subject); row.step();) {
            if (!sameAsHeld(row.bytes(0), header)) continue;
            all.push_back({OriginId{row.uuid(1)},
                           static_cast<std::uint64_t>(row.number(forked ? 3 : 2)), forked,
                           std::string(row.bytes(0))});
        }
    }
    for (Former& held : all) {
        if (lessBelieved(event, held.origin, held.seq)) return std::move(held);
    }
    return std::nullopt;
}

bool Forks::copyDoubted(const consent::Event& event) {
    OriginId former;
    {
        Query row = query("event-by-id");
        if (!row.with(event.id).step()) return false;
        former = OriginId{row.uuid(0)};
    }
    return lessBelieved(event, former, 0);
}

/// An undo weighs nothing before what it undoes is here. Of another device's chain it takes what
/// was given, and leaves the noes: the log decides, nothing is in doubt.
bool Forks::undoes(const consent::Event& event) {
    const auto* undo = std::get_if<consent::Retract>(&event.body);
    if (undo == nullptr) return true;
    Query row = query("event-where");
    return row.with(undo->target).step();
}

bool Forks::reserve(std::uint64_t bytes, bool negative) {
    if (!_held) {
        _held = Held{};
        if (Query row = query("forked-held"); row.with(_origin).step())
            *_held = {static_cast<std::uint64_t>(row.number(0)),
                      static_cast<std::uint64_t>(row.number(1)), row.number(2)};
    }
    const std::uint64_t times = negative ? kForkedNoesFactor : 1;
    if (_held->events + 1 > times * kForkedEventsMax ||
        _held->bytes + bytes > times * kForkedBytesMax) {
        _full = true;
        return false;
    }
    ++_held->events;
    _held->bytes += bytes;
    return true;
}

bool Forks::full(TimeMs now) {
    if (!_held) return false;
    if (_full && _held->fullAt == 0) {
        _held->fullAt = now;
        query("audit-put").with(now, "system", "device.fork-full", _origin.text(), "").run();
    }
    query("forked-hold").with(_origin, _held->events, _held->bytes, _held->fullAt).run();
    return _full;
}

bool Forks::keep(std::uint64_t seq, const Incoming& incoming, TimeMs now) {
    const crypto::Hash leaf = crypto::leafHash(incoming.header);
    if (inChain(seq, leaf)) return false;
    if (Query row = query("forked-known"); row.with(incoming.subject, _origin, leaf).step())
        return false;
    const auto read = readWhole(_origin, incoming);
    const bool settled = read && inLog(read->event, incoming.header) && undoes(read->event);
    // Of a device whose history forked nothing tells what it knew: it is of before the erasure.
    const bool personal = _projection.erasedTo(incoming.subject) == 0;
    if (!personal && read) _projection.suppressLate(read->event, incoming.payload);
    const bool negative = doubt(incoming, read);
    const std::uint64_t bytes =
        incoming.header.size() + (personal ? incoming.payload.size() : std::size_t{0});
    if (!reserve(bytes, negative)) return false;
    query("forked-put")
        .with(incoming.subject, _origin, leaf, seq, negative, settled, now, Blob{incoming.header},
              Blob{personal ? std::string_view(incoming.payload) : std::string_view{}})
        .run();
    if (!incoming.subject.none()) {
        query("subject-touch").with(incoming.subject, incoming.subject, now).run();
        if (negative && !settled)
            query("urgent-put").with(incoming.subject, Blob{std::string_view{}}).run();
    }
    _projection.touch(incoming.subject);
    return true;
}

void Forks::settle(const consent::Event& event, const std::string& header) {
    std::vector<std::pair<OriginId, crypto::Hash>> same;
    {
        Query row = query("forked-of");
        for (row.with(event.subject); row.step();) {
            if (sameAsHeld(row.bytes(0), header))
                same.emplace_back(OriginId{row.uuid(1)}, row.hash(2));
        }
    }
    std::vector<std::pair<OriginId, std::uint64_t>> waiting;
    {
        Query row = query("quarantine-of");
        for (row.with(event.subject); row.step();) {
            if (sameAsHeld(row.bytes(0), header))
                waiting.emplace_back(OriginId{row.uuid(1)},
                                     static_cast<std::uint64_t>(row.number(2)));
        }
    }
    if ((same.empty() && waiting.empty()) || !undoes(event)) return;
    for (const auto& [origin, leaf] : same)
        query("forked-settle").with(event.subject, origin, leaf).run();
    for (const auto& [origin, seq] : waiting)
        query("quarantine-drop").with(event.subject, origin, seq).run();
    // Suppressed until now: the tills hear that the answer itself decides.
    query("urgent-put").with(event.subject, Blob{std::string_view{}}).run();
    _projection.touch(event.subject);
}

bool sameAsStored(Statements& statements, const OriginId& origin, std::uint64_t seq,
                  const crypto::Hash& leaf) {
    if (Query row(statements["event-leaf-at"]); row.with(origin, seq).step())
        return row.hash(0) == leaf;
    if (Query row(statements["quarantine-at"]); row.with(origin, seq).step())
        return crypto::leafHash(row.bytes(0)) == leaf;
    return true;
}

Result<bool> SqlStore::sameAsPlaced(const OriginId& id, std::uint64_t firstSeq,
                                    std::span<const Incoming> events) const {
    return guarded([&]() -> Result<bool> {
        std::uint64_t last = 0;
        {
            Query row = query("origin-get");
            if (!row.with(id).step()) return fail(Code::notFound, "no such device");
            last = readOrigin(row).seq;
        }
        std::uint64_t seq = firstSeq;
        for (auto it = events.begin(); it != events.end() && seq <= last; ++it, ++seq) {
            if (!sameAsStored(_statements, id, seq, crypto::leafHash(it->header))) return false;
        }
        return true;
    });
}

Result<std::size_t> SqlStore::keepForked(const OriginId& id, std::uint64_t firstSeq,
                                         std::span<const Incoming> events, TimeMs now) {
    bool full = false;
    auto result = transaction([&]() -> Result<std::size_t> {
        Projection projection(_statements, _folder, _keys, _rules);
        // Not one that was revoked meanwhile: that is an admin's word, and the last one.
        query("origin-freeze").with(id).run();
        query("origin-seen").with(now, id).run();
        Forks forks(_statements, projection, id);
        std::size_t kept = 0;
        std::uint64_t seq = firstSeq;
        for (const Incoming& event : events) kept += forks.keep(seq++, event, now) ? 1U : 0U;
        full = forks.full(now);
        projection.settle();
        noteErasure(projection);
        return kept;
    });
    if (result) forget();
    if (result && full) {
        return fail(Code::conflict,
                    "this device's history forked, and no more of it is kept here: the rest stays "
                    "at the device until it enrols anew",
                    "fork");
    }
    return result;
}

} // namespace souffleur::store
