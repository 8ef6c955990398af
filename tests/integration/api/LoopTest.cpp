// rooms: plugin-api
// A day at the till over real HTTP: launch, sign in, select, ask, record, undo, print, search; and
// the feed beside it. Its answers are also held against the contract's schemas.
#include <sys/resource.h>

#include <csignal>

#include "drivers/printer/Printer.h"
#include "tests/integration/api/Browser.h"
#include "tests/integration/loopback/Peer.h"
#include "tests/support/FakeTransport.h"
#include "tests/support/HealthyPrinter.h"
#include "tests/support/Told.h"

using namespace souffleur;
using namespace souffleur::test;
using http::Method;

namespace {

json actOn(Station& station, const json& desk, const std::string& outcome, bool yes = false) {
    station.clock.pass(kSecondMs);
    json act = {{"idempotencyKey", Uuid::random(station.random).text()},
                {"questionSetId", desk["questionSetId"]},
                {"subjectId", desk["customer"]["subjectId"]},
                {"outcome", outcome},
                {"answers", json::array()},
                {"method", "spoken"},
                {"language", desk["customer"]["language"]},
                {"contacts", json::array()}};
    if (yes) {
        const json& question = desk["questions"][0];
        act["answers"] = json::array({{{"purpose", question["purpose"]},
                                       {"channel", question["channel"]},
                                       {"choice", "given"}}});
    }
    return act;
}

/// The feed as a page reads it.
struct Listener {
    peer::Connection raw;
    explicit Listener(const Browser& page) : raw(page.station.server->port()) {
        raw.send("GET /api/v1/feed HTTP/1.1\r\nHost: 127.0.0.1:" +
                 std::to_string(page.station.server->port()) +
                 "\r\nAccept-Language: nl\r\nCookie: " + page.cookie +
                 "\r\nX-Souffleur-Session: " + page.secret + "\r\n\r\n");
    }
    /// All that came so far, once `text` is among it.
    std::string until(const std::string& text) {
        std::string all = raw.readUntil(text);
        REQUIRE(all.find(text) != std::string::npos);
        return all;
    }
};

} // namespace

TEST_CASE("the loop: select, ask, record, undo, refuse, find") {
    Station station;
    Browser page(station);
    CHECK(page.get("/operators").status == 200);
    CHECK(codeOf(page.get("/desk")) == "sign-in-needed");
    CHECK(page.post("/session/sign-in", {{"operatorId", station.noor.text()}, {"pin", "000000"}})
              .status == 401);
    page.signIn();
    CHECK(page.get("/session").status == 200);
    CHECK(page.get("/desk").status == 200);

    REQUIRE(station.till->hostSelected(Station::stranger()));
    json desk = json::parse(page.get("/desk").body);
    const std::string subject = desk["customer"]["subjectId"];
    const auto saved = page.post("/acts", actOn(station, desk, "save", true));
    REQUIRE(saved.status == 201);
    const std::string act = json::parse(saved.body)["act"]["actId"];
    CHECK(page.get("/acts/" + act + "/receipt").status == 200);
    CHECK(codeOf(page.post("/acts/" + act + "/slip", json::object())) == "printer-unavailable");
    CHECK(codeOf(page.post("/acts", actOn(station, desk, "refuse"))) == "stale-questions");
    CHECK(page.post("/acts/" + act + "/undo", json::object()).status == 200);
    desk = json::parse(page.get("/desk").body);
    CHECK(page.post("/acts", actOn(station, desk, "stop-everything")).status == 201);
    CHECK(page.get("/subjects/" + subject + "/acts?limit=2").status == 200);
    CHECK(json::parse(page.post("/search", {{"query", "vermeer"}}).body)["results"].size() == 1);
    CHECK(page.post("/search", {{"query", "vermer"}}).status == 200);
    CHECK(page.post("/desk/select", {{"subjectId", nullptr}}).status == 200);
    CHECK(page.post("/desk/select", {{"subjectId", subject}}).status == 200);
    CHECK(json::parse(page.get("/desk").body)["flag"]["kind"] == "objected");

    const std::string key = Uuid::random(station.random).text();
    CHECK(page.post("/subjects", {{"idempotencyKey", key},
                                  {"name", {{"given", "Jordi"}, {"family", "Puig i Til·ler"}}},
                                  {"language", "ca"},
                                  {"contacts", {{{"kind", "email"}, {"value", "j@gmial.com"}}}}})
              .status == 422);
    CHECK(page.post("/subjects", {{"idempotencyKey", key},
                                  {"name", {{"given", "Jordi"}, {"family", "Puig i Til·ler"}}},
                                  {"language", "ca"},
                                  {"contacts", json::array()}})
              .status == 201);
    const json fresh = json::parse(page.get("/desk").body);
    const std::string path = "/subjects/" + fresh["customer"]["subjectId"].get<std::string>();
    CHECK(page.post(path + "/contacts", {{"kind", "phone"}, {"value", "+44 7700 900123"}}).status ==
          201);
    CHECK(page.post(path + "/preferences",
                    {{"genres", {"jazz"}}, {"frequency", nullptr}, {"language", "nl"}})
              .status == 200);
    CHECK(page.post("/desk/situation", {{"situation", "group"}}).status == 200);
    CHECK(page.post("/desk/language", {{"language", "de"}}).status == 200);
    CHECK(page.post("/desk/rush", {{"on", true}}).status == 200);
    CHECK(page.post("/desk/rush", {{"on", false}}).status == 200);
    const std::string notice = desk["questions"][0]["noticeId"];
    CHECK(page.get("/policy/notices?noticeId=" + notice).status == 200);
    CHECK(page.get("/status").status == 200);
    CHECK(page.get("/acts/unattributed").status == 200);
    CHECK(page.post("/session/lock", json::object()).status == 200);
    CHECK(codeOf(page.get("/desk")) == "locked");
    CHECK(page.post("/session/sign-out", json::object()).status == 200);
    CHECK(page.post("/session/unidentified", json::object()).status == 200);
}

TEST_CASE("a slip is printed on request and its job is told") {
    Station station;
    Browser page(station);
    page.signIn();
    const auto line = std::make_shared<FakeLine>();
    escpos::Profile profile;
    profile.status = false; // one-way: written is printed
    printer::Options options;
    options.retryMs = 2;
    printer::Printer printer(
        profile, std::make_unique<FakeTransport>(line), [&] { return station.clock.monotonicMs(); },
        *station.till, options);
    station.till->attach(&printer, "Slip printer");
    REQUIRE(station.till->hostSelected(Station::stranger()));
    const json desk = json::parse(page.get("/desk").body);
    Listener feed(page);
    feed.until("event: flag");
    const auto saved = page.post("/acts", actOn(station, desk, "save", true));
    const std::string act = json::parse(saved.body)["act"]["actId"];
    CHECK(json::parse(saved.body)["desk"]["slipOffered"] == true);
    const auto job = page.post("/acts/" + act + "/slip", json::object());
    CHECK(job.status == 202);
    CHECK(json::parse(job.body)["actId"] == act);
    feed.until("\"state\":\"printed\"");
    CHECK_FALSE(line->taken().empty());
    CHECK(codeOf(page.post("/printer/drawer", json::object())) == "drawer-not-allowed");
    auto pack = std::make_shared<consent::Policy>(*station.till->policy());
    pack->opensDrawer = true;
    REQUIRE(station.till->usePolicy(pack));
    const auto drawer = page.post("/printer/drawer", json::object());
    CHECK(drawer.status == 202);
    const auto kick = escpos::drawerKick();
    CHECK(eventually([&] {
        const auto all = line->taken();
        return std::search(all.begin(), all.end(), kick.begin(), kick.end()) != all.end();
    }));
    const auto again = page.post("/printer/drawer", json::object());
    CHECK(codeOf(again) == "too-many");
    CHECK(json::parse(again.body)["retryAfterMs"] == 5000);
    station.till->lock();
    CHECK(codeOf(page.post("/printer/drawer", json::object())) == "locked");
    REQUIRE(station.till->signIn(station.noor, Till::kPin));
    const std::string decide =
        "/printer/jobs/" + json::parse(job.body)["jobId"].get<std::string>() + "/decide";
    CHECK(codeOf(page.post(decide, {{"decision", "done"}})) == "job-not-indeterminate");
    CHECK(page.get("/status").status == 200);
    station.till->attach(nullptr);
}

TEST_CASE(
    "a slip in doubt is asked about, also by a page that comes later, and printed again once") {
    Station station;
    Browser page(station);
    page.signIn();
    const auto line = std::make_shared<FakeLine>();
    line->answer = HealthyPrinter{.confirm = false};
    escpos::Profile profile;
    profile.processId = true;
    printer::Options options;
    options.retryMs = 2;
    options.confirmTimeoutMs = 50;
    printer::Printer printer(
        profile, std::make_unique<FakeTransport>(line), [&] { return station.clock.monotonicMs(); },
        *station.till, options);
    station.till->attach(&printer, "Slip printer");
    REQUIRE(station.till->hostSelected(Station::stranger()));
    const json desk = json::parse(page.get("/desk").body);
    Listener feed(page);
    feed.until("event: flag");
    const auto saved = page.post("/acts", actOn(station, desk, "save", true));
    const std::string act = json::parse(saved.body)["act"]["actId"];
    const json job = json::parse(page.post("/acts/" + act + "/slip", json::object()).body);
    feed.until("\"state\":\"indeterminate\"");
    Listener later(page);
    CHECK(later.until("\"state\":\"indeterminate\"").find(job["jobId"].get<std::string>()) !=
          std::string::npos);
    CHECK(slipsIn(line->taken()) == 1);
    line->with([](FakeLine& self) { self.answer = HealthyPrinter{}; });
    const std::string decide = "/printer/jobs/" + job["jobId"].get<std::string>() + "/decide";
    const auto again = page.post(decide, {{"decision", "reprint"}});
    CHECK(again.status == 200);
    CHECK(json::parse(again.body)["expiresAt"] == job["expiresAt"]);
    later.until("\"state\":\"printed\"");
    CHECK(slipsIn(line->taken()) == 2);
    CHECK(codeOf(page.post(decide, {{"decision", "reprint"}})) == "job-not-indeterminate");
    station.till->attach(nullptr);
}

TEST_CASE("the feed tells of selections, hides them while locked, and ends with the server") {
    Station station;
    Browser page(station);
    page.signIn();
    Listener feed(page);
    const std::string first = feed.until("event: cleared");
    CHECK(first.find("text/event-stream") != std::string::npos);
    CHECK(first.find("event: lock") < first.find("event: cleared"));
    REQUIRE(station.till->hostSelected(Station::stranger()));
    CHECK(feed.until("Anna Vermeer").find("event: flag") != std::string::npos);
    station.server->api().setSync({"offline", 0, 12, 0});
    feed.until("\"pending\":12");
    station.till->lock();
    const std::string open = feed.until("\"state\":\"locked\"");
    station.till->hostCleared();
    REQUIRE(station.till->hostSelected(Station::stranger("C-2")));
    station.server->api().setSync({"synced", 0, 0, 0});
    const std::string hidden = feed.until("\"pending\":0").substr(open.size());
    CHECK(hidden.find("Anna") == std::string::npos);
    station.server->stop();
    static_cast<void>(feed.raw.readAll());
    CHECK(feed.raw.ended());
}

TEST_CASE("a full disk stores nothing and says so, and the next try is stored") {
    Station station;
    Browser page(station);
    page.signIn();
    REQUIRE(station.till->hostSelected(Station::stranger()));
    const json desk = json::parse(page.get("/desk").body);
    const auto request =
        page.request(Method::post, "/acts", actOn(station, desk, "save", true).dump());
    // No file of this process may grow: to SQLite that is a disk without room.
    const auto before = std::signal(SIGXFSZ, SIG_IGN);
    rlimit old{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &old) == 0);
    const rlimit none{1, old.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &none);
    const auto refused = page.client.send(request);
    ::setrlimit(RLIMIT_FSIZE, &old);
    std::signal(SIGXFSZ, before);
    REQUIRE(refused.has_value());
    CHECK(refused->status == 503);
    CHECK(codeOf(*refused) == "storage-unavailable");
    CHECK(json::parse(page.get("/desk").body)["lastAct"].is_null());
    CHECK(page.send(request).status == 201);
}
