// Properties as doctest cases: PROPERTY("name", [](int a) { RC_ASSERT(...); }); rapidcheck prints
// the shrunk counter-example and the seed (RC_PARAMS="seed=...") that replays it.
#pragma once

#include <doctest/doctest.h>
#include <rapidcheck.h>

#define PROPERTY(name, ...)                                                                        \
    TEST_CASE(name) {                                                                              \
        CHECK(rc::check(name, __VA_ARGS__));                                                       \
    }
