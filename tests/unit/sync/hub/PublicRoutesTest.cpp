// The public door: who may knock, how often, and what nobody is told.
#include "sync/hub/PublicRoutes.h"

#include "plugin/contact/Email.h"
#include "sync/mail/Courier.h"
#include "tests/unit/sync/hub/ConsoleHouse.h"

using namespace souffleur;
using namespace souffleur::test;
using http::Method;

namespace {

struct Door {
    test::House house;
    mail::House ours{*house.store, house.chain, house.policy, {{"nl", "Het Voorhuis"}}};
    mail::Answers answers{ours, house.clock};
    hub::PublicRoutes routes{ours, answers, house.clock};
    http::Router router;
    hub::PublicGate gate{8445, "https://Theatre.example.org/mail"};
    SubjectId anna;
    std::string token;

    Door() {
        routes.addTo(router);
        // An answer that waits, and the link that was mailed for it.
        wire::PersonData person;
        person.displayName = "Anna";
        person.contacts.push_back({"email", "anna@example.org",
                                   contact::Email::parse("anna@example.org")->canonicalKey()});
        anna = house.till.newSubject();
        consent::Act act = test::act(consent::Choice::given);
        act.choices.front().confirm = true;
        house.till.add(anna, act, kNow - kMinuteMs, &person);
        REQUIRE(house.till.push(*house.store, 4, 4, kNow - kHourMs));
        const store::MailRules rules;
        while (house.store->findMails(house.policy, rules, kNow).value() > 0) {
        }
        token = mail::newToken(house.random);
        REQUIRE(
            house.store->claimMail(house.policy, rules, mail::tokenHash(token), kNow)->has_value());
    }

    http::Request request(Method method, const std::string& path, std::string body = "") const {
        http::Request out;
        out.method = method;
        out.path = path;
        out.body = std::move(body);
        out.peer.address = "127.0.0.1";
        out.headers.set("Host", "127.0.0.1:8445");
        out.headers.set("Content-Type", "application/json");
        return out;
    }
    http::Response post(const std::string& path, const std::string& body) {
        return router.handle(request(Method::post, path, body));
    }
    http::Response withToken(const std::string& path, const std::string& which) {
        return post(path, R"({"token":")" + which + R"("})");
    }
    int gated(http::Request& asked) {
        const auto refused = gate.admit(asked);
        return refused ? refused->status : 0;
    }
    std::string state() const {
        return std::string(
            consent::name(house.store->state(anna, {"house", "newsletter", "email"})->state));
    }
};

} // namespace

TEST_CASE("looking changes nothing, and says no more than the mail did") {
    Door door;
    const auto seen = door.withToken("/api/v1/mail/look", door.token);
    CHECK(seen.status == 200);
    CHECK(seen.body.find("\"confirm\"") != std::string::npos);
    CHECK(seen.body.find("anna@") == std::string::npos);
    CHECK(seen.body.find("Anna") == std::string::npos);
    CHECK(door.state() == "requested");
    for (const char* path :
         {"/api/v1/mail/look", "/api/v1/mail/confirm", "/api/v1/mail/not-me", "/api/v1/slip"}) {
        CHECK(door.router.handle(door.request(Method::get, path)).status == 405);
        CHECK(door.router.handle(door.request(Method::head, path)).status == 405);
    }
    CHECK(door.state() == "requested");
    CHECK(door.router.handle(door.request(Method::get, "/api/v1/house")).status == 200);
}

TEST_CASE("yes counts once; whatever leads nowhere gets one answer, byte for byte") {
    Door door;
    CHECK(door.withToken("/api/v1/mail/confirm", door.token).status == 204);
    CHECK(door.state() == "given");
    const auto used = door.withToken("/api/v1/mail/look", door.token);
    const auto forged = door.withToken("/api/v1/mail/look", std::string(43, 'A'));
    CHECK(used.status == 404);
    CHECK(used.body == forged.body);
    CHECK(door.withToken("/api/v1/mail/confirm", door.token).body == forged.body);
    CHECK(door.withToken("/api/v1/mail/not-me", door.token).body == forged.body);
    CHECK(door.post("/api/v1/slip", R"({"code":"no code","what":"slip"})").body == forged.body);
    CHECK(door.state() == "given");
}

TEST_CASE("'this was not me' needs no more than the link") {
    Door door;
    CHECK(door.withToken("/api/v1/mail/not-me", door.token).status == 204);
    CHECK(door.state() == "withdrawn");
    CHECK(door.withToken("/api/v1/mail/confirm", door.token).status == 404);
    CHECK(door.state() == "withdrawn");
}

TEST_CASE("what is no request of the page's is refused") {
    Door door;
    CHECK(door.post("/api/v1/mail/confirm", "{").status == 400);
    CHECK(door.post("/api/v1/mail/confirm", R"({"token":"a","more":1})").status == 400);
    CHECK(door.withToken("/api/v1/mail/confirm", std::string(65, 'a')).status >= 400);
    CHECK(door.post("/api/v1/mail/confirm", std::string(2000, ' ')).status == 413);
    CHECK(door.post("/api/v1/slip", R"({"code":"x","what":"all"})").status == 400);
    CHECK(door.state() == "requested");
}

TEST_CASE("other sites, other names and forms come no further than the gate") {
    Door door;
    auto asked = door.request(Method::post, "/api/v1/mail/confirm");
    CHECK(door.gated(asked) == 0);
    asked.headers.set("Host", "theatre.example.org");
    asked.headers.set("Origin", "https://theatre.example.org");
    CHECK(door.gated(asked) == 0);
    asked.headers.set("Origin", "https://evil.example.com");
    CHECK(door.gated(asked) == 403);
    asked.headers.set("Origin", "null");
    CHECK(door.gated(asked) == 403);
    asked = door.request(Method::post, "/api/v1/mail/confirm");
    asked.headers.set("Sec-Fetch-Site", "cross-site");
    CHECK(door.gated(asked) == 403);
    asked = door.request(Method::post, "/api/v1/mail/confirm");
    asked.headers.set("Content-Type", "application/x-www-form-urlencoded");
    CHECK(door.gated(asked) == 415);
    asked = door.request(Method::get, "/c");
    asked.headers.set("Sec-Fetch-Site", "cross-site"); // a link in a web mailer
    CHECK(door.gated(asked) == 0);
    asked.headers.set("Host", "rebound.example.com");
    CHECK(door.gated(asked) == 400);
    http::Response page;
    door.gate.dress(asked, page);
    CHECK(page.headers.get("Content-Security-Policy").find("default-src 'none'") == 0);
    CHECK(page.headers.get("Referrer-Policy") == "no-referrer");
}

TEST_CASE("guessing ends soon, for who guesses, and its books are bounded") {
    Door door;
    const auto guess = [&](const std::string& from) {
        auto asked = door.request(Method::post, "/api/v1/mail/look", R"({"token":"guess"})");
        asked.headers.set("X-Forwarded-For", "203.0.113.9, " + from);
        return door.router.handle(asked);
    };
    int wrong = 0;
    while (guess("198.51.100.1").status == 404) REQUIRE(++wrong < 100);
    const auto refused = guess("198.51.100.1");
    CHECK(refused.status == 429);
    CHECK(refused.headers.get("Retry-After") == "600");
    CHECK(guess("198.51.100.2").status == 404); // somebody else
    CHECK(door.withToken("/api/v1/mail/look", door.token).status == 200);
    door.house.clock.at += hub::Turnstile::kWithinMs;
    CHECK(guess("198.51.100.1").status == 404);

    hub::Turnstile turnstile;
    for (int i = 0; i < 5000; ++i) CHECK(turnstile.pass("client" + std::to_string(i), i));
    CHECK(turnstile.clients() == hub::Turnstile::kClientsMax);
}
