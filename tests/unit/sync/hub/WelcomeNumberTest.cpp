#include "sync/hub/WelcomeNumber.h"

#include <doctest/doctest.h>

#include "tests/support/TemporaryFolder.h"

using namespace souffleur;
using namespace souffleur::hub;

namespace {

constexpr TimeMs kNow = 1795521600000;

protocol::Welcome of(const char* pack) {
    protocol::Welcome welcome;
    welcome.packName = pack;
    return welcome;
}

} // namespace

TEST_CASE("a welcome keeps its number, and another one gets a larger one") {
    test::TemporaryFolder folder;
    const auto store = store::openSqlite(folder.text(), {}).value();
    const auto number = [&](const char* pack, TimeMs now) {
        return numbered(*store, of(pack), now).value().number;
    };
    CHECK(number("nl", kNow) == kNow);
    CHECK(number("nl", kNow + 5) == kNow);
    CHECK(number("de", kNow + 9) == kNow + 9);
    // Back again is new again, and a clock that ran back takes nothing back.
    CHECK(number("nl", kNow - kDayMs) == kNow + 10);
    CHECK(number("nl", kNow + kDayMs) == kNow + 10);
    CHECK(number("de", kNow + kDayMs) == kNow + kDayMs);
}

TEST_CASE("a clock that is decades ahead for once moves the number by one") {
    constexpr TimeMs k2099 = 4070908800000;
    test::TemporaryFolder folder;
    test::TemporaryFolder backup;
    const auto store = store::openSqlite(folder.text(), {}).value();
    REQUIRE(numbered(*store, of("nl"), kNow).value().number == kNow);
    const auto held = numbered(*store, of("de"), k2099).value().number;
    CHECK(held == kNow + 1);
    // Restored from before that start, what it serves anew is later than what tills hold.
    const auto restored = store::openSqlite(backup.text(), {}).value();
    REQUIRE(numbered(*restored, of("nl"), kNow).has_value());
    CHECK(numbered(*restored, of("fr"), kNow + kDayMs).value().number > held);
}

TEST_CASE("at the end of time a number still grows, and can be read") {
    test::TemporaryFolder folder;
    const auto store = store::openSqlite(folder.text(), {}).value();
    const auto readable = [](const protocol::Welcome& welcome) {
        return protocol::decodeWelcome(protocol::encodeWelcome(welcome)).has_value();
    };
    const auto first = numbered(*store, of("nl"), kMaxTime).value();
    const auto next = numbered(*store, of("de"), kNow).value();
    CHECK(readable(first));
    CHECK(readable(next));
    CHECK(next.number > first.number);
    REQUIRE(store->putSetting("welcome", std::to_string(kMaxTime) + " another"));
    CHECK(readable(numbered(*store, of("fr"), kNow).value()));
}

TEST_CASE("the number comes over the wire, and a hub that does not count says none") {
    auto welcome = of("nl");
    welcome.number = kNow;
    CHECK(protocol::decodeWelcome(protocol::encodeWelcome(welcome)).value() == welcome);
    CHECK(protocol::welcomeTag(welcome) != protocol::welcomeTag(of("nl")));
    const std::string old = R"({"houseKey":")" + std::string(64, '0') + R"(","pack":"nl"})";
    CHECK(protocol::decodeWelcome(old)->number == 0);
    CHECK_FALSE(protocol::decodeWelcome(R"({"houseKey":")" + std::string(64, '0') +
                                        R"(","pack":"nl","number":-1})")
                    .has_value());
}
