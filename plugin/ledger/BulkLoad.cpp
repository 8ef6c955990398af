#include "plugin/ledger/BulkLoad.h"

#include "plugin/ledger/Ledger.h"
#include "plugin/ledger/Parts.h"
#include "plugin/ledger/Rows.h"
#include "plugin/wire/Header.h"

namespace souffleur::ledger {
namespace {

constexpr std::string_view kLoading = "loading";

/// Indices that are cheaper to build at the end, with the text that makes them (sql/0001.sql).
constexpr std::array<std::string_view, 5> kLateIndices{
    "events_id", "events_subject", "events_position", "contacts_key", "external_keys_key"};

std::string createText(Connection& c, std::string_view index) {
    Query query = c.query("schema-of");
    query.bindText(1, index);
    return query.step() ? query.text(0) : std::string();
}

} // namespace

class BulkLoad::Parts {
public:
    explicit Parts(Ledger::Parts& parts) : ledger(parts), projector(parts.hasher) {}

    Result<void> start();
    Result<void> add(Connection& c, const BulkPerson& person);
    Result<void> addEvents(Connection& c, const BulkPerson& person, std::int64_t num,
                           std::vector<StoredEvent>& stored);
    void writeRows(Connection& c, std::int64_t num, const SubjectRows& rows,
                   const std::vector<StateRow>& states);
    Result<void> end();

    Ledger::Parts& ledger;
    Projector projector;
    std::vector<std::string> indices;
    bool finished = false;
};

Result<void> BulkLoad::Parts::start() {
    auto marked = ledger.database->write<void>([&](Connection& c) -> Result<void> {
        if (c.number("SELECT COUNT(*) FROM events") > 0) {
            return fail(Code::conflict, "the ledger is not empty");
        }
        putMeta(c, kLoading, "1");
        for (const std::string_view index : kLateIndices) {
            indices.push_back(createText(c, index));
            c.execute("DROP INDEX " + std::string(index));
        }
        return {};
    });
    if (!marked) return marked;
    return ledger.database->maintain([](Connection& c) -> Result<void> {
        c.syncCommits(false);
        return {};
    });
}

Result<void> BulkLoad::Parts::addEvents(Connection& c, const BulkPerson& person, std::int64_t num,
                                        std::vector<StoredEvent>& stored) {
    for (const Foreign& foreign : person.events) {
        auto header = wire::decodeHeader(foreign.header);
        if (!header) return passOn(header);
        StoredEvent& each = stored.emplace_back();
        each.event = std::move(header->event);
        each.event.position = foreign.seq;
        each.payload = foreign.payload;
        if (each.event.subject != person.card.subject) {
            return fail(Code::invalid, "an event of another subject in a bulk load");
        }
        const std::int64_t origin = ledger.recorder.origin(c, each.event.origin);
        c.query("event-add")
            .bind(1, each.event.id)
            .bind(2, origin)
            .bind(3, foreign.seq)
            .bind(4, static_cast<std::int64_t>(each.event.body.index()))
            .bind(5, num)
            .bind(6, each.event.at)
            .bindBlob(7, foreign.header)
            .bindBlobOrNull(8, foreign.payload)
            .run();
        each.num = c.lastRowId();
        Recorder::noteSlip(c, each.event, each.num);
    }
    return {};
}

Result<void> BulkLoad::Parts::add(Connection& c, const BulkPerson& person) {
    auto body = wire::encodeCard(person.card);
    if (!body) return passOn(body);
    const std::int64_t num = ledger.recorder.subject(c, person.card.subject, 0);
    c.query("card-put").bind(1, num).bind(2, person.card.version).bindBlob(3, *body).run();
    std::vector<StoredEvent> stored;
    if (auto ok = addEvents(c, person, num, stored); !ok) return ok;
    SubjectInput input;
    input.events = stored;
    input.card = person.card;
    input.clocks = &ledger.recorder.assembler().clocks();
    const SubjectRows rows = projector.subject(input);
    std::vector<consent::Event> events;
    events.reserve(stored.size());
    for (StoredEvent& each : stored) events.push_back(std::move(each.event));
    writeRows(c, num, rows,
              statesOf(events, {person.card.subject}, ledger.recorder.assembler().clocks(),
                       ledger.recorder.assembler().rules()));
    return {};
}

void BulkLoad::Parts::writeRows(Connection& c, std::int64_t num, const SubjectRows& rows,
                                const std::vector<StateRow>& states) {
    Words& words = ledger.database->words();
    c.query("person-update")
        .bind(1, num)
        .bindText(2, rows.display)
        .bindText(3, rows.language)
        .bind(4, rows.birthYear)
        .bind(5, rows.orders)
        .bind(6, rows.customerSince)
        .bind(7, rows.flags)
        .run();
    for (const ContactRow& contact : rows.contacts) {
        const std::int64_t channel = words.number(c, contact.channel);
        c.query("contact-put")
            .bind(1, num)
            .bind(2, channel)
            .bind(3, contact.key)
            .bindText(4, contact.masked)
            .bind(5, static_cast<std::int64_t>(contact.status))
            .run();
    }
    for (const crypto::Hash& key : rows.externalKeys) {
        c.query("external-put").bind(1, num).bind(2, key).run();
    }
    if (!rows.folded.empty()) c.query("name-put").bind(1, num).bindText(2, rows.folded).run();
    for (const StateRow& row : states) writeState(c, words, num, row);
}

Result<void> BulkLoad::Parts::end() {
    auto built = ledger.database->write<void>([&](Connection& c) -> Result<void> {
        for (const std::string& index : indices) c.execute(index);
        c.query("search-rebuild").run();
        c.execute("DELETE FROM meta WHERE name = 'loading'");
        return {};
    });
    // Whatever happened, captures after this are durable again.
    auto durable = ledger.database->maintain([](Connection& c) -> Result<void> {
        c.syncCommits(true);
        c.execute("PRAGMA wal_checkpoint(TRUNCATE)");
        return {};
    });
    if (!built) return built;
    finished = durable.has_value();
    ledger.search.forgetWords();
    return durable;
}

BulkLoad::BulkLoad(std::unique_ptr<Parts> parts) : _parts(std::move(parts)) {}

BulkLoad::~BulkLoad() {
    if (_parts->finished) return;
    (void) _parts->ledger.database->maintain([](Connection& c) -> Result<void> {
        c.syncCommits(true);
        return {};
    });
}

Result<std::unique_ptr<BulkLoad>> BulkLoad::begin(Ledger& ledger) {
    auto parts = std::make_unique<Parts>(*ledger._parts);
    if (auto ok = parts->start(); !ok) return passOn(ok);
    return std::unique_ptr<BulkLoad>(new BulkLoad(std::move(parts)));
}

Result<void> BulkLoad::add(std::span<const BulkPerson> people) {
    return _parts->ledger.database->write<void>([&](Connection& c) -> Result<void> {
        for (const BulkPerson& person : people) {
            if (auto ok = _parts->add(c, person); !ok) return ok;
        }
        return {};
    });
}

Result<void> BulkLoad::finish() {
    return _parts->end();
}

} // namespace souffleur::ledger
