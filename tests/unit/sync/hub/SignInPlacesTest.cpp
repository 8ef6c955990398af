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
