#include "plugin/ledger/Recorder.h"

#include <algorithm>

#include "plugin/ledger/Rows.h"

namespace souffleur::ledger {
namespace {

constexpr int kRebuildPage = 1000;

/// Does an event of this kind change more than states?
bool changesPeople(const consent::Body& body) {
    return !std::holds_alternative<consent::Act>(body) &&
           !std::holds_alternative<consent::Confirmed>(body) &&
           !std::holds_alternative<consent::Retract>(body);
}

std::int64_t newSubject(Connection& c, const SubjectId& id, std::int64_t flags) {
    std::int64_t num = 0;
    {
        Query last = c.query("subject-last");
        if (last.step()) num = last.integer(0) + 1;
    }
    c.query("subject-add").bind(1, num).bind(2, id).bind(3, flags).run();
    return num;
}

} // namespace

std::int64_t Recorder::subject(Connection& c, const SubjectId& id, std::int64_t flags) {
    {
        Query known = c.query("subject-get");
        known.bind(1, id);
        if (known.step()) return known.integer(0);
    }
    return newSubject(c, id, flags);
}

std::int64_t Recorder::eventSubject(Connection& c, const SubjectId& id, Touched& touched) {
    {
        Query known = c.query("subject-get");
        known.bind(1, id);
        if (known.step()) {
            touched.held[known.integer(0)] = {known.integer(1), known.integer(2)};
            return known.integer(0);
        }
    }
    const std::int64_t num = newSubject(c, id, flag::kKnown);
    touched.fresh.insert(num);
    return num;
}

bool Recorder::plain(const std::optional<Held>& row, std::int64_t num) {
    return row && (row->flags & flag::kKnown) != 0 && (row->flags & flag::kErased) == 0 &&
           row->person == num;
}

std::optional<Recorder::Held> Recorder::held(Connection& c, std::int64_t num,
                                             const Touched& touched) {
    const auto found = touched.held.find(num);
    if (found != touched.held.end()) return found->second;
    Query row = c.query("subject-held");
    row.bind(1, num);
    if (!row.step()) return std::nullopt;
    return Held{row.integer(0), row.integer(1)};
}

std::int64_t Recorder::origin(Connection& c, const OriginId& id) {
    if (_ownNum != 0 && id == _own) return _ownNum;
    {
        Query known = c.query("origin-get");
        known.bind(1, id);
        if (known.step()) return known.integer(0);
    }
    c.query("origin-add").bind(1, id).run();
    return c.lastRowId();
}

void Recorder::noteSlip(Connection& c, const consent::Event& event, std::int64_t num) {
    const auto* act = std::get_if<consent::Act>(&event.body);
    if (act == nullptr || act->withdrawHandleHash.empty()) return;
    c.query("slip-add").bindBlob(1, act->withdrawHandleHash).bind(2, num).run();
}

std::int64_t Recorder::add(Connection& c, const consent::Event& event, std::string_view header,
                           std::string_view payload, Touched& touched) {
    std::int64_t subjectNum = 0;
    if (!event.subject.none()) {
        subjectNum = eventSubject(c, event.subject, touched);
        touched.states.emplace(subjectNum, event.subject);
        if (!payload.empty() || changesPeople(event.body)) touched.people.insert(subjectNum);
    }
    const std::int64_t originNum = origin(c, event.origin);
    {
        Query insert = c.query("event-add");
        insert.bind(1, event.id).bind(2, originNum).bind(3, event.position);
        insert.bind(4, static_cast<std::int64_t>(event.body.index()));
        if (subjectNum == 0)
            insert.bindNull(5);
        else
            insert.bind(5, subjectNum);
        insert.bind(6, event.at).bindBlob(7, header).bindBlobOrNull(8, payload).run();
    }
    const std::int64_t num = c.lastRowId();
    noteSlip(c, event, num);
    touched.events.emplace(num, event);
    const auto link = [&](const SubjectId& other) {
        const std::int64_t otherNum = subject(c, other, 0);
        touched.fresh.erase(subjectNum);
        touched.fresh.erase(otherNum);
        touched.states.emplace(otherNum, other);
        c.query("link-add").bind(1, subjectNum).bind(2, otherNum).bind(3, num).run();
    };
    if (const auto* made = std::get_if<consent::Link>(&event.body)) link(made->other);
    if (const auto* ended = std::get_if<consent::Unlink>(&event.body)) link(ended->other);
    if (const auto* clock = std::get_if<consent::ClockJudgement>(&event.body)) {
        noteClock(c, *clock, touched);
    }
    return num;
}

void Recorder::noteClock(Connection& c, const consent::ClockJudgement& judgement,
                         Touched& touched) {
    touched.clocks = true;
    const std::int64_t about = origin(c, judgement.about);
    std::vector<std::int64_t> nums;
    const auto note = [&](Query affected) {
        affected.bind(2, rowNumber(judgement.from)).bind(3, rowNumber(judgement.to));
        while (affected.step()) nums.push_back(affected.integer(0));
    };
    {
        Query said = c.query("subjects-of-origin-range");
        said.bind(1, about);
        note(std::move(said));
    }
    {
        Query formerly = c.query("former-subjects");
        formerly.bind(1, judgement.about);
        note(std::move(formerly));
    }
    for (const std::int64_t num : nums) {
        if (const auto row = peopleRow(c, num)) {
            touched.states.emplace(num, row->subject);
            touched.people.insert(num); // facts and addresses go by clocks too
        }
    }
}

void Recorder::place(Connection& c, std::int64_t num, const consent::Event& event,
                     Touched& touched) {
    c.query("event-place").bind(1, num).bind(2, event.position).run();
    touched.events.erase(num);
    if (event.subject.none()) return;
    touched.states.emplace(subject(c, event.subject, flag::kKnown), event.subject);
}

bool Recorder::putCard(Connection& c, const wire::Card& card, Touched& touched) {
    auto body = wire::encodeCard(card);
    if (!body) return false;
    const std::int64_t num = subject(c, card.subject, 0);
    {
        Query held = c.query("card-get");
        held.bind(1, num);
        if (held.step() && held.natural(0) >= card.version) return false;
    }
    c.query("card-put").bind(1, num).bind(2, card.version).bindBlob(3, *body).run();
    touched.states.emplace(num, card.subject);
    touched.people.insert(num);
    touched.fresh.erase(num);
    touched.erased |= card.erased;
    return true;
}

void Recorder::refresh(Connection& c, Touched& touched) {
    if (touched.clocks) _assembler.loadClocks(c);
    // People's rows are computed when anything but a choice came, or for somebody of whom nothing
    // was on file or who is linked: for all of the transaction, because the first of those who are
    // linked stands for the others. Cheap, and no case is forgotten.
    const bool people =
        !touched.people.empty() || std::ranges::any_of(touched.states, [&](const auto& each) {
            return !touched.fresh.contains(each.first) &&
                   !plain(held(c, each.first, touched), each.first);
        });
    std::set<std::int64_t> done;
    for (const auto& [num, id] : touched.states) {
        if (done.contains(num)) continue;
        if (touched.fresh.contains(num)) {
            const auto rows = _assembler.assemble(c, {id, num}, true, touched.events, true);
            writeFresh(c, rows.front(), touched);
            continue;
        }
        for (const PersonRows& person : _assembler.assemble(c, {id, num}, people, touched.events)) {
            for (const Member& member : person.members) done.insert(member.num);
            write(c, person, touched);
        }
    }
}

void Recorder::write(Connection& c, const PersonRows& rows, Touched& touched) {
    const std::int64_t head = rows.members.front().num;
    for (std::size_t i = 0; i < rows.members.size(); ++i) {
        const Member& member = rows.members[i];
        const auto before = held(c, member.num, touched);
        touched.held.erase(member.num); // what is written below may change it
        if (!before || before->person != head) {
            c.query("person-assign").bind(1, member.num).bind(2, head).run();
        }
        if (member.num != head) c.query("states-drop").bind(1, member.num).run();
        if (!rows.subjects.empty()) writeSubject(c, member, rows.subjects[i], touched);
    }
    writeStates(c, head, rows.states);
}

void Recorder::writeStates(Connection& c, std::int64_t person, const std::vector<StateRow>& rows) {
    const std::vector<StateCells> before = readCells(c, person);
    std::vector<StateCells::Key> kept;
    kept.reserve(rows.size());
    for (const StateRow& row : rows) {
        const StateCells cells = cellsOf(c, _words, row);
        kept.push_back(cells.key);
        if (std::find(before.begin(), before.end(), cells) == before.end()) {
            writeCells(c, person, cells);
        }
    }
    for (const StateCells& old : before) {
        if (std::find(kept.begin(), kept.end(), old.key) != kept.end()) continue;
        const auto [controller, purpose, channel] = old.key;
        c.query("state-drop")
            .bind(1, person)
            .bind(2, controller)
            .bind(3, purpose)
            .bind(4, channel)
            .run();
    }
}

/// Nothing of the subject is on file yet: nothing to compare with, nothing to remove.
void Recorder::writeFresh(Connection& c, const PersonRows& rows, Touched& touched) {
    const Member& member = rows.members.front();
    const SubjectRows& subject = rows.subjects.front();
    writePerson(c, member.num, subject);
    addContacts(c, member.num, subject);
    addName(c, member.num, subject.folded, touched);
    forget(c, member, subject, touched);
    for (const StateRow& row : rows.states) writeState(c, _words, member.num, row);
}

void Recorder::writeSubject(Connection& c, const Member& member, const SubjectRows& rows,
                            Touched& touched) {
    writePerson(c, member.num, rows);
    writeContacts(c, member.num, rows);
    writeName(c, member.num, rows.folded, touched);
    forget(c, member, rows, touched);
}

void Recorder::writePerson(Connection& c, std::int64_t num, const SubjectRows& rows) {
    c.query("person-update")
        .bind(1, num)
        .bindText(2, rows.display)
        .bindText(3, rows.language)
        .bind(4, rows.birthYear)
        .bind(5, rows.orders)
        .bind(6, rows.customerSince)
        .bind(7, rows.flags)
        .run();
}

void Recorder::addContacts(Connection& c, std::int64_t subject, const SubjectRows& rows) {
    for (const ContactRow& contact : rows.contacts) {
        const std::int64_t channel = _words.number(c, contact.channel);
        c.query("contact-put")
            .bind(1, subject)
            .bind(2, channel)
            .bind(3, contact.key)
            .bindText(4, contact.masked)
            .bind(5, static_cast<std::int64_t>(contact.status))
            .run();
    }
    for (const crypto::Hash& key : rows.externalKeys) {
        c.query("external-put").bind(1, subject).bind(2, key).run();
    }
}

void Recorder::writeContacts(Connection& c, std::int64_t subject, const SubjectRows& rows) {
    std::set<crypto::Hash> before;
    {
        Query query = c.query("external-of");
        query.bind(1, subject);
        while (query.step()) before.insert(query.hash(0));
    }
    if (before == rows.externalKeys && readContacts(c, _words, subject) == rows.contacts) return;
    c.query("contacts-drop").bind(1, subject).run();
    c.query("external-drop").bind(1, subject).run();
    addContacts(c, subject, rows);
}

void Recorder::addName(Connection& c, std::int64_t subject, const std::string& folded,
                       Touched& touched) {
    if (folded.empty()) return;
    touched.names.push_back(folded);
    c.query("name-put").bind(1, subject).bindText(2, folded).run();
    if (_indexNames) c.query("search-add").bind(1, subject).bindText(2, folded).run();
}

void Recorder::writeName(Connection& c, std::int64_t subject, const std::string& folded,
                         Touched& touched) {
    std::string before;
    {
        Query query = c.query("name-get");
        query.bind(1, subject);
        if (query.step()) before = query.text(0);
    }
    if (before == folded) return;
    if (!before.empty()) {
        if (_indexNames) c.query("search-drop").bind(1, subject).bindText(2, before).run();
        c.query("name-drop").bind(1, subject).run();
    }
    addName(c, subject, folded, touched);
}

void Recorder::forget(Connection& c, const Member& member, const SubjectRows& rows,
                      Touched& touched) {
    for (const std::int64_t num : rows.scrub) {
        c.query("event-drop-payload").bind(1, num).run();
        c.query("sealed-drop").bind(1, num).run();
    }
    for (const crypto::Hash& key : rows.suppress) {
        c.query("suppression-add").bind(1, key).bind(2, std::int64_t{0}).run();
    }
    if (rows.dropCard) {
        wire::Card gone;
        gone.subject = member.id;
        gone.erased = true;
        {
            Query held = c.query("card-get");
            held.bind(1, member.num);
            if (held.step()) gone.version = held.natural(0);
        }
        const auto body = wire::encodeCard(gone);
        if (body) {
            c.query("card-put").bind(1, member.num).bind(2, gone.version).bindBlob(3, *body).run();
        }
    }
    touched.erased |= (rows.flags & flag::kErased) != 0;
}

void Recorder::refreshWords(Connection& c) {
    Touched touched;
    {
        Query query = c.query("subjects-worded");
        while (query.step()) {
            touched.states.emplace(query.integer(0), query.id<SubjectId>(1));
            touched.people.insert(query.integer(0));
        }
    }
    refresh(c, touched);
}

void Recorder::rebuild(Connection& c, bool statesOnly) {
    if (!statesOnly) {
        c.execute("DELETE FROM contacts");
        c.execute("DELETE FROM external_keys");
        c.execute("DELETE FROM names");
        c.query("people-reset").run();
    }
    c.execute("DELETE FROM states");
    _assembler.loadClocks(c);
    _indexNames = false;
    SubjectId after;
    std::vector<Member> page;
    do {
        page.clear();
        Query query = c.query("people-after");
        query.bind(1, after).bind(2, kRebuildPage);
        while (query.step()) page.push_back({query.id<SubjectId>(1), query.integer(0)});
        query.again();
        for (const Member& seed : page) {
            Touched touched;
            for (const PersonRows& person : _assembler.assemble(c, seed, !statesOnly)) {
                // A linked person comes up once for each member; the head's turn writes it.
                if (person.members.front().num == seed.num) write(c, person, touched);
            }
            after = seed.id;
        }
    } while (!page.empty());
    _indexNames = true;
    if (!statesOnly) c.query("search-rebuild").run();
}

} // namespace souffleur::ledger
