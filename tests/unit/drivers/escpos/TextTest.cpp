#include "drivers/escpos/Text.h"

#include "tests/support/Property.h"

using namespace souffleur;
using escpos::Glyph;

namespace {

std::vector<Glyph> glyphs(std::u32string_view text, escpos::Style style = {}) {
    std::vector<Glyph> out;
    for (const char32_t c : text) out.push_back({c, style});
    return out;
}

std::vector<std::u32string> wrapped(std::u32string_view text, int columns) {
    std::vector<std::u32string> lines;
    for (const auto& line : escpos::wrap(glyphs(text), columns)) {
        std::u32string& out = lines.emplace_back();
        for (const Glyph& glyph : line) out += glyph.c;
    }
    return lines;
}

using Lines = std::vector<std::u32string>;

} // namespace

TEST_CASE("control characters become visible and lines stay lines") {
    CHECK(escpos::clean("a\x1B@b") == U"a?@b");
    CHECK(escpos::clean(std::string("a\0b", 3)) == U"a?b");
    CHECK(escpos::clean("a\r\nb\rc\td") == U"a\nb\nc d");
    CHECK(escpos::clean("\x10\x04\x01\x7F") == U"????");
    CHECK(escpos::clean("a\xC2\x9B"
                        "b") == U"a?b"); // C1 CSI
}

TEST_CASE("invalid UTF-8 is shown, never passed on") {
    CHECK(escpos::clean("a\xFF") == U"a?");
    CHECK(escpos::clean("\xC0\x9B") == U"??"); // an overlong ESC
    CHECK(escpos::clean("\xED\xA0\x80").find(U'?') == 0);
}

TEST_CASE("letters are composed, layout marks are dropped") {
    CHECK(escpos::clean("e\xCC\x81") == U"é");
    CHECK(escpos::clean("Anna\xE2\x80\xAE"
                        "reem") == U"Annareem"); // right-to-left override
    CHECK(escpos::clean("a\xC2\xAD\xE2\x80\x8B"
                        "b") == U"ab");
}

TEST_CASE("lines break at spaces, then inside words") {
    CHECK(wrapped(U"the quick brown fox", 10) == Lines{U"the quick", U"brown fox"});
    CHECK(wrapped(U"0123456789abc", 10) == Lines{U"0123456789", U"abc"});
    CHECK(wrapped(U"12345 12345", 5) == Lines{U"12345", U"12345"});
    CHECK(wrapped(U"a\n\nb", 10) == Lines{U"a", U"", U"b"});
    CHECK(wrapped(U"", 10) == Lines{U""});
    CHECK(wrapped(U"Jean-Pierre Lenoir", 8) == Lines{U"Jean-", U"Pierre", U"Lenoir"});
    CHECK(wrapped(U"  in", 10) == Lines{U"  in"});
}

TEST_CASE("big letters take two columns") {
    CHECK(escpos::wrap(glyphs(U"abcdef", {.big = true}), 8).size() == 2);
}

PROPERTY("wrapping loses no letter, keeps their order and never overruns", [] {
    const auto text = *rc::gen::container<std::u32string>(
        rc::gen::element<char32_t>(U'a', U'b', U' ', U'-', U'\n', U'Я'));
    const int columns = *rc::gen::inRange(2, 20);
    std::u32string in;
    std::u32string out;
    for (const char32_t c : text) {
        if (c != U' ' && c != U'\n') in += c;
    }
    for (const auto& line : escpos::wrap(glyphs(text), columns)) {
        RC_ASSERT(escpos::columnsOf(line) <= columns);
        for (const Glyph& glyph : line) {
            if (glyph.c != U' ') out += glyph.c;
        }
    }
    RC_ASSERT(in == out);
})

PROPERTY("whatever bytes come in, nothing that a printer obeys comes out", [] {
    const auto bytes = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
    for (const char32_t c : escpos::clean(bytes)) {
        RC_ASSERT(c == U'\n' || (c >= 0x20 && c != 0x7F && !(c >= 0x80 && c < 0xA0)));
    }
})
