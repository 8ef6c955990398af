// Ledgers of every released schema open, verify and go on working.
#include <sqlite3.h>

#include <cstdlib>
#include <fstream>

#include "Fixture.h"
#include "Paths.h"
#include "plugin/crypto/Encoding.h"

using namespace souffleur;
using namespace souffleur::ledger;
using namespace souffleur::ledger::testing;
using consent::Choice;
using consent::State;

namespace {

std::filesystem::path frozen(int version) {
    return std::filesystem::path(kSourceDir) / "tests/golden/ledger" /
           ("v" + std::to_string(version) + ".db");
}

void fill(Rig& rig) {
    const auto a = idOf<SubjectId>(1);
    const auto b = idOf<SubjectId>(2);
    rig.add(a, act({choice("newsletter", "email", Choice::given)}),
            somebody("Anna", "Bakker", "anna@example.org"));
    const Appended no =
        rig.add(b, act({choice("*", "*", Choice::objected)}), somebody("Антон", "Чехов"));
    const Appended link = rig.add(a, consent::Link{b, "operator"});
    rig.add(a, consent::Unlink{link.id, b, {no.id}});
    rig.add(idOf<SubjectId>(3), act({choice("offers", "post", Choice::withdrawn)}),
            somebody("Quirina", "Smit"));
    rig.clock.at += kSecondMs;
    rig.add(idOf<SubjectId>(3), consent::Erase{});
    wire::Card card;
    card.subject = idOf<SubjectId>(4);
    card.version = 3;
    card.displayName = "Wim Visser";
    REQUIRE(rig.ledger->applyForeign({}, std::vector{card}, "cursor").has_value());
    REQUIRE(rig.ledger->maintain().has_value());
}

void openFrozen(Rig& rig, int version) {
    rig.ledger.reset();
    std::filesystem::remove_all(rig.folder.path);
    std::filesystem::create_directory(rig.folder.path);
    std::filesystem::copy_file(frozen(version), rig.folder.path / "ledger.db");
    rig.reopen();
}

} // namespace

TEST_CASE("a ledger that this version writes opens again as it was") {
    Rig rig;
    fill(rig);
    const auto before = rig.ledger->verify();
    REQUIRE(before.has_value());
    rig.ledger.reset();
    // Once for each new schema: SOUFFLEUR_FREEZE=tests/golden/ledger/… unit-plugin-ledger
    if (const char* file = std::getenv("SOUFFLEUR_FREEZE"))
        std::filesystem::copy_file(rig.folder.path / "ledger.db", file);
    rig.reopen();
    CHECK(rig.ledger->verify().value().projections == before->projections);
}

TEST_CASE("a ledger of an earlier schema opens, verifies and goes on") {
    int version = 0;
    SUBCASE("1") {
        version = 1;
    }
    SUBCASE("4") {
        version = 4;
    }
    CAPTURE(version);
    Rig rig;
    openFrozen(rig, version);
    const auto report = rig.ledger->verify();
    REQUIRE_MESSAGE(report.has_value(), (report ? "" : report.error().text()));
    CHECK(report->events == 6);
    CHECK(rig.state(idOf<SubjectId>(2), "newsletter", "email") == State::objected);
    CHECK(rig.ledger->person(idOf<SubjectId>(3)).value().erased);
    CHECK(rig.ledger->search("visser", 5).value().hits.size() == 1);
    CHECK(rig.ledger->search("chekhov", 5).value().hits.size() == 1);
    CHECK(rig.ledger->cursor().value() == "cursor");
    rig.clock.at += kDayMs; // the same seed must not make the same ids again
    CHECK(rig.add(idOf<SubjectId>(1), act({choice("offers", "email", Choice::given)})).seq == 7);
    CHECK(rig.ledger->verify().has_value());
    Rig fresh;
    fill(fresh);
    CHECK(crypto::toHex(crypto::bytesOf(fresh.ledger->verify().value().projections)) ==
          crypto::toHex(crypto::bytesOf(report->projections)));
}

TEST_CASE("a newer schema is left alone") {
    Rig rig;
    rig.ledger.reset();
    const auto file = rig.folder.path / "ledger.db";
    {
        // user_version stands at byte 60 of the header, big-endian.
        std::fstream raw(file, std::ios::in | std::ios::out | std::ios::binary);
        raw.seekp(60);
        raw.write("\0\0\0\x63", 4);
    }
    CHECK(Ledger::open(rig.options, rig.clock, rig.random).error().code == Code::unsupported);
}

TEST_CASE("a file that is no ledger is reported, not touched") {
    Rig rig;
    rig.ledger.reset();
    std::filesystem::remove_all(rig.folder.path);
    std::filesystem::create_directory(rig.folder.path);
    const auto file = rig.folder.path / "ledger.db";
    std::ofstream(file) << std::string(8192, 'x');
    CHECK(Ledger::open(rig.options, rig.clock, rig.random).error().code == Code::corrupt);
    CHECK(std::filesystem::file_size(file) == 8192);
}

TEST_CASE("changed bytes of an event are found") {
    Rig rig;
    rig.add(idOf<SubjectId>(1), act({choice("newsletter", "email", Choice::refused)}));
    REQUIRE(rig.ledger->maintain().has_value());
    rig.ledger.reset();
    const auto file = rig.folder.path / "ledger.db";
    std::ifstream in(file, std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    const auto at = bytes.find("\"is\":\"refused\"");
    REQUIRE(at != std::string::npos);
    bytes.replace(at, 14, "\"is\":\"given\"  ");
    std::ofstream(file, std::ios::binary) << bytes;
    rig.reopen();
    CHECK(rig.ledger->verify().error().code == Code::corrupt);
}

TEST_CASE("the sixth schema lists every unattributed act, those beyond the old list's end too") {
    Rig rig;
    consent::Act nobodys = act({choice("newsletter", "email", Choice::refused)});
    nobodys.by = {};
    std::vector<EventId> acts;
    for (std::uint64_t n = 1; n <= 3; ++n) {
        rig.clock.at += 1;
        acts.push_back(rig.add(idOf<SubjectId>(n), nobodys).id);
    }
    rig.add(idOf<SubjectId>(4), act({choice("newsletter", "email", Choice::given)}));
    REQUIRE(rig.ledger->attribute(acts[1], "somebody").has_value());
    rig.ledger.reset();
    {
        sqlite3* raw = nullptr;
        REQUIRE(::sqlite3_open((rig.folder.path / "ledger.db").c_str(), &raw) == SQLITE_OK);
        const int done = ::sqlite3_exec(raw,
                                        "DROP TABLE unattributed; DROP TABLE slips;"
                                        "INSERT INTO meta VALUES ('setting:counter.unattributed', "
                                        "x''); PRAGMA user_version = 5;",
                                        nullptr, nullptr, nullptr);
        ::sqlite3_close(raw);
        REQUIRE(done == SQLITE_OK);
    }
    rig.reopen();
    CHECK(rig.ledger->unattributed(10).value().acts == std::vector{acts[0], acts[2]});
    CHECK(rig.ledger->setting("counter.unattributed").error().code == Code::notFound);
}
