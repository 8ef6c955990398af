// Reading: pages of events for tills, people for the console, proof for auditors.
#include <algorithm>
#include <cctype>
#include <charconv>

#include "plugin/contact/Email.h"
#include "plugin/contact/Mask.h"
#include "plugin/contact/Phone.h"
#include "plugin/crypto/Encoding.h"
#include "sync/store/Projection.h"
#include "sync/store/SqlStore.h"

namespace souffleur::store {
namespace {

constexpr std::size_t kPullMax = 5000;
/// Of headers in a page: with its cards it stays well under what a till takes (16 MiB).
constexpr std::size_t kPullBytes = 4 * 1024 * 1024;
constexpr std::size_t kPeopleMax = 500;
/// Advance copies in a page.
constexpr std::size_t kUrgentMax = 200;

/// What a till sees of an address that it did not take itself.
std::string maskTyped(const std::string& channel, const std::string& typed) {
    if (channel == "email") {
        const auto email = contact::Email::parse(typed);
        return email ? contact::mask(*email) : std::string();
    }
    if (channel == "post") return typed.empty() ? std::string() : contact::maskPostal(typed);
    const auto phone = contact::Phone::parse(typed, {});
    return phone ? contact::mask(*phone) : std::string();
}

/// A number as people type it, whatever the system: letters and digits only, lower case.
std::string plainNumber(const std::string& value) {
    std::string out;
    for (const char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x80 || std::isalnum(byte) != 0)
            out += static_cast<char>(byte < 0x80 ? std::tolower(byte) : byte);
    }
    return out;
}

ContactRow contactFrom(Query& row) {
    return {row.text(0), row.text(2), crypto::toHex(row.bytes(1)), row.text(3)};
}

/// "id@version#hash@language", as it stands in the states table.
consent::NoticeRef noticeFrom(const std::string& text) {
    consent::NoticeRef ref;
    const std::size_t version = text.find('@');
    const std::size_t hash = text.find('#');
    const std::size_t language = text.rfind('@');
    if (version == std::string::npos || hash == std::string::npos || language <= hash) return ref;
    ref.id = text.substr(0, version);
    std::from_chars(text.data() + version + 1, text.data() + hash, ref.version);
    ref.sha256 = text.substr(hash + 1, language - hash - 1);
    ref.language = text.substr(language + 1);
    return ref;
}

/// The next part of `text` up to `end`, which is passed over.
std::string_view takePart(std::string_view& text, char end) {
    const std::size_t at = std::min(text.find(end), text.size());
    const std::string_view part = text.substr(0, at);
    text.remove_prefix(std::min(at + 1, text.size()));
    return part;
}

TimeMs numberFrom(std::string_view text) {
    TimeMs value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

/// Projection's fallbacksText, read back.
void readFallbacks(std::string_view text, consent::StateView& view) {
    for (consent::Fallback& one : view.fallbacks) {
        std::string_view part = takePart(text, ';');
        if (part.empty()) return;
        one.state = consent::stateFrom(takePart(part, ',')).value_or(consent::State::unknown);
        one.method = consent::methodFrom(takePart(part, ',')).value_or(consent::Method::import);
        one.because = EventId::parse(takePart(part, ',')).value_or(EventId{});
        one.at = numberFrom(takePart(part, ','));
        one.validUntil = numberFrom(part);
    }
}

StateRow stateFrom(Query& row, const consent::Token& controller, int first) {
    StateRow out;
    out.key = {controller, row.text(first), row.text(first + 1)};
    out.view.state = consent::stateFrom(row.text(first + 2)).value_or(consent::State::objected);
    out.view.because = EventId{row.uuid(first + 3)};
    out.view.at = row.number(first + 4);
    out.view.place = row.text(first + 5);
    out.view.method = consent::methodFrom(row.text(first + 6)).value_or(consent::Method::import);
    out.view.basis = consent::basisFrom(row.text(first + 7)).value_or(consent::Basis::consent);
    out.view.validUntil = row.number(first + 8);
    out.view.pending = row.number(first + 9) != 0;
    out.view.notice = noticeFrom(row.text(first + 10));
    out.view.deferredAt = row.number(first + 11);
    readFallbacks(row.text(first + 12), out.view);
    return out;
}

ProofRow proofFrom(Query& row) {
    return {EventId{row.uuid(0)},
            OriginId{row.uuid(1)},
            static_cast<std::uint64_t>(row.number(2)),
            static_cast<std::size_t>(row.number(3)),
            static_cast<std::uint64_t>(row.number(4)),
            row.text(5),
            std::string(row.bytes(6)),
            row.hash(7),
            row.number(8)};
}

} // namespace

std::string Cursor::text() const {
    std::string out;
    for (std::size_t shard = 0; shard < kShards; ++shard) {
        if (shard > 0) out += '.';
        if (position[shard] > 0) out += std::to_string(position[shard]);
    }
    if (urgent > 0 || line > 0) out += "." + std::to_string(urgent);
    if (line > 0) out += "." + std::to_string(line);
    return out;
}

Result<Cursor> Cursor::parse(std::string_view text) {
    Cursor cursor;
    if (text.empty()) return cursor;
    // The 65th number, of what goes beside the log, and the 66th, the line, may be left out.
    const auto points = static_cast<std::size_t>(std::count(text.begin(), text.end(), '.'));
    if (points + 1 < kShards || points > kShards + 1)
        return fail(Code::invalid, "not a cursor of this hub");
    for (std::size_t i = 0; i <= points; ++i) {
        std::uint64_t& number = i < kShards    ? cursor.position[i]
                                : i == kShards ? cursor.urgent
                                               : cursor.line;
        const std::size_t end = std::min(text.find('.'), text.size());
        if (end > 0) {
            const auto [at, error] = std::from_chars(text.data(), text.data() + end, number);
            if (error != std::errc{} || at != text.data() + end || number > INT64_MAX)
                return fail(Code::invalid, "not a cursor of this hub");
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return cursor;
}

Cursor SqlStore::shardHeads() const {
    Cursor heads;
    for (Query row = query("shard-list"); row.step();) {
        heads.position[static_cast<std::size_t>(row.number(0)) % kShards] =
            static_cast<std::uint64_t>(row.number(1));
    }
    return heads;
}

Result<PullPage> SqlStore::pull(const Cursor& from, std::size_t limit,
                                const OriginId& reader) const {
    return guarded([&]() -> Result<PullPage> {
        PullPage page;
        page.next = from;
        limit = std::clamp<std::size_t>(limit, 1, kPullMax);
        const Cursor heads = shardHeads();
        std::set<SubjectId> subjects;
        addUrgent(page, subjects, limit, reader);
        std::size_t bytes = 0;
        bool full = false;
        for (std::size_t shard = 0; shard < kShards && !full; ++shard) {
            if (page.next.position[shard] >= heads.position[shard]) continue;
            const std::size_t room = limit - page.events.size();
            std::size_t got = 0;
            Query row = query("events-after");
            row.with(static_cast<std::uint64_t>(shard), from.position[shard], reader,
                     static_cast<std::uint64_t>(room + 1));
            while (row.step()) {
                bytes += row.bytes(4).size();
                if (++got > room || (bytes > kPullBytes && !page.events.empty())) {
                    full = true;
                    break;
                }
                Outgoing event;
                event.shard = shard;
                event.position = static_cast<std::uint64_t>(row.number(0));
                event.origin = OriginId{row.uuid(1)};
                event.seq = static_cast<std::uint64_t>(row.number(2));
                event.subject = SubjectId{row.uuid(3)};
                event.header = std::string(row.bytes(4));
                page.next.position[shard] = event.position;
                subjects.insert(event.subject);
                page.events.push_back(std::move(event));
            }
            // A shard read to its end also passes the reader's own events.
            if (!full) page.next.position[shard] = heads.position[shard];
        }
        page.more = page.more || full;
        for (const SubjectId& subject : subjects) {
            if (auto card = cardOf(subject)) page.cards.push_back(std::move(*card));
        }
        return page;
    });
}

/// What goes beside the log: at most half of a page, so that the log always moves on too.
void SqlStore::addUrgent(PullPage& page, std::set<SubjectId>& subjects, std::size_t limit,
                         const OriginId& reader) const {
    const std::size_t room = std::min<std::size_t>((limit + 1) / 2, kUrgentMax);
    Query row = query("urgent-after");
    row.with(page.next.urgent, static_cast<std::uint64_t>(room + 1));
    std::size_t bytes = 0;
    for (std::size_t got = 0; row.step(); ++got) {
        bytes += row.bytes(6).size();
        if (got == room || (got > 0 && bytes > kPullBytes / 2)) {
            page.more = true;
            return;
        }
        page.next.urgent = static_cast<std::uint64_t>(row.number(0));
        const SubjectId subject{row.uuid(1)};
        subjects.insert(subject);
        const OriginId origin{row.uuid(2)};
        if (origin.none() || origin == reader) continue;
        Outgoing event;
        event.shard = static_cast<std::size_t>(row.number(4));
        event.position = static_cast<std::uint64_t>(row.number(5));
        event.origin = origin;
        event.seq = static_cast<std::uint64_t>(row.number(3));
        event.subject = subject;
        event.header = std::string(row.bytes(6));
        page.events.push_back(std::move(event));
    }
}

std::optional<wire::Card> SqlStore::cardOf(const SubjectId& subject) const {
    wire::Card card;
    card.subject = subject;
    {
        Query row = query("subject-get");
        if (!row.with(subject).step()) return std::nullopt;
        card.version = static_cast<std::uint64_t>(row.number(8));
        card.erased = row.number(5) != 0 && row.text(2).empty();
        if (card.erased) return card;
        card.erasedTo = row.number(5);
        card.displayName = row.text(2);
        card.language = row.text(3);
        card.minor = row.number(10) != 0;
        card.restricted = row.number(4) != 0 || query("quarantined-negatives").with(subject).step();
        card.orders = static_cast<int>(row.number(6));
        card.customerSince = row.number(7);
    }
    Query contacts = query("contacts-of");
    for (contacts.with(subject); contacts.step();) {
        const std::string channel = contacts.text(0);
        card.contacts.push_back({channel, maskTyped(channel, contacts.text(2)),
                                 crypto::toHex(contacts.bytes(1)),
                                 contactStatusFrom(contacts.text(3))});
    }
    Query externals = query("externals-of");
    for (externals.with(subject); externals.step();) {
        for (const std::string& key : {"ext:" + externals.text(0) + ":" + externals.text(1),
                                       "num:" + plainNumber(externals.text(1))}) {
            card.externalKeys.push_back(crypto::toHex(crypto::bytesOf(contactHashOf(_keys, key))));
        }
    }
    return card;
}

PersonRow SqlStore::personRow(const SubjectId& person) const {
    PersonRow out;
    out.person = person;
    {
        Query row = query("subjects-of-person");
        TimeMs named = -1;
        for (row.with(person); row.step();) {
            out.members.push_back(SubjectId{row.uuid(0)});
            out.restricted = out.restricted || row.number(4) != 0;
            out.changedAt = std::max<TimeMs>(out.changedAt, row.number(8));
            if (!row.text(2).empty() && row.number(9) > named) {
                named = row.number(9);
                out.display = row.text(2);
            }
            if (out.language.empty()) out.language = row.text(3);
        }
    }
    out.subjects = out.members.size();
    for (const SubjectId& subject : out.members) {
        Query row = query("contacts-of");
        for (row.with(subject); row.step();) {
            ContactRow contact = contactFrom(row);
            const auto known =
                std::find_if(out.contacts.begin(), out.contacts.end(), [&](const ContactRow& c) {
                    return c.channel == contact.channel && c.key == contact.key;
                });
            if (known == out.contacts.end()) {
                out.contacts.push_back(std::move(contact));
            } else if (contactStatusFrom(contact.status) == consent::ContactStatus::bounced) {
                known->status = contact.status; // for mail it bounces, whoever's record says so
            }
        }
    }
    Query row = query("states-of");
    for (row.with(person); row.step();) out.states.push_back(stateFrom(row, row.text(0), 1));
    return out;
}

Result<std::vector<PersonRow>> SqlStore::people(const PeopleQuery& wanted) const {
    return guarded([&]() -> Result<std::vector<PersonRow>> {
        const std::size_t limit = std::clamp<std::size_t>(wanted.limit, 1, kPeopleMax);
        std::vector<PersonRow> out;
        const bool any = wanted.state.empty();
        const auto keep = [&](const std::vector<SubjectId>& found) {
            for (const SubjectId& person : found) {
                const bool fits = any || query("has-state").with(person, wanted.state).step();
                if (fits && out.size() < limit) out.push_back(personRow(person));
            }
        };
        if (wanted.near) {
            keep(candidatesNear(wanted));
            return out;
        }
        if (const auto found = candidatesByNumber(wanted, limit); !found.empty()) {
            keep(found);
            return out;
        }
        SubjectId after = wanted.after;
        // Candidates come from the most telling index; the other conditions are checked one by one.
        for (bool exhausted = false; out.size() < limit && !exhausted;) {
            const std::vector<SubjectId> candidates = candidatesAfter(wanted, after, limit);
            exhausted = candidates.size() < limit;
            for (const SubjectId& person : candidates) {
                after = person;
                if (out.size() < limit && matches(wanted, person)) out.push_back(personRow(person));
            }
        }
        return out;
    });
}

std::vector<SubjectId> SqlStore::candidatesAfter(const PeopleQuery& wanted, const SubjectId& after,
                                                 std::size_t limit) const {
    std::vector<SubjectId> found;
    const auto take = [&](Query& row) {
        while (row.step()) found.push_back(SubjectId{row.uuid(0)});
    };
    const auto count = static_cast<std::uint64_t>(limit);
    const std::vector<std::string> words = telling(_folder.tokens(wanted.text));
    if (wanted.text.find('@') != std::string::npos) {
        const auto email = contact::Email::parse(wanted.text);
        if (!email) return found;
        Query row = query("people-by-contact");
        take(row.with(contactHashOf(_keys, email->canonicalKey()), after, count));
    } else if (!words.empty()) {
        const auto longest =
            std::max_element(words.begin(), words.end(),
                             [](const auto& a, const auto& b) { return a.size() < b.size(); });
        Query row = query("people-by-token");
        take(row.with(*longest, prefixEnd(*longest), after, count));
    } else if (!wanted.state.empty()) {
        Query row = query("people-in-state");
        take(row.with(wanted.state, after, count));
    } else {
        Query row = query("people-all");
        take(row.with(after, count));
    }
    return found;
}

bool SqlStore::matches(const PeopleQuery& wanted, const SubjectId& person) const {
    if (!wanted.state.empty() && !query("has-state").with(person, wanted.state).step())
        return false;
    if (wanted.text.find('@') != std::string::npos) return true;
    return isNamed(person, _folder.tokens(wanted.text));
}

Result<PersonRow> SqlStore::person(const SubjectId& subject) const {
    return guarded([&]() -> Result<PersonRow> {
        Query row = query("subject-get");
        if (!row.with(subject).step()) return fail(Code::notFound, "no such person");
        return personRow(SubjectId{row.uuid(1)});
    });
}

Result<std::vector<ProofRow>> SqlStore::proof(const SubjectId& subject) const {
    return guarded([&]() -> Result<std::vector<ProofRow>> {
        std::vector<SubjectId> subjects;
        {
            Query row = query("subject-get");
            if (!row.with(subject).step()) return fail(Code::notFound, "no such person");
            const SubjectId person{row.uuid(1)};
            Query all = query("subjects-of-person");
            for (all.with(person); all.step();) subjects.push_back(SubjectId{all.uuid(0)});
        }
        std::vector<ProofRow> out;
        for (const SubjectId& one : subjects) {
            Query row = query("proof-of");
            for (row.with(one); row.step();) out.push_back(proofFrom(row));
        }
        return out;
    });
}

Result<ProofRow> SqlStore::event(const EventId& id) const {
    return guarded([&]() -> Result<ProofRow> {
        Query row = query("proof-by-id");
        if (!row.with(id).step()) return fail(Code::notFound, "no such event");
        return proofFrom(row);
    });
}

Result<SlipAct> SqlStore::actBySlip(const crypto::Handle& code) const {
    return guarded([&]() -> Result<SlipAct> {
        const std::string hash = crypto::toHex(crypto::bytesOf(crypto::handleHash(code)));
        Query row = query("event-by-slip");
        if (!row.with(Blob{hash}).step()) return fail(Code::notFound, "no slip carries this code");
        return SlipAct{EventId{row.uuid(0)}, SubjectId{row.uuid(1)}};
    });
}

Result<std::vector<SubjectId>> SqlStore::byExternalId(const std::string& system,
                                                      const std::string& value) const {
    return guarded([&]() -> Result<std::vector<SubjectId>> {
        std::vector<SubjectId> out;
        Query row = query("external-find");
        for (row.with(system, value); row.step();) out.push_back(SubjectId{row.uuid(0)});
        return out;
    });
}

Result<std::vector<SubjectId>> SqlStore::byContactKey(const std::string& key) const {
    return guarded([&]() -> Result<std::vector<SubjectId>> {
        const auto bytes = crypto::fromHex(key);
        if (!bytes) return fail(Code::invalid, "not a contact key");
        std::vector<SubjectId> out;
        Query row = query("contact-find");
        for (row.with(Blob{*bytes}); row.step();) out.push_back(SubjectId{row.uuid(0)});
        return out;
    });
}

Result<bool> SqlStore::suppressed(const std::string& key) const {
    return guarded([&]() -> Result<bool> {
        const auto bytes = crypto::fromHex(key);
        if (!bytes) return fail(Code::invalid, "not a contact key");
        return query("suppressed").with(Blob{*bytes}).step();
    });
}

std::string contactKey(const StoreKeys& keys, std::string_view canonicalKey) {
    return crypto::toHex(crypto::bytesOf(contactHashOf(keys, canonicalKey)));
}

Result<Counts> SqlStore::counts(TimeMs now) const {
    return guarded([&]() -> Result<Counts> {
        Counts out;
        Query events = query("count-events");
        events.step();
        out.events = static_cast<std::uint64_t>(events.number(0));
        Query subjects = query("count-subjects");
        subjects.step();
        out.subjects = static_cast<std::uint64_t>(subjects.number(0));
        out.persons = static_cast<std::uint64_t>(subjects.number(1));
        Query quarantine = query("count-quarantine");
        quarantine.step();
        out.quarantined = static_cast<std::uint64_t>(quarantine.number(0));
        Query flagged = query("count-flagged");
        flagged.step();
        out.flagged = static_cast<std::uint64_t>(flagged.number(0));
        out.forgetting = !_forgetting.empty();
        Query permitted = query("count-permitted");
        permitted.with(now).step();
        out.permitted = static_cast<std::uint64_t>(permitted.number(0));
        Query dated = query("count-dated");
        dated.with(now).step();
        out.undated = out.permitted - static_cast<std::uint64_t>(dated.number(0));
        Query states = query("count-states");
        while (states.step())
            out.states.emplace_back(states.text(0), static_cast<std::uint64_t>(states.number(1)));
        return out;
    });
}

} // namespace souffleur::store
