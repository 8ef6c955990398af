#include "plugin/host/TapPatterns.h"

#include <filesystem>

#include "Paths.h"
#include "tests/support/Property.h"

using namespace souffleur;
using host::TapPatterns;

namespace {

std::span<const std::uint8_t> bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string found(const TapPatterns& patterns, std::string_view line,
                  TapPatterns::Where where = TapPatterns::Where::text) {
    const auto match = patterns.find(bytes(line), where);
    return match ? std::string(match->prefix) + std::string(match->number) : "";
}

const std::string kGood = "format = 1\nsystem = \"house\"\n[[number]]\npattern = 'No ([0-9]+)'\n"
                          "example = \"No 4711\"\ngives = \"4711\"\n";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

} // namespace

TEST_CASE("the patterns that travel with the program load and find what they are for") {
    int files = 0;
    const auto folder = std::filesystem::path(kSourceDir) / "plugin/host/patterns";
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().extension() != ".toml") continue;
        CAPTURE(entry.path().string());
        CHECK(TapPatterns::load(entry.path().string()));
        CHECK(TapPatterns::load(entry.path().stem().string()));
        ++files;
    }
    CHECK(files >= 2);
    const auto generic = TapPatterns::load("generic");
    REQUIRE(generic);
    CHECK(generic->system() == "boxoffice");
    CHECK(found(*generic, "Klantnummer: 204711") == "204711");
    CHECK(found(*generic, "Bestelling nr. 4711081") == "order:4711081");
    CHECK(found(*generic, "order:4711081", TapPatterns::Where::code) == "order:4711081");
    CHECK(found(*generic, "Totaal 25,00").empty());
    CHECK(generic->fiscal(bytes("TSE-Signatur 0815")));
    CHECK_FALSE(generic->fiscal(bytes("Theater Het Voorbeeld")));
    const auto pretix = TapPatterns::load("pretix");
    REQUIRE(pretix);
    CHECK(found(*pretix, "Order code: AB3CD") == "order:AB3CD");
    CHECK(found(*pretix, "Order there").empty());
}

TEST_CASE("a bad file of patterns is refused with file, line and key") {
    REQUIRE(TapPatterns::parse(kGood, "p.toml"));
    const struct {
        std::string text;
        const char* where;
        const char* message;
    } cases[] = {
        {replaced(kGood, "format = 1", "format = 2"), "p.toml", "format = 1"},
        {replaced(kGood, "\"house\"", "\"The House\""), "p.toml:1", "system has to be a name"},
        {replaced(kGood, "([0-9]+)", "[0-9]+"), "p.toml:4", "number.pattern needs one pair"},
        {replaced(kGood, "([0-9]+)", "([0-9]+"), "p.toml:4", "number.pattern is no pattern"},
        {replaced(kGood, "([0-9]+)", "([0-9]+)\\1"), "p.toml:4", "number.pattern is no pattern"},
        {replaced(kGood, "No 4711", "no number"), "p.toml:3", "number.example does not give"},
        {replaced(kGood, "gives", "give"), "p.toml:6", "number.give is not a key"},
        {kGood + "[[fiscal]]\npattern = '(x)'\n", "p.toml:8", "fiscal.pattern must not have"},
        {"[[[", "p.toml", ""},
        {"format = 1\nsystem = \"a\"\n", "p.toml:1", "number is missing"},
    };
    for (const auto& one : cases) {
        CAPTURE(one.text);
        const auto patterns = TapPatterns::parse(one.text, "p.toml");
        REQUIRE_FALSE(patterns);
        CAPTURE(patterns.error().text());
        CHECK(patterns.error().where == one.where);
        CHECK(patterns.error().message.find(one.message) != std::string::npos);
    }
    CHECK(TapPatterns::load("nosuch").error().code == Code::notFound);
    CHECK(TapPatterns::load("/no/such.toml").error().code == Code::notFound);
}
