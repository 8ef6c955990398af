// From the rows of the log to the rows of the projections, for one person at a time: finds the
// linked subjects, loads their events and cards, and computes. Writes nothing. Internal.
#pragma once

#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <vector>

#include "plugin/consent/StateOf.h"
#include "plugin/ledger/Connection.h"
#include "plugin/ledger/Projection.h"

namespace souffleur::ledger {

struct Member {
    SubjectId id;
    std::int64_t num = 0;

    auto operator<=>(const Member&) const = default;
};

/// What one person's rows should be.
struct PersonRows {
    std::vector<Member> members; ///< ordered by id; the first is the head
    std::vector<StateRow> states;
    std::vector<SubjectRows> subjects; ///< parallel to members; empty unless asked for
};

/// Not thread-safe. Throws SQLite::Exception and CorruptRow.
class Assembler {
public:
    Assembler(const Hasher& hasher, consent::StateRules rules)
        : _projector(hasher), _rules(std::move(rules)) {}

    /// Every person among the subjects that any link, ended ones too, connects with `seed`.
    /// `known`: events that need not be decoded again; `fresh`: the seed was made in this
    /// transaction and has neither card nor links.
    std::vector<PersonRows> assemble(Connection& c, const Member& seed, bool people,
                                     const KnownEvents& known = {}, bool fresh = false);
    /// Reads the judgements of clocks; again after a new one.
    void loadClocks(Connection& c);
    void setRules(consent::StateRules rules) { _rules = std::move(rules); }
    [[nodiscard]] const consent::StateRules& rules() const noexcept { return _rules; }
    [[nodiscard]] const consent::Clocks& clocks() const noexcept { return _clocks; }

    /// Adds to the members' own events what unlinks copied to them: the unlinks themselves, which
    /// may stand with the other side, and the negatives that they name, with what undid those.
    static void addCopied(Connection& c, std::span<const Member> members,
                          std::vector<consent::Event>& events);
    /// Events of one subject.
    static std::vector<StoredEvent> eventsOf(Connection& c, std::int64_t subject,
                                             const KnownEvents& known = {});
    /// The subject of the first act here whose handle has this hash (lower-case hex), and whether
    /// that act was taken back.
    struct Slip {
        std::int64_t subject = 0;
        bool takenBack = false;
    };
    static std::optional<Slip> slip(Connection& c, std::string_view handleHashHex);

private:
    struct Component {
        std::set<Member> members;
        std::vector<consent::Event> linkEvents;
    };
    void addClock(Connection& c, const consent::ClockJudgement& judgement);
    static Component componentOf(Connection& c, const Member& seed);
    PersonRows person(Connection& c, std::vector<Member> members, bool people,
                      const KnownEvents& known, bool fresh, bool linked);

    Projector _projector;
    consent::StateRules _rules;
    consent::Clocks _clocks;
};

} // namespace souffleur::ledger
