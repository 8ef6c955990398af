// Email, Phone, PostalAddress, their masks and Text.
#include "plugin/contact/Email.h"
#include "plugin/contact/Folder.h"
#include "plugin/contact/Mask.h"
#include "plugin/contact/Phone.h"
#include "plugin/contact/PostalAddress.h"
#include "plugin/contact/Text.h"
#include "tests/support/Property.h"

using namespace souffleur;
using namespace souffleur::contact;

namespace {
/// Built at run time: GCC 12 mistakes constant long strings for overruns.
std::string repeated(std::size_t count, char letter) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out.push_back(letter);
    return out;
}
} // namespace

TEST_CASE("e-mail: canonical and display") {
    struct Row {
        const char* text;
        const char* canonical;
        const char* display;
    };
    const Row rows[] = {
        {" Jan@Example.ORG ", "jan@example.org", "Jan@example.org"},
        {"Jan.de.Vries+toneel@example.org", "jan.de.vries+toneel@example.org",
         "Jan.de.Vries+toneel@example.org"},
        {"Jan de Vries <jan@example.org>", "jan@example.org", "jan@example.org"},
        {"mailto:jan@example.org", "jan@example.org", "jan@example.org"},
        {"jan@example.org.", "jan@example.org", "jan@example.org"},
        {"jan@example.org;", "jan@example.org", "jan@example.org"},
        {"o'brien@example.co.uk", "o'brien@example.co.uk", "o'brien@example.co.uk"},
        {"info@bücher.example", "info@xn--bcher-kva.example", "info@bücher.example"},
        {"info@BÜCHER.example", "info@xn--bcher-kva.example", "info@bücher.example"},
        {"info@xn--bcher-kva.example", "info@xn--bcher-kva.example", "info@bücher.example"},
        {"почта@пример.example", "почта@xn--e1afmkfd.example", "почта@пример.example"},
        {"\"jan de vries\"@example.org", "\"jan de vries\"@example.org",
         "\"jan de vries\"@example.org"},
    };
    for (const Row& row : rows) {
        CAPTURE(std::string(row.text));
        const auto email = Email::parse(row.text);
        REQUIRE(email);
        CHECK(email->canonical == row.canonical);
        CHECK(email->display == row.display);
        CHECK(email->canonicalKey() == "email:" + email->canonical);
        const auto again = Email::parse(email->canonical);
        REQUIRE(again);
        CHECK(again->canonical == email->canonical);
    }
}

TEST_CASE("e-mail: refused") {
    for (const char* text : {"",
                             " ",
                             "jan",
                             "jan@",
                             "@example.org",
                             "jan@localhost",
                             "jan@example",
                             "jan@@example.org",
                             "jan piet@example.org",
                             "jan@exam ple.org",
                             ".jan@example.org",
                             "jan.@example.org",
                             "ja..n@example.org",
                             "jan@-example.org",
                             "jan@example-.org",
                             "jan@example..org",
                             "jan@[127.0.0.1]",
                             "jan@127.0.0.1",
                             "jan@example.org\r\nBcc: x@example.org",
                             "ja\x01n@example.org",
                             "jan@example.org, piet@example.org",
                             "jan@exa\xE2\x80\xAEmple.org",
                             "\xff@example.org",
                             "=cmd|'/c'!A1",
                             "geen",
                             "n.v.t.",
                             "-",
                             "jan@example.o"}) {
        CAPTURE(std::string(text));
        const auto email = Email::parse(text);
        REQUIRE_FALSE(email);
        CHECK(email.error().message.find("jan") == std::string::npos);
    }
    CHECK(Email::parse(repeated(64, 'a') + "@example.org"));
    CHECK(Email::parse(repeated(65, 'a') + "@example.org").error().code == Code::tooLarge);
    CHECK_FALSE(Email::parse("a@" + repeated(64, 'b') + ".org"));
    CHECK(Email::parse(repeated(10 * 1024 * 1024, 'a')).error().code == Code::tooLarge);
    std::string longDomain;
    for (int i = 0; i < 4; ++i) longDomain += repeated(60, 'd') + ".";
    CHECK_FALSE(Email::parse("abcdefghijklmnop@" + longDomain + "org"));
}

TEST_CASE("e-mail: what was perhaps meant") {
    const std::pair<const char*, const char*> rows[] = {
        {"jan@gmial.com", "jan@gmail.com"},     {"jan@gmail.con", "jan@gmail.com"},
        {"jan@hotmial.com", "jan@hotmail.com"}, {"jan@hotmail.nll", "jan@hotmail.nl"},
        {"jan@outlok.com", "jan@outlook.com"},  {"jan@yaho.com", "jan@yahoo.com"},
        {"Jan@example.con", "Jan@example.com"},
    };
    for (const auto& [text, meant] : rows) {
        CAPTURE(std::string(text));
        CHECK(Email::parse(text).value().suggestion() == std::optional<std::string>(meant));
    }
    for (const char* text :
         {"jan@gmail.com", "jan@example.org", "jan@me.com", "jan@we.com", "jan@theater.example"})
        CHECK_FALSE(Email::parse(text).value().suggestion());
}

TEST_CASE("phone") {
    struct Row {
        const char* text;
        const char* region;
        const char* e164;
        PhoneKind kind;
    };
    const Row rows[] = {
        {"06 12 00 00 12", "NL", "+31612000012", PhoneKind::mobile},
        {"0612000012", "NL", "+31612000012", PhoneKind::mobile},
        {"+31 (0)6 12 00 00 12", "NL", "+31612000012", PhoneKind::mobile},
        {"0031-6-12000012", "NL", "+31612000012", PhoneKind::mobile},
        {"06.12.00.00.12", "NL", "+31612000012", PhoneKind::mobile},
        {"06–12000012", "NL", "+31612000012", PhoneKind::mobile},
        {"０６１２００００１２", "NL", "+31612000012", PhoneKind::mobile},
        {"(020) 620 00 00", "NL", "+31206200000", PhoneKind::fixed},
        {"020/6200000", "NL", "+31206200000", PhoneKind::fixed},
        {"07700 900123", "GB", "+447700900123", PhoneKind::unknown},
        {"+44 7700 900 123", "NL", "+447700900123", PhoneKind::unknown},
        {"8 (912) 000-00-12", "RU", "+79120000012", PhoneKind::mobile},
        {"+7 912 0000012", "NL", "+79120000012", PhoneKind::mobile},
        {"612 00 00 12", "ES", "+34612000012", PhoneKind::mobile},
        {"06 12 00 00 12", "FR", "+33612000012", PhoneKind::mobile},
    };
    for (const Row& row : rows) {
        CAPTURE(std::string(row.text));
        const auto phone = Phone::parse(row.text, row.region);
        REQUIRE(phone);
        CHECK(phone->e164 == row.e164);
        CHECK(phone->kind == row.kind);
        CHECK(Phone::parse(phone->display).value() == *phone);
        CHECK(Phone::parse(phone->e164).value() == *phone);
    }
    for (const char* text : {"", " ", "geen", "06", "06-123", "0800-THEATER",
                             "12345678901234567890", "+", "06 1200 0012 thuis", "\x1b[2J", "=1+1",
                             "06 12000012 / 06 12000013", "+31 0)0)63 1 1 1 1"}) {
        CAPTURE(std::string(text));
        CHECK_FALSE(Phone::parse(text));
    }
    CHECK(Phone::parse(repeated(10 * 1024 * 1024, '1')).error().code == Code::tooLarge);
}

TEST_CASE("postal codes") {
    struct Row {
        const char* country;
        const char* text;
        const char* code;
    };
    const Row rows[] = {
        {"NL", "1234ab", "1234 AB"},
        {"NL", "1234 AB", "1234 AB"},
        {"NL", "NL-1234 ab", "1234 AB"},
        {"BE", "B-1000", "1000"},
        {"BE", "1000", "1000"},
        {"DE", "D-10115", "10115"},
        {"DE", "1067", "01067"},
        {"ES", "8001", "08001"},
        {"ES", "08001", "08001"},
        {"FR", "75 001", "75001"},
        {"FR", "F-75001", "75001"},
        {"GB", "sw1a1aa", "SW1A 1AA"},
        {"GB", "M1 1AE", "M1 1AE"},
        {"RU", "101000", "101000"},
        {"DK", "dk-1000", "DK-1000"},
        {"", "  ab 12 ", "AB 12"},
        {"NL", "", ""},
        {"", "\u0390 1", "\u03AA\u0301 1"},
    };
    for (const Row& row : rows) {
        CAPTURE(std::string(row.text));
        const auto code = normalPostalCode(row.text, row.country);
        REQUIRE(code);
        CHECK(*code == row.code);
        CHECK(normalPostalCode(*code, row.country).value() == row.code);
    }
    const std::pair<const char*, const char*> refused[] = {
        {"NL", "12345"}, {"NL", "0234 AB"}, {"BE", "100"},   {"GB", "12345"},
        {"GB", "SW1A"},  {"RU", "10100"},   {"ES", "ABCDE"}, {"DE", "123456"}};
    for (const auto& [country, text] : refused) CHECK_FALSE(normalPostalCode(text, country));
}

TEST_CASE("postal addresses") {
    Folder folder;
    const auto one =
        PostalAddress::make({" Korte  Straat 1 ", ""}, "1234ab", "Delft", "Nederland").value();
    const auto two = PostalAddress::make({"KORTE STRAAT 1"}, "1234 AB", "DELFT", "").value();
    CHECK(one.display() == "Korte Straat 1, 1234 AB Delft");
    CHECK(one.canonicalKey(folder) == "post:nl:1234ab:korte straat 1");
    CHECK(one.canonicalKey(folder) == two.canonicalKey(folder));
    CHECK(
        PostalAddress::make({"1 High Street"}, "SW1A 1AA", "London", "England").value().display() ==
        "1 High Street, London SW1A 1AA");
    CHECK(PostalAddress::make({"Strøget 1"}, "1000", "København", "Danmark").value().country ==
          "DK");
    CHECK_FALSE(PostalAddress::make({}, "1234 AB", "Delft", "NL"));
    CHECK_FALSE(PostalAddress::make({"Korte Straat 1"}, "", "", "NL"));
    CHECK_FALSE(PostalAddress::make({"Korte Straat 1"}, "99", "Delft", "NL"));
    CHECK_FALSE(PostalAddress::make({repeated(201, 'x')}, "1234 AB", "Delft", "NL"));
    CHECK(countryCode("RUSSIA") == "RU");
    CHECK(countryCode("РОССИЯ") == "RU");
    CHECK(countryCode("Atlantis").empty());
}

TEST_CASE("masks") {
    CHECK(mask(Email::parse("anna@example.org").value()) == "a•••@example.org");
    CHECK(mask(Email::parse("ab@example.org").value()) == "•••@example.org");
    CHECK(mask(Email::parse("иван@example.org").value()) == "и•••@example.org");
    CHECK(mask(Phone::parse("0612000012", "NL").value()) == "+31 6 •••• ••12");
    CHECK(mask(Phone::parse("+79120000012").value()) == "+7 9 •••• ••12");
    CHECK(mask(Phone::parse("+442079460012").value()) == "+44 2 •••• ••12");
    CHECK(mask(PostalAddress::make({"Korte Straat 1"}, "1234AB", "Delft", "NL").value()) ==
          "1234 •• Delft");
    CHECK(mask(Email{}) == "•••");
    const auto again = [](const std::vector<std::string>& lines, std::string_view code,
                          std::string_view city, std::string_view country) {
        return maskPostal(PostalAddress::make(lines, code, city, country).value().display());
    };
    CHECK(again({"Korte Straat 1", "bis"}, "1234AB", "Delft", "NL") == "1234 •• Delft");
    CHECK(again({"Korte Straat 1"}, "08001", "Sant Joan", "ES") == "080 •• Sant Joan");
    CHECK(again({"1 Short Road"}, "SW1A 1AA", "London", "GB") == "SW1A •• London");
    CHECK(again({"Korte Straat 1"}, "", "Delft", "NL") == "•••");
    CHECK(again({"Korte Straat 1"}, "", "Straat 17", "NL") == "•••");
    CHECK(maskPostal("Korte Straat 1") == "•••");
    CHECK(maskPostal("Delft, Korte Straat 1 bis") == "•••");
    CHECK(maskPostal("").find("•") == 0);
    CHECK(mask(Phone{}).find("•") != std::string::npos);
}

PROPERTY("a mask never reveals more than it says", [] {
    const auto letter = rc::gen::inRange('a', 'z');
    const std::string local = *rc::gen::nonEmpty(rc::gen::container<std::string>(letter));
    const auto email = Email::parse(local.substr(0, 60) + "@example.org");
    RC_ASSERT(email);
    const std::string masked = mask(*email);
    RC_ASSERT(masked.size() <= 1 + 9 + 12);
    const std::string digits = *rc::gen::container<std::string>(8, rc::gen::inRange('0', '9'));
    const auto phone = Phone::parse("06" + digits, "NL");
    if (phone) {
        std::string shown;
        for (const char c : mask(*phone)) {
            if (c >= '0' && c <= '9') shown += c;
        }
        RC_ASSERT(shown == "316" + digits.substr(6));
    }
});

PROPERTY("contact points: normalising is idempotent", [](const std::string& text) {
    if (const auto email = Email::parse(text + "@example.org")) {
        RC_ASSERT(Email::parse(email->canonical).value().canonical == email->canonical);
        RC_ASSERT(Email::parse(email->display).value() == *email);
    }
    if (const auto phone = Phone::parse(text))
        RC_ASSERT(Phone::parse(phone->e164).value() == *phone);
});

TEST_CASE("clean lines") {
    const std::pair<const char*, const char*> rows[] = {
        {"", ""},
        {"plain", "plain"},
        {"  a \t b\r\n", "a b"},
        {"a\xC2\xA0"
         "b",
         "a b"},
        {"a\x1b[31mb\x07", "a[31mb"},
        {"e\xCC\x81", "é"},
        {"\xEF\xBB\xBFJan", "Jan"},
        {"a\xE2\x80\xAE"
         "b\xE2\x81\xA6"
         "c",
         "abc"},
        {"\xE2\x80\x8D"
         "a",
         "a"},
        {"می\xE2\x80\x8Cخواهم", "می\xE2\x80\x8Cخواهم"},
        {"a\xff"
         "b",
         "ab"},
        {"a\xED\xA0\x80"
         "b",
         "ab"}, // a surrogate
    };
    for (const auto& [text, clean] : rows) CHECK(cleanLine(text) == clean);
    std::string zalgo = "a";
    for (int i = 0; i < 100; ++i) zalgo += "\xCC\x81";
    CHECK(charCount(cleanLine(zalgo)) <= 5);
    CHECK(cleanLine(std::string("a\0b", 3)) == "ab");
    CHECK(titleCase("JAN O'BRIEN-SMITH") == "Jan O'Brien-Smith");
    CHECK(firstChars("aéb", 2) == "aé");
    CHECK_FALSE(isUtf8("\xC0\x80"));
}

PROPERTY("cleaning is idempotent, also for every letter of the basic plane",
         [](const std::string& bytes) {
             const std::string once = cleanLine(bytes);
             RC_ASSERT(cleanLine(once) == once);
             RC_ASSERT(isUtf8(once));
         });
