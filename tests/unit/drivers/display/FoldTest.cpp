#include "drivers/display/Fold.h"

#include "tests/support/Property.h"

using namespace souffleur;

namespace {

std::string shown(std::string_view utf8, std::optional<escpos::CodePage> page = {}) {
    const auto line = display::lineFor(utf8, page);
    std::string text(line.begin(), line.end());
    const auto end = text.find_last_not_of(' ');
    return end == std::string::npos ? std::string() : text.substr(0, end + 1);
}

} // namespace

TEST_CASE("what the display cannot show becomes plain letters") {
    CHECK(shown("Welkom!") == "Welkom!");
    CHECK(shown("Bienvenue à tous") == "Bienvenue a tous");
    CHECK(shown("Größe, Œuvre, Łódź") == "Grosse, OEuvre, Lodz");
    CHECK(shown("Добро пожаловать!") == "Dobro pozhalovat!");
    CHECK(shown("Ещё щука объём") == "Eshchyo shchuka");
    CHECK(shown("¡Bienvenidos!") == "Bienvenidos!");
    CHECK(shown("Col·laboreu?") == "Col.laboreu?");
    CHECK(shown("L’any – “nou” …") == "L'any - \"nou\" ...");
    CHECK(shown("Ελληνικά") == "Ellinika");
    CHECK(shown("e\u0301te\u0301") == "ete");
    CHECK(shown("10 €") == "10 EUR");
}

TEST_CASE("what has no plain letters is a question mark, never garbage") {
    CHECK(shown("你好") == "??");
    CHECK(shown("\xF0\x9F\x8E\xAD!") == "?!");
    CHECK(shown("\xFF\xC3") == "??");
    CHECK(shown("\x1B@a\x0C"
                "b\x7F"
                "c\xC2\x9B"
                "d") == "@abcd");
}

TEST_CASE("a code page shows its own letters, and the rest folded") {
    CHECK(shown("é", escpos::CodePage::cp858) == "\x82");
    CHECK(shown("ж", escpos::CodePage::cp858) == "zh");
    CHECK(shown("ж", escpos::CodePage::cp866) == "\xA6");
}

TEST_CASE("a long line is cut between words, or else where it ends") {
    CHECK(shown("Podderzhka nashego doma") == "Podderzhka nashego");
    CHECK(shown("Bienvenue  a\ttous") == "Bienvenue a tous");
    CHECK(shown("  Welkom") == "Welkom");
    CHECK(shown("Donaudampfschifffahrtsgesellschaft") == "Donaudampfschifffahr");
    CHECK(shown("A Donaudampfschifffahrtsgesellschaft") == "A Donaudampfschifffa");
    CHECK(shown("12345678901234567890") == "12345678901234567890");
}

PROPERTY("whatever comes in, twenty bytes that print go out",
         [](const std::string& text, bool paged) {
             const auto page = paged ? std::optional(escpos::CodePage::cp437) : std::nullopt;
             for (const std::uint8_t byte : display::lineFor(text, page)) {
                 RC_ASSERT(byte >= 0x20);
                 RC_ASSERT(byte != 0x7F);
                 RC_ASSERT(paged || byte < 0x7F);
             }
         });

TEST_CASE("every character folds to letters that print") {
    for (char32_t c = 0; c < 0x30000; ++c) {
        for (const char byte : display::latinFor(c)) REQUIRE((byte >= 0x20 && byte < 0x7F));
    }
}
