#include "plugin/consent/Terms.h"

#include <doctest/doctest.h>

#include "plugin/consent/Event.h"

using namespace souffleur::consent;

TEST_CASE("terms: every word and its inverse") {
    const auto all = [](auto last, auto from) {
        using Enum = decltype(last);
        for (int i = 0; i <= static_cast<int>(last); ++i) {
            const auto value = static_cast<Enum>(i);
            CHECK_FALSE(name(value).empty());
            CHECK(from(name(value)) == value);
        }
        CHECK(name(static_cast<Enum>(static_cast<int>(last) + 1)).empty());
        CHECK_FALSE(from("").has_value());
        CHECK_FALSE(from("Given").has_value());
    };
    all(Choice::objected, choiceFrom);
    all(Basis::legitimateInterest, basisFrom);
    all(Method::connector, methodFrom);
    all(State::objected, stateFrom);
    all(Situation::school, situationFrom);
    CHECK(name(State::softOptIn) == "soft-opt-in");
    CHECK(name(Choice::deferred) == "deferred");
    CHECK(name(Method::connector) == "connector");
    CHECK(name(Basis::legitimateInterest) == "legitimate-interest");
    CHECK(name(State::refused) == "refused");
}

TEST_CASE("terms: a token is kebab-case ASCII of 1 to 64 characters") {
    for (const char* good : {"a", "till-2", "partner:museum-zuid", "7"}) {
        CHECK(isToken(good));
    }
    for (const char* bad : {"", "*", "A", "-a", "a-", "a b", "a_b", "\xc3\xa9", "a\x1b", "a\n"}) {
        CHECK_FALSE(isToken(bad));
    }
    CHECK(isToken(std::string(64, 'a')));
    CHECK_FALSE(isToken(std::string(65, 'a')));
}

TEST_CASE("event: kinds in their order") {
    CHECK(kindName(Act{}) == "act");
    CHECK(kindName(Confirmed{}) == "confirmed");
    CHECK(kindName(Retract{}) == "retract");
    CHECK(kindName(Link{}) == "link");
    CHECK(kindName(Unlink{}) == "unlink");
    CHECK(kindName(Erase{}) == "erase");
    CHECK(kindName(Contact{}) == "contact");
    CHECK(kindName(Order{}) == "order");
    CHECK(kindName(Fact{}) == "fact");
    CHECK(kindName(ClockJudgement{}) == "clock");
    CHECK(kindName(PolicyInForce{}) == "policy");
}
