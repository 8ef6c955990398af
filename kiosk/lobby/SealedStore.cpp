#include "kiosk/lobby/SealedStore.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cstring>
#include <mutex>

namespace souffleur::lobby {

std::string_view file(std::string_view name); // made by embed_sql

namespace {

constexpr int kBusyTimeoutMs = 2000;
/// Six items to a page: with one to each page half of the file would be air.
constexpr int kPageBytes = 16 * 1024;

Error errorFrom(const SQLite::Exception& failure) {
    switch (failure.getErrorCode()) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return {Code::locked, "another kiosk process has this folder open", "sealed.db"};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return {Code::corrupt, "the file of sealed items is damaged", "sealed.db"};
    case SQLITE_FULL:
        return {Code::storage, "the disk is full", "sealed.db"};
    default:
        return {Code::storage, "the disk does not take what is sealed", "sealed.db"};
    }
}

/// None: an empty one.
void bind(SQLite::Statement& statement, int index, const OriginId& origin) {
    const std::size_t bytes = origin.none() ? 0 : origin.uuid.bytes.size();
    statement.bind(index, origin.uuid.bytes.data(), static_cast<int>(bytes));
}

OriginId originIn(const SQLite::Column& column) {
    OriginId origin;
    const auto size = static_cast<std::size_t>(column.getBytes());
    if (size == origin.uuid.bytes.size())
        std::memcpy(origin.uuid.bytes.data(), column.getBlob(), size);
    return origin;
}

} // namespace

struct SealedStore::Database {
    std::filesystem::path folder;
    SQLite::Database sqlite;
    mutable std::mutex mutex;

    explicit Database(const std::filesystem::path& where)
        : folder(where), sqlite((where / "sealed.db").string(),
                                SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, kBusyTimeoutMs) {
        sqlite.exec("PRAGMA page_size = " + std::to_string(kPageBytes));
        // One file, no other process, nothing left in a log beside it; EXTRA: the journal's end is
        // as durable as its content.
        sqlite.exec("PRAGMA locking_mode = EXCLUSIVE");
        sqlite.exec("PRAGMA journal_mode = TRUNCATE");
        sqlite.exec("PRAGMA synchronous = EXTRA");
        sqlite.exec("PRAGMA secure_delete = ON");
        sqlite.exec("PRAGMA temp_store = MEMORY");
        sqlite.exec("BEGIN EXCLUSIVE");
        sqlite.exec(std::string(file("sealed.sql")));
        if (number("SELECT count(*) FROM pragma_table_info('items') WHERE name = 'origin'") == 0)
            sqlite.exec("ALTER TABLE items ADD COLUMN origin BLOB");
        sqlite.exec("COMMIT");
    }

    template <typename F>
    auto guarded(F&& work) const -> decltype(work()) {
        const std::lock_guard lock(mutex);
        try {
            return work();
        } catch (const SQLite::Exception& failure) {
            return tl::make_unexpected(errorFrom(failure));
        }
    }

    [[nodiscard]] std::int64_t number(const std::string& sql) const {
        SQLite::Statement row(sqlite, sql);
        return row.executeStep() ? row.getColumn(0).getInt64() : 0;
    }

    [[nodiscard]] std::int64_t note(const std::string& name) const {
        SQLite::Statement row(sqlite, "SELECT value FROM meta WHERE name = ?");
        row.bind(1, name);
        return row.executeStep() ? row.getColumn(0).getInt64() : 0;
    }

    void setNote(const std::string& name, std::int64_t value) {
        SQLite::Statement put(sqlite, "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT "
                                      "(name) DO UPDATE SET value = excluded.value");
        put.bind(1, name);
        put.bind(2, value);
        put.exec();
    }
};

SealedStore::SealedStore(std::unique_ptr<Database> database) : _database(std::move(database)) {}
SealedStore::~SealedStore() = default;

Result<std::unique_ptr<SealedStore>> SealedStore::open(const std::filesystem::path& folder) {
    // Ours alone from its first moment; SQLite gives its journal the same rights.
    const int made =
        ::open((folder / "sealed.db").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (made < 0) return fail(Code::storage, "the kiosk's folder takes no file", "sealed.db");
    (void) ::close(made);
    try {
        return std::unique_ptr<SealedStore>(new SealedStore(std::make_unique<Database>(folder)));
    } catch (const SQLite::Exception& failure) {
        return tl::make_unexpected(errorFrom(failure));
    }
}

Result<void>
SealedStore::add(const std::function<Result<protocol::SealedItem>(std::uint64_t)>& make) {
    return _database->guarded([&]() -> Result<void> {
        SQLite::Transaction transaction(_database->sqlite, SQLite::TransactionBehavior::IMMEDIATE);
        const auto number = static_cast<std::uint64_t>(_database->note("number") + 1);
        auto item = make(number);
        if (!item) return passOn(item);
        _database->setNote("number", static_cast<std::int64_t>(number));
        SQLite::Statement put(
            _database->sqlite,
            "INSERT INTO items (number, key, sealed, sig, origin) VALUES (?, ?, ?, ?, "
            "nullif(?, X''))");
        put.bind(1, static_cast<std::int64_t>(number));
        put.bind(2, static_cast<std::int64_t>(item->key));
        put.bind(3, item->sealed.data(), static_cast<int>(item->sealed.size()));
        put.bind(4, item->signature.data(), static_cast<int>(item->signature.size()));
        bind(put, 5, item->origin);
        put.exec();
        transaction.commit();
        return {};
    });
}

Result<std::vector<protocol::SealedItem>> SealedStore::waiting(std::uint64_t after,
                                                               std::size_t maxBytes) {
    using Items = std::vector<protocol::SealedItem>;
    return _database->guarded([&]() -> Result<Items> {
        Items items;
        std::size_t bytes = 0;
        SQLite::Statement row(_database->sqlite,
                              "SELECT number, key, sealed, sig, origin FROM items WHERE fate = '' "
                              "AND number > ? ORDER BY number LIMIT ?");
        row.bind(1, static_cast<std::int64_t>(after));
        row.bind(2, static_cast<std::int64_t>(protocol::kSealedItemsMax));
        while (row.executeStep()) {
            protocol::SealedItem item;
            item.number = static_cast<std::uint64_t>(row.getColumn(0).getInt64());
            item.key = static_cast<std::uint64_t>(row.getColumn(1).getInt64());
            item.sealed = row.getColumn(2).getString();
            const std::string signature = row.getColumn(3).getString();
            bytes += item.sealed.size();
            if (!items.empty() && bytes > maxBytes) break;
            // One that rotted on the disk goes as it is: head office refuses it, nothing waits.
            std::copy_n(signature.begin(), std::min(signature.size(), item.signature.size()),
                        item.signature.begin());
            item.origin = originIn(row.getColumn(4));
            items.push_back(std::move(item));
        }
        return items;
    });
}

Result<void> SealedStore::settle(const std::vector<protocol::SealedAnswer::Fate>& fates,
                                 TimeMs hubNow) {
    return _database->guarded([&]() -> Result<void> {
        SQLite::Transaction transaction(_database->sqlite, SQLite::TransactionBehavior::IMMEDIATE);
        SQLite::Statement put(_database->sqlite, "UPDATE items SET fate = ?, acked_at = ? WHERE "
                                                 "number = ? AND fate = ''");
        for (const protocol::SealedAnswer::Fate& one : fates) {
            if (one.fate == protocol::SealedFate::later) continue;
            const bool has = one.fate != protocol::SealedFate::refused;
            put.reset();
            put.bind(1, std::string(protocol::name(one.fate)));
            put.bind(2, has ? hubNow : TimeMs{0});
            put.bind(3, static_cast<std::int64_t>(one.number));
            put.exec();
        }
        transaction.commit();
        return {};
    });
}

Result<std::vector<protocol::SealedTold>> SealedStore::told() const {
    using All = std::vector<protocol::SealedTold>;
    return _database->guarded([&]() -> Result<All> {
        All all;
        SQLite::Statement row(_database->sqlite,
                              "SELECT origin, min(number), max(number), count(*) FROM items WHERE "
                              "fate NOT IN ('', 'refused') GROUP BY origin LIMIT ?");
        row.bind(1, static_cast<std::int64_t>(protocol::kSealedToldMax));
        while (row.executeStep())
            all.push_back({originIn(row.getColumn(0)),
                           static_cast<std::uint64_t>(row.getColumn(1).getInt64()),
                           static_cast<std::uint64_t>(row.getColumn(2).getInt64()),
                           static_cast<std::uint64_t>(row.getColumn(3).getInt64())});
        return all;
    });
}

Result<std::uint64_t> SealedStore::sendAgain() {
    return _database->guarded([&]() -> Result<std::uint64_t> {
        SQLite::Statement open(_database->sqlite, "UPDATE items SET fate = '', acked_at = 0 WHERE "
                                                  "fate NOT IN ('', 'refused')");
        return static_cast<std::uint64_t>(open.exec());
    });
}

Result<void> SealedStore::signedBy(const OriginId& origin) {
    return _database->guarded([&]() -> Result<void> {
        SQLite::Statement put(_database->sqlite,
                              "UPDATE items SET origin = ? WHERE origin IS NULL");
        bind(put, 1, origin);
        put.exec();
        return {};
    });
}

Result<std::uint64_t> SealedStore::refused() const {
    return _database->guarded([&]() -> Result<std::uint64_t> {
        return static_cast<std::uint64_t>(
            _database->number("SELECT count(*) FROM items WHERE fate = 'refused'"));
    });
}

Result<std::uint64_t> SealedStore::forgetOld(TimeMs hubNow) {
    return _database->guarded([&]() -> Result<std::uint64_t> {
        SQLite::Statement drop(_database->sqlite, "DELETE FROM items WHERE fate <> '' AND fate <> "
                                                  "'refused' AND acked_at > 0 AND acked_at < ?");
        drop.bind(1, hubNow - kKeepAckedMs);
        return static_cast<std::uint64_t>(drop.exec());
    });
}

Result<std::uint64_t> SealedStore::pending() const {
    return _database->guarded([&]() -> Result<std::uint64_t> {
        return static_cast<std::uint64_t>(
            _database->number("SELECT count(*) FROM items WHERE fate = ''"));
    });
}

Result<std::uint64_t> SealedStore::oldestKey() const {
    return _database->guarded([&]() -> Result<std::uint64_t> {
        return static_cast<std::uint64_t>(_database->number(
            "SELECT coalesce(min(key), 0) FROM (SELECT key FROM items WHERE fate = "
            "'' UNION ALL SELECT key FROM ballots)"));
    });
}

Result<void> SealedStore::addBallot(const protocol::SealedBallot& ballot, std::int64_t day) {
    return _database->guarded([&]() -> Result<void> {
        SQLite::Statement put(
            _database->sqlite,
            "INSERT INTO ballots (id, day, key, sealed, sig) VALUES (?, ?, ?, ?, ?)");
        put.bind(1, ballot.id.uuid.bytes.data(), static_cast<int>(ballot.id.uuid.bytes.size()));
        put.bind(2, day);
        put.bind(3, static_cast<std::int64_t>(ballot.key));
        put.bind(4, ballot.sealed.data(), static_cast<int>(ballot.sealed.size()));
        put.bind(5, ballot.signature.data(), static_cast<int>(ballot.signature.size()));
        put.exec();
        return {};
    });
}

Result<std::vector<protocol::SealedBallot>>
SealedStore::ballotsBefore(std::int64_t day, const protocol::BallotId& after) {
    using Ballots = std::vector<protocol::SealedBallot>;
    return _database->guarded([&]() -> Result<Ballots> {
        Ballots out;
        SQLite::Statement row(_database->sqlite,
                              "SELECT id, key, sealed, sig FROM ballots WHERE day "
                              "< ? AND id > ? ORDER BY id LIMIT ?");
        row.bind(1, day);
        row.bind(2, after.uuid.bytes.data(), static_cast<int>(after.uuid.bytes.size()));
        row.bind(3, static_cast<std::int64_t>(protocol::kBallotsMax));
        while (row.executeStep()) {
            protocol::SealedBallot ballot;
            const std::string id = row.getColumn(0).getString();
            const std::string signature = row.getColumn(3).getString();
            std::copy_n(id.begin(), std::min(id.size(), ballot.id.uuid.bytes.size()),
                        ballot.id.uuid.bytes.begin());
            ballot.key = static_cast<std::uint64_t>(row.getColumn(1).getInt64());
            ballot.sealed = row.getColumn(2).getString();
            std::copy_n(signature.begin(), std::min(signature.size(), ballot.signature.size()),
                        ballot.signature.begin());
            out.push_back(std::move(ballot));
        }
        return out;
    });
}

Result<void> SealedStore::dropBallots(const std::vector<protocol::BallotId>& ids,
                                      std::int64_t oldest) {
    return _database->guarded([&]() -> Result<void> {
        SQLite::Transaction transaction(_database->sqlite, SQLite::TransactionBehavior::IMMEDIATE);
        SQLite::Statement drop(_database->sqlite, "DELETE FROM ballots WHERE id = ?");
        for (const protocol::BallotId& id : ids) {
            drop.reset();
            drop.bind(1, id.uuid.bytes.data(), static_cast<int>(id.uuid.bytes.size()));
            drop.exec();
        }
        SQLite::Statement old(_database->sqlite, "DELETE FROM ballots WHERE day < ?");
        old.bind(1, oldest);
        old.exec();
        transaction.commit();
        return {};
    });
}

Result<std::int64_t> SealedStore::note(const std::string& name) const {
    return _database->guarded([&]() -> Result<std::int64_t> { return _database->note(name); });
}

Result<void> SealedStore::setNote(const std::string& name, std::int64_t value) {
    return _database->guarded([&]() -> Result<void> {
        _database->setNote(name, value);
        return {};
    });
}

Room SealedStore::room() const {
    struct statvfs disk {};
    if (::statvfs(_database->folder.c_str(), &disk) != 0) return Room::none;
    const std::uint64_t free = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
    if (free < kRoomNeededBytes) return Room::none;
    return free < kRoomLittleBytes ? Room::little : Room::plenty;
}

} // namespace souffleur::lobby
