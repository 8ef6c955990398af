#include "plugin/base/Program.h"

#include <doctest/doctest.h>

using namespace souffleur;

namespace {

/// As CLI11's parser looks to us after a parse.
struct App {
    std::string name;
    std::vector<App*> taken{};
    std::vector<std::string> left{};

    [[nodiscard]] std::vector<App*> get_subcommands() const { return taken; }
    [[nodiscard]] std::string get_name() const { return name; }
    [[nodiscard]] std::vector<std::string> remaining(bool /*recurse*/) const { return left; }
};

} // namespace

TEST_CASE("a misuse names the program and every command on the way to its help") {
    App add{"add"};
    App staff{"staff", {&add}};
    const App hub{"", {&staff}};
    CHECK(misuseLine("souffleur-hub", hub, "--name is\nrequired", false) ==
          "souffleur-hub: --name is required (souffleur-hub staff add --help)");
    CHECK(misuseLine("souffleur", App{""}, "A subcommand is required", true) ==
          "souffleur: A subcommand is required (souffleur --help)");
}

TEST_CASE("a word that is no command is named, one that is merely too many is not") {
    App staff{"staff"};
    const App hub{"", {&staff}, {"ad", "--name"}};
    CHECK(misuseLine("souffleur-hub", hub, "A subcommand is required", true) ==
          "souffleur-hub: no such command here: ad (souffleur-hub staff --help)");
    CHECK(misuseLine("souffleur-hub", hub, "not expected: ad", false) ==
          "souffleur-hub: not expected: ad (souffleur-hub staff --help)");
}

TEST_CASE("what nothing caught ends the program with 1") {
    CHECK(guardedMain("souffleur", [] { return 7; }) == 7);
    CHECK(guardedMain("souffleur", []() -> int { throw std::runtime_error("a name"); }) == 1);
    CHECK(guardedMain("souffleur", []() -> int {
              throw std::filesystem::filesystem_error("x", "/nowhere", std::error_code());
          }) == 1);
}
