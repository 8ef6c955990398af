#include "sync/store/SqlStore.h"

#include <algorithm>
#include <array>

#include "plugin/crypto/Encoding.h"
#include "sync/store/Projection.h"

namespace souffleur::store {
namespace {

constexpr int kResettlePage = 1000;
/// How long an invitation lives.
constexpr TimeMs kInvitationMs = 10 * kMinuteMs;
/// The setting, by the device's id, that says what it found wrong with the log.
constexpr const char* kLogAlarm = "log-alarm:";

std::string logAlarmOf(const OriginId& origin) {
    return kLogAlarm + origin.text();
}

constexpr std::array<std::string_view, 4> kStatusNames{"pending", "active", "revoked", "frozen"};

OriginStatus statusFrom(std::string_view text) {
    for (std::size_t i = 0; i < kStatusNames.size(); ++i) {
        if (kStatusNames[i] == text) return static_cast<OriginStatus>(i);
    }
    return OriginStatus::frozen; // an unknown word is no permission
}

} // namespace

Origin readOrigin(Query& row) {
    Origin origin;
    origin.id = OriginId{row.uuid(0)};
    origin.kind = row.text(1);
    origin.name = row.text(2);
    origin.place = row.text(3);
    origin.publicKey = row.hash(4);
    origin.fingerprint = row.text(5);
    origin.status = statusFrom(row.text(6));
    origin.seq = static_cast<std::uint64_t>(row.number(7));
    origin.head = row.hash(8);
    origin.enrolledAt = row.number(9);
    origin.lastSeen = row.number(10);
    origin.reached = row.number(11);
    return origin;
}

std::size_t shardOf(const SubjectId& subject) noexcept {
    return subject.uuid.bytes[0] % kShards;
}

std::string_view name(OriginStatus status) noexcept {
    return kStatusNames[static_cast<std::size_t>(status)];
}

SqlStore::SqlStore(std::unique_ptr<Session> session, const StoreKeys& keys)
    : _session(std::move(session)), _statements(_session->statements()), _keys(keys) {}

SqlStore::~SqlStore() = default;

Result<std::unique_ptr<Store>> SqlStore::open(std::unique_ptr<Session> session,
                                              const StoreKeys& keys, bool alone) {
    std::unique_ptr<SqlStore> store(new SqlStore(std::move(session), keys));
    auto recalled = store->guarded([&]() -> Result<void> {
        store->recall();
        return {};
    });
    if (!recalled) return passOn(recalled);
    if (auto grown = store->growTrees(); !grown) return passOn(grown);
    if (!alone) return std::unique_ptr<Store>(std::move(store));
    auto begun = store->transaction([&]() -> Result<void> {
        store->beginLine();
        return {};
    });
    if (!begun) return passOn(begun);
    if (auto settled = store->resettle(); !settled) return passOn(settled);
    if (auto reread = store->rereadQuarantine(); !reread) return passOn(reread);
    return std::unique_ptr<Store>(std::move(store));
}

void SqlStore::refresh(Session::Mode mode) const {
    if (!_session->shared()) return;
    recall();
    if (mode == Session::Mode::write && !_lineage.empty() && _lineage != _session->lineage())
        beginLine();
}

Result<void> SqlStore::resettle() {
    bool due = false;
    auto asked = guarded([&]() -> Result<void> {
        Query row = query("setting-get");
        due = row.with(kResettle).step() && !row.bytes(0).empty();
        return {};
    });
    if (!asked || !due) return asked;
    SubjectId after;
    SubjectId last;
    for (bool more = true; more;) {
        auto done = transaction([&]() -> Result<void> {
            std::vector<SubjectId> page;
            {
                Query row = query("subjects-after");
                for (row.with(after, kResettlePage); row.step();)
                    page.push_back(SubjectId{row.uuid(0)});
            }
            Projection projection(_statements, _folder, _keys, _rules);
            for (const SubjectId& subject : page) {
                projection.readAgain(subject);
                projection.touch(subject);
            }
            projection.settle();
            noteErasure(projection);
            last = page.empty() ? SubjectId{} : page.back();
            if (page.empty()) query("setting-put").with(kResettle, Blob{std::string_view{}}).run();
            return {};
        });
        if (!done) return done;
        more = !last.none();
        after = last;
    }
    return {};
}

Result<void> SqlStore::enrol(const Origin& origin) {
    return transaction([&]() -> Result<void> {
        query("origin-put")
            .with(origin.id, origin.kind, origin.name, origin.place, origin.publicKey,
                  origin.fingerprint, name(origin.status), crypto::Hash{}, origin.enrolledAt)
            .run();
        return {};
    });
}

Result<void> SqlStore::setStatus(const OriginId& origin, OriginStatus status) {
    return transaction([&]() -> Result<void> {
        if (query("origin-status").with(name(status), origin).run() == 0) {
            return fail(Code::notFound, "no such device");
        }
        return {};
    });
}

Result<Origin> SqlStore::origin(const OriginId& id) const {
    return guarded([&]() -> Result<Origin> {
        Query row = query("origin-get");
        if (!row.with(id).step()) return fail(Code::notFound, "no such device");
        return readOrigin(row);
    });
}

Result<Origin> SqlStore::originByFingerprint(const std::string& fingerprint) const {
    return guarded([&]() -> Result<Origin> {
        Query row = query("origin-by-fingerprint");
        if (!row.with(fingerprint).step()) return fail(Code::notFound, "no such device");
        return readOrigin(row);
    });
}

Result<std::vector<Origin>> SqlStore::origins() const {
    return guarded([&]() -> Result<std::vector<Origin>> {
        std::vector<Origin> all;
        Query row = query("origin-list");
        while (row.step()) all.push_back(readOrigin(row));
        for (Origin& origin : all) {
            Query kept = query("kept-of-origin");
            if (kept.with(origin.id).step())
                origin.kept = static_cast<std::uint64_t>(kept.number(0));
            Query alarm = query("setting-get");
            if (alarm.with(logAlarmOf(origin.id)).step())
                origin.logAlarm = std::string(alarm.bytes(0));
            Query held = query("forked-held");
            origin.keptAll = !held.with(origin.id).step() || held.number(2) == 0;
        }
        return all;
    });
}

Result<void> SqlStore::noteLogAlarm(const OriginId& origin, const std::string& fault, TimeMs now) {
    return transaction([&]() -> Result<void> {
        {
            Query held = query("setting-get");
            const bool known = held.with(logAlarmOf(origin)).step();
            if (known ? held.bytes(0) == fault : fault.empty()) return {};
        }
        query("setting-put").with(logAlarmOf(origin), Blob{fault}).run();
        const std::string device = origin.text();
        const char* action = fault.empty() ? "log.alarm-over" : "log.alarm";
        query("audit-put").with(now, device, action, device, "").run();
        return {};
    });
}

Result<void> SqlStore::invite(const crypto::Hash& codeHash, const std::string& name,
                              const std::string& place, const std::string& kind, TimeMs expiresAt) {
    if (!consent::isToken(place)) {
        return fail(Code::invalid, "a place is lower-case letters, digits and hyphens, as till-2",
                    "place");
    }
    return transaction([&]() -> Result<void> {
        std::vector<std::string> names;
        {
            Query taken = query("names-taken");
            for (taken.with(expiresAt - kInvitationMs); taken.step();)
                names.push_back(taken.text(0));
        }
        // A house of before this rule may have twins: each may enrol again.
        const bool known = std::ranges::find(names, name) != names.end();
        const std::string folded = _folder.caseless(name);
        for (const std::string& other : names) {
            if (known || folded.empty() || _folder.caseless(other) != folded) continue;
            return fail(Code::conflict,
                        "there is a device \"" + other +
                            "\": give the same place that very name, or another place a name that "
                            "nobody takes for it",
                        "name");
        }
        query("invite").with(codeHash, name, place, kind, expiresAt).run();
        return {};
    });
}

Result<Origin> SqlStore::redeem(const crypto::Hash& codeHash, TimeMs now) {
    return transaction([&]() -> Result<Origin> {
        Origin origin;
        {
            Query row = query("invite-get");
            if (!row.with(codeHash, now).step()) {
                return fail(
                    Code::notFound,
                    "this invitation is unknown, used or past its ten minutes: make a new one");
            }
            origin.name = row.text(0);
            origin.place = row.text(1);
            origin.kind = row.text(2);
        }
        query("invite-use").with(now, codeHash).run();
        return origin;
    });
}

Result<void> SqlStore::putStaff(const StaffRow& row) {
    return transaction([&]() -> Result<void> {
        query("staff-put")
            .with(row.name, row.role, row.password, row.failures, row.lockedUntil, 0)
            .run();
        return {};
    });
}

Result<StaffRow> SqlStore::staff(const std::string& name) const {
    return guarded([&]() -> Result<StaffRow> {
        Query row = query("staff-get");
        if (!row.with(name).step()) return fail(Code::notFound, "no such member of staff");
        return StaffRow{row.text(0), row.text(1), row.text(2), static_cast<int>(row.number(3)),
                        row.number(4)};
    });
}

Result<void> SqlStore::audit(const AuditRow& row) {
    return transaction([&]() -> Result<void> {
        query("audit-put").with(row.at, row.who, row.action, row.about, row.reason).run();
        return {};
    });
}

Result<std::vector<AuditRow>> SqlStore::auditTrail(std::size_t limit) const {
    auto page = auditPage(limit, "");
    if (!page) return passOn(page);
    return std::move(page->rows);
}

Result<AuditPage> SqlStore::auditPage(std::size_t limit, const std::string& without) const {
    return guarded([&]() -> Result<AuditPage> {
        AuditPage page;
        const auto most = static_cast<std::uint64_t>(std::min<std::size_t>(limit, 1000));
        std::int64_t oldest = 0;
        {
            Query row = query("audit-list"); // no action has an empty name
            for (row.with(without, most); row.step();) {
                page.rows.push_back(
                    {row.number(0), row.text(1), row.text(2), row.text(3), row.text(4)});
                oldest = row.number(5);
            }
        }
        if (without.empty()) return page;
        Query count = query("audit-count");
        if (count.with(without, page.rows.size() == most ? oldest : 0).step())
            page.leftOut = static_cast<std::uint64_t>(count.number(0));
        return page;
    });
}

Result<void> SqlStore::putSetting(const std::string& name, const std::string& value) {
    return transaction([&]() -> Result<void> {
        query("setting-put").with(name, Blob{value}).run();
        return {};
    });
}

Result<std::string> SqlStore::setting(const std::string& name) const {
    return guarded([&]() -> Result<std::string> {
        Query row = query("setting-get");
        if (!row.with(name).step()) return fail(Code::notFound, "no such setting", name);
        return std::string(row.bytes(0));
    });
}

} // namespace souffleur::store
