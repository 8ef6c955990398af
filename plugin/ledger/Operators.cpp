#include "plugin/ledger/Operators.h"

#include "plugin/base/Limits.h"
#include "plugin/ledger/Database.h"

namespace souffleur::ledger {
namespace {

constexpr TimeMs kLockFirstMs = 30 * kSecondMs;
constexpr TimeMs kLockMaxMs = kHourMs;

Operator operatorFrom(const Query& row) {
    return {row.id<OperatorId>(0),
            row.text(1),
            row.text(2),
            row.text(3),
            static_cast<int>(row.integer(4)),
            row.integer(5),
            row.integer(6) != 0};
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

} // namespace

Result<void> Operators::put(const Operator& row) {
    if (row.id.none()) return fail(Code::invalid, "an operator needs an id");
    if (row.name.empty() || row.name.size() > limits::kNameMaxChars) {
        return fail(Code::invalid, "an operator needs a name of at most 200 bytes");
    }
    return _database.write<void>([&](Connection& c) -> Result<void> {
        {
            Query named = c.query("operator-named");
            named.bindText(1, row.name).bind(2, row.id);
            if (row.active && named.step()) {
                return fail(Code::conflict, "another operator has this name");
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
        if (!found || !found->active) return fail(Code::notFound, "no such operator here");
        // A lock longer than we ever set means that the clock was put back: it ends in time.
        if (found->lockedUntil > now && found->lockedUntil - now <= kLockMaxMs) {
            return fail(Code::locked, "too many wrong PINs; wait and try again",
                        std::to_string(found->lockedUntil));
        }
        ++found->failures;
        found->lockedUntil =
            found->failures >= kFailuresMax ? now + lockFor(found->failures) : TimeMs{0};
        setFailures(c, id, found->failures, found->lockedUntil);
        return *found;
    });
}

Result<void> Operators::succeeded(const OperatorId& id) {
    return _database.write<void>([&](Connection& c) -> Result<void> {
        setFailures(c, id, 0, 0);
        return {};
    });
}

} // namespace souffleur::ledger
