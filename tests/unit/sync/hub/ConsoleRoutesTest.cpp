#include "tests/unit/sync/hub/ConsoleHouse.h"

using namespace souffleur;
using namespace souffleur::hub;
using namespace souffleur::test;

TEST_CASE("every action obeys the matrix, for every role") {
    House house;
    const std::string person = "/api/v1/people/" + house.people[0].text();
    const std::vector<std::pair<Action, std::string>> reads{
        {Action::overviewView, "/api/v1/overview"},
        {Action::personView, person},
        {Action::personView, person + "/events"},
        {Action::proofView, "/api/v1/events/" + house.first.text() + "/proof"},
        {Action::proofView, "/api/v1/log"},
        {Action::devicesView, "/api/v1/devices"},
        {Action::auditView, "/api/v1/audit"}};
    for (const char* role : {"marketing", "privacy", "it", "admin"}) {
        for (const auto& [action, path] : reads) {
            CAPTURE(role);
            CAPTURE(path);
            CHECK(house.get(path, role).status == (may(role, permissionFor(action)) ? 200 : 403));
        }
    }
    CHECK(house.get("/api/v1/overview", "").status == 401);
    CHECK(house.get("/api/v1/overview", "struck off").status == 401);
    CHECK(house.post("/api/v1/people/search", "it", "{}").status == 403);
    CHECK(house.audited("people.search.refused") == 1);
    for (const Permission& one : kPermissions) CHECK(&permissionFor(one.action) == &one);
}

TEST_CASE("five wrong passwords lock a name, longer each time; a right one forgives") {
    House house;
    for (int n = 0; n < kFreeFailures; ++n) CHECK(house.signInWith("it", "wrong") == 401);
    CHECK(house.signInWith("it", kPassword) == 423);
    house.clock.at += kFirstLockMs;
    CHECK(house.signInWith("it", "wrong") == 401);
    house.clock.at += kFirstLockMs;
    CHECK(house.signInWith("it", kPassword) == 423);
    house.clock.at += kFirstLockMs;
    CHECK(house.signInWith("it", kPassword) == 201);
    CHECK(house.store->staff("it")->failures == 0);
    CHECK(house.signInWith("nobody", kPassword) == 401);
    CHECK(lockMs(1000) == kLongestLockMs);
}

TEST_CASE("a name that nobody has is counted, locked and answered like one that somebody has") {
    House house;
    for (int n = 0; n < kFreeFailures; ++n) {
        CHECK(house.signInWith("it", "wrong") == 401);
        CHECK(house.signInWith("nobody", "wrong") == 401);
    }
    const auto known = house.signInFrom("it", "wrong", "");
    const auto unknown = house.signInFrom("nobody", "wrong", "");
    CHECK(known.status == 423);
    CHECK(unknown.status == known.status);
    CHECK(unknown.body == known.body);
    CHECK(unknown.headers.get("Retry-After") == known.headers.get("Retry-After"));
    CHECK(house.audited("session.refused") == 2 * kFreeFailures);
    const auto trail = house.store->auditTrail(500).value();
    for (const auto& row : trail) CHECK(row.who != "nobody");
}

TEST_CASE("guesses from elsewhere lock nobody out here, and an unlock ends all") {
    House house;
    for (int n = 0; n < kFreeFailures; ++n)
        CHECK(house.signInFrom("it", "wrong", "192.0.2.7").status == 401);
    CHECK(house.signInFrom("it", kPassword, "192.0.2.7").status == 423);
    CHECK(house.signInFrom("it", kPassword, "192.0.2.8").status == 201);
    // A flood of made-up names forgives nothing to somebody who works here.
    for (std::size_t n = 0; n < kStrangersMax + 20; ++n)
        CHECK(house.signInFrom("x" + std::to_string(n), "wrong", "192.0.2.7").status == 401);
    CHECK(house.signInFrom("it", kPassword, "192.0.2.7").status == 423);
    CHECK(house.store->setting("sign-in.tallies")->size() < 80 * (kStrangersMax + 10));
    REQUIRE(ConsoleSignIn::unlockAll(*house.store));
    CHECK(house.signInFrom("it", kPassword, "192.0.2.7").status == 201);
}

TEST_CASE("people come in pages, and a view is audited without words, once in a while") {
    House house;
    const auto page = wire::Json::parse(
        house.post("/api/v1/people/search", "marketing", R"({"limit":2,"text":""})").body);
    REQUIRE(page);
    CHECK(page->at("people")->items()->size() == 2);
    const std::string after(page->at("after")->asString().value());
    const auto rest = wire::Json::parse(
        house.post("/api/v1/people/search", "marketing", R"({"limit":2,"after":")" + after + "\"}")
            .body);
    CHECK(rest->at("people")->items()->size() == 1);
    CHECK(rest->at("after")->isNull());
    CHECK(house.audited("people.search") == 2);

    const std::string person = "/api/v1/people/" + house.people[1].text();
    CHECK(house.get(person, "privacy").status == 200);
    CHECK(house.get(person, "privacy").status == 200);
    CHECK(house.audited("person.view") == 1);
    house.clock.at += kViewAuditMs;
    CHECK(house.get(person, "privacy").status == 200);
    CHECK(house.audited("person.view") == 2);
    CHECK(house.store->auditTrail(1)->front().about == house.people[1].text());
}

TEST_CASE("head office finds an act by the code on its slip, and the search tells no more") {
    House house;
    const crypto::Handle handle = crypto::randomHandle(house.random);
    consent::Act said = test::act(consent::Choice::given);
    said.withdrawHandleHash = crypto::toHex(crypto::bytesOf(crypto::handleHash(handle)));
    const auto event = house.till.add(house.people[1], said, kNow - 5);
    REQUIRE(house.till.push(*house.store, 4, 4));
    const auto ask = [&](const std::string& text) {
        return wire::Json::parse(
            house.post("/api/v1/people/search", "privacy", R"({"text":")" + text + "\"}").body);
    };
    auto page = ask(crypto::slipCode(handle));
    REQUIRE(page);
    CHECK(page->at("step")->asString().value() == "slip");
    CHECK(page->at("act")->asString().value() == event.id.text());
    CHECK(page->at("people")->items()->size() == 1);
    CHECK(page->at("after")->isNull());
    page = ask(crypto::slipCode(crypto::randomHandle(house.random)));
    REQUIRE(page);
    CHECK(page->at("act")->isNull());
    CHECK(page->at("people")->items()->empty());
    CHECK(house.audited("people.search") == 2);
    CHECK(house.store->auditTrail(1)->front().about.empty()); // not the code either
    CHECK(house.post("/api/v1/people/search", "it", "{}").status == 403);
}

TEST_CASE("what is malformed or unknown is refused and tells nothing") {
    House house;
    CHECK(house.post("/api/v1/people/search", "admin", "{").status == 400);
    CHECK(house.post("/api/v1/people/search", "admin", R"({"limit":0})").status == 400);
    CHECK(house.post("/api/v1/people/search", "admin", R"({"who":"x"})").status == 400);
    CHECK(house.post("/api/v1/people/search", "admin", R"({"state":"maybe"})").status == 400);
    CHECK(house.get("/api/v1/people/not-an-id", "admin").status == 404);
    CHECK(house.get("/api/v1/people/" + Uuid{}.text(), "admin").status == 404);
    CHECK(house.get("/api/v1/events/" + Uuid{}.text() + "/proof", "admin").status == 404);
    CHECK(house.audited("person.view") == 0);
}

TEST_CASE("a device that waits is approved under its fingerprint, once, and can then take part") {
    House house;
    test::TestOrigin waiting(10);
    auto enrolment = waiting.enrolment();
    enrolment.status = store::OriginStatus::pending;
    enrolment.fingerprint = std::string(64, 'c');
    REQUIRE(house.store->enrol(enrolment));
    waiting.add(waiting.newSubject(), test::act(consent::Choice::given), kNow);
    CHECK(waiting.push(*house.store, 1, 1).error().code == Code::refused);
    const std::string approve = "/api/v1/devices/" + waiting.id.text() + "/approve";
    const std::string right = R"({"fingerprint":")" + std::string(64, 'c') + "\"}";
    CHECK(house.post(approve, "marketing", right).status == 403);
    CHECK(
        house.post(approve, "admin", R"({"fingerprint":")" + std::string(64, 'd') + "\"}").status ==
        409);
    CHECK(house.store->origin(waiting.id)->status == store::OriginStatus::pending);
    const auto approved = house.post(approve, "admin", right);
    CHECK(approved.status == 200);
    const auto device = wire::Json::parse(approved.body);
    REQUIRE(device);
    CHECK(device->at("status")->asString().value() == "active");
    CHECK(house.store->origin(waiting.id)->status == store::OriginStatus::active);
    CHECK(waiting.push(*house.store, 1, 1).has_value());
    CHECK(house.post(approve, "admin", right).status == 409);
    CHECK(house.audited("device.approve") == 1);
    CHECK(house.store->auditTrail(1)->front().about == waiting.id.text());
}

TEST_CASE("eligibility is answered for those who may ask, and noted under the person's id") {
    House house;
    const std::string person = house.people[0].text();
    const std::string question =
        R"({"person":")" + person + R"(","purpose":"newsletter","channel":"email"})";
    CHECK(house.post("/api/v1/eligibility", "it", question).status == 403);
    CHECK(house.post("/api/v1/eligibility", "", question).status == 401);
    const auto answer = house.post("/api/v1/eligibility", "marketing", question);
    CHECK(answer.status == 200);
    const auto json = wire::Json::parse(answer.body);
    REQUIRE(json);
    CHECK(json->at("eligible")->asBool().value() == false);
    CHECK(json->at("reason")->asString().value() == "no-address");
    CHECK(house.store->auditTrail(1)->front().action == "eligibility.view");
    CHECK(house.store->auditTrail(1)->front().about == person);
    for (const char* bad :
         {R"({})", R"({"person":"x","purpose":"newsletter","channel":"email"})",
          R"({"person":"00000000-0000-0000-0000-000000000000","purpose":"n","channel":"email"})"}) {
        CAPTURE(bad);
        CHECK(house.post("/api/v1/eligibility", "admin", bad).status == 400);
    }
    CHECK(house
              .post("/api/v1/eligibility", "admin",
                    R"({"person":")" + Uuid::random(house.random).text() +
                        R"(","purpose":"newsletter","channel":"email"})")
              .status == 404);
}

TEST_CASE("a device is revoked only under the fingerprint that was on the screen") {
    House house;
    const std::string device = "/api/v1/devices/" + house.till.id.text();
    const std::string right = R"({"fingerprint":")" + std::string(64, 'a') + "\"}";
    CHECK(house.post(device + "/revoke", "admin", R"({"fingerprint":"bb"})").status == 409);
    CHECK(house.post(device + "/revoke", "privacy", right).status == 403);
    CHECK(house.post(device + "/revoke", "it", right).status == 200);
    CHECK(house.store->origin(house.till.id)->status == store::OriginStatus::revoked);
    CHECK(house.post(device + "/approve", "it", right).status == 409);
    CHECK(house.audited("device.revoke") == 1);
    const auto invited =
        house.post("/api/v1/devices/invite", "it", R"({"name":"Till 2","place":"till-2"})");
    CHECK(invited.status == 201);
    CHECK(house.post("/api/v1/devices/invite", "it", R"({"name":"x","place":"No!"})").status ==
          400);
}
