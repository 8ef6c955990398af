#include "plugin/crypto/Hash.h"

#include "plugin/crypto/Encoding.h"
#include "tests/support/Property.h"

using namespace souffleur::crypto;

namespace {
std::string hex(const Hash& hash) {
    return toHex(bytesOf(hash));
}
std::string bytes(const char* text) {
    return fromHex(text).value();
}
} // namespace

TEST_CASE("SHA-256 gives the digests of FIPS 180-4") {
    CHECK(hex(sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(hex(sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")) ==
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    Sha256 million;
    for (int i = 0; i < 1000; ++i) million.update(std::string(1000, 'a'));
    CHECK(hex(million.finish()) ==
          "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("a digest object starts afresh after finish and continues in a copy") {
    Sha256 digest;
    digest.update("a");
    Sha256 copy = digest;
    CHECK(copy.update("bc").finish() == sha256("abc"));
    CHECK(digest.update("b").finish() == sha256("ab"));
    CHECK(digest.finish() == sha256(""));
}

TEST_CASE("HMAC-SHA-256 gives the values of RFC 4231") {
    CHECK(hex(hmacSha256(std::string(20, '\x0b'), "Hi There")) ==
          "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    CHECK(hex(hmacSha256("Jefe", "what do ya want for nothing?")) ==
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    CHECK(hex(hmacSha256(std::string(20, '\xaa'), std::string(50, '\xdd'))) ==
          "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
    CHECK(hex(hmacSha256(bytes("0102030405060708090a0b0c0d0e0f10111213141516171819"),
                         std::string(50, '\xcd'))) ==
          "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b");
    CHECK(hex(hmacSha256(std::string(131, '\xaa'),
                         "Test Using Larger Than Block-Size Key - Hash Key First")) ==
          "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

PROPERTY("the pieces do not matter", [](const std::string& a, const std::string& b) {
    RC_ASSERT(Sha256().update(a).update(b).finish() == sha256(a + b));
    RC_ASSERT(sha256('\0', a) == sha256(std::string(1, '\0') + a));
})

PROPERTY("constant-time comparison is equality", [](const std::string& a, const std::string& b) {
    RC_ASSERT(equalConstantTime(a, b) == (a == b));
    RC_ASSERT(equalConstantTime(a, std::string(a)));
})
