// From placed events to what is read: subjects, links, contact points, states. Every step is
// independent of the order of arrival, so that a rebuild gives the same rows. Runs inside the
// caller's transaction.
#pragma once

#include <map>
#include <set>
#include <string_view>
#include <vector>

#include "plugin/consent/LastWord.h"
#include "plugin/contact/Folder.h"
#include "sync/store/Statements.h"
#include "sync/store/Store.h"

namespace souffleur::store {

class Projection {
public:
    /// Borrows all four for its life.
    Projection(Statements& statements, contact::Folder& folder, const StoreKeys& keys,
               const consent::StateRules& rules)
        : _statements(statements), _folder(folder), _keys(keys), _rules(rules) {}

    /// The time up to which the subject is erased; 0 = not.
    TimeMs erasedTo(const SubjectId& subject);
    /// Had the origin, when this event came from it, acknowledged every erasure of the subject on
    /// file? `acknowledged`: how far it had come.
    bool toldOf(const SubjectId& subject, const Cursor& acknowledged);
    /// Is the event of before an erasure of its subject (plugin/doc/adr/0004)? All but what is
    /// certainly of later, received later, and of an origin that had been told.
    bool gone(const consent::Event& event, bool told);
    /// Takes in one placed event, its time of receipt in it. `stands`: not gone(). `payload`: as
    /// stored, empty = none.
    void apply(const consent::Event& event, bool stands, std::string_view payload);
    /// Reads the subject's names, addresses and numbers again from what of its events stands, and
    /// drops the payloads of what does not.
    void readAgain(const SubjectId& subject);
    /// Notes that the subject's states may have changed.
    void touch(const SubjectId& subject) { _touched.insert(subject); }
    /// An event of before an erasure: its addresses are suppressed, nothing is kept.
    void suppressLate(const consent::Event& event, std::string_view payload);
    /// Has anything been erased since this was made?
    [[nodiscard]] bool erased() const noexcept { return _erased; }
    /// Recomputes persons and states of everything touched since the last call.
    void settle();
    /// The subjects that are one person with this one.
    std::set<SubjectId> component(const SubjectId& subject);
    /// All events that bear on the person, unread negatives included.
    std::vector<consent::Event> history(const std::set<SubjectId>& subjects);
    /// Every judgement of a clock on file.
    const consent::Clocks& clocks();

private:
    void applyPayload(const consent::Event& event, std::string_view payload);
    /// Names, contact points, language: what an erasure takes away.
    void applyPersonal(const consent::Event& event, std::string_view payload);
    void applyErase(const consent::Event& event);
    std::vector<consent::Event> erasures(const SubjectId& subject);
    /// Facts and statuses of addresses: of all that may be the last word, the strictest.
    void settleWords(const std::set<SubjectId>& subjects,
                     const std::vector<consent::Event>& events);
    void settleAddresses(const std::vector<consent::Event>& events, const SubjectId& subject);
    bool ours(const OriginId& origin);
    consent::IsHeadOffice headOffice();
    void applyClock(const consent::ClockJudgement& judgement);
    /// Either may be empty: not said.
    void applyWho(const consent::Event& event, const std::string& display,
                  const std::string& language);
    void indexName(const SubjectId& subject, std::string_view display);
    static consent::Event eventFrom(Query& row);
    void addUnread(const std::set<SubjectId>& subjects, std::vector<consent::Event>& events);
    /// What settlePerson() will ask of the next touched ones.
    void readAhead(std::set<SubjectId>::const_iterator from);
    void settlePerson(const std::set<SubjectId>& subjects);
    Query query(std::string_view name) { return Query(_statements[name]); }

    Statements& _statements;
    contact::Folder& _folder;
    const StoreKeys& _keys;
    const consent::StateRules& _rules;
    std::set<SubjectId> _touched;
    std::set<SubjectId> _rejudged; ///< an event of theirs has another clock than before
    std::map<OriginId, bool> _ours;
    bool _erased = false;
    bool _clocksLoaded = false;
    consent::Clocks _clocks;
};

/// The keyed hash under which a contact point is known: HMAC-SHA-256 of contact's canonicalKey().
crypto::Hash contactHashOf(const StoreKeys& keys, std::string_view canonicalKey);

/// The status as it stands in the contacts table; anything else is unverified.
consent::ContactStatus contactStatusFrom(std::string_view name);

/// The rules as they stand in the settings, and back; what cannot be read is as if never set.
std::string rulesText(const consent::StateRules& rules);
consent::StateRules rulesFrom(std::string_view text);

} // namespace souffleur::store
