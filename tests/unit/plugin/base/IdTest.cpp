#include "plugin/base/Id.h"

#include "tests/support/Property.h"

using namespace souffleur;

TEST_CASE("a timed id carries its millisecond and version") {
    SeededRandom random(1);
    const Uuid id = Uuid::timed(0x0123456789ab, random);
    CHECK(id.text().substr(0, 15) == "01234567-89ab-7");
    CHECK(Uuid::random(random).text()[14] == '4');
}

TEST_CASE("what is not a UUID is refused") {
    for (const char* text :
         {"", "0", "01234567-89ab-7000-8000-00000000000", "01234567x89ab-7000-8000-000000000000",
          "01234567-89ab-7000-8000-00000000000g"}) {
        CAPTURE(text);
        CHECK_FALSE(Uuid::parse(text).has_value());
    }
}

PROPERTY("text and id are one", [](std::uint64_t seed) {
    SeededRandom random(seed);
    const Uuid id = Uuid::random(random);
    RC_ASSERT(Uuid::parse(id.text()).value() == id);
})

PROPERTY("below stays below", [](std::uint64_t seed) {
    SeededRandom random(seed);
    const auto bound = *rc::gen::inRange<std::uint64_t>(1, 1000);
    RC_ASSERT(random.below(bound) < bound);
})
