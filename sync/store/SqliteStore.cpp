#include "sync/store/SqliteStore.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "plugin/crypto/Encoding.h"
#include "sync/store/Projection.h"

namespace souffleur::store {
namespace {

constexpr std::array kMigrations{"001-events.sql",   "002-house.sql",  "003-safe.sql",
                                 "004-wordings.sql", "005-clocks.sql", "006-forks.sql",
                                 "007-times.sql",    "008-slips.sql",  "009-slips.sql",
                                 "010-trees.sql",    "011-office.sql"};

/// The first schema whose contact points and facts do not go by a till's word about time, nor by
/// one that takes back head office's, and whose bounces a later confirmation heals.
constexpr int kWordsSettled = 11;
/// The setting that says that what an older build projected is still to be read again.
constexpr const char* kResettle = "resettle";
constexpr int kResettlePage = 1000;
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

Error storageError(const SQLite::Exception& failure) {
    const int code = failure.getErrorCode();
    const auto is = [code](int c) { return (code & 0xff) == c; };
    if (is(SQLITE_FULL))
        return {Code::storage, "the hub's disk is full: free space, nothing was stored", "hub.db"};
    if (is(SQLITE_READONLY)) return {Code::storage, "the hub's data folder is read-only", "hub.db"};
    if (is(SQLITE_CORRUPT) || is(SQLITE_NOTADB)) {
        return {Code::corrupt, "the hub's database is damaged: restore the last backup", "hub.db"};
    }
    return {Code::storage, "the hub's database failed (" + std::to_string(code) + ")", "hub.db"};
}

SqliteStore::SqliteStore(const std::string& file, FolderLock lock, const StoreKeys& keys)
    : _lock(std::move(lock)),
      _db(file, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, kBusyTimeoutMs), _statements(_db),
      _keys(keys) {
    _db.exec("PRAGMA journal_mode = WAL");
    _db.exec("PRAGMA synchronous = FULL");
    _db.exec("PRAGMA secure_delete = ON");
    _db.exec("PRAGMA cache_size = -32768");
}

SqliteStore::~SqliteStore() {
    _statements.clear();
}

Result<void> SqliteStore::migrate() {
    return transaction([&]() -> Result<void> {
        const int version = _db.execAndGet("PRAGMA user_version").getInt();
        if (version > static_cast<int>(kMigrations.size())) {
            return fail(Code::unsupported,
                        "the database was made by a newer souffleur-hub: update this one");
        }
        for (std::size_t i = static_cast<std::size_t>(version); i < kMigrations.size(); ++i) {
            _db.exec(std::string(file(kMigrations[i])));
        }
        _db.exec("PRAGMA user_version = " + std::to_string(kMigrations.size()));
        if (version > 0 && version < kWordsSettled)
            query("setting-put").with(kResettle, Blob{"1"}).run();
        for (std::size_t shard = 0; version == 0 && shard < kShards; ++shard) {
            _db.exec("INSERT INTO shards (shard, pos) VALUES (" + std::to_string(shard) + ", 0)");
        }
        return {};
    });
}

Result<void> SqliteStore::resettle() {
    bool due = false;
    auto asked = guarded([&]() -> Result<void> {
        Query row = query("setting-get");
        due = row.with(kResettle).step() && !row.bytes(0).empty();
        return {};
    });
    if (!asked || !due) return asked;
    SubjectId after;
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
            more = !page.empty();
            if (more)
                after = page.back();
            else
                query("setting-put").with(kResettle, Blob{std::string_view{}}).run();
            return {};
        });
        if (!done) return done;
    }
    return {};
}

Result<void> SqliteStore::enrol(const Origin& origin) {
    return transaction([&]() -> Result<void> {
        query("origin-put")
            .with(origin.id, origin.kind, origin.name, origin.place, origin.publicKey,
                  origin.fingerprint, name(origin.status), crypto::Hash{}, origin.enrolledAt)
            .run();
        return {};
    });
}

Result<void> SqliteStore::setStatus(const OriginId& origin, OriginStatus status) {
    return transaction([&]() -> Result<void> {
        if (query("origin-status").with(name(status), origin).run() == 0) {
            return fail(Code::notFound, "no such device");
        }
        return {};
    });
}

Result<Origin> SqliteStore::origin(const OriginId& id) const {
    return guarded([&]() -> Result<Origin> {
        Query row = query("origin-get");
        if (!row.with(id).step()) return fail(Code::notFound, "no such device");
        return readOrigin(row);
    });
}

Result<Origin> SqliteStore::originByFingerprint(const std::string& fingerprint) const {
    return guarded([&]() -> Result<Origin> {
        Query row = query("origin-by-fingerprint");
        if (!row.with(fingerprint).step()) return fail(Code::notFound, "no such device");
        return readOrigin(row);
    });
}

Result<std::vector<Origin>> SqliteStore::origins() const {
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

Result<void> SqliteStore::noteLogAlarm(const OriginId& origin, const std::string& fault,
                                       TimeMs now) {
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

Result<void> SqliteStore::invite(const crypto::Hash& codeHash, const std::string& name,
                                 const std::string& place, const std::string& kind,
                                 TimeMs expiresAt) {
    return transaction([&]() -> Result<void> {
        query("invite").with(codeHash, name, place, kind, expiresAt).run();
        return {};
    });
}

Result<Origin> SqliteStore::redeem(const crypto::Hash& codeHash, TimeMs now) {
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

Result<void> SqliteStore::putStaff(const StaffRow& row) {
    return transaction([&]() -> Result<void> {
        query("staff-put")
            .with(row.name, row.role, row.password, row.failures, row.lockedUntil, 0)
            .run();
        return {};
    });
}

Result<StaffRow> SqliteStore::staff(const std::string& name) const {
    return guarded([&]() -> Result<StaffRow> {
        Query row = query("staff-get");
        if (!row.with(name).step()) return fail(Code::notFound, "no such member of staff");
        return StaffRow{row.text(0), row.text(1), row.text(2), static_cast<int>(row.number(3)),
                        row.number(4)};
    });
}

Result<void> SqliteStore::audit(const AuditRow& row) {
    return transaction([&]() -> Result<void> {
        query("audit-put").with(row.at, row.who, row.action, row.about, row.reason).run();
        return {};
    });
}

Result<std::vector<AuditRow>> SqliteStore::auditTrail(std::size_t limit) const {
    return guarded([&]() -> Result<std::vector<AuditRow>> {
        std::vector<AuditRow> rows;
        Query row = query("audit-list");
        row.with(static_cast<std::uint64_t>(std::min<std::size_t>(limit, 1000)));
        while (row.step())
            rows.push_back({row.number(0), row.text(1), row.text(2), row.text(3), row.text(4)});
        return rows;
    });
}

Result<void> SqliteStore::putSetting(const std::string& name, const std::string& value) {
    return transaction([&]() -> Result<void> {
        query("setting-put").with(name, Blob{value}).run();
        return {};
    });
}

Result<std::string> SqliteStore::setting(const std::string& name) const {
    return guarded([&]() -> Result<std::string> {
        Query row = query("setting-get");
        if (!row.with(name).step()) return fail(Code::notFound, "no such setting", name);
        return std::string(row.bytes(0));
    });
}

FolderLock::~FolderLock() {
    if (_fd >= 0) ::close(_fd);
}

Result<FolderLock> FolderLock::take(const std::string& folder, bool alone) {
    const int fd = ::open((folder + "/hub.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        return fail(Code::storage,
                    std::string("the hub's data folder cannot be written: ") + std::strerror(errno),
                    folder);
    }
    FolderLock lock(fd);
    if (alone && ::flock(fd, LOCK_EX | LOCK_NB) != 0) {
        return fail(Code::locked, "another souffleur-hub uses this data folder", folder);
    }
    return lock;
}

Result<std::unique_ptr<Store>> openSqlite(const std::string& folder, const StoreKeys& keys,
                                          bool alone) {
    auto lock = FolderLock::take(folder, alone);
    if (!lock) return passOn(lock);
    const std::string file = folder + "/hub.db";
    // Created by us, so that it is ours alone from its first byte.
    const int made = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (made >= 0) ::close(made);
    try {
        auto store = std::make_unique<SqliteStore>(file, std::move(*lock), keys);
        if (auto migrated = store->migrate(); !migrated) return passOn(migrated);
        store->recall();
        if (auto grown = store->growTrees(); !grown) return passOn(grown);
        if (alone) {
            if (auto begun = store->beginLine(); !begun) return passOn(begun);
            if (auto settled = store->resettle(); !settled) return passOn(settled);
            if (auto reread = store->rereadQuarantine(); !reread) return passOn(reread);
        }
        return std::unique_ptr<Store>(std::move(store));
    } catch (const SQLite::Exception& failure) {
        return tl::make_unexpected(storageError(failure));
    }
}

} // namespace souffleur::store
