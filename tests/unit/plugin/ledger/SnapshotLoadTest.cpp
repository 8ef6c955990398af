#include "plugin/ledger/SnapshotLoad.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <fstream>

#include "Fixture.h"
#include "plugin/crypto/Encoding.h"

using namespace souffleur;
using namespace souffleur::ledger;
using namespace souffleur::ledger::testing;
using consent::Choice;

namespace {

/// A snapshot as head office writes it, of what the test says.
class Made {
public:
    explicit Made(const std::filesystem::path& file, const std::string& format = "1")
        : _db(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE) {
        _db.exec("CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)");
        _db.exec("CREATE TABLE cards (subject BLOB PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID");
        _db.exec("CREATE TABLE events (num INTEGER PRIMARY KEY, subject BLOB NOT NULL, "
                 "origin BLOB NOT NULL, seq INTEGER NOT NULL, header BLOB NOT NULL)");
        _db.exec("INSERT INTO meta VALUES ('format', '" + format + "'), ('cursor', '1.2.3')");
    }
    void card(const SubjectId& subject, const std::string& body) {
        SQLite::Statement put(_db, "INSERT INTO cards VALUES (?, ?)");
        blob(put, 1, crypto::bytesOf(subject.uuid.bytes));
        blob(put, 2, body);
        put.exec();
    }
    void event(const Foreign& event) {
        SQLite::Statement put(
            _db, "INSERT INTO events (subject, origin, seq, header) VALUES (?, ?, ?, ?)");
        blob(put, 1, crypto::bytesOf(event.subject.uuid.bytes));
        blob(put, 2, crypto::bytesOf(event.origin.uuid.bytes));
        put.bind(3, static_cast<std::int64_t>(event.seq));
        blob(put, 4, event.header);
        put.exec();
    }

private:
    static void blob(SQLite::Statement& put, int index, std::string_view bytes) {
        put.bind(index, bytes.data(), static_cast<int>(bytes.size()));
    }
    SQLite::Database _db;
};

wire::Card cardOf(const SubjectId& subject, const std::string& name) {
    wire::Card out;
    out.subject = subject;
    out.version = 3;
    out.displayName = name;
    return out;
}

std::vector<SubjectId> ordered(std::size_t count) {
    std::vector<SubjectId> out;
    for (std::uint64_t i = 0; i < count; ++i) out.push_back(idOf<SubjectId>(i));
    std::sort(out.begin(), out.end());
    return out;
}

} // namespace

TEST_CASE("a snapshot gives what its events and cards give one by one") {
    Rig loaded;
    Rig single;
    const auto file = loaded.folder.path / "snapshot.db";
    const auto people = ordered(6);
    const TimeMs at = loaded.clock.at;
    std::vector<Foreign> events;
    std::vector<wire::Card> cards;
    for (std::uint64_t i = 0; i < people.size(); ++i) {
        const auto& one = people[i];
        cards.push_back(cardOf(one, "Anna Bakker" + std::to_string(i)));
        events.push_back(foreign(
            8, i + 1, one,
            act({choice("newsletter", "email", i % 2 == 0 ? Choice::given : Choice::refused)}),
            at));
        if (i == 1) {
            // The original beside its advance copy.
            Foreign copy = events.back();
            copy.seq = 0;
            events.push_back(copy);
        }
        if (i == 2) events.push_back(foreign(9, 1, one, consent::Link{people[3], "operator"}, at));
        if (i == 4) events.push_back(foreign(9, 2, one, consent::Erase{}, at + kHourMs));
        if (i == 5) {
            events.push_back(foreign(9, 3, one, consent::Fact{"minor", "yes"}, at));
            events.back().header = "{\"of\":\"a later build\"}";
        }
    }
    cards[4] = {};
    cards[4].subject = people[4];
    cards[4].version = 4;
    cards[4].erased = true;
    for (Foreign& event : events) event.negative = true; // as pulled
    {
        Made made(file);
        for (const auto& card : cards) made.card(card.subject, wire::encodeCard(card).value());
        for (const auto& event : events) made.event(event);
    }
    std::uint64_t seen = 0;
    const auto done = loadSnapshot(*loaded.ledger, file, [&](std::uint64_t people_) {
        seen = people_;
        return true;
    });
    REQUIRE_MESSAGE(done.has_value(), (done ? "" : done.error().text()));
    CHECK(done->people == 6);
    CHECK(seen == 6);
    REQUIRE(single.ledger->applyForeign(events, cards, "1.2.3").has_value());
    CHECK(loaded.ledger->cursor().value() == "1.2.3");
    const auto report = loaded.ledger->verify();
    REQUIRE_MESSAGE(report.has_value(), (report ? "" : report.error().text()));
    CHECK(report->projections == single.ledger->verify()->projections);
    CHECK(loaded.ledger->stats()->quarantined == 1);
    CHECK(loaded.ledger->person(people[2])->subjects.size() == 2);
}

TEST_CASE("another format, rubbish, and a ledger at work are refused; so is a load that is ended") {
    Rig rig;
    const auto file = rig.folder.path / "snapshot.db";
    const auto load = [&](bool goOn = true) {
        return loadSnapshot(*rig.ledger, file, [&](std::uint64_t) { return goOn; });
    };
    SUBCASE("another format") {
        { const Made made(file, "2"); }
        CHECK(load().error().code == Code::unsupported);
        CHECK(rig.ledger->verify().has_value());
    }
    SUBCASE("no SQLite") {
        std::ofstream(file) << std::string(4096, 'x');
        CHECK(load().error().code == Code::corrupt);
    }
    SUBCASE("a card that is none") {
        {
            Made made(file);
            made.card(idOf<SubjectId>(1), "{}");
        }
        CHECK(load().error().code == Code::corrupt);
    }
    SUBCASE("at work") {
        { const Made made(file); }
        rig.add(idOf<SubjectId>(1), consent::Fact{"minor", "no"});
        CHECK(load().error().code == Code::conflict);
    }
    SUBCASE("ended") {
        {
            Made made(file);
            made.card(idOf<SubjectId>(1),
                      wire::encodeCard(cardOf(idOf<SubjectId>(1), "Anna")).value());
        }
        CHECK(load(false).error().code == Code::unavailable);
    }
}
