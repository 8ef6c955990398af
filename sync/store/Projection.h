// From placed events to what is read: subjects, links, contact points, states. Every step is
// independent of the order of arrival, so that a rebuild gives the same rows. Runs inside the
// caller's transaction.
#pragma once

#include <set>
#include <string_view>
#include <vector>

#include "plugin/consent/Event.h"
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
    /// Takes in one placed event. `payload`: as stored, empty = none.
    void apply(const consent::Event& event, std::string_view payload);
    /// Notes that the subject's states may have changed.
    void touch(const SubjectId& subject) { _touched.insert(subject); }
    /// An event of a time that is erased came late: its addresses are suppressed, nothing is kept.
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
    /// Names, contact points, facts: what an erasure takes away.
    void applyPersonal(const consent::Event& event, std::string_view payload);
    void applyErase(const consent::Event& event);
    void applyClock(const consent::ClockJudgement& judgement);
    void indexName(const SubjectId& subject, std::string_view display);
    static consent::Event eventFrom(Query& row);
    void addUnread(const std::set<SubjectId>& subjects, std::vector<consent::Event>& events);
    void settlePerson(const std::set<SubjectId>& subjects);
    Query query(std::string_view name) { return Query(_statements[name]); }

    Statements& _statements;
    contact::Folder& _folder;
    const StoreKeys& _keys;
    const consent::StateRules& _rules;
    std::set<SubjectId> _touched;
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
