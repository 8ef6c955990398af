// Reading and writing the rows of the projections and of the log. Internal to this room.
#pragma once

#include <array>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "plugin/ledger/Connection.h"
#include "plugin/ledger/Projection.h"
#include "plugin/ledger/Words.h"

namespace souffleur::ledger {

/// A stored row that cannot be what we wrote: becomes Code::corrupt at the edge of this room.
struct CorruptRow : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// One row of `people`.
struct PeopleRow {
    std::int64_t num = 0;
    SubjectId subject;
    std::int64_t person = 0;
    std::string display;
    std::string language;
    int birthYear = 0;
    int orders = 0;
    TimeMs customerSince = 0;
    std::int64_t flags = 0;
};

std::optional<PeopleRow> peopleRow(Connection& c, const SubjectId& subject);
std::optional<PeopleRow> peopleRow(Connection& c, std::int64_t num);
/// The rows of the person that `row` belongs to: the head first, then the other members.
std::vector<PeopleRow> membersOf(Connection& c, const PeopleRow& row);

/// The rows of one person in the order of their keys.
std::vector<StateRow> readStates(Connection& c, const Words& words, std::int64_t person);
void writeState(Connection& c, Words& words, std::int64_t person, const StateRow& row);

/// A row of states as it lies in the file, words as their numbers: to be compared without reading
/// what it says.
struct StateCells {
    using Key = std::array<std::int64_t, 3>; ///< controller, purpose, channel

    Key key{};
    /// state, at, place, method, basis, valid_until, pending, deferred_at, notice
    std::array<std::int64_t, 9> numbers{};
    EventId because;
    std::string fallbacks; ///< empty = none

    bool operator==(const StateCells&) const = default;
};
/// A word that has no number yet gets one, within the present transaction.
StateCells cellsOf(Connection& c, Words& words, const StateRow& row);
std::vector<StateCells> readCells(Connection& c, std::int64_t person);
void writeCells(Connection& c, std::int64_t person, const StateCells& cells);
std::vector<ContactRow> readContacts(Connection& c, const Words& words, std::int64_t subject);

/// Decodes columns num, seq, header, payload of a query's present row.
StoredEvent storedEvent(const Query& row);

/// A position as a column can hold it: a range that is open ends at the greatest.
std::uint64_t rowNumber(std::uint64_t position) noexcept;

std::string metaText(Connection& c, std::string_view name);
void putMeta(Connection& c, std::string_view name, std::string_view value);
std::int64_t metaNumber(Connection& c, std::string_view name);
void putMeta(Connection& c, std::string_view name, std::int64_t value);

} // namespace souffleur::ledger
