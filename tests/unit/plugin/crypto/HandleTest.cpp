#include "plugin/crypto/Handle.h"

#include <algorithm>
#include <cctype>

#include "tests/support/Property.h"

using namespace souffleur;
using namespace souffleur::crypto;

namespace {
Handle handleFrom(std::uint64_t seed) {
    SeededRandom random(seed);
    return randomHandle(random);
}
} // namespace

TEST_CASE("a slip code is 26 symbols and a check character in groups of four") {
    Handle handle{};
    CHECK(slipCode(handle) == "0000-0000-0000-0000-0000-0000-000");
    handle.fill(0xff);
    CHECK(slipCode(handle).substr(0, 32) == "7ZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZ");
}

TEST_CASE("what is no slip code is refused without an echo of it") {
    for (const char* text :
         {"", "-", "secret-word", "0000-0000-0000-0000-0000-0000-00",
          "0000-0000-0000-0000-0000-0000-0000", "8000-0000-0000-0000-0000-0000-000",
          "0000-0000-0000-0000-0000-0000-001"}) {
        CAPTURE(text);
        const auto handle = parseSlipCode(text);
        REQUIRE_FALSE(handle.has_value());
        CHECK(handle.error().code == Code::invalid);
        CHECK(handle.error().text().find("secret") == std::string::npos);
    }
    CHECK_FALSE(parseSlipCode(std::string(100000, '0')).has_value());
    CHECK_FALSE(parseHandle("AAAA").has_value());
}

PROPERTY("handles come back from both text forms", [](std::uint64_t seed) {
    const Handle handle = handleFrom(seed);
    RC_ASSERT(parseHandle(handleText(handle)).value() == handle);
    RC_ASSERT(parseSlipCode(slipCode(handle)).value() == handle);
    std::string sloppy = " ";
    for (char c : slipCode(handle)) {
        if (c == '-') continue;
        if (c == '0') c = 'o';
        if (c == '1') c = 'l';
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        sloppy += c;
    }
    RC_ASSERT(parseSlipCode(sloppy + " ").value() == handle);
})

PROPERTY("a slip code holds nothing but letters and digits that nobody confuses",
         [](std::uint64_t seed) {
             const std::string code = slipCode(handleFrom(seed));
             RC_ASSERT(code.size() == 33U);
             RC_ASSERT(code.find_first_not_of("0123456789ABCDEFGHJKMNPQRSTVWXYZ-") ==
                       std::string::npos);
         })

PROPERTY("one mistyped symbol and any two exchanged ones are found", [](std::uint64_t seed) {
    const std::string code = slipCode(handleFrom(seed));
    std::string typed = code;
    const auto at = *rc::gen::suchThat(rc::gen::inRange<std::size_t>(0, code.size()),
                                       [&](std::size_t i) { return code[i] != '-'; });
    typed[at] = *rc::gen::elementOf(std::string("0123456789ABCDEFGHJKMNPQRSTVWXYZ"));
    RC_ASSERT(typed == code || !parseSlipCode(typed).has_value());
    std::string swapped = code;
    const auto other = *rc::gen::suchThat(rc::gen::inRange<std::size_t>(0, code.size()),
                                          [&](std::size_t i) { return code[i] != '-'; });
    std::swap(swapped[at], swapped[other]);
    RC_ASSERT(swapped == code || !parseSlipCode(swapped).has_value());
})

PROPERTY("a slip is read from its code and from the address in its QR code",
         [](std::uint64_t seed) {
             const Handle handle = handleFrom(seed);
             std::string symbols = slipCode(handle);
             std::erase(symbols, '-');
             for (const std::string& text :
                  {slipCode(handle), symbols, "https://voorbeeld.example.org/w#" + symbols,
                   "http://127.0.0.1:8443/withdraw?l=nl#" + symbols + " "}) {
                 const SlipText read = readSlip(text);
                 RC_ASSERT(read.kind == SlipText::Kind::code);
                 RC_ASSERT(read.handle == handle);
             }
         })

PROPERTY("a slip's code with one wrong, lost or doubled symbol is known for one",
         [](std::uint64_t seed) {
             const std::string code = slipCode(handleFrom(seed));
             const auto digits =
                 std::ranges::count_if(code, [](unsigned char c) { return std::isdigit(c) != 0; });
             RC_PRE(digits > 4 && digits < 22);
             const auto at = *rc::gen::suchThat(rc::gen::inRange<std::size_t>(1, code.size()),
                                                [&](std::size_t i) { return code[i] != '-'; });
             std::string typed = code;
             typed[at] = typed[at] == 'Z' ? '7' : 'Z';
             for (const std::string& text :
                  {typed, "https://voorbeeld.example.org/w#" + typed,
                   std::string(code).erase(at, 1), std::string(code).insert(at, 1, code[at])}) {
                 RC_ASSERT(readSlip(text).kind == SlipText::Kind::mistyped);
             }
         })

TEST_CASE("any one symbol wrong in a code of hardly any digits is told as mistyped") {
    const std::string code = "2GWEGRFQVHXZCCGARTEMQNTQPFZ";
    REQUIRE(readSlip(code).kind == SlipText::Kind::code);
    for (std::size_t at = 0; at < code.size(); ++at) {
        for (const char symbol : std::string("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")) {
            std::string typed = code;
            typed[at] = symbol;
            if (typed == code) continue;
            std::string grouped;
            for (std::size_t i = 0; i < typed.size(); ++i) {
                if (i > 0 && i % 4 == 0) grouped += ' ';
                grouped += static_cast<char>(std::tolower(static_cast<unsigned char>(typed[i])));
            }
            CAPTURE(typed);
            CHECK(readSlip(typed).kind == SlipText::Kind::mistyped);
            CHECK(readSlip(grouped).kind == SlipText::Kind::mistyped);
        }
    }
}

TEST_CASE("what is nothing of a slip's is not taken for a mistyped one") {
    for (const char* text :
         {"", "#", "Anna Vermeer", "Aleksandra Konstantinopolskaja", "Aleksandra Konstantinopolsk",
          "Francesca-Maria van den Berg", "anna.vermeer@example.org",
          "+44 7700 900123 +44 7700 900124", "4006381333931", "https://example.org/shop#4711",
          "0192f0c1-1111-7c55-9a10-5a2f3e9d0b77", "Jan van der Meulen-de Wit, rij 4 stoel 12"}) {
        CAPTURE(text);
        CHECK(readSlip(text).kind == SlipText::Kind::other);
    }
    CHECK(readSlip("0123456789ABCDEFGHJKMNPQRST").kind == SlipText::Kind::mistyped);
    CHECK(readSlip(std::string(100000, '0')).kind == SlipText::Kind::other);
}

TEST_CASE("tokens are as long as asked and differ") {
    SystemRandom random;
    CHECK(randomToken(random).size() == 43);
    CHECK(randomToken(random, 16).size() == 22);
    CHECK(randomToken(random) != randomToken(random));
    CHECK_THROWS(randomToken(random, 8));
}
