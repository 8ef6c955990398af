#include "plugin/ledger/Ledger.h"

#include <algorithm>

#include "plugin/crypto/Chain.h"
#include "plugin/crypto/Encoding.h"
#include "plugin/ledger/Parts.h"
#include "plugin/ledger/Rows.h"
#include "plugin/wire/Header.h"

namespace souffleur::ledger {
namespace {

constexpr std::string_view kOrigin = "origin";
constexpr std::string_view kRules = "rules";
/// By which rules facts, statuses of addresses and erasures were projected; missing = the newest
/// won.
constexpr std::string_view kWords = "words";
constexpr std::int64_t kWordsNow = 4;
constexpr std::string_view kCursor = "cursor";
constexpr std::string_view kInStep = "in-step";
constexpr std::string_view kLoading = "loading";
constexpr std::string_view kScrub = "scrub";
constexpr std::string_view kSetting = "setting:";
constexpr TimeMs kIdempotencyKeptMs = 7 * kDayMs;

std::string hexOf(const crypto::Hash& hash) {
    return crypto::toHex(crypto::bytesOf(hash));
}

void addAudit(Connection& c, TimeMs now, std::string_view who, std::string_view action,
              std::string_view about) {
    c.query("audit-add").bind(1, now).bindText(2, who).bindText(3, action).bindText(4, about).run();
}

/// An act heard at this counter by somebody who was not signed in.
bool isNobodys(const consent::Event& event) {
    const auto* act = std::get_if<consent::Act>(&event.body);
    return act != nullptr && act->by.none() &&
           (act->method == consent::Method::spoken || act->method == consent::Method::screen ||
            act->method == consent::Method::paper || act->method == consent::Method::phone);
}

} // namespace

Ledger::Parts::Parts(const LedgerOptions& o, const Clock& k, Random& r, std::unique_ptr<Database> d)
    : options(o), clock(k), random(r), hasher(o.contactKey), database(std::move(d)),
      recorder(database->words(), hasher, o.rules), search(*database, hasher, o.region),
      outbox(*database, vault), operators(*database), rules(o.rules) {}

consent::StateRules Ledger::Parts::rulesNow() const {
    const std::shared_lock lock(rulesMutex);
    return rules;
}

Result<void> Ledger::Parts::settle() {
    std::int64_t own = 0;
    auto done = database->write<void>([&](Connection& c) -> Result<void> {
        if (!metaText(c, kLoading).empty()) {
            return fail(Code::corrupt,
                        "the first load was not finished; remove the data folder and load again");
        }
        const std::string known = metaText(c, kOrigin);
        const auto former = std::find_if(options.formerly.begin(), options.formerly.end(),
                                         [&](const OriginId& id) { return id.text() == known; });
        if (known.empty()) {
            putMeta(c, kOrigin, options.origin.text());
            putMeta(c, kRules, rulesText(options.rules));
        } else if (known != options.origin.text() && former == options.formerly.end()) {
            return fail(Code::conflict, "this data folder belongs to another device");
        } else if (metaText(c, kRules) != rulesText(options.rules)) {
            recorder.rebuild(c, true);
            putMeta(c, kRules, rulesText(options.rules));
        }
        recorder.assembler().loadClocks(c);
        if (known != options.origin.text() && former != options.formerly.end()) {
            if (auto taken = succeed(c, *former); !taken) return taken;
        }
        if (metaNumber(c, kWords) != kWordsNow) {
            // Older builds let the newest time win, whoever claimed it, heal the hub's bounce,
            // keep what claimed to be of after an erasure, or miss what an unlink copied.
            recorder.refreshWords(c);
            putMeta(c, kWords, kWordsNow);
        }
        rereadQuarantine(c);
        inStepAt = metaNumber(c, kInStep);
        own = recorder.origin(c, options.origin);
        return {};
    });
    if (done) recorder.setOwn(options.origin, own);
    return done;
}

Result<std::unique_ptr<Ledger>> Ledger::open(const LedgerOptions& options, const Clock& clock,
                                             Random& random) {
    if (options.origin.none()) return fail(Code::invalid, "a ledger needs its device's id");
    auto database = Database::open(options.folder, options.cacheKib);
    if (!database) return passOn(database);
    auto parts = std::make_unique<Parts>(options, clock, random, *std::move(database));
    if (auto ok = parts->settle(); !ok) return passOn(ok);
    return std::unique_ptr<Ledger>(new Ledger(std::move(parts)));
}

Ledger::Ledger(std::unique_ptr<Parts> parts) : _parts(std::move(parts)) {}
Ledger::~Ledger() = default;

// ---------------------------------------------------------------- writing

Result<Ledger::Parts::Prepared> Ledger::Parts::prepare(const Draft& draft) {
    Prepared out;
    const Reading reading = draft.when.value_or(clock.now());
    wire::Salt salt{};
    {
        const std::lock_guard lock(randomMutex);
        out.event.id = {Uuid::timed(clock.now().at, random)};
        if (!draft.person.empty()) random.fill(std::as_writable_bytes(std::span(salt)));
    }
    out.event.origin = options.origin;
    out.event.subject = draft.subject;
    out.event.at = reading.at;
    out.event.unc = reading.unc;
    out.event.offsetMin = reading.offsetMin;
    out.event.body = draft.body;
    std::string commitment;
    if (!draft.person.empty()) {
        auto payload = wire::encodePayload(salt, draft.person);
        if (!payload) return passOn(payload);
        out.payload = *std::move(payload);
        commitment = hexOf(crypto::sha256(out.payload));
    }
    auto header = wire::encodeHeader(out.event, commitment);
    if (!header) return passOn(header);
    out.header = *std::move(header);
    if (out.header.size() + out.payload.size() > limits::kEventMaxBytes) {
        return fail(Code::tooLarge, "the event is over 64 KiB; record fewer things at once");
    }
    if (auto hidden = hide(out); !hidden) return passOn(hidden);
    return out;
}

Earlier Ledger::Parts::earlier(Connection& c, std::string_view key) {
    Earlier out;
    std::uint64_t first = 0;
    std::uint64_t count = 0;
    {
        Query known = c.query("idempotency-get");
        known.bind(1, crypto::sha256(key));
        if (!known.step()) return out;
        first = known.natural(0);
        count = known.natural(1);
        out.request = std::string(known.bytes(2));
    }
    Query events = c.query("chain-events");
    events.bind(1, first - 1).bind(2, count);
    while (events.step()) out.events.push_back({events.id<EventId>(2), events.natural(0), true});
    return out;
}

Result<std::vector<Appended>> Ledger::Parts::record(Connection& c, std::vector<Prepared>& events,
                                                    std::string_view key, std::string_view request,
                                                    Recorder::Touched& touched) {
    std::vector<Appended> out;
    if (!key.empty()) {
        out = earlier(c, key).events;
        if (!out.empty()) return out;
    }
    Tail end = tail.value_or(Tail{});
    if (!tail) {
        Query last = c.query("chain-last");
        if (last.step()) end = {last.natural(0), last.hash(1)};
    }
    for (Prepared& each : events) {
        const std::uint64_t seq = ++end.seq;
        each.event.position = seq;
        end.head = crypto::chainNext(end.head, crypto::leafHash(each.header));
        const std::int64_t num = recorder.add(c, each.event, each.header, each.payload, touched);
        c.query("chain-add").bind(1, seq).bind(2, num).bind(3, end.head).run();
        if (!each.sealed.empty()) c.query("sealed-add").bind(1, num).bindBlob(2, each.sealed).run();
        if (isNobodys(each.event)) c.query("unattributed-add").bind(1, num).run();
        out.push_back({each.event.id, seq, false});
    }
    if (!key.empty()) {
        const TimeMs now = clock.now().at;
        c.query("idempotency-trim").bind(1, now - kIdempotencyKeptMs).run();
        c.query("idempotency-add")
            .bind(1, crypto::sha256(key))
            .bind(2, now)
            .bind(3, out.front().seq)
            .bind(4, out.size())
            .bindBlob(5, request)
            .run();
    }
    recorder.refresh(c, touched);
    if (touched.erased) putMeta(c, kScrub, "1");
    tail = end;
    return out;
}

Result<std::vector<Appended>> Ledger::append(std::span<const Draft> drafts,
                                             std::string_view idempotencyKey,
                                             std::string_view request) {
    if (drafts.empty()) return fail(Code::invalid, "nothing to record");
    if (drafts.size() > kDraftsMax) return fail(Code::tooLarge, "too many events at once");
    if (idempotencyKey.size() > kIdempotencyKeyMaxBytes) {
        return fail(Code::tooLarge, "the idempotency key is over 128 bytes");
    }
    if (request.size() > kRequestMaxBytes) {
        return fail(Code::tooLarge, "what is kept with a key is over 64 bytes");
    }
    std::vector<Parts::Prepared> events;
    for (const Draft& draft : drafts) {
        auto prepared = _parts->prepare(draft);
        if (!prepared) return passOn(prepared);
        events.push_back(*std::move(prepared));
    }
    Recorder::Touched touched;
    auto done = _parts->database->write<std::vector<Appended>>(
        [&](Connection& c) { return _parts->record(c, events, idempotencyKey, request, touched); },
        // What is not on the disk is no link of the chain, also where only the commit failed.
        [&] { _parts->tail.reset(); });
    const auto isOpen = [](const Parts::Prepared& each) {
        return !each.payload.empty() && each.sealed.empty();
    };
    if (std::ranges::any_of(events, isOpen)) _parts->openCaptures = true;
    if (done) _parts->search.learn(touched.names);
    return done;
}

Result<Earlier> Ledger::earlier(std::string_view idempotencyKey) const {
    return _parts->database->read<Earlier>([&](Connection& c) -> Result<Earlier> {
        Earlier found = Parts::earlier(c, idempotencyKey);
        if (found.events.empty()) return fail(Code::notFound, "this key was not used");
        return found;
    });
}

Result<Appended> Ledger::append(const Draft& draft, std::string_view idempotencyKey) {
    return append(std::span(&draft, 1), idempotencyKey).map([](const std::vector<Appended>& all) {
        return all.front();
    });
}

void Ledger::Parts::quarantine(Connection& c, const Foreign& foreign, const Error& why,
                               Recorder::Touched& touched) {
    std::int64_t subject = 0;
    if (!foreign.subject.none()) {
        subject = recorder.subject(c, foreign.subject, 0);
        if (foreign.negative) {
            c.query("subject-flag").bind(1, subject).bind(2, flag::kQuarantined).run();
            touched.held.erase(subject);
        }
        touched.states.emplace(subject, foreign.subject);
        touched.people.insert(subject);
        // It has a flag on file now, also where an event before it in the page made it.
        touched.fresh.erase(subject);
    }
    Query add = c.query("quarantine-add");
    add.bind(1, foreign.origin).bind(2, foreign.seq);
    if (subject == 0)
        add.bindNull(3);
    else
        add.bind(3, subject);
    add.bindText(4, why.text()).bindBlob(5, foreign.header);
    add.bindBlobOrNull(6, foreign.payload).bind(7, crypto::sha256(foreign.header)).run();
}

Result<bool> Ledger::Parts::takeIn(Connection& c, const Foreign& foreign,
                                   Recorder::Touched& touched) {
    auto header = wire::decodeHeader(foreign.header);
    if (!header) return passOn(header);
    consent::Event& event = header->event;
    event.position = foreign.seq;
    if (event.origin != foreign.origin) {
        return fail(Code::invalid, "the header names another origin");
    }
    if (foreign.header.size() + foreign.payload.size() > limits::kEventMaxBytes) {
        return fail(Code::tooLarge, "the event is over 64 KiB");
    }
    if (!foreign.payload.empty() && hexOf(crypto::sha256(foreign.payload)) != header->commitment) {
        return fail(Code::corrupt, "the payload does not fit its commitment");
    }
    {
        Query known = c.query("event-by-id");
        known.bind(1, event.id);
        if (known.step()) {
            if (known.bytes(2) != foreign.header) {
                // What we sent again under a new id, and the hub had all the same.
                const auto held = wire::decodeHeader(known.bytes(2));
                if (held && held->event.origin != event.origin && wire::sameAnswer(*held, *header))
                    return false;
                return fail(Code::conflict, "another event has the same id");
            }
            if (known.integer(1) != 0 || foreign.seq == 0) return false;
            const std::int64_t num = known.integer(0);
            known.again();
            recorder.place(c, num, event, touched);
            return false;
        }
    }
    recorder.add(c, event, foreign.header, foreign.payload, touched);
    return true;
}

/// What an older build could not read may be read by this one: nothing unknown is permanent.
void Ledger::Parts::rereadQuarantine(Connection& c) {
    struct Kept {
        std::int64_t num;
        std::int64_t subject;
        Foreign event;
    };
    std::vector<Kept> all;
    {
        Query rows = c.query("quarantine-list");
        while (rows.step()) {
            Kept kept{rows.integer(0), rows.isNull(6) ? 0 : rows.integer(6), {}};
            kept.event.origin = rows.id<OriginId>(1);
            kept.event.seq = rows.natural(2);
            kept.event.header = rows.text(3);
            if (!rows.isNull(4)) kept.event.payload = rows.text(4);
            if (kept.subject != 0) kept.event.subject = rows.id<SubjectId>(5);
            all.push_back(std::move(kept));
        }
    }
    Recorder::Touched touched;
    for (const Kept& kept : all) {
        if (!takeIn(c, kept.event, touched)) continue;
        c.query("quarantine-drop").bind(1, kept.num).run();
        if (kept.subject == 0) continue;
        c.query("subject-unflag").bind(1, kept.subject).bind(2, flag::kQuarantined).run();
        touched.held.erase(kept.subject);
        touched.states.emplace(kept.subject, kept.event.subject);
        touched.people.insert(kept.subject);
    }
    if (!touched.states.empty()) recorder.refresh(c, touched);
}

Result<Applied> Ledger::applyForeign(std::span<const Foreign> events,
                                     std::span<const wire::Card> cards, std::string_view cursor) {
    Recorder::Touched touched;
    auto done = _parts->database->write<Applied>([&](Connection& c) -> Result<Applied> {
        Applied out;
        for (const Foreign& foreign : events) {
            const auto taken = _parts->takeIn(c, foreign, touched);
            if (!taken) {
                _parts->quarantine(c, foreign, taken.error(), touched);
                ++out.quarantined;
            } else {
                ++(*taken ? out.placed : out.duplicates);
            }
        }
        for (const wire::Card& card : cards) {
            if (_parts->recorder.putCard(c, card, touched)) ++out.cards;
        }
        _parts->recorder.refresh(c, touched);
        if (!cursor.empty()) putMeta(c, kCursor, cursor);
        if (touched.erased) putMeta(c, kScrub, "1");
        return out;
    });
    if (done) _parts->search.learn(touched.names);
    return done;
}

Result<std::string> Ledger::cursor() const {
    return _parts->database->read<std::string>(
        [](Connection& c) -> Result<std::string> { return metaText(c, kCursor); });
}

Result<void> Ledger::inStep(TimeMs at) {
    auto done = _parts->database->write<void>([&](Connection& c) -> Result<void> {
        putMeta(c, kInStep, at);
        return {};
    });
    if (done) _parts->inStepAt = at;
    return done;
}

Result<void> Ledger::useRules(const consent::StateRules& rules) {
    Parts& parts = *_parts;
    if (rulesText(parts.rulesNow()) == rulesText(rules)) return {};
    Assembler& assembler = parts.recorder.assembler();
    std::optional<consent::StateRules> before;
    auto done = parts.database->write<void>(
        [&](Connection& c) -> Result<void> {
            before = assembler.rules();
            assembler.setRules(rules);
            parts.recorder.rebuild(c, true);
            putMeta(c, kRules, rulesText(rules));
            return {};
        },
        // What is not on the disk is not in force, also where only the commit failed.
        [&] {
            if (before) assembler.setRules(std::move(*before));
        });
    if (!done) return done;
    const std::unique_lock lock(parts.rulesMutex);
    parts.rules = rules;
    return done;
}

// ---------------------------------------------------------------- the device

const OriginId& Ledger::origin() const noexcept {
    return _parts->options.origin;
}
Outbox& Ledger::outbox() noexcept {
    return _parts->outbox;
}
Operators& Ledger::operators() noexcept {
    return _parts->operators;
}

Result<std::string> Ledger::setting(std::string_view name) const {
    const std::string key = std::string(kSetting).append(name);
    return _parts->database->read<std::string>([&](Connection& c) -> Result<std::string> {
        Query query = c.query("meta-get");
        query.bindText(1, key);
        if (!query.step()) return fail(Code::notFound, "no such setting", std::string(name));
        return query.text(0);
    });
}

Result<void> Ledger::putSetting(std::string_view name, std::string_view value) {
    if (value.size() > kSettingMaxBytes || name.size() > limits::kTokenMaxChars) {
        return fail(Code::tooLarge, "a setting over its limit");
    }
    const std::string key = std::string(kSetting).append(name);
    return _parts->database->write<void>([&](Connection& c) -> Result<void> {
        putMeta(c, key, value);
        return {};
    });
}

Result<void> Ledger::audit(std::string_view who, std::string_view action, std::string_view about) {
    const TimeMs now = _parts->clock.now().at;
    return _parts->database->write<void>([&](Connection& c) -> Result<void> {
        addAudit(c, now, who, action, about);
        return {};
    });
}

Result<Unattributed> Ledger::unattributed(std::size_t limit) const {
    return _parts->database->read<Unattributed>([&](Connection& c) -> Result<Unattributed> {
        Unattributed out;
        {
            Query first = c.query("unattributed-first");
            first.bind(1, limit);
            while (first.step()) {
                out.acts.push_back(first.id<EventId>(0));
                const auto row = peopleRow(c, first.integer(1));
                out.customers.push_back(row ? row->display : std::string());
            }
        }
        Query count = c.query("unattributed-count");
        if (count.step()) out.total = count.natural(0);
        return out;
    });
}

Result<void> Ledger::attribute(const EventId& act, std::string_view who) {
    const TimeMs now = _parts->clock.now().at;
    return _parts->database->write<void>([&](Connection& c) -> Result<void> {
        {
            Query open = c.query("unattributed-has");
            open.bind(1, act);
            if (!open.step()) return fail(Code::notFound, "this act has a name, or is not on file");
        }
        c.query("unattributed-drop").bind(1, act).run();
        addAudit(c, now, who, "attribute", act.text());
        return {};
    });
}

std::string Ledger::contactKey(std::string_view canonical) const {
    return hexOf(_parts->hasher.contact(canonical));
}
std::string Ledger::externalKey(std::string_view system, std::string_view value) const {
    return hexOf(_parts->hasher.external(system, value));
}
std::string Ledger::numberKey(std::string_view value) const {
    return hexOf(_parts->hasher.number(value));
}

} // namespace souffleur::ledger
