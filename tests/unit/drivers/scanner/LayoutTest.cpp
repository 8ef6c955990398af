#include "drivers/scanner/Layout.h"

#include <doctest/doctest.h>

using namespace souffleur;
using scanner::Layout;

namespace {

std::string whyNot(const std::string& toml) {
    const auto layout = Layout::parse(toml, "house.toml");
    return layout ? "fine" : layout.error().message;
}

} // namespace

TEST_CASE("the program's layouts") {
    const auto us = Layout::load("us").value();
    CHECK(us.at(2, false, false) == U'1');
    CHECK(us.at(2, true, false) == U'!');
    CHECK(us.at(30, true, false) == U'A');
    CHECK(us.at(41, false, false) == U'`');
    CHECK(us.at(43, false, false) == U'\\');
    CHECK(us.at(53, true, false) == U'?');
    CHECK(us.at(30, false, true) == 0);
    CHECK(us.at(57, true, true) == U' ');
    CHECK(us.at(79, false, false) == U'1'); // keypad
    CHECK(us.at(59, false, false) == 0);    // F1
    CHECK(us.at(65'535, true, true) == 0);
    const auto de = Layout::load("de").value();
    CHECK(de.at(21, false, false) == U'z');
    CHECK(de.at(12, false, false) == U'ß');
    CHECK(de.at(16, false, true) == U'@');
    CHECK(de.at(8, true, false) == U'/');
    CHECK(de.at(13, false, false) == 0); // a dead key
    CHECK(Layout::load("fr").value().at(3, true, false) == U'2');
    CHECK(Layout::load("fr").value().at(11, false, true) == U'@');
    CHECK(Layout::load("es").value().at(39, false, false) == U'ñ');
    CHECK(Layout::load("gb").value().at(43, false, false) == U'#');
}

TEST_CASE("every one of them can type a web address and a slip's code") {
    for (const char* const name : {"us", "gb", "de", "fr", "es"}) {
        const auto layout = Layout::load(name).value();
        for (const char c : std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                             "0123456789:/.-#?&=_+%")) {
            bool found = false;
            for (std::uint16_t key = 0; key < 128; ++key)
                for (const int level : {0, 1, 2, 3})
                    found = found || layout.at(key, (level & 1) != 0, (level & 2) != 0) ==
                                         static_cast<char32_t>(c);
            CHECK_MESSAGE(found, name << " cannot type " << c);
        }
    }
}

TEST_CASE("a house's own, and what is wrong with it, with its line") {
    CHECK(whyNot("format = 1\n[plain]\ntop = \"qwertzuiop\\u00fc+\"\n") == "fine");
    CHECK(whyNot("[plain]\n") == "layout house.toml:1 has to begin with format = 1");
    CHECK(whyNot("format = 1\n") == "layout house.toml:1 has no [plain]");
    CHECK(whyNot("format = 1\n[plain]\ntop = \"qwertz\"\n") ==
          "layout house.toml:3 needs 12 characters in top, a space for none");
    CHECK(whyNot("format = 1\n[plain]\nmiddle = \"q\"\n") ==
          "layout house.toml:3 has no such row: middle");
    CHECK(whyNot("format = 1\nplain = 3\n") == "layout house.toml:2 needs [plain] as a table");
    CHECK(whyNot("format = 1\nlang = \"de\"\n[plain]\n") ==
          "layout house.toml:2 has a key that is not one: lang");
    CHECK(whyNot("format = 1\n[plain]\nextra = \"\\u0007\"\n") ==
          "layout house.toml:3 has a control character");
    CHECK(whyNot("format = 1\n[plain]\nextra = \"ä\"\n") ==
          "layout house.toml is not ASCII; write other letters as \\u00e4");
    CHECK(whyNot("[[[") != "fine");
    CHECK(whyNot(std::string(20'000, '#')) == "layout house.toml is over 16 KiB");
    CHECK_FALSE(Layout::load("klingon").has_value());
    CHECK_FALSE(Layout::load("/nowhere/house.toml").has_value());
}
