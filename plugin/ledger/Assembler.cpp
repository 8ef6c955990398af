#include "plugin/ledger/Assembler.h"

#include <algorithm>

#include "plugin/consent/TakenBack.h"
#include "plugin/ledger/Rows.h"

namespace souffleur::ledger {
namespace {

/// So many events a person has, or fewer: one allocation for most.
constexpr std::size_t kMostly = 8;

std::optional<wire::Card> cardOf(Connection& c, std::int64_t subject) {
    Query query = c.query("card-get");
    query.bind(1, subject);
    if (!query.step()) return std::nullopt;
    auto card = wire::decodeCard(query.bytes(1));
    if (!card) throw CorruptRow("a stored card cannot be read");
    return *std::move(card);
}

/// The unlinks between the members and others: an unlink is an event of one of its two sides.
void addUnlinks(Connection& c, std::span<const Member> members,
                std::vector<consent::Event>& events) {
    std::set<std::int64_t> nums;
    for (const Member& member : members) {
        Query links = c.query("links-of");
        links.bind(1, member.num);
        while (links.step()) nums.insert(links.integer(0));
    }
    for (const std::int64_t num : nums) {
        Query query = c.query("event-by-num");
        query.bind(1, num);
        if (!query.step()) continue;
        consent::Event event = storedEvent(query).event;
        const bool held = std::ranges::any_of(
            events, [&](const consent::Event& other) { return other.id == event.id; });
        if (!held && std::holds_alternative<consent::Unlink>(event.body))
            events.push_back(std::move(event));
    }
}

} // namespace

std::optional<Assembler::Slip> Assembler::slip(Connection& c, std::string_view handleHashHex) {
    Slip out;
    EventId act;
    {
        Query query = c.query("slip-get");
        query.bindBlob(1, handleHashHex);
        if (!query.step()) return std::nullopt;
        out.subject = query.integer(0);
        act = query.id<EventId>(1);
    }
    std::vector<consent::Event> events;
    for (StoredEvent& each : eventsOf(c, out.subject)) events.push_back(std::move(each.event));
    out.takenBack = consent::takenBack(act, events);
    return out;
}

void Assembler::addCopied(Connection& c, std::span<const Member> members,
                          std::vector<consent::Event>& events) {
    addUnlinks(c, members, events);
    std::set<SubjectId> ids;
    for (const Member& member : members) ids.insert(member.id);
    std::set<EventId> wanted;
    std::set<EventId> present;
    for (const consent::Event& event : events) {
        present.insert(event.id);
        const auto* unlink = std::get_if<consent::Unlink>(&event.body);
        if (unlink != nullptr && (ids.contains(event.subject) || ids.contains(unlink->other))) {
            wanted.insert(unlink->copied.begin(), unlink->copied.end());
        }
    }
    for (const EventId id : wanted) {
        if (present.contains(id)) continue;
        Query found = c.query("event-by-id");
        found.bind(1, id);
        if (!found.step()) continue;
        // Columns: num, seq, header, payload.
        events.push_back(storedEvent(found).event);
        // A copied act may have been undone by its own origin: its subject's retracts matter too.
        const SubjectId subject = events.back().subject;
        if (const auto row = peopleRow(c, subject)) {
            for (StoredEvent& each : Assembler::eventsOf(c, row->num)) {
                if (std::holds_alternative<consent::Retract>(each.event.body)) {
                    events.push_back(std::move(each.event));
                }
            }
        }
    }
}

std::vector<StoredEvent> Assembler::eventsOf(Connection& c, std::int64_t subject,
                                             const KnownEvents& known) {
    std::vector<StoredEvent> out;
    out.reserve(kMostly);
    Query query = c.query("events-of-subject");
    query.bind(1, subject);
    while (query.step()) {
        const auto found = known.find(query.integer(0));
        if (found == known.end())
            out.push_back(storedEvent(query));
        else
            out.push_back({found->first, found->second, query.text(3)});
    }
    return out;
}

/// What was said under a former id of this device stands under its present one, in the same order:
/// so does what was judged of it.
void Assembler::addClock(Connection& c, const consent::ClockJudgement& judgement) {
    _clocks.add(judgement);
    Query now = c.query("former-now");
    now.bind(1, judgement.about)
        .bind(2, rowNumber(judgement.from))
        .bind(3, rowNumber(judgement.to));
    while (now.step()) {
        consent::ClockJudgement same = judgement;
        same.about = now.id<OriginId>(0);
        same.from = now.natural(1);
        same.to = now.natural(2);
        if (same.about != judgement.about) _clocks.add(same);
    }
}

void Assembler::loadClocks(Connection& c) {
    _clocks = {};
    Query query = c.query("events-of-clock");
    while (query.step()) {
        const StoredEvent stored = storedEvent(query);
        if (const auto* clock = std::get_if<consent::ClockJudgement>(&stored.event.body)) {
            addClock(c, *clock);
        }
    }
}

Assembler::Component Assembler::componentOf(Connection& c, const Member& seed) {
    Component out;
    out.members.insert(seed);
    std::set<std::int64_t> eventNums;
    std::vector<std::int64_t> open{seed.num};
    std::set<std::int64_t> seen{seed.num};
    while (!open.empty()) {
        const std::int64_t next = open.back();
        open.pop_back();
        std::vector<std::int64_t> neighbours;
        {
            Query links = c.query("links-of");
            links.bind(1, next);
            while (links.step()) {
                eventNums.insert(links.integer(0));
                neighbours.push_back(links.integer(1) == next ? links.integer(2)
                                                              : links.integer(1));
            }
        }
        for (const std::int64_t neighbour : neighbours) {
            if (!seen.insert(neighbour).second) continue;
            const auto row = peopleRow(c, neighbour);
            if (!row) throw CorruptRow("a link leads to nobody");
            out.members.insert({row->subject, row->num});
            open.push_back(neighbour);
        }
    }
    for (const std::int64_t num : eventNums) {
        Query query = c.query("event-by-num");
        query.bind(1, num);
        if (query.step()) out.linkEvents.push_back(storedEvent(query).event);
    }
    return out;
}

PersonRows Assembler::person(Connection& c, std::vector<Member> members, bool people,
                             const KnownEvents& known, bool fresh, bool linked) {
    PersonRows out;
    out.members = std::move(members);
    std::vector<consent::Event> events;
    std::set<SubjectId> ids;
    for (const Member& member : out.members) {
        ids.insert(member.id);
        std::vector<StoredEvent> stored = eventsOf(c, member.num, known);
        if (people) {
            SubjectInput input;
            input.events = stored;
            input.clocks = &_clocks;
            if (!fresh) {
                input.card = cardOf(c, member.num);
                const auto row = peopleRow(c, member.num);
                input.quarantined = row && (row->flags & flag::kQuarantined) != 0;
            }
            out.subjects.push_back(_projector.subject(input));
        }
        events.reserve(events.size() + stored.size());
        for (StoredEvent& each : stored) events.push_back(std::move(each.event));
    }
    if (linked) addCopied(c, out.members, events);
    out.states = statesOf(events, ids, _clocks, _rules);
    return out;
}

std::vector<PersonRows> Assembler::assemble(Connection& c, const Member& seed, bool people,
                                            const KnownEvents& known, bool fresh) {
    if (fresh) return {person(c, {seed}, people, known, true, false)};
    const Component component = componentOf(c, seed);
    if (component.members.size() == 1) return {person(c, {seed}, people, known, false, false)};
    std::vector<PersonRows> out;
    std::set<Member> left = component.members;
    while (!left.empty()) {
        const std::set<SubjectId> ids = consent::linkedWith(left.begin()->id, component.linkEvents);
        std::vector<Member> members;
        for (auto it = left.begin(); it != left.end();) {
            if (ids.contains(it->id)) {
                members.push_back(*it);
                it = left.erase(it);
            } else {
                ++it;
            }
        }
        out.push_back(person(c, std::move(members), people, known, false, true));
    }
    return out;
}

} // namespace souffleur::ledger
