#include "drivers/escpos/CodePages.h"

#include <iconv.h>

#include "tests/support/Property.h"

using namespace souffleur;
using escpos::CodePage;

TEST_CASE("known bytes of known pages") {
    CHECK(escpos::byteOf(CodePage::cp866, U'Я') == 0x9F);
    CHECK(escpos::byteOf(CodePage::cp1251, U'Я') == 0xDF);
    CHECK(escpos::byteOf(CodePage::cp858, U'€') == 0xD5);
    CHECK(escpos::byteOf(CodePage::cp1252, U'€') == 0x80);
    CHECK(escpos::byteOf(CodePage::cp437, U'·') == 0xFA);
    CHECK(escpos::byteOf(CodePage::cp737, U'Ω') == 0x97);
    CHECK(escpos::byteOf(CodePage::cp1253, U'Ω') == 0xD9);
    CHECK_FALSE(escpos::byteOf(CodePage::cp850, U'€').has_value());
    CHECK_FALSE(escpos::byteOf(CodePage::cp1252, U'Я').has_value());
}

TEST_CASE("no page has a byte for a control character or for the replacement character") {
    for (int page = 0; page < escpos::kCodePageCount; ++page) {
        for (char32_t c = 0; c < 0xA0; c = c == 0x1F ? 0x7F : c + 1) {
            CHECK_FALSE(escpos::byteOf(static_cast<CodePage>(page), c).has_value());
        }
        CHECK_FALSE(escpos::byteOf(static_cast<CodePage>(page), 0xFFFD).has_value());
        CHECK_FALSE(escpos::byteOf(static_cast<CodePage>(page), 0x1F600).has_value());
    }
}

TEST_CASE("every page has a name of its own and is found by it") {
    for (int page = 0; page < escpos::kCodePageCount; ++page) {
        CHECK(escpos::codePageByName(escpos::codePageName(static_cast<CodePage>(page))) ==
              static_cast<CodePage>(page));
    }
    CHECK_FALSE(escpos::codePageByName("cp9").has_value());
}

TEST_CASE("every byte that prints a character is the byte of that character") {
    for (int page = 0; page < escpos::kCodePageCount; ++page) {
        for (int byte = 0x20; byte < 0x100; ++byte) {
            const auto c =
                escpos::charOf(static_cast<CodePage>(page), static_cast<std::uint8_t>(byte));
            if (c == 0xFFFD) continue;
            const auto back = escpos::byteOf(static_cast<CodePage>(page), c);
            REQUIRE(back);
            CHECK(escpos::charOf(static_cast<CodePage>(page), *back) == c);
        }
    }
}

TEST_CASE("the tables are those of the C library") {
    for (int page = 0; page < escpos::kCodePageCount; ++page) {
        const auto which = static_cast<CodePage>(page);
        std::string name(escpos::codePageName(which));
        if (name == "cp858") continue; // it has none; checked below
        CAPTURE(name);
        const iconv_t converter = iconv_open("UTF-32LE", name.c_str());
        REQUIRE(converter != reinterpret_cast<iconv_t>(-1)); // NOLINT: the interface of iconv
        for (int byte = 0xA0; byte < 0x100; ++byte) {
            char in = static_cast<char>(byte);
            char32_t out = 0xFFFD;
            char* from = &in;
            char* into = reinterpret_cast<char*>(&out);
            std::size_t inLeft = 1;
            std::size_t outLeft = sizeof out;
            iconv(converter, nullptr, nullptr, nullptr, nullptr);
            iconv(converter, &from, &inLeft, &into, &outLeft);
            iconv(converter, nullptr, nullptr, &into, &outLeft); // some hold a letter back
            const auto ours = escpos::charOf(which, static_cast<std::uint8_t>(byte));
            CAPTURE(byte);
            CHECK((ours == 0xFFFD || ours == out));
        }
        iconv_close(converter);
    }
    for (int byte = 0x80; byte < 0x100; ++byte) {
        const auto euro = escpos::charOf(CodePage::cp858, static_cast<std::uint8_t>(byte));
        const auto plain = escpos::charOf(CodePage::cp850, static_cast<std::uint8_t>(byte));
        CHECK((byte == 0xD5 ? euro == U'€' : euro == plain));
    }
}
