#include "plugin/host/PretixPoller.h"

#include <doctest/doctest.h>

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>

#include "tests/support/ScriptedServer.h"

using namespace souffleur;
using namespace souffleur::host;
using souffleur::test::ScriptedServer;

namespace {

constexpr TimeMs kNoon = 1795348800000; // 2026-11-22T12:00:00Z

class HandClock final : public Clock {
public:
    [[nodiscard]] Reading now() const override { return {kNoon, 100, 0}; }
    [[nodiscard]] TimeMs monotonicMs() const override { return mono; }
    TimeMs mono = 1000;
};

class Told final : public FollowEvents, public CursorStore {
public:
    void ordered(const Selection& customer, std::string_view orderId) override {
        log.push_back("ordered " + customer.id + " " + std::string(orderId));
        last = customer;
        const std::lock_guard lock(_mutex);
        _orders = true;
        _changed.notify_all();
    }
    bool waitForOrder() {
        std::unique_lock lock(_mutex);
        return _changed.wait_for(lock, std::chrono::seconds(60), [&] { return _orders; });
    }
    void cancelled(const Selection& customer, std::string_view orderId) override {
        log.push_back("cancelled " + customer.id + " " + std::string(orderId));
    }
    Result<void> answered(const Evidence& one) override {
        if (failing) return fail(*failing, "not now");
        evidence.push_back(one);
        log.push_back(std::string(one.given ? "yes " : "no ") + one.person.id);
        return {};
    }
    Result<void> anonymised(std::string_view system, std::string_view id) override {
        log.push_back("anonymised " + std::string(system) + " " + std::string(id));
        return {};
    }
    Result<std::string> get(std::string_view name) const override {
        const auto found = cursors.find(std::string(name));
        if (found == cursors.end()) return fail(Code::notFound, "none");
        return found->second;
    }
    Result<void> put(std::string_view name, std::string_view value) override {
        cursors[std::string(name)] = value;
        return {};
    }

    std::vector<std::string> log;
    std::vector<Evidence> evidence;
    Selection last;
    std::optional<Code> failing;
    std::map<std::string, std::string> cursors;

private:
    std::mutex _mutex;
    std::condition_variable _changed;
    bool _orders = false;
};

std::string order(const std::string& code, TimeMs placed, TimeMs modified,
                  const std::string& answer = {}, const std::string& status = "p",
                  const std::string& more = {}) {
    std::string out = R"({"event":"gala","code":")" + code + R"(","status":")" + status +
                      R"(","email":"anna@example.org","locale":"nl","datetime":")" +
                      formatTime(placed) + R"(","last_modified":")" + formatTime(modified) +
                      R"(",)" + more + R"("positions":[{"positionid":1,"answers":[)";
    if (!answer.empty()) {
        out += R"({"question_identifier":"news","answer":")" + answer + R"("})";
    }
    return out + "]}]}";
}

/// A shop whose answers are set by hand, and a poller over it.
struct Shop {
    std::vector<std::string> orders; ///< of each page
    std::string customers = "";      ///< items
    std::string customer = "{}";
    std::string refusal; ///< whole answer instead of any page
    std::string generated = "X-Page-Generated: 2026-11-22T12:00:00Z\r\n";
    std::size_t pageFailing = 99;
    ScriptedServer server{[this](const std::string& head) { return answer(head); }};
    std::unique_ptr<intake::PretixClient> client;
    Told told;
    HandClock clock;
    SeededRandom random{7};
    std::vector<TimeMs> waits;
    PretixSettings settings;
    std::unique_ptr<PretixPoller> poller;

    Shop() {
        settings.access.url = server.url();
        settings.access.organizer = "house";
        settings.access.token = "sesame";
        settings.questions = {{"news", "newsletter", "email"}};
        settings.sweepMs = 0;
        told.cursors["follow:pretix:house"] = formatTime(kNoon - kHourMs);
        begin();
    }
    void begin() {
        client = std::move(intake::PretixClient::make(settings.access).value());
        poller = std::make_unique<PretixPoller>(settings, *client, told, told, clock, random,
                                                [this](TimeMs ms) {
                                                    waits.push_back(ms);
                                                    return true;
                                                });
    }
    std::string answer(const std::string& head) const {
        if (!refusal.empty()) return refusal;
        const std::string base = server.url() + "/api/v1/organizers/house";
        if (head.find("/customers/ ") != std::string::npos) {
            return ScriptedServer::json(R"({"next":null,"results":[)" + customers + "]}");
        }
        if (head.find("/customers/") != std::string::npos) return ScriptedServer::json(customer);
        std::size_t page = 0;
        const std::size_t at = head.find("?page=");
        if (at != std::string::npos) page = static_cast<std::size_t>(head[at + 6] - '0');
        if (page == pageFailing) return ScriptedServer::json("<html>", generated);
        const std::string next =
            page + 1 < orders.size()
                ? "\"" + base + "/orders/?page=" + std::to_string(page + 1) + "\""
                : "null";
        return ScriptedServer::json(R"({"next":)" + next + R"(,"results":[)" +
                                        (page < orders.size() ? orders[page] : "") + "]}",
                                    generated);
    }
    [[nodiscard]] std::string cursor() const { return told.cursors.at("follow:pretix:house"); }
};

const std::string kTime = "2026-11-22T12:00:00.000Z";

} // namespace

TEST_CASE("a fresh order is announced once, with the person, after its evidence") {
    Shop shop;
    shop.orders = {order("AB1CD", kNoon - 1000, kNoon - 900, "True")};
    CHECK(shop.poller->round() == shop.settings.pollMs);
    CHECK(shop.told.log ==
          std::vector<std::string>{"yes order:gala-AB1CD", "ordered order:gala-AB1CD gala-AB1CD"});
    CHECK(shop.told.last.system == "pretix");
    CHECK(shop.told.last.email == "anna@example.org");
    CHECK(shop.told.last.language == "nl");
    REQUIRE(shop.told.evidence.size() == 1);
    const Evidence said = shop.told.evidence.front();
    CHECK(said.purpose == "newsletter");
    CHECK(said.channel == "email");
    CHECK(said.at == kNoon - 1000);
    CHECK(said.unc == kDayMs);
    CHECK(said.source == "pretix:question:news");
    CHECK(said.key.size() <= 128);
    CHECK(shop.cursor() == kTime);

    CHECK(shop.poller->round() == shop.settings.pollMs); // the overlap brings it again
    CHECK(shop.told.log.size() == 2);
    CHECK(shop.poller->status().orders == 1);

    shop.orders = {order("AB1CD", kNoon - 1000, kNoon, "True")}; // paid: changed, not new
    CHECK(shop.poller->round() == shop.settings.pollMs);
    CHECK(shop.told.log.size() == 3);
    CHECK(shop.told.evidence.back().key == said.key);
}

TEST_CASE("an old order is recorded and not announced; a no may be as late as the last change") {
    Shop shop;
    shop.orders = {order("AB1CD", kNoon - 5 * kDayMs, kNoon - 2 * kDayMs, "False")};
    CHECK(shop.poller->round() == shop.settings.pollMs);
    CHECK(shop.told.log == std::vector<std::string>{"no order:gala-AB1CD"});
    CHECK(shop.told.evidence.front().at == kNoon - 5 * kDayMs);
    CHECK(shop.told.evidence.front().unc == 4 * kDayMs);
}

TEST_CASE("all pages are followed, within a page the earliest comes first") {
    Shop shop;
    shop.orders = {order("C", kNoon - 10, kNoon - 10, "True") + "," +
                       order("B", kNoon - 20, kNoon - 20, "True"),
                   order("A", kNoon - kDayMs, kNoon - 30, "True")};
    CHECK(shop.poller->round() == shop.settings.pollMs);
    CHECK(shop.told.log ==
          std::vector<std::string>{"yes order:gala-B", "ordered order:gala-B gala-B",
                                   "yes order:gala-C", "ordered order:gala-C gala-C",
                                   "yes order:gala-A"});
    CHECK(shop.waits == std::vector<TimeMs>{shop.settings.requestGapMs});
    CHECK(shop.poller->status().asOf == kNoon);
}

TEST_CASE("a round that breaks off leaves the cursor, and the next one tells nothing twice") {
    Shop shop;
    const std::string before = shop.cursor();
    shop.orders = {order("B", kNoon, kNoon, "True"), order("A", kNoon, kNoon, "True")};
    shop.pageFailing = 1;
    CHECK(shop.poller->round() > 0);
    CHECK(shop.cursor() == before);
    CHECK(shop.poller->status().problem.code == Code::corrupt);
    CHECK_FALSE(shop.poller->status().reached);
    shop.pageFailing = 99;
    CHECK(shop.poller->round() == shop.settings.pollMs);
    CHECK(shop.cursor() == kTime);
    CHECK(shop.told.evidence.size() == 2);
    CHECK(shop.poller->status().reached);
}

TEST_CASE("evidence that could not be stored is told again; what cannot be is left behind") {
    Shop shop;
    const std::string before = shop.cursor();
    shop.orders = {order("AB1CD", kNoon, kNoon, "True")};
    shop.told.failing = Code::storage;
    CHECK(shop.poller->round() > 0);
    CHECK(shop.cursor() == before);
    CHECK(shop.told.log.empty()); // not announced either: its flag would be wrong
    shop.told.failing.reset();
    CHECK(shop.poller->round() == shop.settings.pollMs);
    CHECK(shop.told.log.size() == 2);

    shop.orders = {order("EF2GH", kNoon, kNoon, "True")};
    shop.told.failing = Code::invalid;
    CHECK(shop.poller->round() == shop.settings.pollMs);
    CHECK(shop.poller->status().skipped == 1);
    CHECK(shop.told.log.back() == "ordered order:gala-EF2GH gala-EF2GH");
}

TEST_CASE("the server's Retry-After is obeyed, failures back off within bounds") {
    Shop shop;
    shop.refusal = ScriptedServer::json("{}", "Retry-After: 30\r\n", "429 Too Many Requests");
    for (int i = 0; i < 5; ++i) CHECK(shop.poller->round() >= 30'000);
    CHECK(shop.poller->status().limited == 5);
    shop.refusal = ScriptedServer::json("", {}, "500 Internal Server Error");
    TimeMs longest = 0;
    for (int i = 0; i < 40; ++i) {
        const TimeMs pause = shop.poller->round();
        CHECK(pause >= shop.settings.pollMs / 2);
        CHECK(pause <= shop.settings.pollMs + shop.settings.backoffMaxMs);
        longest = std::max(longest, pause);
    }
    CHECK(longest > 10 * shop.settings.pollMs);
    shop.refusal.clear();
    CHECK(shop.poller->round() == shop.settings.pollMs);
}

TEST_CASE("a cancelled order leaves the till if it was shown, and is not shown late") {
    Shop shop;
    shop.orders = {order("A", kNoon - 10, kNoon - 10)};
    CHECK(shop.poller->round() == shop.settings.pollMs);
    shop.orders = {order("A", kNoon - 10, kNoon - 5, {}, "c") + "," +
                   order("B", kNoon - 10, kNoon - 5, {}, "c")};
    CHECK(shop.poller->round() == shop.settings.pollMs);
    CHECK(shop.told.log ==
          std::vector<std::string>{"ordered order:gala-A gala-A", "cancelled order:gala-A gala-A"});
}

TEST_CASE("without a cursor it begins now, or where the settings say") {
    Shop shop;
    shop.told.cursors.clear();
    shop.begin();
    CHECK(shop.poller->round() == shop.settings.pollMs);
    CHECK(shop.cursor() == kTime);
    CHECK(shop.server.heads().size() == 2);

    shop.told.cursors.clear();
    shop.settings.since = kNoon - 100 * kDayMs;
    shop.begin();
    CHECK(shop.poller->round() == shop.settings.pollMs);
    CHECK(shop.server.heads().back().find("modified_since=2026-08-14T11%3A59%3A50.000Z") !=
          std::string::npos);
}

TEST_CASE("a cursor that is no time, and a page without one, stop it and are said") {
    Shop shop;
    shop.told.cursors["follow:pretix:house"] = "yesterday";
    CHECK(shop.poller->round() > 0);
    CHECK(shop.poller->status().problem.code == Code::corrupt);
    CHECK(shop.server.heads().empty());
    shop.told.cursors["follow:pretix:house"] = kTime;
    shop.generated.clear();
    shop.orders = {order("A", kNoon, kNoon, "True")};
    CHECK(shop.poller->round() > 0);
    CHECK(shop.told.log.empty());
}

TEST_CASE("pages without end end") {
    Shop shop;
    shop.settings.pagesMax = 3;
    shop.begin();
    for (char code = 'A'; code < 'J'; ++code) {
        shop.orders.push_back(order(std::string(1, code), kNoon, kNoon));
    }
    CHECK(shop.poller->round() > 0);
    CHECK(shop.poller->status().problem.code == Code::tooLarge);
    CHECK(shop.server.heads().size() == 3);
}

TEST_CASE("the account tells the name; a token without that right does not stop the order") {
    Shop shop;
    shop.orders = {order("A", kNoon, kNoon, {}, "p", R"("customer":"AB12",)")};
    shop.customer = R"({"identifier":"AB12","name":"Anna Vermeer","email":"old@example.org"})";
    CHECK(shop.poller->round() == shop.settings.pollMs);
    CHECK(shop.told.last.id == "customer:AB12");
    CHECK(shop.told.last.name == "Anna Vermeer");
    CHECK(shop.told.last.email == "anna@example.org");
    shop.orders = {order("B", kNoon, kNoon, {}, "p", R"("customer":"AB12",)")};
    shop.customer = "<html>";
    CHECK(shop.poller->round() == shop.settings.pollMs);
    CHECK(shop.told.last.id == "customer:AB12");
    CHECK(shop.told.last.name.empty());
}

TEST_CASE("only orders of the till's sales channels are announced, all give evidence") {
    Shop shop;
    shop.settings.announceChannels = {"pretixpos"};
    shop.begin();
    shop.orders = {order("B", kNoon, kNoon, "True", "p", R"("sales_channel":"pretixpos",)") + "," +
                   order("A", kNoon, kNoon, "True", "p", R"("sales_channel":"web",)")};
    CHECK(shop.poller->round() == shop.settings.pollMs);
    CHECK(shop.told.log == std::vector<std::string>{"yes order:gala-A", "yes order:gala-B",
                                                    "ordered order:gala-B gala-B"});
}

TEST_CASE("orders of a test are left alone unless asked for") {
    Shop shop;
    shop.orders = {order("A", kNoon, kNoon, "True", "p", R"("testmode":true,)")};
    CHECK(shop.poller->round() == shop.settings.pollMs);
    CHECK(shop.told.log.empty());
    shop.settings.tests = true;
    shop.begin();
    CHECK(shop.poller->round() == shop.settings.pollMs);
    CHECK(shop.told.log.size() == 2);
}

TEST_CASE("anonymised customers are found page by page") {
    Shop shop;
    shop.settings.sweepMs = 5000;
    shop.begin();
    shop.customers = R"({"identifier":"AB12","is_active":false,"name":""},)"
                     R"({"identifier":"AB13","is_active":true,"name":"Bram"})";
    CHECK(shop.poller->round() == shop.settings.pollMs);
    CHECK(shop.told.log.empty()); // not yet time
    shop.clock.mono += 5000;
    CHECK(shop.poller->round() == shop.settings.pollMs);
    CHECK(shop.told.log == std::vector<std::string>{"anonymised pretix customer:AB12"});
    CHECK(shop.poller->round() == shop.settings.pollMs);
    CHECK(shop.told.log.size() == 1);
}

TEST_CASE("the follower's thread announces, and ends within its wait") {
    Shop shop;
    shop.settings.pollMs = kHourMs;
    shop.orders = {order("A", kNoon, kNoon)};
    const auto follower =
        PretixFollower::start(shop.settings, shop.told, shop.told, shop.clock, shop.random);
    REQUIRE(follower);
    CHECK(shop.told.waitForOrder());
}

TEST_CASE("the follower ends within a request that is never answered") {
    std::atomic<bool> asked = false;
    std::atomic<bool> over = false;
    const ScriptedServer server([&](const std::string&) {
        asked = true;
        asked.notify_all();
        over.wait(false);
        return std::string{};
    });
    Told told;
    const HandClock clock;
    SeededRandom random{7};
    PretixSettings settings;
    settings.access.url = server.url();
    settings.access.organizer = "house";
    settings.access.token = "sesame";
    settings.access.timeoutMs = static_cast<int>(kHourMs);
    {
        const auto follower = PretixFollower::start(settings, told, told, clock, random);
        REQUIRE(follower);
        asked.wait(false);
    }
    over = true;
    over.notify_all();
    settings.access.token.clear();
    CHECK_FALSE(PretixFollower::start(settings, told, told, clock, random));
}
