// Takes events into the log, one after another, inside one transaction. Private to this room.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "plugin/consent/LastWord.h"
#include "plugin/crypto/Chain.h"
#include "plugin/crypto/Encoding.h"
#include "plugin/wire/Header.h"
#include "sync/store/Forks.h"
#include "sync/store/Projection.h"
#include "sync/store/Reading.h"
#include "sync/store/Store.h"

namespace souffleur::store {

/// Places the events of one batch inside one transaction.
class Placer {
public:
    /// `ours`: the hub's own chain, which is believed. `again`: out of quarantine; `now` is when it
    /// came there.
    Placer(Statements& statements, Projection& projection, const OriginId& origin, TimeMs now,
           bool ours, bool again = false)
        : _statements(statements), _projection(projection), _origin(origin), _now(now), _ours(ours),
          _again(again) {}

    void placeOne(std::uint64_t seq, const Incoming& incoming, const crypto::Hash& leaf,
                  Placed& result) {
        auto event = readEvent(_origin, incoming);
        if (!event) return quarantine(seq, incoming, event.error(), result);
        noteReceipt(*event, seq);
        noteTime(*event);
        const auto before = known(*event, seq, leaf, incoming);
        if (!before) return quarantine(seq, incoming, before.error(), result);
        if (*before) {
            ++result.duplicates;
            Forks(_statements, _projection, _origin).settle(*event, incoming.header);
            return;
        }
        if (!_ours) {
            if (const auto may = checkAuthority(*event); !may)
                return quarantine(seq, incoming, may.error(), result);
            if (const auto honest = checkSeen(*event); !honest)
                return quarantine(seq, incoming, honest.error(), result);
            if (const auto its = checkSlip(*event); !its)
                return quarantine(seq, incoming, its.error(), result);
        }
        putAsJudged(*event, incoming, leaf);
        Forks(_statements, _projection, _origin).settle(*event, incoming.header);
        if (!_ours && !checkWordings(*event)) ++result.flagged;
        ++result.placed;
    }

    /// What placeOne() will ask of all these, read at once where each question is a journey.
    void ahead(std::span<const Incoming> events) {
        if (!_statements.distant()) return;
        std::vector<std::string> ids;
        std::vector<std::string> subjects;
        std::vector<std::string> seen;
        std::vector<std::string> slips;
        for (const Incoming& incoming : events) {
            const auto read = wire::decodeHeader(incoming.header);
            if (!read) continue;
            ids.push_back(keyOf(read->event.id));
            subjects.push_back(keyOf(read->event.subject));
            const auto* act = std::get_if<consent::Act>(&read->event.body);
            if (act == nullptr) continue;
            for (const EventId& id : act->seen) seen.push_back(keyOf(id));
            if (!act->withdrawHandleHash.empty()) slips.push_back(act->withdrawHandleHash);
        }
        for (const char* each : {"event-known", "copied-to"}) _statements.ahead(each, ids);
        for (const char* each : {"subject-get", "forked-of", "quarantine-of"})
            _statements.ahead(each, subjects);
        if (!seen.empty()) _statements.ahead("event-where", seen);
        if (!slips.empty()) _statements.ahead("event-by-slip", slips);
    }

    /// After the last one: moves the shards to where they have come.
    void finish() {
        for (const auto& [shard, position] : _positions)
            query("shard-move").with(position, shard).run();
        _positions.clear();
    }

    /// Hashes of the slips of the acts that were placed here.
    [[nodiscard]] const std::vector<std::string>& slips() const noexcept { return _slips; }

    /// The latest time that the chain surely reached with what was placed here; 0 = none.
    [[nodiscard]] TimeMs reached() const noexcept { return _reached; }

    /// Was all that it names as seen shown to its device by now?
    bool ready(const Incoming& incoming) {
        const auto event = readEvent(_origin, incoming);
        return event && checkSeen(*event).has_value();
    }

private:
    Query query(std::string_view name) { return Query(_statements[name]); }

    void quarantine(std::uint64_t seq, const Incoming& incoming, const Error& why, Placed& result) {
        auto event = readEvent(_origin, incoming);
        if (event) noteReceipt(*event, seq);
        const bool erased = _projection.erasedTo(event ? event->subject : incoming.subject) != 0;
        // Of before the erasure, or of when cannot be told: nothing of the person is kept.
        const bool keep = !erased || (event && !_projection.gone(*event, told(event->subject)));
        if (!keep && event) _projection.suppressLate(*event, incoming.payload);
        query("quarantine-put")
            .with(_origin, seq, incoming.subject, incoming.negative, why.text(), waitsFor(why),
                  _now, Blob{incoming.header},
                  Blob{keep ? std::string_view(incoming.payload) : std::string_view{}})
            .run();
        if (!incoming.subject.none()) {
            query("subject-touch").with(incoming.subject, incoming.subject, _now).run();
            // It has no place in the log: every till learns of it by the subject's card.
            if (incoming.negative)
                query("urgent-put").with(incoming.subject, Blob{std::string_view{}}).run();
        }
        _projection.touch(incoming.subject);
        result.quarantined.push_back({seq, why.text()});
    }

    /// An urgent copy came first: the original only gives it its place in the chain. Two events of
    /// one id could hide each other, and with that a no: the second is not taken in.
    /// The same answer under another header is of a device that enrolled anew: a duplicate, or the
    /// original of a copy that its former id had sent.
    Result<bool> known(const consent::Event& event, std::uint64_t seq, const crypto::Hash& leaf,
                       const Incoming& incoming) {
        std::int64_t stored = 0;
        std::uint64_t position = 0;
        bool anew = false;
        {
            Query row = query("event-known");
            if (!row.with(event.id).step()) return false;
            anew = row.hash(1) != leaf;
            if (anew && !Forks(_statements, _projection, _origin).sentAnew(event, incoming.header))
                return fail(Code::conflict, "another event has this id");
            stored = row.number(0);
            position = static_cast<std::uint64_t>(row.number(3));
        }
        const bool kept = anew && position > 0; // what has its place never changes
        if (stored == 0 && seq != 0 && !kept) {
            // The other tills hold it without a sequence: they get it again, at its place.
            if (position == 0) {
                position = nextPosition(event.subject);
            } else {
                query("urgent-put").with(event.subject, event.id).run(); // of an older hub
            }
            // Where the copy's clock was judged it stays the former id's, without its place there:
            // every judgement of that id holds for it.
            const bool judged = anew && Forks(_statements, _projection, _origin).copyDoubted(event);
            const std::uint64_t place = judged ? 0 : seq;
            query("event-set-place").with(place, position, event.subject, event.id).run();
            if (anew && !judged)
                query("event-set-origin")
                    .with(_origin, leaf, Blob{incoming.header}, event.subject, event.id)
                    .run();
            _projection.touch(event.subject);
        }
        return true;
    }

    /// The next place in the log of the subject's shard, which moves there.
    std::uint64_t nextPosition(const SubjectId& subject) {
        const auto shard = static_cast<std::uint64_t>(shardOf(subject));
        const auto [found, fresh] = _positions.try_emplace(shard, 0);
        if (fresh) {
            Query row = query("shard-get");
            row.with(shard).step();
            found->second = static_cast<std::uint64_t>(row.number(0));
        }
        return ++found->second;
    }

    /// Rule 9: an answer may weigh only negatives that its device made or was served.
    Result<void> checkSeen(const consent::Event& event) {
        const auto* act = std::get_if<consent::Act>(&event.body);
        if (act == nullptr) return {};
        for (const EventId& id : act->seen) {
            // A hub restored from a backup may not have it yet, or not know that it was shown: so
            // it waits, and is tried again.
            if (!shown(id))
                return fail(Code::unavailable, "it names a no that its device was never shown",
                            "/seen");
        }
        return {};
    }

    /// The code on a slip leads to whom it was given to, and its hash can be read at every till: an
    /// act of somebody else that claims it is not taken in, so that no till learns of it either.
    Result<void> checkSlip(const consent::Event& event) {
        const auto* act = std::get_if<consent::Act>(&event.body);
        if (act == nullptr || act->withdrawHandleHash.empty()) return {};
        Query row = query("event-by-slip");
        if (!row.with(Blob{act->withdrawHandleHash}).step() ||
            SubjectId{row.uuid(1)} == event.subject)
            return {};
        return fail(Code::conflict, "the code of its slip was given to somebody else", "/slip");
    }

    /// A yes that was spoken or written answers a question; the proof is only as good as its words.
    /// False: flagged.
    bool checkWordings(const consent::Event& event) {
        const auto* act = std::get_if<consent::Act>(&event.body);
        if (act == nullptr || !consent::live(act->method) || !anyWording()) return true;
        bool known = true;
        for (const consent::ChoiceItem& item : act->choices) {
            if (item.choice != consent::Choice::given || item.basis != consent::Basis::consent)
                continue;
            const consent::NoticeRef& ref = item.notice;
            const auto [found, fresh] = _wordings.try_emplace(
                std::tuple(ref.id, ref.version, ref.language, ref.sha256), false);
            if (fresh) {
                found->second = query("wording-use")
                                    .with(ref.id, static_cast<std::uint64_t>(ref.version),
                                          ref.language, ref.sha256)
                                    .run() > 0;
            }
            known = known && found->second;
        }
        if (!known)
            query("flag-put").with(event.id, _origin, event.subject, "wording-unknown").run();
        return known;
    }

    bool anyWording() {
        if (!_anyWording) _anyWording = query("wording-any").step();
        return *_anyWording;
    }

    bool shown(const EventId& id) {
        {
            Query row = query("event-where");
            if (!row.with(id).step()) return false;
            const auto position = static_cast<std::uint64_t>(row.number(2));
            if (OriginId{row.uuid(0)} == _origin ||
                (position > 0 &&
                 position <= served().position[static_cast<std::size_t>(row.number(1)) % kShards]))
                return true;
        }
        Query copy = query("urgent-of-event");
        return copy.with(id).step() && copy.number(0) > 0 &&
               static_cast<std::uint64_t>(copy.number(0)) <= served().urgent;
    }

    const Cursor& served() {
        readServed();
        return *_served;
    }

    void readServed() {
        if (_served) return;
        Query row = query("served-get");
        const bool any = row.with(_origin).step();
        _served = any ? Cursor::parse(row.text(0)).value_or(Cursor{}) : Cursor{};
        _acknowledged = any ? Cursor::parse(row.text(1)).value_or(Cursor{}) : Cursor{};
    }

    /// Had the device acknowledged the subject's erasures when this came? Of what waited since is
    /// only known that it came before now.
    bool told(const SubjectId& subject) {
        if (_ours || _projection.erasedTo(subject) == 0) return true;
        if (_again) return false;
        readServed();
        return _projection.toldOf(subject, _acknowledged);
    }

    void noteReceipt(consent::Event& event, std::uint64_t seq) const {
        event.position = seq;
        event.received = _now;
    }

    /// A time that has not come says nothing of how far the device's clock is.
    void noteTime(const consent::Event& event) {
        if (const auto time = consent::surelyReached(event)) _reached = std::max(_reached, *time);
    }

    /// What waited under the device's former id, and was judged there, takes its place as that
    /// id's: nothing else says of this one what its clock was.
    void putAsJudged(const consent::Event& event, const Incoming& incoming,
                     const crypto::Hash& leaf) {
        const bool copy = event.position == 0;
        std::optional<Forks::Former> former;
        if (!_ours)
            former = Forks(_statements, _projection, _origin).doubted(event, incoming.header);
        if (!former) return put(event, incoming, leaf, copy);
        consent::Event said = event;
        said.origin = former->origin;
        said.position = former->forked || copy ? 0 : former->seq;
        const Incoming held{incoming.subject, incoming.negative, former->header, incoming.payload};
        put(said, held, crypto::leafHash(held.header), copy);
    }

    void put(const consent::Event& event, const Incoming& incoming, const crypto::Hash& leaf,
             bool copy) {
        const std::uint64_t position = copy ? 0 : nextPosition(event.subject);
        // A payload of before an erasure never touches the disk.
        const bool erased = _projection.erasedTo(event.subject) != 0;
        const bool knew = !erased || told(event.subject);
        const bool keep = !erased || !_projection.gone(event, knew);
        const std::string_view payload =
            keep ? std::string_view(incoming.payload) : std::string_view{};
        if (!keep) _projection.suppressLate(event, incoming.payload);
        query("event-put")
            .with(event.subject, event.id, static_cast<std::uint64_t>(shardOf(event.subject)),
                  position, event.origin, event.position, consent::kindName(event.body),
                  incoming.negative || wire::isNegative(event), event.at, _now, knew, leaf,
                  Blob{incoming.header}, Blob{payload})
            .later();
        if (copy) query("urgent-put").with(event.subject, event.id).run();
        const auto* act = std::get_if<consent::Act>(&event.body);
        if (act != nullptr && !act->withdrawHandleHash.empty()) {
            query("slip-put").with(Blob{act->withdrawHandleHash}, event.subject, event.id).later();
            _slips.push_back(act->withdrawHandleHash);
        }
        if (!event.subject.none())
            query("subject-touch").with(event.subject, event.subject, _now).later();
        _projection.apply(event, keep, payload);
    }

    Statements& _statements;
    Projection& _projection;
    const OriginId& _origin;
    TimeMs _now;
    bool _ours;
    bool _again;
    TimeMs _reached = 0;
    std::map<std::uint64_t, std::uint64_t> _positions; ///< of the shards that moved
    std::vector<std::string> _slips;
    std::optional<bool> _anyWording;
    std::map<std::tuple<std::string, std::uint32_t, std::string, std::string>, bool> _wordings;
    std::optional<Cursor> _served;
    Cursor _acknowledged;
};

} // namespace souffleur::store
