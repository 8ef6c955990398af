// Looking after the file: checkpoints, scrubbing, verifying, rebuilding, exporting.
#include "plugin/crypto/Chain.h"
#include "plugin/crypto/Encoding.h"
#include "plugin/ledger/Parts.h"
#include "plugin/ledger/Rows.h"
#include "plugin/wire/Header.h"
#include "plugin/wire/JsonWriter.h"

namespace souffleur::ledger {
namespace {

constexpr int kPage = 1000;
constexpr std::string_view kScrub = "scrub";

std::string hexOf(const crypto::Hash& hash) {
    return crypto::toHex(crypto::bytesOf(hash));
}

/// Adds a row to a running hash, each field with its length, so that no two rows read alike.
class RowHash {
public:
    RowHash& text(std::string_view field) {
        number(static_cast<std::int64_t>(field.size()));
        _sum.update(field);
        return *this;
    }
    RowHash& number(std::int64_t value) {
        std::array<char, 8> raw{};
        for (std::size_t i = 0; i < raw.size(); ++i) {
            raw[i] = static_cast<char>(static_cast<std::uint64_t>(value) >> (8U * i));
        }
        _sum.update({raw.data(), raw.size()});
        return *this;
    }
    crypto::Hash finish() { return _sum.finish(); }

private:
    crypto::Sha256 _sum;
};

void add(RowHash& sum, const StateRow& row) {
    const consent::StateView& v = row.view;
    sum.text(row.key.controller).text(row.key.purpose).text(row.key.channel);
    sum.text(consent::name(v.state)).text(crypto::bytesOf(v.because.uuid.bytes)).number(v.at);
    sum.text(v.place).text(consent::name(v.method)).text(consent::name(v.basis));
    sum.number(v.validUntil).number(v.pending ? 1 : 0).number(v.deferredAt);
    sum.text(v.notice.id).number(v.notice.version).text(v.notice.language).text(v.notice.sha256);
    for (const consent::Fallback& f : v.fallbacks) {
        sum.text(consent::name(f.state)).text(consent::name(f.method));
        sum.text(crypto::bytesOf(f.because.uuid.bytes)).number(f.at).number(f.validUntil);
    }
}

void add(RowHash& sum, const SubjectId& subject, const SubjectRows& rows) {
    sum.text(crypto::bytesOf(subject.uuid.bytes)).text(rows.display).text(rows.language);
    sum.number(rows.birthYear).number(rows.orders).number(rows.customerSince).number(rows.flags);
    sum.text(rows.folded);
    for (const ContactRow& contact : rows.contacts) {
        sum.text(contact.channel).text(crypto::bytesOf(contact.key)).text(contact.masked);
        sum.number(static_cast<std::int64_t>(contact.status));
    }
    for (const crypto::Hash& key : rows.externalKeys) sum.text(crypto::bytesOf(key));
}

/// The rows of a subject as they stand.
SubjectRows storedRows(Connection& c, const Words& words, const PeopleRow& row) {
    SubjectRows out;
    out.display = row.display;
    out.language = row.language;
    out.birthYear = row.birthYear;
    out.orders = row.orders;
    out.customerSince = row.customerSince;
    out.flags = row.flags;
    out.contacts = readContacts(c, words, row.num);
    {
        Query query = c.query("external-of");
        query.bind(1, row.num);
        while (query.step()) out.externalKeys.insert(query.hash(0));
    }
    Query name = c.query("name-get");
    name.bind(1, row.num);
    if (name.step()) out.folded = name.text(0);
    return out;
}

/// Computes every person anew and compares with the rows.
class ProjectionCheck {
public:
    ProjectionCheck(Connection& c, const Words& words, Assembler& assembler)
        : _c(c), _words(words), _assembler(assembler) {}

    Result<crypto::Hash> run() {
        _assembler.loadClocks(_c);
        SubjectId after;
        std::vector<Member> page;
        do {
            page.clear();
            {
                Query query = _c.query("people-after");
                query.bind(1, after).bind(2, kPage);
                while (query.step()) page.push_back({query.id<SubjectId>(1), query.integer(0)});
            }
            for (const Member& seed : page) {
                for (const PersonRows& person : _assembler.assemble(_c, seed, true)) {
                    if (person.members.front().num != seed.num) continue;
                    if (auto ok = compare(person); !ok) return passOn(ok);
                }
                after = seed.id;
            }
        } while (!page.empty());
        return _stored.finish();
    }

private:
    Result<void> compare(const PersonRows& person) {
        const std::int64_t head = person.members.front().num;
        const auto wrong = [&](const char* what) {
            return fail(Code::corrupt, std::string(what) + "; rebuild the projections",
                        person.members.front().id.text());
        };
        for (std::size_t i = 0; i < person.members.size(); ++i) {
            const auto row = peopleRow(_c, person.members[i].num);
            if (!row || row->person != head) return wrong("a person is linked otherwise");
            const SubjectRows stored = storedRows(_c, _words, *row);
            SubjectRows expected = person.subjects[i];
            expected.scrub.clear();
            expected.suppress.clear();
            if (!person.subjects[i].scrub.empty()) return wrong("an erased payload is still held");
            if (expected.dropCard || stored != expected) return wrong("a person's row is wrong");
            add(_stored, person.members[i].id, stored);
        }
        const std::vector<StateRow> states = readStates(_c, _words, head);
        if (states != person.states) return wrong("a person's states are wrong");
        for (const StateRow& row : states) add(_stored, row);
        return {};
    }

    Connection& _c;
    const Words& _words;
    Assembler& _assembler;
    RowHash _stored;
};

Result<void> checkPayload(std::string_view header, std::string_view payload, std::uint64_t num,
                          VerifyReport& report) {
    report.bytes += header.size() + payload.size();
    ++report.events;
    if (payload.empty() || isPart(payload)) return {}; // what was sealed is head office's to open
    const auto commitment = wire::headerCommitment(header);
    if (!commitment || *commitment != hexOf(crypto::sha256(payload))) {
        return fail(Code::corrupt, "a payload does not fit its commitment", std::to_string(num));
    }
    ++report.commitments;
    return {};
}

/// This device's own chain, from the first event.
Result<void> checkChain(Connection& c, VerifyReport& report) {
    std::uint64_t seq = 0;
    Query rows = c.query("chain-events");
    rows.bind(1, std::int64_t{0}).bind(2, std::numeric_limits<std::int64_t>::max());
    while (rows.step()) {
        const auto broken = [&](const char* what) {
            return fail(Code::corrupt, what, "position " + std::to_string(rows.natural(0)));
        };
        if (rows.natural(0) != seq + 1) return broken("the chain has a hole before");
        seq = rows.natural(0);
        if (rows.isNull(3)) return broken("an event of the chain is gone");
        report.head = crypto::chainNext(report.head, crypto::leafHash(rows.bytes(3)));
        if (report.head != rows.hash(1)) return broken("the chain does not verify");
        if (auto ok = checkPayload(rows.bytes(3), rows.bytes(4), seq, report); !ok) return ok;
    }
    return {};
}

/// The chains under ids that this device had before.
Result<void> checkFormer(Connection& c, VerifyReport& report) {
    OriginId origin;
    std::uint64_t seq = 0;
    crypto::Hash head{};
    Query rows = c.query("former-events");
    while (rows.step()) {
        if (const auto of = rows.id<OriginId>(0); of != origin) {
            origin = of;
            seq = 0;
            head = {};
        }
        const bool whole = rows.natural(1) == ++seq && !rows.isNull(3);
        if (whole) head = crypto::chainNext(head, crypto::leafHash(rows.bytes(3)));
        if (!whole || head != rows.hash(2)) {
            return fail(Code::corrupt, "a former chain of this device does not verify",
                        "position " + std::to_string(seq));
        }
        ++report.formerEvents;
    }
    return {};
}

/// What others made: commitments, and that the bytes can still be read.
Result<void> checkForeign(Connection& c, const OriginId& self, VerifyReport& report) {
    Query rows = c.query("events-after");
    rows.bind(1, std::int64_t{0}).bind(2, std::numeric_limits<std::int64_t>::max());
    while (rows.step()) {
        if (rows.id<OriginId>(4) == self) continue;
        if (auto ok = checkPayload(rows.bytes(2), rows.bytes(3), rows.natural(0), report); !ok) {
            return ok;
        }
    }
    return {};
}

void writeExport(wire::JsonWriter& out, const Query& row, bool personal) {
    out.beginObject().field("origin", row.id<OriginId>(4)).field("seq", row.natural(1));
    out.key("header").raw(row.bytes(2));
    const std::string_view payload = row.bytes(3);
    if (personal && isPart(payload)) {
        out.key("part").raw(payload.substr(wire::kSaltBytes));
    } else if (personal && payload.size() > wire::kSaltBytes) {
        out.field("salt", crypto::toHex(payload.substr(0, wire::kSaltBytes)));
        out.key("payload").raw(payload.substr(wire::kSaltBytes));
    }
    out.endObject();
}

} // namespace

Result<Stats> Ledger::stats() const {
    const Parts& parts = *_parts;
    return parts.database->read<Stats>([&](Connection& c) -> Result<Stats> {
        Stats out;
        const auto count = [&](const char* name) {
            Query query = c.query(name);
            return query.step() ? query.natural(0) : 0;
        };
        // Rows of events and people are numbered from 1 and never deleted: the last number is the
        // count, without reading a million rows.
        out.events = count("count-events");
        out.ownEvents = count("chain-last");
        const auto acknowledged = metaNumber(c, "acknowledged");
        out.pending = out.ownEvents - static_cast<std::uint64_t>(acknowledged);
        out.subjects = count("count-subjects");
        out.persons = out.subjects - count("count-linked");
        out.quarantined = count("count-quarantine");
        out.fileBytes = parts.database->fileBytes();
        Query oldest = c.query("oldest-pending");
        oldest.bind(1, acknowledged);
        if (oldest.step()) out.oldestPendingAt = oldest.integer(0);
        return out;
    });
}

Result<void> Ledger::maintain() {
    bool scrub = false;
    auto done = _parts->database->maintain([&](Connection& c) -> Result<void> {
        scrub = !metaText(c, kScrub).empty();
        // Deleted tokens stay in the search index until it is merged (SQLite 3.40 has no
        // secure-delete for FTS5), and in the log until it is truncated.
        if (scrub) c.query("search-optimize").run();
        c.execute("PRAGMA wal_checkpoint(TRUNCATE)");
        return {};
    });
    if (!done || !scrub) return done;
    _parts->search.forgetWords();
    if (auto ok = _parts->database->write<void>([](Connection& c) -> Result<void> {
            c.execute("DELETE FROM meta WHERE name = 'scrub'");
            return {};
        });
        !ok) {
        return ok;
    }
    return _parts->database->maintain([](Connection& c) -> Result<void> {
        c.execute("PRAGMA wal_checkpoint(TRUNCATE)");
        return {};
    });
}

Result<VerifyReport> Ledger::verify(bool projections) const {
    const Parts& parts = *_parts;
    VerifyReport report;
    const Result<void> done = parts.database->readLong([&](Connection& c) -> Result<void> {
        if (auto ok = checkChain(c, report); !ok) return ok;
        if (auto ok = checkFormer(c, report); !ok) return ok;
        if (auto ok = checkForeign(c, parts.options.origin, report); !ok) return ok;
        if (!projections) return {};
        Assembler assembler(parts.hasher, parts.rulesNow());
        auto sum = ProjectionCheck(c, parts.database->words(), assembler).run();
        if (!sum) return passOn(sum);
        report.projections = *sum;
        return {};
    });
    if (!done) return passOn(done);
    return report;
}

Result<void> Ledger::rebuild() {
    auto done = _parts->database->write<void>([&](Connection& c) -> Result<void> {
        _parts->recorder.rebuild(c, false);
        return {};
    });
    if (done) _parts->search.forgetWords();
    return done;
}

Result<void> Ledger::exportNdjson(bool personal,
                                  const std::function<bool(std::string_view line)>& line) const {
    return _parts->database->readLong([&](Connection& c) -> Result<void> {
        Query rows = c.query("events-after");
        rows.bind(1, std::int64_t{0}).bind(2, std::numeric_limits<std::int64_t>::max());
        while (rows.step()) {
            wire::JsonWriter out;
            writeExport(out, rows, personal);
            if (!line(out.take())) return {};
        }
        return {};
    });
}

} // namespace souffleur::ledger
