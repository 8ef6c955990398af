#include "plugin/crypto/Secret.h"

#include <doctest/doctest.h>

using namespace souffleur::crypto;

TEST_CASE("wiping a string overwrites it and keeps nothing") {
    std::string text = "a PIN that fits no small buffer at all";
    const char* at = text.data();
    wipe(text);
    CHECK(text.empty());
    CHECK(at[0] == '\0'); // the buffer still belongs to the string
}

TEST_CASE("a secret moves and leaves nothing behind") {
    Secret one(std::string("key"));
    Secret two(std::move(one));
    CHECK(one.empty()); // NOLINT(bugprone-use-after-move): that is what is tested
    CHECK(two.view() == "key");
    one = std::move(two);
    CHECK(one.view() == "key");
    CHECK(two.empty()); // NOLINT(bugprone-use-after-move)
}
