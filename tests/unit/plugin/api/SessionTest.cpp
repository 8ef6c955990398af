// Launch, sign-in, lock, unidentified.
#include "plugin/ledger/Operators.h"
#include "tests/unit/plugin/api/Page.h"

using namespace souffleur;
using namespace souffleur::test;

TEST_CASE("a launch token is traded once for cookie and secret") {
    Page page({}, false);
    const std::string token = page.sessions.launchToken();
    int launched = 0;
    page.api.onLaunched([&] { ++launched; });
    const auto begun = page.post("/session", {{"launchToken", token}});
    REQUIRE(begun.status == 201);
    const json body = json::parse(begun.body);
    CHECK(body["session"]["state"] == "signed-out");
    CHECK(body["session"]["operator"].is_null());
    CHECK(body["session"]["house"]["name"] == page.pack->controller.name);
    const std::string cookie(begun.headers.get("Set-Cookie"));
    CHECK(cookie.starts_with("souffleur_till="));
    CHECK(cookie.find("HttpOnly; SameSite=Strict") != std::string::npos);
    http::Request request;
    request.headers.set("Cookie", cookie.substr(0, cookie.find(';')));
    request.headers.set("X-Souffleur-Session", body["secret"]);
    CHECK(page.sessions.check(request, true).has_value());
    CHECK(launched == 1);

    const auto again = page.post("/session", {{"launchToken", token}});
    CHECK(again.status == 401);
    CHECK(codeOf(again) == "launch-token-refused");
    CHECK(faultOf(page.post("/session", {{"launchToken", "short"}})) == "/launchToken too-short");
    CHECK(faultOf(page.post("/session", {{"launchToken", 5}})) == "/launchToken wrong-type");
    CHECK(faultOf(page.post("/session", json::object())) == "/launchToken missing");
    CHECK(launched == 1);
}

TEST_CASE("an operator signs in by name and PIN, locks, unlocks and signs out") {
    Page page({}, false);
    const json tiles = json::parse(page.get("/operators").body)["operators"];
    REQUIRE(tiles.size() == 1);
    CHECK(tiles[0]["displayName"] == "Noor");
    const json pin = {{"operatorId", tiles[0]["operatorId"]}, {"pin", Page::kPin}};
    const auto in = page.post("/session/sign-in", pin);
    CHECK(in.status == 200);
    CHECK(json::parse(in.body)["state"] == "signed-in");
    CHECK(json::parse(in.body)["operator"]["displayName"] == "Noor");
    const json locked = json::parse(page.post("/session/lock", json::object()).body);
    CHECK(locked["state"] == "locked");
    CHECK(locked["operator"]["displayName"] == "Noor");
    CHECK(page.get("/desk").status == 423);
    CHECK(json::parse(page.post("/session/sign-in", pin).body)["state"] == "signed-in");
    CHECK(page.get("/desk").status == 200);
    CHECK(json::parse(page.post("/session/sign-out", nullptr).body)["state"] == "signed-out");
    CHECK(codeOf(page.get("/desk")) == "sign-in-needed");
    CHECK(json::parse(page.get("/session").body)["state"] == "signed-out");
}

TEST_CASE("a wrong PIN counts, and locks the operator out") {
    Page page({}, false);
    const json wrong = {{"operatorId", page.noor.text()}, {"pin", "000000"}};
    auto answer = page.post("/session/sign-in", wrong);
    CHECK(answer.status == 401);
    CHECK(codeOf(answer) == "pin-wrong");
    CHECK(json::parse(answer.body).contains("attemptsLeft"));
    for (int i = 0; i < 10 && answer.status == 401; ++i) {
        answer = page.post("/session/sign-in", wrong);
    }
    CHECK(answer.status == 423);
    CHECK(codeOf(answer) == "operator-locked-out");
    CHECK(json::parse(answer.body)["retryAfterMs"] > 0);
    CHECK(answer.headers.has("Retry-After"));
    CHECK(json::parse(page.get("/operators").body)["operators"][0]["lockedOutForMs"] > 0);
}

TEST_CASE("sign-in bodies that will not do") {
    Page page({}, false);
    const auto fault = [&](const json& body) {
        return faultOf(page.post("/session/sign-in", body));
    };
    const std::string id = page.noor.text();
    CHECK(fault({{"operatorId", id}}) == "/pin missing");
    CHECK(fault({{"operatorId", id}, {"pin", 204816}}) == "/pin wrong-type");
    CHECK(fault({{"operatorId", id}, {"pin", "12345"}}) == "/pin too-short");
    CHECK(fault({{"operatorId", id}, {"pin", "1234567"}}) == "/pin too-long");
    CHECK(fault({{"operatorId", id}, {"pin", "12a456"}}) == "/pin out-of-range");
    CHECK(fault({{"operatorId", "noor"}, {"pin", "123456"}}) == "/operatorId out-of-range");
    CHECK(fault({{"badge", "x"}}) == "/badge too-short");
    CHECK(fault({{"badge", "04A2B91C55D180"}, {"pin", "1"}}) == "/pin unknown-member");
    const auto badge = page.post("/session/sign-in", {{"badge", "04A2B91C55D180"}});
    CHECK(badge.status == 401);
    CHECK(codeOf(badge) == "badge-unknown");
}

TEST_CASE("a badge signs in without a name chosen first, with a lock-out of its own") {
    Page page({}, false);
    CHECK(json::parse(page.get("/operators").body)["badges"] == false);
    auto row = page.ledger->operators().get(page.noor).value();
    row.badge = page.pins.badge("04A2B91C55D180").value();
    REQUIRE(page.ledger->operators().put(row));
    CHECK(json::parse(page.get("/operators").body)["badges"] == true);
    const auto in = page.post("/session/sign-in", {{"badge", "04A2B91C55D180"}});
    CHECK(in.status == 200);
    CHECK(json::parse(in.body)["operator"]["displayName"] == "Noor");
    http::Response answer;
    answer.status = 401;
    for (int i = 0; i < 10 && answer.status == 401; ++i) {
        answer = page.post("/session/sign-in", {{"badge", "04A2B91C55D181"}});
        if (answer.status == 401) CHECK(json::parse(answer.body).contains("attemptsLeft"));
    }
    CHECK(answer.status == 423);
    CHECK(codeOf(answer) == "operator-locked-out");
    CHECK(answer.headers.has("Retry-After"));
    CHECK(page.post("/session/sign-in", {{"operatorId", page.noor.text()}, {"pin", Page::kPin}})
              .status == 200);
}

TEST_CASE("without a sign-in answers are recorded where the house allows it") {
    Page page({}, false);
    CHECK(json::parse(page.get("/session").body)["unidentifiedAllowed"] == true);
    CHECK(json::parse(page.post("/session/unidentified", nullptr).body)["state"] == "unidentified");
    const json desk = page.select();
    CHECK(page.post("/acts", page.act(desk, "save", Page::yes(desk))).status == 201);
    CHECK(codeOf(page.post("/search", {{"query", "vermeer"}})) == "sign-in-needed");
    CHECK(codeOf(page.get("/acts/unattributed")) == "sign-in-needed");

    REQUIRE(page.till->signIn(page.noor, Page::kPin));
    const json list = json::parse(page.get("/acts/unattributed").body);
    CHECK(list["customers"] == json::array({desk["customer"]["displayName"]}));
    const json open = list["actIds"];
    REQUIRE(open.size() == 1);
    const auto claimed = page.post("/acts/" + open[0].get<std::string>() + "/attribute", nullptr);
    CHECK(claimed.status == 200);
    CHECK(json::parse(claimed.body)["actIds"].empty());
    CHECK(page.post("/acts/0192f0c1-6b1e-7c55-9a10-5a2f3e9d0b77/attribute", nullptr).status == 404);
}

TEST_CASE("and refused where it does not") {
    counter::CounterSettings settings;
    settings.unidentifiedAllowed = false;
    Page page(settings, false);
    const auto answer = page.post("/session/unidentified", nullptr);
    CHECK(answer.status == 403);
    CHECK(codeOf(answer) == "unidentified-not-allowed");
}

TEST_CASE("the clock locks the till") {
    counter::CounterSettings settings;
    settings.autoLockAfterMs = kMinuteMs;
    Page page(settings);
    page.select();
    CHECK(page.get("/desk").status == 200);
    page.clock.pass(kMinuteMs);
    page.till->tick();
    CHECK(codeOf(page.get("/desk")) == "locked");
}
