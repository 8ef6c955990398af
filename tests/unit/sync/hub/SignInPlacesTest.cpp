#include <doctest/doctest.h>

#include "plugin/crypto/Pin.h"
#include "sync/hub/ConsoleSignIn.h"
#include "tests/unit/sync/store/Hub.h"
using namespace souffleur;
using namespace souffleur::hub;
namespace {
class StillClock final : public Clock {
public:
    Reading now() const override { return {1795521600000, 0, 0}; }
    TimeMs monotonicMs() const override { return 5; }
};
} // namespace
TEST_CASE("all addresses of this machine are one place to guess from") {
    test::TemporaryFolder folder;
    auto store = test::open(folder);
    SeededRandom random(1);
    StillClock clock;
    ConsoleSignIn in(*store, clock, random, crypto::Secret(std::string(32, 'p')));
    crypto::PinHasher hasher(crypto::Secret(std::string(32, 'p')));
    REQUIRE(
        store->putStaff({"admin", "admin", hasher.hash("right password", random).value(), 0, 0}));
    int locked = 0;
    for (int i = 1; i <= 25; ++i)
        for (int n = 0; n < 4; ++n) {
            auto a = in.check("admin", "wrong", "127.0.0." + std::to_string(i));
            if (a.error().code == Code::locked) ++locked;
        }
    CHECK(locked > 0);
}

TEST_CASE(
    "a name guessed from ever new places is locked for all of them, and little is kept of it") {
    test::TemporaryFolder folder;
    auto store = test::open(folder);
    SeededRandom random(1);
    StillClock clock;
    ConsoleSignIn in(*store, clock, random, crypto::Secret(std::string(32, 'p')));
    crypto::PinHasher hasher(crypto::Secret(std::string(32, 'p')));
    REQUIRE(
        store->putStaff({"admin", "admin", hasher.hash("right password", random).value(), 0, 0}));
    std::string name;
    SUBCASE("of somebody who works here") {
        name = "admin";
    }
    SUBCASE("of nobody") {
        name = "nobody";
    }
    const auto guess = [&](int place) {
        return in.check(name, "wrong", "192.0.2." + std::to_string(place)).error().code;
    };
    for (int place = 1; place <= kNameFailures; ++place) CHECK(guess(place) == Code::refused);
    CHECK(guess(201) == Code::locked);
    CHECK(in.check(name, "right password", "192.0.2.202").error().code == Code::locked);
    CHECK(store->setting("sign-in.tallies")->size() < 100 * (kPlacesMax + kStrangersMax));
    REQUIRE(ConsoleSignIn::unlockAll(*store).has_value());
    if (name == "admin") CHECK(in.check(name, "right password", "192.0.2.203").has_value());
}
