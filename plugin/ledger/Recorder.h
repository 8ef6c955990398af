// Puts events into the log and brings the projections up to date, within the caller's transaction.
// Internal to this room.
#pragma once

#include <map>
#include <optional>
#include <set>

#include "plugin/ledger/Assembler.h"
#include "plugin/ledger/Database.h"

namespace souffleur::ledger {

/// Not thread-safe: lives with the writing connection. Throws SQLite::Exception and CorruptRow.
class Recorder {
public:
    Recorder(Words& words, const Hasher& hasher, consent::StateRules rules)
        : _words(words), _assembler(hasher, std::move(rules)) {}

    /// Of a row of people: whom it belongs to, and its flags.
    struct Held {
        std::int64_t person = 0;
        std::int64_t flags = 0;
    };
    /// What a transaction touched; give it to refresh at its end.
    struct Touched {
        std::map<std::int64_t, SubjectId> states; ///< states must be computed
        std::set<std::int64_t> people;            ///< and the rows of people too
        std::set<std::int64_t> fresh;      ///< made in this transaction, without card or link
        std::map<std::int64_t, Held> held; ///< as found in this transaction; who changes it, erases
        KnownEvents events;                ///< written in this transaction
        std::vector<std::string> names;    ///< folded, written in this transaction
        bool clocks = false;
        bool erased = false; ///< payloads were removed: scrub the files later
    };

    /// Finds or makes the row of a subject.
    static std::int64_t subject(Connection& c, const SubjectId& id, std::int64_t flags);
    /// The device's own origin, so that it is not looked up for each event; call once it is
    /// durable.
    void setOwn(const OriginId& id, std::int64_t num) {
        _own = id;
        _ownNum = num;
    }
    std::int64_t origin(Connection& c, const OriginId& id);
    /// The code of the act's slip leads to the act's subject, unless it led to somebody already.
    static void noteSlip(Connection& c, const consent::Event& event, std::int64_t num);
    /// Adds one event that is not there yet; returns its row.
    std::int64_t add(Connection& c, const consent::Event& event, std::string_view header,
                     std::string_view payload, Touched& touched);
    /// An advance copy got its place in the chain.
    void place(Connection& c, std::int64_t num, const consent::Event& event, Touched& touched);
    /// Keeps the card if it is newer than the one held. True if it was.
    bool putCard(Connection& c, const wire::Card& card, Touched& touched);
    /// Recomputes the rows of everybody touched.
    void refresh(Connection& c, Touched& touched);
    /// Recomputes everybody of whom a fact, an address or an erasure is on file.
    void refreshWords(Connection& c);
    /// Throws projections away and makes them anew.
    void rebuild(Connection& c, bool statesOnly);

    Assembler& assembler() noexcept { return _assembler; }

private:
    /// The same for an event's subject, and notes in `touched` which it was.
    static std::int64_t eventSubject(Connection& c, const SubjectId& id, Touched& touched);
    /// Nothing when there is no such row.
    static std::optional<Held> held(Connection& c, std::int64_t num, const Touched& touched);
    /// On file, not erased, and nobody stands for the subject in its place: it may stand for
    /// others.
    static bool plain(const std::optional<Held>& row, std::int64_t num);
    void write(Connection& c, const PersonRows& rows, Touched& touched);
    void writeFresh(Connection& c, const PersonRows& rows, Touched& touched);
    void writeStates(Connection& c, std::int64_t person, const std::vector<StateRow>& rows);
    void writePerson(Connection& c, std::int64_t num, const SubjectRows& rows);
    void addContacts(Connection& c, std::int64_t subject, const SubjectRows& rows);
    void addName(Connection& c, std::int64_t subject, const std::string& folded, Touched& touched);
    void writeSubject(Connection& c, const Member& member, const SubjectRows& rows,
                      Touched& touched);
    void writeContacts(Connection& c, std::int64_t subject, const SubjectRows& rows);
    void writeName(Connection& c, std::int64_t subject, const std::string& folded,
                   Touched& touched);
    void forget(Connection& c, const Member& member, const SubjectRows& rows, Touched& touched);
    void noteClock(Connection& c, const consent::ClockJudgement& judgement, Touched& touched);

    Words& _words;
    Assembler _assembler;
    OriginId _own;
    std::int64_t _ownNum = 0;
    bool _indexNames = true; ///< off while rebuilding: the search is rebuilt at the end
};

} // namespace souffleur::ledger
