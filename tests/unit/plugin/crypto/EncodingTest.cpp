#include "plugin/crypto/Encoding.h"

#include "tests/support/Property.h"

using namespace souffleur;
using namespace souffleur::crypto;

TEST_CASE("base64 gives the vectors of RFC 4648") {
    const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                           {"f", "Zg=="},
                                                           {"fo", "Zm8="},
                                                           {"foo", "Zm9v"},
                                                           {"foob", "Zm9vYg=="},
                                                           {"fooba", "Zm9vYmE="},
                                                           {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, text] : vectors) {
        CHECK(toBase64(plain) == text);
        CHECK(fromBase64(text).value() == plain);
    }
    CHECK(toBase64Url("\xfb\xff\xfe") == "-__-");
    CHECK(toHex("foobar") == "666f6f626172");
    CHECK(fromHex("666F6f626172").value() == "foobar");
}

TEST_CASE("base64 is strict: one text for each value") {
    for (const char* text : {"Zg", "Zg=", "Zg===", "=", "====", "Z", "Zh==", "Zm9=", "Zm 9",
                             "Zm9v\n", "-__-", "Zg==Zg=="}) {
        CAPTURE(text);
        CHECK_FALSE(fromBase64(text).has_value());
    }
    for (const char* text : {"Zg==", "Z", "Zh", "+//+", "Zm9v="}) {
        CAPTURE(text);
        CHECK_FALSE(fromBase64Url(text).has_value());
    }
    for (const char* text : {"0", "0g", "  ", "0x"}) {
        CAPTURE(text);
        CHECK_FALSE(fromHex(text).has_value());
    }
}

TEST_CASE("Crockford base32 reads what people type") {
    // 1234 = 16J (the author's own example).
    CHECK(toBase32(std::string("\x04\xd2", 2)) == "016J");
    // 1 * x^3 + 6 * x^2 + 18 * x in GF(32): 8 ^ 24 ^ 1 = 17, the symbol H.
    CHECK(base32Check("016J") == 'H');
    const std::string number("\x04\xd2", 2);
    for (const char* typed : {"016J", "016j", "oi6j", "OL-6J", " 01 6J-"}) {
        CAPTURE(typed);
        CHECK(fromBase32(typed, 2).value() == number);
    }
}

TEST_CASE("base32 refuses what does not fit") {
    CHECK_FALSE(fromBase32("", 2).has_value());
    CHECK_FALSE(fromBase32("016", 2).has_value());
    CHECK_FALSE(fromBase32("016J0", 2).has_value());
    CHECK_FALSE(fromBase32("U16J", 2).has_value());
    CHECK_FALSE(fromBase32("G16J", 2).has_value()); // the first symbol holds one bit here
    CHECK_FALSE(fromBase32("Z", 0).has_value());
}

PROPERTY("every encoding comes back", [](const std::string& bytes) {
    RC_ASSERT(fromHex(toHex(bytes)).value() == bytes);
    RC_ASSERT(fromBase64(toBase64(bytes)).value() == bytes);
    RC_ASSERT(fromBase64Url(toBase64Url(bytes)).value() == bytes);
    RC_ASSERT(fromBase32(toBase32(bytes), bytes.size()).value() == bytes);
})

PROPERTY("what base64 reads it writes again alike", [] {
    const auto text =
        *rc::gen::container<std::string>(rc::gen::elementOf(std::string("ABCDYZabyz0189+/-_=")));
    if (const auto bytes = fromBase64(text)) RC_ASSERT(toBase64(*bytes) == text);
    if (const auto bytes = fromBase64Url(text)) RC_ASSERT(toBase64Url(*bytes) == text);
})
