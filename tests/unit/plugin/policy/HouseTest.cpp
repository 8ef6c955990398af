#include "plugin/policy/House.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "Paths.h"
#include "plugin/policy/PackLoader.h"

using namespace souffleur;
using namespace souffleur::policy;

namespace {
const char* const kHouse = R"(id = "het-voorhuis"
name = "Theater Het Voorhuis"
address = "Voorstraat 1, Utrecht"
phone = "+31 30 000 0000"
email = "info@voorhuis.example.org"
withdraw-url = "https://voorhuis.example.org/w"
privacy-url = "https://voorhuis.example.org/privacy"
pack = "nl"
languages = ["nl", "en"]
names = { ru = "Театр" }

[[partner]]
id = "museum-zuid"
name = "Museum Zuid"
)";
}

TEST_CASE("a house's file is read") {
    const auto house = parseHouse(kHouse);
    if (!house) {
        FAIL(house.error().text());
    }
    CHECK(house->controller.name == "Theater Het Voorhuis");
    CHECK(house->nameIn("ru") == "Театр");
    CHECK(house->nameIn("nl") == "Theater Het Voorhuis");
    CHECK(house->partners == std::vector<Partner>{{"museum-zuid", "Museum Zuid"}});
    CHECK(house->languages == std::vector<std::string>{"nl", "en"});
    CHECK_FALSE(house->addressesVerified); // nobody has vouched for them
    CHECK_FALSE(house->drawer);            // nor allowed that
    CHECK(house->leaseDays == 14);
    std::string vouched = kHouse;
    vouched.insert(vouched.find("pack ="),
                   "addresses-verified = true\ndrawer = true\nlease-days = 3\n");
    const auto other = parseHouse(vouched);
    REQUIRE(other);
    CHECK(other->addressesVerified);
    CHECK(other->drawer);
    CHECK(other->leaseDays == 3);
    PackLoader loader(*other);
    CHECK(loader.builtIn("nl")->hostAddressesVerified);
    CHECK(loader.builtIn("nl")->opensDrawer);
    CHECK_FALSE(PackLoader(*house).builtIn("nl")->opensDrawer);
    CHECK_FALSE(PackLoader(*house).builtIn("nl")->hostAddressesVerified);
}

TEST_CASE("the house.toml of the setup guide is whole and works") {
    std::ifstream in(std::filesystem::path(kSourceDir) / "plugin/doc/setup.md");
    const std::string guide((std::istreambuf_iterator<char>(in)), {});
    const std::size_t from = guide.find("```toml\n# house.toml\n");
    REQUIRE(from != std::string::npos);
    const std::string toml = guide.substr(from + 8, guide.find("\n```\n", from) - from - 8);
    const auto house = parseHouse(toml);
    REQUIRE_MESSAGE(house.has_value(), (house ? "" : house.error().text()));
    const auto policy = PackLoader(*house).builtIn(house->pack);
    REQUIRE_MESSAGE(policy.has_value(), (policy ? "" : policy.error().text()));
    CHECK(policy->languages.front() == "nl");
    CHECK(policy->controller.name == "Theater Het Voorhuis");
    CHECK_FALSE(house->addressesVerified);
    for (const char* key :
         {"id", "name", "names", "address", "phone", "email", "withdraw-url", "privacy-url", "pack",
          "languages", "wording-revision", "addresses-verified", "drawer"}) {
        CAPTURE(key);
        const std::string line = "\n" + std::string(key) + " = ";
        CHECK(toml.find(line) != std::string::npos);
    }
    CHECK(house->partners.size() == 1);
    // Every pack that it names is there.
    const std::size_t packs = toml.find("the rules: ") + 11;
    const std::string names = toml.substr(packs, toml.find('\n', packs) - packs);
    CHECK(names == "nl, es-ct, ru, gb, de, fr");
    for (std::size_t at = 0; at < names.size();) {
        const std::size_t end = std::min(names.find(", ", at), names.size());
        const std::string pack = names.substr(at, end - at);
        CAPTURE(pack);
        CHECK(PackLoader(sampleHouse(pack)).builtIn(pack).has_value());
        at = end + 2;
    }
}

TEST_CASE("the sample house as a file says what the sample house is") {
    for (const char* pack : {"nl", "es-ct", "ru", "gb", "de", "fr"}) {
        CAPTURE(pack);
        const auto read = parseHouse(sampleHouseToml(pack));
        REQUIRE_MESSAGE(read.has_value(), (read ? "" : read.error().text()));
        const House sample = sampleHouse(pack);
        CHECK(read->controller.id == sample.controller.id);
        CHECK(read->controller.name == sample.controller.name);
        CHECK(read->controller.address == sample.controller.address);
        CHECK(read->controller.phone == sample.controller.phone);
        CHECK(read->controller.email == sample.controller.email);
        CHECK(read->controller.withdrawUrl == sample.controller.withdrawUrl);
        CHECK(read->controller.privacyUrl == sample.controller.privacyUrl);
        CHECK(read->pack == sample.pack);
        CHECK(read->partners == sample.partners);
        CHECK(read->languages == sample.languages);
        CHECK(read->wordingRevision == sample.wordingRevision);
        CHECK(read->addressesVerified == sample.addressesVerified);
        CHECK(read->drawer == sample.drawer);
        CHECK(read->leaseDays == sample.leaseDays);
    }
}

TEST_CASE("what is wrong in a house's file is named with line and key") {
    struct Wrong {
        const char* from;
        const char* to;
        const char* where;
    };
    for (const Wrong& wrong : std::initializer_list<Wrong>{
             {"id = \"het-voorhuis\"", "id = \"Het Voorhuis\"", "house.toml:1: id"},
             {"phone = \"+31 30 000 0000\"", "", "house.toml:1: phone"},
             {"phone =", "fone =", "house.toml:4: fone"},
             {"info@voorhuis", "info.voorhuis", "house.toml:5: email"},
             {"https://voorhuis.example.org/w\"", "voorhuis/w\"", "house.toml:6: withdraw-url"},
             {"https://voorhuis.example.org/w\"", "https://v/#w\"", "house.toml:6: withdraw-url"},
             {"\"Theater Het", "\"{house} Het", "house.toml:2: name"},
             {"[\"nl\", \"en\"]", "\"n!\"", "house.toml:9: languages"},
             {"[[partner]]", "[[partner]]\nid = \"museum-zuid\"\nname = \"A\"\n[[partner]]",
              "house.toml:16: partner.id"},
             {"pack = \"nl\"", "pack = \"nl\"\nwording-revision = 100",
              "house.toml:9: wording-revision"},
             {"pack = \"nl\"", "pack = \"nl\"\naddresses-verified = \"yes\"",
              "house.toml:9: addresses-verified"}}) {
        std::string text = kHouse;
        text.replace(text.find(wrong.from), std::string(wrong.from).size(), wrong.to);
        const auto house = parseHouse(text);
        CAPTURE(wrong.to);
        REQUIRE(!house);
        CAPTURE(house.error().text());
        CHECK(house.error().where.starts_with(wrong.where));
    }
    std::string unknown = kHouse;
    unknown.replace(unknown.find("\"nl\""), 4, "\"nlx\"");
    const auto house = parseHouse(unknown);
    REQUIRE(house);
    CHECK(PackLoader(*house).builtIn(house->pack).error().where == "house.toml:8: pack");
    CHECK(loadHouse("/nonexistent/house.toml").error().code == Code::notFound);
    CHECK(parseHouse(std::string(kHouseMaxBytes + 1, '#')).error().code == Code::tooLarge);
}
