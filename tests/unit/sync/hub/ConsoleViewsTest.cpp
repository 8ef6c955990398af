// What a reader of the console sees first: a no to everything, who is there, an audit trail without
// searches.
#include "tests/unit/sync/hub/ConsoleHouse.h"

using namespace souffleur;
using namespace souffleur::test;

namespace {

std::vector<wire::Json> listIn(const wire::Json& object, const char* key) {
    return object.at(key)->items().value();
}

std::string textIn(const wire::Json& object, const char* key) {
    return std::string(object.at(key)->asString().value());
}

std::int64_t numberIn(const wire::Json& object, const char* key) {
    return object.at(key)->asInt().value();
}

} // namespace

TEST_CASE("searches can be left out of the audit, and are counted; a refused one never") {
    House house;
    const auto page = [&](const std::string& query) {
        const auto answer = house.get("/api/v1/audit?" + query, "admin");
        REQUIRE(answer.status == 200);
        return wire::Json::parse(answer.body).value();
    };
    const auto search = [&] { house.post("/api/v1/people/search", "marketing", "{}"); };
    search();
    CHECK(house.get("/api/v1/people/" + house.people[0].text(), "marketing").status == 200);
    for (int n = 0; n < 5; ++n) search();
    CHECK(house.post("/api/v1/people/search", "it", "{}").status == 403);
    // Looking at the audit is noted too, after it was answered.
    const auto without = page("without=people.search");
    CHECK(numberIn(without, "leftOut") == 6);
    CHECK(listIn(without, "rows").size() == 2);
    for (const auto& row : listIn(without, "rows")) CHECK(textIn(row, "action") != "people.search");
    CHECK(numberIn(page(""), "leftOut") == 0);
    CHECK(listIn(page(""), "rows").size() == 9);
    // Only as far back as the page itself goes.
    search();
    CHECK(numberIn(page("limit=1&without=people.search"), "leftOut") == 1);
    CHECK(house.get("/api/v1/audit?without=person.view", "admin").status == 400);
}

TEST_CASE("a no to everything is told of its own, and where nothing else was answered") {
    House house;
    const auto everything = [&](const SubjectId& id) {
        const auto answer = house.get("/api/v1/people/" + id.text(), "privacy");
        REQUIRE(answer.status == 200);
        return wire::Json::parse(answer.body)->at("everything").value();
    };
    const auto states = [&](const SubjectId& id) {
        const auto answer = house.post("/api/v1/people/search", "privacy", "{}");
        const auto page = wire::Json::parse(answer.body).value();
        std::string out;
        for (const auto& person : listIn(page, "people")) {
            if (textIn(person, "id") != id.text()) continue;
            for (const auto& one : listIn(person, "states"))
                out += textIn(one, "purpose") + " " + textIn(one, "state") + ";";
        }
        return out;
    };
    const SubjectId asked = house.people[0];
    const SubjectId imported = house.till.newSubject();
    CHECK(everything(asked).isNull());
    const auto stop = [&](const SubjectId& id) {
        house.till.add(
            id, test::act(consent::Choice::objected, {}, consent::Method::spoken, "*", "*"), kNow);
    };
    stop(asked);
    stop(imported);
    REQUIRE(house.till.push(*house.store, 4, 5, kNow));
    for (const SubjectId& id : {asked, imported}) {
        const auto said = everything(id);
        CHECK(textIn(said, "state") == "objected");
        CHECK(textIn(said, "purpose") == "*");
        CHECK(numberIn(said, "at") == kNow);
    }
    CHECK(states(asked) == "newsletter objected;");
    CHECK(states(imported) == "* objected;"); // and not "never asked"
}

TEST_CASE("head office, which answers, is there now; a till when it last came") {
    House house;
    house.clock.at += 7 * kHourMs;
    const auto answer = house.get("/api/v1/devices", "admin");
    const auto page = wire::Json::parse(answer.body).value();
    std::size_t offices = 0;
    for (const auto& device : listIn(page, "devices")) {
        const bool office = textIn(device, "kind") == "hub";
        offices += office ? 1 : 0;
        CHECK((numberIn(device, "lastSeen") == house.clock.at) == office);
    }
    CHECK(offices == 1);
}
