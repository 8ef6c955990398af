#include "plugin/ledger/Operators.h"

#include "plugin/base/Limits.h"
#include "plugin/ledger/Database.h"

namespace souffleur::ledger {
namespace {

constexpr TimeMs kLockFirstMs = 30 * kSecondMs;
constexpr TimeMs kLockMaxMs = kHourMs;
constexpr int kFailuresCountedMax = 1000;
constexpr const char* kBadgeDoor = "badge";
constexpr const char* kScannerDoor = "badge-scanned";

const char* nameOf(BadgeDoor door) {
    return door == BadgeDoor::scanner ? kScannerDoor : kBadgeDoor;
}

Operator operatorFrom(const Query& row) {
    return {row.id<OperatorId>(0),
            row.text(1),
            row.text(2),
            row.text(3),
            static_cast<int>(row.integer(4)),
            row.integer(5),
            row.integer(6) != 0,
            row.text(7)};
}

std::optional<Operator> find(Connection& c, const OperatorId& id) {
    Query query = c.query("operator-get");
    query.bind(1, id);
    if (!query.step()) return std::nullopt;
    return operatorFrom(query);
}

void setFailures(Connection& c, const OperatorId& id, int failures, TimeMs lockedUntil) {
    c.query("operator-failures").bind(1, id).bind(2, failures).bind(3, lockedUntil).run();
}

/// 30 s, doubling with each further attempt.
TimeMs lockFor(int failures) {
    TimeMs out = kLockFirstMs;
    for (int i = Operators::kFailuresMax; i < failures && out < kLockMaxMs; ++i) out *= 2;
    return std::min(out, kLockMaxMs);
}

/// How often somebody failed at one door, and until when it is shut.
struct Tally {
    int failures = 0;
    TimeMs lockedUntil = 0;
};

/// A lock longer than we ever set means that the clock was put back: it ends in time.
bool stillShut(const Tally& tally, TimeMs now) {
    return tally.lockedUntil > now && tally.lockedUntil - now <= kLockMaxMs;
}

/// One more attempt. Errors: locked.
Result<Tally> counted(const Tally& before, TimeMs now) {
    if (stillShut(before, now)) {
        return fail(Code::locked, "too many wrong attempts; wait and try again",
                    std::to_string(before.lockedUntil));
    }
    const int failures = std::min(before.failures + 1, kFailuresCountedMax);
    const bool shut = failures >= Operators::kFailuresMax;
    return Tally{failures, shut ? now + lockFor(failures) : TimeMs{0}};
}

Tally tallyAt(Connection& c, const std::string& door) {
    Query query = c.query("door-get");
    query.bindText(1, door);
    if (!query.step()) return {};
    return {static_cast<int>(query.integer(0)), query.integer(1)};
}

/// The same at a door that is no operator's row.
Result<Tally> countedAt(Connection& c, const std::string& door, TimeMs now) {
    auto after = counted(tallyAt(c, door), now);
    if (!after) return after;
    c.query("door-put")
        .bindText(1, door)
        .bind(2, after->failures)
        .bind(3, after->lockedUntil)
        .bind(4, now)
        .run();
    c.query("doors-trim").bind(1, Operators::kStrangersMax).run();
    return after;
}

} // namespace

Result<void> Operators::put(const Operator& row) {
    if (row.id.none()) return fail(Code::invalid, "an operator needs an id");
    if (row.name.empty() || row.name.size() > limits::kNameMaxChars) {
        return fail(Code::invalid, "an operator needs a name of at most 200 bytes");
    }
    return _database.write<void>([&](Connection& c) -> Result<void> {
        {
            Query named = c.query("operator-named");
            named.bindText(1, row.name);
            if (row.active && named.step() && named.id<OperatorId>(0) != row.id) {
                return fail(Code::conflict, "another operator has this name");
            }
        }
        if (!row.badge.empty()) {
            Query held = c.query("operator-of-badge");
            held.bindText(1, row.badge);
            if (held.step() && held.id<OperatorId>(0) != row.id) {
                return fail(Code::conflict, "another operator has this badge");
            }
        }
        c.query("operator-put")
            .bind(1, row.id)
            .bindText(2, row.name)
            .bindText(3, row.role)
            .bindText(4, row.pin)
            .bind(5, row.failures)
            .bind(6, row.lockedUntil)
            .bind(7, row.active ? 1 : 0)
            .bindText(8, row.badge)
            .run();
        return {};
    });
}

Result<Operator> Operators::get(const OperatorId& id) const {
    return _database.read<Operator>([&](Connection& c) -> Result<Operator> {
        const auto found = find(c, id);
        if (!found) return fail(Code::notFound, "no such operator here");
        return *found;
    });
}

Result<Operator> Operators::named(const std::string& name) const {
    return _database.read<Operator>([&](Connection& c) -> Result<Operator> {
        Query query = c.query("operator-named");
        query.bindText(1, name);
        if (!query.step()) return fail(Code::notFound, "no operator of this name here");
        return operatorFrom(query);
    });
}

Result<std::vector<Operator>> Operators::list() const {
    return _database.read<std::vector<Operator>>(
        [](Connection& c) -> Result<std::vector<Operator>> {
            std::vector<Operator> out;
            Query query = c.query("operators-active");
            while (query.step()) out.push_back(operatorFrom(query));
            return out;
        });
}

Result<Operator> Operators::attempt(const OperatorId& id, TimeMs now) {
    return _database.write<Operator>([&](Connection& c) -> Result<Operator> {
        auto found = find(c, id);
        const bool known = found && found->active;
        Operator row = known ? std::move(*found) : Operator{};
        const auto tally = known ? counted({row.failures, row.lockedUntil}, now)
                                 : countedAt(c, "id:" + id.text(), now);
        if (!tally) return passOn(tally);
        row.failures = tally->failures;
        row.lockedUntil = tally->lockedUntil;
        if (known) setFailures(c, id, row.failures, row.lockedUntil);
        return row;
    });
}

Result<void> Operators::succeeded(const OperatorId& id) {
    return _database.write<void>([&](Connection& c) -> Result<void> {
        setFailures(c, id, 0, 0);
        return {};
    });
}

Result<int> Operators::attemptBadge(TimeMs now, BadgeDoor door) {
    return _database.write<int>([&](Connection& c) -> Result<int> {
        const auto tally = countedAt(c, nameOf(door), now);
        if (!tally) return passOn(tally);
        return tally->failures;
    });
}

Result<void> Operators::badgeSucceeded(BadgeDoor door) {
    return _database.write<void>([&](Connection& c) -> Result<void> {
        c.query("door-put").bindText(1, nameOf(door)).bind(2, 0).bind(3, 0).bind(4, 0).run();
        return {};
    });
}

Result<TimeMs> Operators::badgeLockedUntil(TimeMs now) const {
    return _database.read<TimeMs>([&](Connection& c) -> Result<TimeMs> {
        const Tally tally = tallyAt(c, kBadgeDoor);
        return stillShut(tally, now) ? tally.lockedUntil : TimeMs{0};
    });
}

Result<Operator> Operators::holder(const std::string& badge) const {
    return _database.read<Operator>([&](Connection& c) -> Result<Operator> {
        Query query = c.query("operator-of-badge");
        query.bindText(1, badge);
        if (badge.empty() || !query.step()) return fail(Code::notFound, "nobody has this badge");
        Operator row = operatorFrom(query);
        if (!row.active) return fail(Code::notFound, "nobody has this badge");
        return row;
    });
}

Result<void> Operators::unlockAll() {
    return _database.write<void>([](Connection& c) -> Result<void> {
        c.query("operators-unlock").run();
        c.query("doors-unlock").run();
        return {};
    });
}

} // namespace souffleur::ledger
