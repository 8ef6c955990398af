// What a dry run promises: whom a file lets the house write to, once all its rows are taken
// together. Rows of one customer, and of others at the same address, may contradict each other.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "plugin/base/Id.h"
#include "plugin/consent/StateOf.h"

namespace souffleur::people {

/// Keeps what a whole file says: for dry runs alone. Not thread-safe. Where it cannot tell it
/// promises less: a no counts unless a dated yes is later by more than a day.
class Prospects {
public:
    /// A yes that would reach its person by itself. `at` of one without a date: 0.
    struct Yes {
        consent::Key key;
        TimeMs at = 0;
        std::vector<std::string> addresses; ///< contact keys, any of which would do
    };

    /// The first word of a person: `before` whether they may be written to already.
    [[nodiscard]] bool knows(const SubjectId& person) const { return _people.contains(person); }
    void begin(const SubjectId& person, bool before) { _people[person].before = before; }

    void yes(const SubjectId& person, Yes word);
    /// `key` may hold kAny; `addresses`: contact keys of whoever says no, which it bears on.
    void no(const SubjectId& person, const consent::Key& key, TimeMs at,
            const std::vector<std::string>& addresses);
    /// An objection: nothing of this file reaches them.
    void objects(const SubjectId& person) { _people[person].objected = true; }

    /// Who may be written to by this file, and could not before.
    [[nodiscard]] std::uint64_t newlyReachable() const;

private:
    struct Person {
        bool before = false;
        bool objected = false;
        std::vector<Yes> yes;
        std::vector<std::pair<consent::Key, TimeMs>> no;
    };
    [[nodiscard]] bool stands(const SubjectId& id, const Person& person, const Yes& word) const;

    std::map<SubjectId, Person> _people;
    /// By contact key: who at that address said no, and to what.
    std::map<std::string, std::vector<std::pair<SubjectId, consent::Key>>> _noAt;
};

} // namespace souffleur::people
