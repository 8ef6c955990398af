#include "plugin/host/ScanPatterns.h"

#include "tests/support/Property.h"

using namespace souffleur;
using host::ScanPatterns;
using Kind = ScanPatterns::Kind;

namespace {

const std::string kGood = "format = 1\nsystem = \"house\"\n[[code]]\nkind = \"customer\"\n"
                          "pattern = 'C-([0-9]{6})'\nprefix = \"card:\"\nexample = \"C-204711\"\n"
                          "gives = \"204711\"\n";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

std::string whyNot(const std::string& toml) {
    const auto patterns = ScanPatterns::parse(toml, "house.toml");
    return patterns ? "fine" : patterns.error().text();
}

std::string found(const ScanPatterns& patterns, std::string_view code) {
    const auto match = patterns.find(code);
    if (!match) return "";
    const char* const kind = match->kind == Kind::customer ? "customer "
                             : match->kind == Kind::order  ? "order "
                                                           : "badge ";
    return kind + match->value;
}

} // namespace

TEST_CASE("codes that say what they are") {
    const auto patterns = ScanPatterns::load("generic").value();
    CHECK(patterns.system() == "boxoffice");
    CHECK(found(patterns, "customer:204711") == "customer 204711");
    CHECK(found(patterns, "KLANT/A-17") == "customer A-17");
    CHECK(found(patterns, "order=4711081") == "order order:4711081");
    CHECK(found(patterns, "badge:7F3K-2290-XB") == "badge badge:7F3K-2290-XB");
}

TEST_CASE("a ticket, an article, a number alone are not ours") {
    const auto patterns = ScanPatterns::load("generic").value();
    for (const char* const code :
         {"204711", "4006381333931", "customer:", "customer:1", "my order:4711081",
          "order:4711081 ", "order:4711081\norder:4711081", "badge:short",
          "https://example.org/order:4711081", ""})
        CHECK_MESSAGE(found(patterns, code).empty(), code);
}

TEST_CASE("a house's own, and what is wrong with it") {
    CHECK(found(ScanPatterns::parse(kGood, "house.toml").value(), "C-000017") ==
          "customer card:000017");
    CHECK(whyNot(kGood) == "fine");
    for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
             {"format = 1", "format = 2"},
             {"\"house\"", "\"The House\""},
             {"kind = \"customer\"", "kind = \"person\""},
             {"kind = \"customer\"\n", ""},
             {"([0-9]{6})", "([0-9]{6}"},
             {"([0-9]{6})", "[0-9]{6}"},
             {"([0-9]{6})", "([0-9])([0-9]{5})"},
             {"example = \"C-204711\"", "example = \"C-20471\""},
             {"gives = \"204711\"", "gives = \"20471\""},
             {"prefix", "suffix"},
             {"kind = \"customer\"", "kind = \"badge\""},
             {"[[code]]", "[code]"}}) {
        CAPTURE(to);
        CHECK(whyNot(replaced(kGood, from, to)) != "fine");
    }
    CHECK(whyNot(replaced(kGood, "prefix", "suffix")) ==
          "code.suffix is not a key of this file (house.toml:6)");
    CHECK(whyNot("[[[") != "fine");
    CHECK_FALSE(ScanPatterns::load("klingon").has_value());
    CHECK_FALSE(ScanPatterns::load("/nowhere/scan.toml").has_value());
}

PROPERTY("any code: what is ours is bounded and plain", [](const std::string& code) {
    static const auto patterns = ScanPatterns::load("generic").value();
    if (const auto match = patterns.find(code)) RC_ASSERT(match->value.size() <= 128U);
});
