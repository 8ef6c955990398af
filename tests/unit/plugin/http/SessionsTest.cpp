#include "plugin/http/Sessions.h"

#include <doctest/doctest.h>

#include "plugin/http/LoopbackGuard.h"

using namespace souffleur;
using namespace souffleur::http;

namespace {

class HandClock final : public Clock {
public:
    TimeMs at = 1000;
    [[nodiscard]] Reading now() const override { return {at, 0, 0}; }
    [[nodiscard]] TimeMs monotonicMs() const override { return at; }
};

struct House {
    HandClock clock;
    SeededRandom random{1};
    SessionConfig config;
    House() {
        config.cookieName = "souffleur-panel";
        config.maxSessions = 2;
        config.maxLaunchTokens = 2;
        config.idleMs = kMinuteMs;
    }
};

Request with(const GrantedSession& granted, bool secret = true) {
    Request request;
    request.headers.set("Cookie", granted.setCookie.substr(0, granted.setCookie.find(';')));
    if (secret) request.headers.set(kSecretHeader, granted.secret);
    return request;
}

} // namespace

TEST_CASE("a launch token is traded once, and its session knows cookie and secret") {
    House house;
    Sessions sessions(house.config, house.clock, house.random);
    const std::string token = sessions.launchToken();
    const auto granted = sessions.trade(token).value();
    CHECK(granted.setCookie.find("HttpOnly; SameSite=Strict") != std::string::npos);
    CHECK(granted.setCookie.find(granted.secret) == std::string::npos);
    CHECK(sessions.trade(token).error().code == Code::refused);
    CHECK(sessions.check(with(granted), true).value().id == granted.id);
    CHECK(sessions.check(with(granted, false), false).has_value());
    CHECK(sessions.check(with(granted, false), true).error().code == Code::refused);
    const auto other = sessions.grant();
    Request mixed = with(granted);
    mixed.headers.set(kSecretHeader, other.secret);
    CHECK(sessions.check(mixed, true).error().code == Code::refused);
}

TEST_CASE("tokens and sessions end by time") {
    House house;
    Sessions sessions(house.config, house.clock, house.random);
    const std::string token = sessions.launchToken();
    house.clock.at += house.config.launchMs;
    CHECK_FALSE(sessions.trade(token).has_value());
    const auto granted = sessions.grant();
    house.clock.at += house.config.lifetimeMs - 1;
    CHECK(sessions.check(with(granted), true).has_value());
    house.clock.at += 1;
    CHECK_FALSE(sessions.check(with(granted), true).has_value());
    CHECK(sessions.count() == 0);
}

TEST_CASE("tokens and sessions are bounded: the oldest gives way") {
    House house;
    Sessions sessions(house.config, house.clock, house.random);
    const std::string first = sessions.launchToken();
    house.clock.at += 1;
    const std::string second = sessions.launchToken();
    house.clock.at += 1;
    const std::string third = sessions.launchToken();
    CHECK_FALSE(sessions.trade(first).has_value());
    const auto one = sessions.trade(second).value();
    house.clock.at += 1;
    const auto two = sessions.trade(third).value();
    house.clock.at += 1;
    sessions.touch(one.id);
    const auto three = sessions.grant();
    CHECK(sessions.count() == 2);
    CHECK(sessions.check(with(one), true).has_value());
    CHECK_FALSE(sessions.check(with(two), true).has_value());
    CHECK(sessions.check(with(three), true).has_value());
}

TEST_CASE("an idle principal is signed out once, and the session stays") {
    House house;
    Sessions sessions(house.config, house.clock, house.random);
    int hooks = 0;
    sessions.onIdle([&](const std::string&) { ++hooks; });
    const auto granted = sessions.grant();
    CHECK(sessions.setPrincipal(granted.id, "operator-7"));
    house.clock.at += house.config.idleMs - 1;
    CHECK(sessions.check(with(granted), true).value().principal == "operator-7");
    sessions.touch(granted.id);
    house.clock.at += house.config.idleMs - 1;
    sessions.sweep();
    CHECK(hooks == 0);
    house.clock.at += 1;
    sessions.sweep();
    CHECK(hooks == 1);
    CHECK(sessions.check(with(granted), true).value().principal.empty());
    CHECK(hooks == 1);
    CHECK_FALSE(sessions.setPrincipal("nobody", "x"));
}

TEST_CASE("ended sessions are gone") {
    House house;
    Sessions sessions(house.config, house.clock, house.random);
    const auto granted = sessions.grant();
    sessions.end(granted.id);
    CHECK_FALSE(sessions.check(with(granted), true).has_value());
    sessions.grant();
    sessions.endAll();
    CHECK(sessions.count() == 0);
    CHECK_FALSE(sessions.check(Request{}, false).has_value());
}
