// clang 14 refuses to capture a structured binding in a lambda, which C++20 allows and doctest's
// CAPTURE does. Under clang (the sanitizer presets) every test file begins with this one: CAPTURE
// takes its text at once instead.
#pragma once

#include <doctest/doctest.h>

#undef CAPTURE
#define SOUFFLEUR_CAPTURE(name, text, value)                                                       \
    const doctest::String name = doctest::toString(value);                                         \
    INFO(text " := ", name)
#define CAPTURE(value) SOUFFLEUR_CAPTURE(DOCTEST_ANONYMOUS(captured), #value, value)
