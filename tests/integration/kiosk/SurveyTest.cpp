// The house's own questions, from the kiosk's page to the counts at head office: what is kept of
// them, what leads to nobody, and what goes with a person (plugin/doc/adr/0016).
#include <SQLiteCpp/SQLiteCpp.h>

#include <atomic>

#include "plugin/crypto/Sealed.h"
#include "plugin/wire/Payload.h"
#include "tests/integration/kiosk/KioskRig.h"

using namespace souffleur;
using test::answersJson;
using test::eventually;

namespace {

constexpr const char* kFoyer = R"("id":"foyer","version":1)";

std::string filled(const std::string& answers, const std::string& requestId) {
    return R"({"requestId":")" + requestId + R"(",)" + kFoyer + R"(,"answers":[)" + answers + "]}";
}

std::string requestId(Random& random) {
    return Uuid::random(random).text();
}

const std::string kFirstTime = R"({"question":"first-time","values":["yes"]})";
const std::string kTravels = R"({"question":"travel","values":["bicycle"]})";

/// A kiosk whose day a test turns.
struct House {
    explicit House(const std::string& toml = policy::sampleHouseToml()) : office(toml) {
        lobby::LobbyOptions options;
        options.today = [this] { return day.load(); };
        kiosk = std::make_unique<test::Kiosk>(office, options);
    }
    std::uint64_t tookPart() const {
        const auto counts = store::surveysOf(office.home->store()).surveyCounts("foyer", 1).value();
        for (const auto& one : counts.counts) {
            if (one.question.empty()) return one.count;
        }
        return 0;
    }

    std::atomic<std::int64_t> day{SystemClock().now().at / kDayMs};
    test::Office office;
    std::unique_ptr<test::Kiosk> kiosk;
};

/// Every row of every table of a database, as text; by table.
std::map<std::string, std::vector<std::string>> rowsOf(const std::filesystem::path& file) {
    SQLite::Database db(file.string(), SQLite::OPEN_READONLY);
    std::map<std::string, std::vector<std::string>> out;
    for (SQLite::Statement table(db, "SELECT name FROM sqlite_master WHERE type = 'table' AND name "
                                     "NOT LIKE 'sqlite%'");
         table.executeStep();) {
        const std::string name = table.getColumn(0).getString();
        auto& rows = out[name];
        SQLite::Statement row(db, "SELECT * FROM \"" + name + "\"");
        while (row.executeStep()) {
            std::string text;
            for (int i = 0; i < row.getColumnCount(); ++i)
                text += row.getColumn(i).getString() + "|";
            rows.push_back(std::move(text));
        }
    }
    return out;
}

} // namespace

TEST_CASE("what is filled in waits until its day is over, then counts, once") {
    House house;
    auto& page = *house.kiosk->page;
    CHECK(page.get("/house").body.find(R"("surveys":{"anonymous":{"id":"foyer")") !=
          std::string::npos);
    const std::string id = requestId(house.office.random);
    for (int i = 0; i < 3; ++i) {
        const auto answer = page.post("/surveys", filled(kFirstTime + "," + kTravels, id));
        CHECK(answer.status == 201);
        CHECK(answer.body == R"({"taken":true})");
    }
    CHECK(page.post("/wipe", "{}").status == 204);
    // The next visitor, over a restart of the kiosk.
    CHECK(page.post("/surveys", filled(kTravels, requestId(house.office.random))).status == 201);
    house.kiosk->close();
    house.kiosk->open();
    // A sign-up goes at once; it overtakes them.
    REQUIRE(house.kiosk->page
                ->post("/sign-ups",
                       answersJson(house.office.policy, R"(,"email":"anna.kiosk@example.org")",
                                   {"newsletter/email"}))
                .status == 201);
    REQUIRE(eventually([&] { return !house.office.people("anna.kiosk@example.org").empty(); }));
    CHECK(house.tookPart() == 0);
    house.day += 1;
    REQUIRE(eventually([&] { return house.tookPart() == 2; }));
    house.day += 1;
    CHECK(house.kiosk->page->post("/surveys", filled(kTravels, requestId(house.office.random)))
              .status == 201);
    house.day += 1;
    REQUIRE(eventually([&] { return house.tookPart() == 3; }));
    const auto counts =
        store::surveysOf(house.office.home->store()).surveyCounts("foyer", 1).value();
    CHECK(counts.lastDay == counts.firstDay + 2);
}

TEST_CASE("what is no answer is refused with its place; where nothing can be taken nothing is") {
    House house;
    auto& page = *house.kiosk->page;
    const auto send = [&](const std::string& answers) {
        return page.post("/surveys", filled(answers, requestId(house.office.random)));
    };
    CHECK(send("").code() == "invalid");
    CHECK(send(R"({"question":"first-time","values":["Anna de Vries"]})").code() == "invalid");
    CHECK(send(R"({"question":"how-often","values":["few"]})").body.find("not-asked") !=
          std::string::npos);
    CHECK(page.post("/surveys", "[]").code() == "malformed");
    CHECK(
        page.post(
                "/surveys",
                R"({"requestId":"0c0f6f5e-2f3c-4c5a-9a51-0d5a4a6ef0aa","id":"taste","version":1,"answers":[)" +
                    kTravels + "]}")
            .code() == "stale-questions");
    std::string long64k =
        filled(std::string(70'000, ' ') + kTravels, requestId(house.office.random));
    CHECK(page.post("/surveys", long64k).status == 413);
}

TEST_CASE("head office counts a ballot once, and none that was forged") {
    test::Office office;
    const protocol::Device device = office.enrolled(office.folder.path() / "bench");
    const crypto::SigningKey key = std::move(*device.signingKey());
    protocol::HubLink link(device.hubUrl, device.tls(), office.clock, {});
    const auto intake = protocol::decodeIntake(link.get("/sync/v1/intake")->body).value();
    const std::int64_t today = office.clock.now().at / kDayMs;
    const auto made = [&](const protocol::Ballot& content) {
        const auto plain = protocol::encodeBallot(content).value();
        protocol::SealedBallot out{protocol::BallotId::random(office.random),
                                   intake.number,
                                   crypto::seal(intake.certificatePem, plain.view()).value(),
                                   {}};
        protocol::sign(out, device.origin, key);
        return out;
    };
    const auto send = [&](const std::vector<protocol::SealedBallot>& ballots) {
        const auto answer = link.postJson("/sync/v1/ballots", protocol::encodeBallots(ballots));
        REQUIRE_MESSAGE(answer.has_value(), (answer ? "" : answer.error().text()));
        std::vector<protocol::BallotFate> out;
        const auto told = protocol::decodeBallotsAnswer(answer->body).value();
        for (const auto& one : told.fates) out.push_back(one.fate);
        return out;
    };
    using enum protocol::BallotFate;
    const protocol::Ballot good{"foyer", 1, today - 1, {{"travel", {"foot"}}}};
    const auto first = made(good);
    auto unsigned1 = made(good);
    unsigned1.signature[3] ^= 1;
    auto rotten = made(good);
    rotten.sealed[rotten.sealed.size() / 2] ^= 1;
    protocol::sign(rotten, device.origin, key);
    auto copied = first; // the same answers under an id of one's own: not signed so
    copied.id = protocol::BallotId::random(office.random);
    auto gone = made(good);
    gone.key = 999;
    protocol::sign(gone, device.origin, key);
    auto wrong = good;
    wrong.answers.push_back({"how-often", {"few"}});
    auto newer = good;
    newer.version = 2;
    auto early = good;
    early.day = today + 30;
    CHECK(send({first, first, unsigned1, rotten, copied, gone, made(wrong), made(newer),
                made(early), made(good)}) == std::vector{counted, had, refused, refused, refused,
                                                         refused, refused, later, refused,
                                                         counted});
    CHECK(send({first}) == std::vector{had});
    const auto counts = store::surveysOf(office.home->store()).surveyCounts("foyer", 1).value();
    CHECK(counts.counts.front().count == 2);
    // A till may not, and neither may a kiosk that was revoked.
    const protocol::Device till =
        office.enrolled(office.folder.path() / "till", "terminal", "Till");
    protocol::HubLink tills(till.hubUrl, till.tls(), office.clock, {});
    CHECK_FALSE(tills.postJson("/sync/v1/ballots", protocol::encodeBallots({first})).has_value());
    REQUIRE(office.home->store().setStatus(device.origin, store::OriginStatus::revoked));
    CHECK_FALSE(
        link.postJson("/sync/v1/ballots", protocol::encodeBallots({made(good)})).has_value());
}

TEST_CASE(
    "whoever filled it in, what is stored is the same but for the counts, and leads to nobody") {
    std::map<std::string, std::map<std::string, std::vector<std::string>>> kept;
    for (const char* who : {"anna", "boris"}) {
        House house;
        const std::string address = std::string(who) + ".kiosk@example.org";
        REQUIRE(house.kiosk->page
                    ->post("/sign-ups",
                           answersJson(house.office.policy, R"(,"email":")" + address + "\"",
                                       {"newsletter/email"}))
                    .status == 201);
        REQUIRE(
            house.kiosk->page->post("/surveys", filled(kFirstTime, requestId(house.office.random)))
                .status == 201);
        const auto atKiosk = house.kiosk->device.folder / "sealed.db";
        REQUIRE(eventually([&] { return !house.office.people(address).empty(); }));
        house.kiosk->close();
        auto lobby = rowsOf(atKiosk);
        REQUIRE(lobby["ballots"].size() == 1);
        house.kiosk->open();
        house.day += 1;
        REQUIRE(eventually([&] { return house.tookPart() == 1; }));
        house.kiosk->close();
        auto left = rowsOf(atKiosk);
        CHECK(left["ballots"].empty());
        auto hub = rowsOf(house.office.home->folder() / "hub.db");
        // The id of a ballot stands in one place of one row, and the number of a sign-up's item
        // moved by one alone.
        REQUIRE(hub["ballots"].size() == 1);
        const std::string id = hub["ballots"].front().substr(0, 16);
        for (const auto& [table, rows] : hub) {
            for (const std::string& row : rows)
                CHECK((table == "ballots" || row.find(id) == std::string::npos));
        }
        CHECK(hub["sealed"].size() == 1);
        CHECK(left["items"].size() == 1);
        // No row of the counts holds anything of a person, a device or a time of the day.
        for (const std::string& row : hub["survey_counts"]) {
            CHECK(std::count(row.begin(), row.end(), '|') == 6);
            CHECK(row.find(who) == std::string::npos);
        }
        kept[who] = {{"survey_counts", hub["survey_counts"]}};
    }
    CHECK(kept["anna"] == kept["boris"]);
    CHECK(kept["anna"]["survey_counts"].size() == 2);
}

TEST_CASE("beside a sign-up answers go with it, say where they come from, and need a yes") {
    std::string toml = policy::sampleHouseToml();
    const std::string before = "questionnaires = [\"foyer\"]";
    REQUIRE(toml.find(before) != std::string::npos);
    toml.replace(toml.find(before), before.size(), "questionnaires = [\"foyer\", \"taste\"]");
    House house(toml);
    const std::string survey =
        R"(,"email":"anna.kiosk@example.org","survey":{"id":"taste","version":1,"answers":[{"question":"wish","values":["Puppets"]}]})";
    auto& page = *house.kiosk->page;
    const auto refused =
        page.post("/sign-ups", answersJson(house.office.policy, survey, {"newsletter/email"}));
    CHECK(refused.status == 422);
    CHECK(refused.body.find("prerequisite-missing") != std::string::npos);
    REQUIRE(
        page.post("/sign-ups", answersJson(house.office.policy, survey, {"personal-offers/email"}))
            .status == 201);
    REQUIRE(eventually([&] { return !house.office.people("anna.kiosk@example.org").empty(); }));
    auto hub = rowsOf(house.office.home->folder() / "hub.db");
    std::size_t found = 0;
    for (const std::string& row : hub["events"])
        found += row.find(R"("survey:taste@1:wish":"Puppets")") != std::string::npos ? 1 : 0;
    CHECK(found == 1);
    CHECK(hub["survey_counts"].empty());
}
