#include "plugin/base/TomlGuard.h"

#include "tests/support/Property.h"

using namespace souffleur;

TEST_CASE("letters of any language may stand in texts and comments") {
    for (const char* text :
         {"", "a = 1", "a = \"é\"", "a = 'é'", "# é\na = 1", "\"é\" = 1", "a = \"\\\"é\"",
          "a = \"\"\"é\n\"é\" \\\"\"\" é\"\"\"", "a = '''é\n'é' '''", "a = \"\"\"é\"\"\"\"\" # é",
          "a = '\\' # é", "a = \"\" # é",
          "\xEF\xBB\xBF"
          "a = 1"}) {
        CAPTURE(text);
        CHECK(guardToml(text, "x.toml").has_value());
    }
}

TEST_CASE("a letter outside of them is refused, with its line") {
    for (const char* text :
         {"\né = 1", "a = 1\nb = é", "a = \"é\"\né", "# é\né = 1", "a = '''\n'''é",
          "a = \"\"\"\n\"\"\"\"\"é", "a = '\\'\n é", "a = \"open\né = 1", "a = \"\"\n[ é ]"}) {
        CAPTURE(text);
        const auto done = guardToml(text, "x.toml");
        REQUIRE_FALSE(done.has_value());
        CHECK(done.error().code == Code::invalid);
        CHECK(done.error().where == "x.toml:2");
    }
}

PROPERTY("any bytes are looked at without harm; ASCII passes", [] {
    const auto text = *rc::gen::arbitrary<std::string>();
    const bool ascii =
        std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    RC_ASSERT(guardToml(text, "x").has_value() || !ascii);
})
