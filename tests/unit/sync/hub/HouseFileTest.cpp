// Head office serves and imports for the house that it was given, never for the invented one
// unasked.
#include "sync/hub/HouseFile.h"

#include <doctest/doctest.h>

#include <fstream>

#include "plugin/base/Random.h"
#include "sync/hub/Commands.h"
#include "sync/hub/Home.h"
#include "tests/support/TemporaryFolder.h"

using namespace souffleur;
using namespace souffleur::hub;

namespace {

constexpr TimeMs kMonday = 1'795'392'000'000;

struct HouseRig {
    test::TemporaryFolder folder;
    SystemClock clock;
    SystemRandom random;
    std::filesystem::path file = folder.path() / "house.toml";

    HouseRig() {
        write("Schouwburg De Lantaarn");
        REQUIRE(init(context()) == 0);
    }
    void write(const std::string& name) const {
        std::ofstream(file) << "id = \"de-lantaarn\"\nname = \"" << name
                            << "\"\naddress = \"Markt 1, Zutphen\"\nphone = \"+31 57 000 0000\"\n"
                               "email = \"info@lantaarn.example.org\"\n"
                               "withdraw-url = \"https://lantaarn.example.org/w\"\n"
                               "privacy-url = \"https://lantaarn.example.org/privacy\"\n"
                               "pack = \"nl\"\n";
    }
    [[nodiscard]] Context context() { return {folder.path() / "hub", clock, random}; }
    std::unique_ptr<Home> home() { return Home::open(context().data, clock, random).value(); }
    HouseFile given() const { return *givenHouse({file, false}).value(); }
    void keep() { REQUIRE(keepHouse(home()->store(), given(), kMonday)); }
};

std::optional<HouseFile> none() {
    return std::nullopt;
}

} // namespace

TEST_CASE("without a house head office serves and imports nothing, and says what to do") {
    HouseRig rig;
    const auto house = houseOf(rig.home()->store(), none());
    REQUIRE_FALSE(house);
    CHECK(house.error().code == Code::notFound);
    CHECK(house.error().message.find("--house house.toml") != std::string::npos);
    CHECK(house.error().message.find("--sample-house") != std::string::npos);

    CHECK(serve(rig.context(), {}) == 1);
    ImportOptions import;
    import.file = rig.folder.path() / "export.csv";
    std::ofstream(import.file) << "customer_id;name;email\n1;Anna Bakker;anna@example.org\n";
    CHECK(importFile(rig.context(), import) == 1);
    CHECK(rig.home()->store().counts(rig.clock.now().at)->persons == 0);

    // A folder that was named becomes no head office either.
    ServeOptions options;
    options.found = true;
    CHECK(serve({rig.folder.path() / "new", rig.clock, rig.random}, options) == 1);
    CHECK_FALSE(std::filesystem::exists(rig.folder.path() / "new"));
}

TEST_CASE("the house that was served is the one of later commands that name none") {
    HouseRig rig;
    rig.keep();
    const auto home = rig.home();
    const auto kept = houseOf(home->store(), none());
    REQUIRE_MESSAGE(kept.has_value(), (kept ? "" : kept.error().text()));
    CHECK(kept->toml == rig.given().toml);
    CHECK(kept->house.controller.id == "de-lantaarn");
    CHECK(kept->since == kMonday);
    CHECK_FALSE(kept->house.addressesVerified); // the sample's word is not taken

    // The same file again keeps its day, another has its own.
    REQUIRE(keepHouse(home->store(), rig.given(), kMonday + kDayMs));
    CHECK(houseOf(home->store(), none())->since == kMonday);
    rig.write("Theater De Lantaarn");
    REQUIRE(keepHouse(home->store(), rig.given(), kMonday + kDayMs));
    CHECK(houseOf(home->store(), none())->since == kMonday + kDayMs);
    CHECK(houseOf(home->store(), none())->house.controller.name == "Theater De Lantaarn");
    // What is given goes before what is kept.
    rig.write("De Lantaarn");
    CHECK(houseOf(home->store(), rig.given())->house.controller.name == "De Lantaarn");
}

TEST_CASE("an import without a house takes the kept one's word for its addresses") {
    HouseRig rig;
    rig.keep();
    ImportOptions import;
    import.file = rig.folder.path() / "export.csv";
    std::ofstream(import.file) << "customer_id;name;email\n1;Anna Bakker;anna@example.org\n";
    REQUIRE(importFile(rig.context(), import) == 0);
    const auto home = rig.home();
    const auto found = home->store().byExternalId("import", "1").value();
    REQUIRE(found.size() == 1);
    const auto person = home->store().person(found.front());
    REQUIRE(person);
    REQUIRE(person->contacts.size() == 1);
    CHECK(person->contacts.front().status == "unverified");
}

TEST_CASE("the sample house is served where it is asked for, never kept, and never in a real one") {
    HouseRig rig;
    const auto sample = givenHouse({{}, true});
    REQUIRE(sample);
    {
        const auto home = rig.home();
        CHECK(houseOf(home->store(), *sample)->house.controller.id ==
              policy::sampleHouse().controller.id);
        REQUIRE(keepHouse(home->store(), **sample, kMonday));
        CHECK(houseOf(home->store(), none()).error().code == Code::notFound);
    }
    rig.keep();
    const auto refused = houseOf(rig.home()->store(), *sample);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::conflict);
    CHECK(refused.error().message.find("Schouwburg De Lantaarn") != std::string::npos);
}

TEST_CASE("a house file with a mistake makes no head office") {
    HouseRig rig;
    std::ofstream(rig.file) << "id = \"de-lantaarn\"\n";
    ServeOptions options;
    options.found = true;
    options.house.file = rig.file;
    CHECK(serve({rig.folder.path() / "new", rig.clock, rig.random}, options) == 1);
    CHECK_FALSE(std::filesystem::exists(rig.folder.path() / "new"));
}
