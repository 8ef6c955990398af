#include "plugin/crypto/Pin.h"

#include <doctest/doctest.h>

using namespace souffleur;
using namespace souffleur::crypto;

namespace {
PinHasher hasher(const char* pepper = "0123456789abcdef") {
    return PinHasher(Secret(pepper));
}
} // namespace

TEST_CASE("the right PIN fits, another does not, and neither does another device's pepper") {
    SeededRandom random(7);
    const std::string stored = hasher().hash("135790", random).value();
    CHECK(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    CHECK(hasher().verify("135790", stored).value());
    CHECK_FALSE(hasher().verify("135791", stored).value());
    CHECK_FALSE(hasher().verify("", stored).value());
    CHECK_FALSE(hasher("another device's").verify("135790", stored).value());
}

TEST_CASE("equal PINs give different strings") {
    SystemRandom random;
    CHECK(hasher().hash("000000", random).value() != hasher().hash("000000", random).value());
}

TEST_CASE("a short pepper, an empty PIN and an endless one are refused") {
    CHECK_THROWS(PinHasher(Secret("short")));
    SystemRandom random;
    CHECK(hasher().hash("", random).error().code == Code::invalid);
    CHECK(hasher().hash(std::string(129, '1'), random).error().code == Code::tooLarge);
}

TEST_CASE("a damaged or absurd string is corrupt and costs nothing") {
    for (const char* text :
         {"", "$argon2id$", "$argon2i$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
          "$argon2id$v=19$m=4294967295,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
          "$argon2id$v=19$m=19456,t=4000000000,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
          "$argon2id$v=19$m=19456,t=2,p=99$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
          "$argon2id$v=19$m=19456,t=2,p=1$$aGFzaGhhc2hoYXNoaGFzaA",
          "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$",
          "$argon2id$v=19$m=-1,t=2,p=1$c2FsdHNhbHQ$aGFz",
          "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA$more"}) {
        CAPTURE(text);
        CHECK(hasher().verify("1", text).error().code == Code::corrupt);
    }
}

TEST_CASE("a badge's code gives one hash on one device, and another on another") {
    const std::string stored = hasher().badge("04A2B91C55D180").value();
    CHECK(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    CHECK(hasher().badge(" 04A2B91C55D180\r\n").value() == stored);
    CHECK(hasher().badge("04A2B91C55D181").value() != stored);
    CHECK(hasher("another device's").badge("04A2B91C55D180").value() != stored);
    CHECK(hasher().verify("04A2B91C55D180", stored).value());
    for (const char* text : {"", "1234567", " 1234567 ", "\n\n\n\n\n\n\n\n\n", "1234\x1b[2J5678"}) {
        CAPTURE(text);
        CHECK(hasher().badge(text).error().code == Code::invalid);
    }
    CHECK(hasher().badge(std::string(129, '1')).error().code == Code::tooLarge);
}
