// A head office is founded on purpose: a mistyped folder is an error, not a new house.
#include "sync/hub/Home.h"

#include <doctest/doctest.h>

#include <fstream>

#include "plugin/base/Random.h"
#include "sync/hub/Commands.h"
#include "tests/support/TemporaryFolder.h"

using namespace souffleur;
using namespace souffleur::hub;

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
