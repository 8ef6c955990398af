// A head office is founded on purpose: a mistyped folder is an error, not a new house.
#include "sync/hub/Home.h"

#include <doctest/doctest.h>

#include <array>
#include <fstream>

#include "plugin/base/Random.h"
#include "plugin/crypto/Certificates.h"
#include "plugin/crypto/PrivateFile.h"
#include "sync/hub/Commands.h"
#include "sync/hub/HubOrigin.h"
#include "sync/hub/OwnClock.h"
#include "tests/support/TemporaryFolder.h"

using namespace souffleur;
using namespace souffleur::hub;

namespace {

class SetClock final : public Clock {
public:
    explicit SetClock(TimeMs now) : at(now) {}
    [[nodiscard]] Reading now() const override { return {at, kSecondMs, 0}; }
    [[nodiscard]] TimeMs monotonicMs() const override { return 0; }
    TimeMs at;
};

} // namespace

TEST_CASE("no command but init makes a head office") {
    test::TemporaryFolder folder;
    SystemClock clock;
    SystemRandom random;
    const Context nowhere{folder.path() / "mistyped", clock, random};
    ImportOptions file;
    file.file = folder.path() / "export.csv";
    std::ofstream(file.file) << "customer_id;name\n1;Anna Bakker\n";
    CHECK(devices(nowhere) == 1);
    CHECK(verifyLedger(nowhere) == 1);
    CHECK(stats(nowhere) == 1);
    CHECK(importFile(nowhere, file) == 1);
    CHECK(serve(nowhere, {}) == 1);
    CHECK_FALSE(std::filesystem::exists(nowhere.data));
    CHECK(init(nowhere) == 0);
    CHECK(devices(nowhere) == 0);
    const auto origin = Home::open(nowhere.data, clock, random).value()->origin();
    CHECK(init(nowhere) == 0);
    CHECK(Home::open(nowhere.data, clock, random).value()->origin() == origin);
}

TEST_CASE("a folder that holds other things never becomes a head office") {
    test::TemporaryFolder folder;
    SystemClock clock;
    SystemRandom random;
    std::ofstream(folder.path() / "letter.txt") << "mine";
    const auto home = Home::found(folder.path(), clock, random);
    REQUIRE_FALSE(home.has_value());
    CHECK(home.error().code == Code::conflict);
    CHECK_FALSE(std::filesystem::exists(folder.path() / "authority"));
    const auto below = Home::found(folder.path() / "letter.txt", clock, random);
    REQUIRE_FALSE(below.has_value());
    CHECK(below.error().code == Code::storage);
}

TEST_CASE("no head office is founded by a clock that cannot be right") {
    test::TemporaryFolder folder;
    SystemRandom random;
    for (const char* day : {"2099-01-01", "1970-01-01", "2023-12-31", "2044-01-01", "9999-01-01"}) {
        const SetClock clock(parseTime(day).value());
        const auto home = Home::found(folder.path() / "hub", clock, random);
        REQUIRE_FALSE(home.has_value());
        CHECK(home.error().code == Code::unavailable);
        CHECK(home.error().message.find(day) != std::string::npos);
        CHECK(home.error().message.find("set this machine's clock") != std::string::npos);
        CHECK_FALSE(std::filesystem::exists(folder.path() / "hub"));
    }
    CHECK(checkOwnClock(kEarliestTime).has_value());
    CHECK(checkOwnClock(kLatestTime).has_value());
}

TEST_CASE("a head office that stands says and opens nothing by a clock that cannot be right") {
    test::TemporaryFolder folder;
    SystemRandom random;
    SetClock clock(SystemClock().now().at);
    {
        const auto home = Home::found(folder.path() / "hub", clock, random).value();
        const std::array word{people::NewEvent{
            SubjectId::random(random), consent::Fact{"language", "nl"}, {}, 0, kSecondMs}};
        CHECK(home->chain().append(word).has_value());
        clock.at = parseTime("2099-01-01").value();
        CHECK(home->chain().append(word).error().code == Code::unavailable);
        CHECK(home->store().counts(clock.at)->events == 1);
    }
    CHECK(Home::open(folder.path() / "hub", clock, random).error().code == Code::unavailable);
    // What is on file can be looked at.
    CHECK(Home::open(folder.path() / "hub", clock, random, false).has_value());
}

TEST_CASE("one that was founded by a clock some years ahead says so once the clock is right") {
    test::TemporaryFolder folder;
    SystemRandom random;
    SetClock clock(SystemClock().now().at + 4 * 365 * kDayMs);
    REQUIRE(Home::found(folder.path() / "hub", clock, random).has_value());
    clock.at = SystemClock().now().at;
    const auto home = Home::found(folder.path() / "hub", clock, random);
    REQUIRE_FALSE(home.has_value());
    CHECK(home.error().code == Code::conflict);
    CHECK(home.error().message.find("founded on 20") != std::string::npos);
}

TEST_CASE("head office renews its server certificate before its end, for the same key") {
    test::TemporaryFolder folder;
    SystemRandom random;
    SetClock clock(SystemClock().now().at);
    const auto certificate = [&] {
        const auto pem = crypto::readPrivateFile(folder.path() / "hub" / "tls.pem").value();
        return crypto::readCertificate(pem.view()).value();
    };
    const auto open = [&](const std::vector<std::string>& names = {}) {
        return Home::found(folder.path() / "hub", clock, random, true, names)
            .value()
            ->pin()
            .value();
    };
    const crypto::Hash pin = open();
    const auto first = certificate();
    CHECK(first.names == std::vector<std::string>{"localhost", "127.0.0.1"});
    open();
    CHECK(certificate().serial == first.serial);
    clock.at += kServerLifeMs - kServerRenewMs + kDayMs;
    CHECK(open() == pin);
    const auto second = certificate();
    CHECK(second.notAfter == clock.at / kSecondMs * kSecondMs + kServerLifeMs);
    CHECK(second.fingerprint == pin);
    // Long past its end as well: a house that was shut for two years.
    clock.at += 2 * 365 * kDayMs;
    CHECK(open() == pin);
    CHECK(certificate().notAfter > clock.at);

    const std::vector<std::string> names{"hub.example.org", "192.0.2.7"};
    CHECK(open(names) == pin);
    const auto named = certificate();
    CHECK(named.names ==
          std::vector<std::string>{"localhost", "127.0.0.1", "hub.example.org", "192.0.2.7"});
    open({"hub.example.org"});
    open(); // an import names none, and takes none away
    CHECK(certificate().serial == named.serial);
}
