// The counter's reads.
#include <algorithm>
#include <iterator>
#include <map>
#include <unordered_set>

#include "plugin/crypto/Encoding.h"
#include "plugin/ledger/Parts.h"
#include "plugin/ledger/Rows.h"
#include "plugin/wire/Header.h"

namespace souffleur::ledger {
namespace {

constexpr int kFoundMax = 20;
constexpr std::size_t kEventsMax = 1000;

using consent::ContactFacts;
using consent::ContactStatus;
using consent::PersonFacts;

void addContacts(PersonFacts& facts, const std::vector<ContactRow>& rows) {
    for (const ContactRow& row : rows) {
        ContactFacts& channel = facts.contacts[row.channel];
        // Bounced only while nothing else on the channel works.
        const bool works = row.status != ContactStatus::bounced;
        channel.bounced = channel.present ? channel.bounced && !works : !works;
        channel.present = true;
        channel.verified |= row.status == ContactStatus::verified;
    }
}

using Address = std::pair<consent::Token, std::string>; // channel, key in hex

/// Which channels have no address but such as were only told: none that a mail confirmed, that
/// somebody brought from the box office, or of which nothing but a card is here.
void markWaiting(PersonFacts& facts, const std::vector<ContactRow>& rows,
                 const std::vector<consent::Event>& events) {
    std::map<Address, bool> told;
    for (const consent::Event& event : events) {
        const auto* contact = std::get_if<consent::Contact>(&event.body);
        if (contact != nullptr) {
            const auto at = told.try_emplace({contact->channel, contact->contactKey}, true).first;
            // An import is not sure of its time, to a day; a till that never knew its own is of
            // nothing.
            at->second =
                at->second && (event.unc < consent::kNotLiveUncMs || event.unc == kUncInfinite);
        }
    }
    for (const consent::Event& event : events) {
        const auto* mail = std::get_if<consent::Confirmed>(&event.body);
        if (mail != nullptr) {
            std::erase_if(told,
                          [&](const auto& each) { return each.first.second == mail->contactKey; });
        }
    }
    for (auto& entry : facts.contacts) {
        ContactFacts& held = entry.second;
        held.waits = !held.bounced && std::ranges::all_of(rows, [&](const ContactRow& row) {
            if (row.channel != entry.first || row.status == ContactStatus::bounced) return true;
            const auto word = told.find({row.channel, crypto::toHex(crypto::bytesOf(row.key))});
            return row.status == ContactStatus::unverified && word != told.end() && word->second;
        });
    }
}

/// Is there a permission on a channel none of whose addresses is known to be theirs?
bool mayWait(const PersonFacts& facts) {
    return std::ranges::any_of(facts.states, [&](const auto& entry) {
        const auto held = facts.contacts.find(entry.first.second);
        return consent::permits(entry.second.state) && held != facts.contacts.end() &&
               !held->second.verified && !held->second.bounced;
    });
}

void addStates(PersonFacts& facts, std::vector<StateRow>& rows, const consent::Policy& policy,
               const consent::StateRules& rules) {
    const consent::Token& controller = policy.controller.id;
    for (const consent::Purpose& purpose : policy.purposes) {
        for (const consent::Token& channel : purpose.channels) {
            const consent::Key key{controller, purpose.id, channel};
            if (const StateRow* row = coveredBy(rows, key, rules)) {
                facts.states.emplace(std::pair{purpose.id, channel}, row->view);
            }
        }
    }
    for (StateRow& row : rows) {
        if (row.key.controller != controller) continue;
        if (row.key.purpose.empty())
            facts.objected = true;
        else if (row.key.purpose != consent::kAny && row.key.channel != consent::kAny) {
            facts.states[{row.key.purpose, row.key.channel}] = std::move(row.view);
        }
    }
}

std::vector<consent::Event> personEvents(Connection& c, const std::vector<PeopleRow>& members) {
    std::vector<consent::Event> out;
    for (const PeopleRow& member : members) {
        for (StoredEvent& each : Assembler::eventsOf(c, member.num)) {
            out.push_back(std::move(each.event));
        }
    }
    return out;
}

EventView eventView(const Query& row, const OriginId& self) {
    // Columns: num, seq, header, payload.
    EventView out;
    out.header = row.text(2);
    auto header = wire::decodeHeader(out.header);
    if (!header) throw CorruptRow("a stored header cannot be read");
    out.event = std::move(header->event);
    out.event.position = row.natural(1);
    out.commitment = std::move(header->commitment);
    out.own = out.event.origin == self;
    out.payload = !row.isNull(3);
    return out;
}

/// The subject asked for speaks first, its linked ones fill the gaps.
template <typename T>
void take(T& into, const T& from, bool first) {
    if (first ? from != T{} : into == T{}) into = from;
}

void addMember(PersonView& out, const PeopleRow& member) {
    const bool first = member.subject == out.subject;
    out.subjects.push_back(member.subject);
    take(out.displayName, member.display, first);
    take(out.language, member.language, first);
    take(out.birthYear, member.birthYear, first);
    out.orders += member.orders;
    if (member.customerSince > 0 &&
        (out.customerSince == 0 || member.customerSince < out.customerSince)) {
        out.customerSince = member.customerSince;
    }
    out.restricted |= (member.flags & (flag::kRestricted | flag::kQuarantined)) != 0;
    out.minor |= (member.flags & flag::kMinor) != 0;
    out.erased &= (member.flags & flag::kErased) != 0;
}

void addContacts(PersonView& out, const std::vector<ContactRow>& rows) {
    for (const ContactRow& row : rows) {
        const ContactView view = viewOf(row);
        const bool known =
            std::any_of(out.contacts.begin(), out.contacts.end(), [&](const ContactView& other) {
                return other.channel == view.channel && other.key == view.key;
            });
        if (!known) out.contacts.push_back(view);
    }
}

tl::unexpected<Error> nobody() {
    return fail(Code::notFound, "nobody has this id here");
}

} // namespace

ContactView viewOf(const ContactRow& row) {
    return {row.channel, row.masked, crypto::toHex(crypto::bytesOf(row.key)), row.status};
}

Result<PersonFacts> Ledger::personFacts(const SubjectId& subject,
                                        const consent::Policy& policy) const {
    const Parts& parts = *_parts;
    return parts.database->read<PersonFacts>([&](Connection& c) -> Result<PersonFacts> {
        PersonFacts facts;
        facts.asOf = parts.inStepAt;
        const auto row = peopleRow(c, subject);
        if (!row) return facts;
        const std::vector<PeopleRow> members = membersOf(c, *row);
        std::vector<ContactRow> contacts;
        for (const PeopleRow& member : members) {
            facts.known |= (member.flags & flag::kKnown) != 0;
            facts.minor |= (member.flags & flag::kMinor) != 0;
            // A negative that nobody could read: not to be asked, not to be written to.
            facts.restricted |= (member.flags & (flag::kRestricted | flag::kQuarantined)) != 0;
            facts.orders += member.orders;
            if (facts.language.empty()) facts.language = member.language;
            if (member.customerSince > 0 &&
                (facts.customerSince == 0 || member.customerSince < facts.customerSince)) {
                facts.customerSince = member.customerSince;
            }
            std::ranges::move(readContacts(c, parts.database->words(), member.num),
                              std::back_inserter(contacts));
        }
        addContacts(facts, contacts);
        auto states = readStates(c, parts.database->words(), row->person);
        {
            const std::shared_lock lock(parts.rulesMutex);
            addStates(facts, states, policy, parts.rules);
        }
        // Only a yes asks for it, and most addresses are known: the events are seldom read.
        if (mayWait(facts)) markWaiting(facts, contacts, personEvents(c, members));
        return facts;
    });
}

Result<std::vector<SubjectId>> Ledger::findExternal(std::string_view system,
                                                    std::string_view value) const {
    const crypto::Hash key = _parts->hasher.external(system, value);
    return _parts->database->read<std::vector<SubjectId>>(
        [&](Connection& c) -> Result<std::vector<SubjectId>> {
            std::vector<SubjectId> out;
            Query query = c.query("external-by-key");
            query.bind(1, key).bind(2, kFoundMax);
            while (query.step()) out.push_back(query.id<SubjectId>(1));
            return out;
        });
}

Result<std::vector<SubjectId>> Ledger::findContact(std::string_view canonical) const {
    const crypto::Hash key = _parts->hasher.contact(canonical);
    return _parts->database->read<std::vector<SubjectId>>(
        [&](Connection& c) -> Result<std::vector<SubjectId>> {
            std::vector<std::int64_t> nums;
            {
                Query query = c.query("contacts-by-key");
                query.bind(1, key).bind(2, kFoundMax);
                while (query.step()) nums.push_back(query.integer(0));
            }
            std::vector<SubjectId> out;
            for (const std::int64_t num : nums) {
                if (const auto row = peopleRow(c, num)) out.push_back(row->subject);
            }
            return out;
        });
}

Result<PersonView> Ledger::person(const SubjectId& subject) const {
    const Parts& parts = *_parts;
    return parts.database->read<PersonView>([&](Connection& c) -> Result<PersonView> {
        const auto row = peopleRow(c, subject);
        if (!row) return nobody();
        PersonView out;
        out.subject = subject;
        out.asOf = parts.inStepAt;
        out.erased = true;
        for (const PeopleRow& member : membersOf(c, *row)) {
            addMember(out, member);
            addContacts(out, readContacts(c, parts.database->words(), member.num));
        }
        std::sort(out.subjects.begin(), out.subjects.end());
        return out;
    });
}

Result<wire::PersonData> Ledger::record(const SubjectId& subject) const {
    return _parts->database->read<wire::PersonData>([&](Connection& c) -> Result<wire::PersonData> {
        const auto row = peopleRow(c, subject);
        if (!row) return nobody();
        std::vector<StoredEvent> events;
        for (const PeopleRow& member : membersOf(c, *row)) {
            for (StoredEvent& each : Assembler::eventsOf(c, member.num)) {
                events.push_back(std::move(each));
            }
        }
        return Projector::merged(events);
    });
}

Result<std::vector<EventView>> Ledger::events(const SubjectId& subject, std::size_t limit) const {
    if (limit < 1 || limit > kEventsMax) return fail(Code::invalid, "limit out of range", "limit");
    return _parts->database->read<std::vector<EventView>>(
        [&](Connection& c) -> Result<std::vector<EventView>> {
            const auto row = peopleRow(c, subject);
            if (!row) return nobody();
            std::vector<EventView> out;
            for (const PeopleRow& member : membersOf(c, *row)) {
                Query query = c.query("events-of-subject");
                query.bind(1, member.num);
                while (query.step()) out.push_back(eventView(query, _parts->options.origin));
            }
            std::sort(out.begin(), out.end(), [](const EventView& a, const EventView& b) {
                return std::tie(a.event.at, a.event.id) > std::tie(b.event.at, b.event.id);
            });
            if (out.size() > limit) out.resize(limit);
            return out;
        });
}

Result<EventView> Ledger::event(const EventId& id) const {
    return _parts->database->read<EventView>([&](Connection& c) -> Result<EventView> {
        Query query = c.query("event-by-id");
        query.bind(1, id);
        if (!query.step()) return fail(Code::notFound, "no such event here");
        return eventView(query, _parts->options.origin);
    });
}

Result<SlipHolder> Ledger::findSlip(std::string_view handleHashHex) const {
    constexpr std::size_t kSha256HexChars = 64;
    const bool hex = handleHashHex.find_first_not_of("0123456789abcdef") == std::string_view::npos;
    if (handleHashHex.size() != kSha256HexChars || !hex)
        return fail(Code::invalid, "not the hash of a slip's handle");
    return _parts->database->read<SlipHolder>([&](Connection& c) -> Result<SlipHolder> {
        const auto slip = Assembler::slip(c, handleHashHex);
        const auto row = slip ? peopleRow(c, slip->subject) : std::nullopt;
        if (!row) return fail(Code::notFound, "no act on file here has this slip");
        return SlipHolder{row->subject, slip->takenBack};
    });
}

Result<std::vector<EventId>> Ledger::negatives(const SubjectId& subject,
                                               std::span<const consent::Key> keys) const {
    const Parts& parts = *_parts;
    return parts.database->read<std::vector<EventId>>(
        [&](Connection& c) -> Result<std::vector<EventId>> {
            std::vector<EventId> out;
            const auto row = peopleRow(c, subject);
            if (!row) return out;
            const std::vector<PeopleRow> members = membersOf(c, *row);
            std::set<SubjectId> ids;
            std::vector<Member> numbered;
            for (const PeopleRow& member : members) {
                ids.insert(member.subject);
                numbered.push_back({member.subject, member.num});
            }
            std::vector<consent::Event> events = personEvents(c, members);
            Assembler::addCopied(c, numbered, events);
            // Which negatives bear on a key does not depend on clocks.
            const consent::Clocks clocks;
            const consent::History history(events, ids, clocks, parts.rulesNow());
            std::unordered_set<EventId, UuidHash> seen;
            for (const consent::Key& key : keys) {
                for (const EventId& id : history.negatives(key)) {
                    if (out.size() < limits::kSeenMax && seen.insert(id).second) {
                        out.push_back(id);
                    }
                }
            }
            return out;
        });
}

Result<SearchResult> Ledger::search(std::string_view text, std::size_t limit) const {
    if (limit < 1 || limit > kSearchLimitMax) {
        return fail(Code::invalid, "limit out of range", "limit");
    }
    return _parts->search.find(text, limit);
}

Result<void> Ledger::warmUp() const {
    return _parts->search.warmUp();
}

Result<bool> Ledger::suppressed(std::string_view contactKeyHex) const {
    const auto key = crypto::fromHex(contactKeyHex);
    if (!key) return passOn(key);
    return _parts->database->read<bool>([&](Connection& c) -> Result<bool> {
        Query query = c.query("suppression-get");
        query.bindBlob(1, *key);
        return query.step();
    });
}

} // namespace souffleur::ledger
