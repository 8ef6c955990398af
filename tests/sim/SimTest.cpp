// The house in one process under everything that can go wrong. A failing seed says how to see it
// again: ./dev sim --seed N.
#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

#include "tests/sim/Oracles.h"

using namespace souffleur;
using namespace souffleur::sim;

namespace {

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr || *text == '\0' ? otherwise : std::strtoull(text, nullptr, 10);
}

bool given(const char* name) {
    const char* text = std::getenv(name);
    return text != nullptr && *text != '\0';
}

/// What went wrong, a line each; empty = nothing.
std::string outcome(const HouseKeys& keys, std::uint64_t seed, const Switches& switches = {},
                    bool talks = false, std::string* story = nullptr) {
    World world(keys, seed, switches, talks);
    if (world.wrongs().empty()) world.run();
    judge(world);
    if (story != nullptr) *story = world.story();
    std::string text;
    for (const std::string& line : world.wrongs()) text += "  " + line + "\n";
    return text;
}

/// The first seed on which the oracles see the fault; 0 = none did.
std::uint64_t seen(const HouseKeys& keys, const Switches& switches, const std::string& word) {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        if (outcome(keys, seed, switches).find(word) != std::string::npos) return seed;
    }
    return 0;
}

} // namespace

TEST_CASE("whatever happens, what was said stands once and everywhere, and no is safe") {
    const test::TemporaryFolder folder;
    const HouseKeys keys(folder.path() / "keys");
    const bool one = given("SOUFFLEUR_SIM_SEED");
    const std::uint64_t from =
        one ? setting("SOUFFLEUR_SIM_SEED", 1) : setting("SOUFFLEUR_SIM_FROM", 1);
    const std::uint64_t count =
        one ? 1 : setting("SOUFFLEUR_SIM_SEEDS", given("SOUFFLEUR_ALL") ? 2000 : 200);
    for (std::uint64_t seed = from; seed < from + count; ++seed) {
        const std::string wrong = outcome(keys, seed, {}, one);
        CHECK_MESSAGE(wrong.empty(), "seed " << seed << ":\n"
                                             << wrong << "see it again: ./dev sim --seed " << seed);
    }
}

TEST_CASE("the same seed is the same run") {
    const test::TemporaryFolder folder;
    const HouseKeys keys(folder.path() / "keys");
    for (const std::uint64_t seed : {3U, 4U, 5U}) {
        std::string first;
        std::string second;
        (void) outcome(keys, seed, {}, false, &first);
        (void) outcome(keys, seed, {}, false, &second);
        CHECK(first == second);
    }
}

// Each switch is a fault that no software survives. An oracle that did not see it would see
// nothing.
TEST_CASE("the oracles see what they are for") {
    const test::TemporaryFolder folder;
    const HouseKeys keys(folder.path() / "keys");
    Switches switches;
    std::string word;
    SUBCASE("a page of a pull that never came") {
        switches.dropPages = true;
        word = "lacks event";
    }
    SUBCASE("an acknowledgement of what was thrown away") {
        switches.forgeAnswers = true;
        word = "head office lacks event";
    }
    SUBCASE("clocks that nobody hears of") {
        switches.hideClocks = true;
        word = "was outvoted by what was said before it";
    }
    SUBCASE("a push that never gets through") {
        switches.refusePushes = true;
        word = "is stuck";
    }
    SUBCASE("disks that do not keep what they say they did") {
        switches.disksLie = true;
        word = "acknowledged answer";
    }
    SUBCASE("a page that asks again under another key") {
        switches.forgetKeys = true;
        word = "was recorded twice";
    }
    SUBCASE("files that nobody looks after") {
        switches.neverTidy = true;
        word = "an erased word is still in";
    }
    SUBCASE("a database in which a bit turns") {
        switches.rot = true;
        word = "does not verify";
    }
    CAPTURE(word);
    CHECK(seen(keys, switches, word) > 0);
}
