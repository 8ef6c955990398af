#include "sync/store/SnapshotFile.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <unistd.h>

#include "plugin/consent/Event.h"
#include "plugin/wire/Header.h"

namespace souffleur::store {
namespace {

constexpr std::size_t kPage = 1000;
constexpr int kPagesMax = 10'000'000;

Error diskError(const SQLite::Exception& failure) {
    return {Code::storage,
            "a snapshot cannot be made: SQLite " + std::to_string(failure.getErrorCode()) +
                "; check head office's folder and disk",
            "snapshot"};
}

/// A statement on loan: arguments in order, reset when the loan ends.
class Loan {
public:
    explicit Loan(SQLite::Statement& statement) : _statement(statement) {}
    ~Loan() {
        (void) _statement.tryReset();
        _statement.clearBindings();
    }
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;

    Loan& bytes(std::string_view value) {
        // A null pointer would bind NULL.
        const char* data = value.empty() ? "" : value.data();
        _statement.bind(++_index, static_cast<const void*>(data), static_cast<int>(value.size()));
        return *this;
    }
    template <typename Tag>
    Loan& id(const Id<Tag>& value) {
        return bytes(crypto::bytesOf(value.uuid.bytes));
    }
    Loan& number(std::int64_t value) {
        _statement.bind(++_index, value);
        return *this;
    }
    Loan& text(const std::string& value) {
        _statement.bind(++_index, value);
        return *this;
    }
    void run() { (void) _statement.exec(); }
    bool step() { return _statement.executeStep(); }
    [[nodiscard]] std::string_view column(int index) {
        const SQLite::Column column = _statement.getColumn(index);
        const auto* data = static_cast<const char*>(column.getBlob());
        return data == nullptr
                   ? std::string_view()
                   : std::string_view(data, static_cast<std::size_t>(column.getBytes()));
    }

private:
    SQLite::Statement& _statement;
    int _index = 0;
};

template <typename F>
auto caught(F&& work) -> decltype(work()) {
    try {
        return work();
    } catch (const SQLite::Exception& failure) {
        return tl::make_unexpected(diskError(failure));
    }
}

/// Ours alone from its first byte.
Result<void> makeEmpty(const std::filesystem::path& file) {
    for (const char* suffix : {"", "-journal", "-wal", "-shm"}) {
        std::error_code ignored;
        std::filesystem::remove(file.string() + suffix, ignored);
    }
    const int made = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (made < 0)
        return fail(Code::storage, "a snapshot's file cannot be made", file.filename().string());
    ::close(made);
    return {};
}

/// Is the event one without which a till would know too little of somebody, however old it is?
bool staysForEver(const consent::Event& event) {
    using namespace consent;
    const Body& body = event.body;
    return wire::isNegative(event) || event.subject.none() || std::holds_alternative<Link>(body) ||
           std::holds_alternative<Unlink>(body) || std::holds_alternative<Erase>(body) ||
           std::holds_alternative<Fact>(body);
}

/// The other end of a link that is made or ended, or none: what one end said binds both.
SubjectId otherEnd(const consent::Event& event) {
    if (const auto* link = std::get_if<consent::Link>(&event.body)) return link->other;
    if (const auto* unlink = std::get_if<consent::Unlink>(&event.body)) return unlink->other;
    return {};
}

std::string quoted(const std::string& text) {
    std::string out = "'";
    for (const char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
    return out + "'";
}

} // namespace

namespace {

/// The tables of the file that follows the log.
struct Tables {
    explicit Tables(SQLite::Database& db) {
        // Made again when it is lost; nothing else is in it.
        db.exec("PRAGMA journal_mode = MEMORY");
        db.exec("PRAGMA synchronous = OFF");
        db.exec("PRAGMA secure_delete = ON");
        db.exec("PRAGMA cache_size = -8192");
        db.exec("CREATE TABLE cards (subject BLOB PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID");
        db.exec("CREATE TABLE events (subject BLOB NOT NULL, origin BLOB NOT NULL, "
                "seq INTEGER NOT NULL, header BLOB NOT NULL)");
        db.exec("CREATE INDEX events_subject ON events (subject)");
        db.exec("CREATE TABLE life (subject BLOB PRIMARY KEY, last INTEGER NOT NULL, "
                "keep INTEGER NOT NULL) WITHOUT ROWID");
    }
};

} // namespace

class Gathering::Parts {
public:
    explicit Parts(const std::filesystem::path& file)
        : db(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE) {}

    void addEvent(const Outgoing& event) {
        TimeMs at = 0;
        bool keep = true; // what cannot be read may be a no
        if (const auto header = wire::decodeHeader(event.header)) {
            at = header->event.at;
            keep = staysForEver(header->event);
            if (const auto other = otherEnd(header->event); !other.none()) live(other, at, true);
        }
        Loan(putEvent)
            .id(event.subject)
            .id(event.origin)
            .number(static_cast<std::int64_t>(event.seq))
            .bytes(event.header)
            .run();
        live(event.subject, at, keep);
    }
    /// True: it is the card of somebody who was on file with another one and is erased.
    bool addCard(const wire::Card& card) {
        const auto body = wire::encodeCard(card);
        if (!body) return false; // as on a pull's page
        bool known = false;
        if (card.erased) {
            Loan held(getCard);
            known = held.id(card.subject).step() && held.column(0) != *body;
        }
        Loan(putCard).id(card.subject).bytes(*body).run();
        live(card.subject, 0, card.restricted || card.erased);
        return known;
    }
    void live(const SubjectId& subject, TimeMs at, bool keep) {
        Loan(putLife).id(subject).number(at).number(keep ? 1 : 0).run();
    }

    SQLite::Database db;
    Tables tables{db}; ///< before the statements that name them
    Cursor cursor;
    SQLite::Statement putEvent{
        db, "INSERT INTO events (subject, origin, seq, header) VALUES (?, ?, ?, ?)"};
    SQLite::Statement getCard{db, "SELECT body FROM cards WHERE subject = ?"};
    SQLite::Statement putCard{db, "INSERT INTO cards (subject, body) VALUES (?, ?) "
                                  "ON CONFLICT (subject) DO UPDATE SET body = excluded.body"};
    SQLite::Statement putLife{
        db, "INSERT INTO life (subject, last, keep) VALUES (?, ?, ?) ON CONFLICT (subject) "
            "DO UPDATE SET last = max(last, excluded.last), keep = max(keep, excluded.keep)"};
};

Gathering::Gathering(std::unique_ptr<Parts> parts) : _parts(std::move(parts)) {}
Gathering::~Gathering() = default;

const Cursor& Gathering::cursor() const noexcept {
    return _parts->cursor;
}

Result<std::unique_ptr<Gathering>> Gathering::begin(const std::filesystem::path& file) {
    if (auto made = makeEmpty(file); !made) return passOn(made);
    return caught([&]() -> Result<std::unique_ptr<Gathering>> {
        return std::unique_ptr<Gathering>(new Gathering(std::make_unique<Parts>(file)));
    });
}

Result<bool> Gathering::follow(const Store& store, const std::atomic<bool>& stop) {
    return caught([&]() -> Result<bool> {
        Parts& parts = *_parts;
        // Whose positions these are: a till that goes on from here says it.
        if (parts.cursor.line == 0) {
            const auto start = store.servedFrom(OriginId{}, Cursor{});
            if (!start) return passOn(start);
            parts.cursor.line = start->line;
        }
        bool erased = false;
        for (int pages = 0; pages < kPagesMax; ++pages) {
            const auto page = store.pull(parts.cursor, kPage, OriginId{});
            if (!page) return passOn(page);
            SQLite::Transaction whole(parts.db);
            for (const Outgoing& event : page->events) parts.addEvent(event);
            for (const wire::Card& card : page->cards) erased = parts.addCard(card) || erased;
            whole.commit();
            parts.cursor = page->next;
            if (!page->more) return erased;
            if (stop) return fail(Code::unavailable, "stopping");
        }
        return erased;
    });
}

Result<std::uint64_t> Gathering::write(const std::filesystem::path& file, TimeMs since) {
    if (auto made = makeEmpty(file); !made) return passOn(made);
    return caught([&]() -> Result<std::uint64_t> {
        SQLite::Database& db = _parts->db;
        db.exec("ATTACH DATABASE " + quoted(file.string()) + " AS made");
        struct Detach {
            SQLite::Database& db;
            ~Detach() { (void) db.tryExec("DETACH DATABASE made"); }
        } const detach{db};
        db.exec("PRAGMA made.journal_mode = OFF");
        db.exec("PRAGMA made.synchronous = OFF"); // packed, and synced, next
        db.exec("CREATE TABLE made.meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)");
        db.exec("CREATE TABLE made.cards (subject BLOB PRIMARY KEY, body BLOB NOT NULL) "
                "WITHOUT ROWID");
        db.exec("CREATE TABLE made.events (num INTEGER PRIMARY KEY, subject BLOB NOT NULL, "
                "origin BLOB NOT NULL, seq INTEGER NOT NULL, header BLOB NOT NULL)");
        const std::string scope =
            " (SELECT subject FROM life WHERE keep = 1 OR last >= " + std::to_string(since) + ")";
        SQLite::Transaction whole(db);
        db.exec("INSERT INTO made.cards SELECT subject, body FROM main.cards WHERE subject IN" +
                scope + " ORDER BY subject");
        // By subject, so that a till reads both side by side.
        db.exec("INSERT INTO made.events (subject, origin, seq, header) SELECT subject, origin, "
                "seq, header FROM main.events WHERE subject IN" +
                scope + " ORDER BY subject, rowid");
        SQLite::Statement meta(db, "INSERT INTO made.meta (name, value) VALUES (?, ?)");
        Loan(meta).text("format").text(std::to_string(kSnapshotFormat)).run();
        Loan(meta).text("cursor").text(_parts->cursor.text()).run();
        const auto people =
            static_cast<std::uint64_t>(db.execAndGet("SELECT count(*) FROM made.cards").getInt64());
        whole.commit();
        return people;
    });
}

} // namespace souffleur::store
