#include "plugin/crypto/Aead.h"

#include <doctest/doctest.h>

#include "plugin/crypto/Encoding.h"

using namespace souffleur;
using namespace souffleur::crypto;

namespace {

Hash keyOf(std::uint8_t fill) {
    Hash key{};
    key.fill(fill);
    return key;
}

} // namespace

TEST_CASE("the bytes of NIST's test case 16 come out") {
    // The Galois/Counter Mode of Operation (McGrew, Viega), appendix B, test case 16.
    Hash key{};
    const auto raw = fromHex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
    std::copy(raw->begin(), raw->end(), key.begin());
    Nonce nonce{};
    const auto iv = fromHex("cafebabefacedbaddecaf888");
    std::copy(iv->begin(), iv->end(), nonce.begin());
    const auto about = fromHex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    const auto plain =
        fromHex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c9595680953"
                "2fcf0e2449a6b525b16aedf5aa0de657ba637b39");
    const auto sealed = sealWith(key, nonce, *about, *plain);
    REQUIRE(sealed.has_value());
    CHECK(toHex(*sealed) ==
          "cafebabefacedbaddecaf888"
          "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b0"
          "8b1056828838c5f61e6393ba7a0abcc9f662"
          "76fc6ece0f4e1768cddf8853bb2d551b");
    CHECK(openWith(key, *about, *sealed)->view() == *plain);
}

TEST_CASE("only who has the key and names what it is about opens, and not after a changed bit") {
    const auto sealed = sealWith(keyOf(1), Nonce{7}, "event", "a.canary@example.org");
    REQUIRE(sealed.has_value());
    CHECK(sealed->find("canary") == std::string::npos);
    CHECK(openWith(keyOf(1), "event", *sealed)->view() == "a.canary@example.org");
    CHECK(openWith(keyOf(2), "event", *sealed).error().code == Code::corrupt);
    CHECK(openWith(keyOf(1), "another", *sealed).error().code == Code::corrupt);
    for (std::size_t i = 0; i < sealed->size(); ++i) {
        std::string bent = *sealed;
        bent[i] = static_cast<char>(bent[i] ^ 1);
        CHECK(openWith(keyOf(1), "event", bent).error().code == Code::corrupt);
        CHECK_FALSE(openWith(keyOf(1), "event", sealed->substr(0, i)).has_value());
    }
}

TEST_CASE("nothing, and too much") {
    const auto sealed = sealWith(keyOf(1), Nonce{}, "", "");
    REQUIRE(sealed.has_value());
    CHECK(openWith(keyOf(1), "", *sealed)->view().empty());
    const std::string big(kAeadMaxBytes + 1, 'x');
    CHECK(sealWith(keyOf(1), Nonce{}, "", big).error().code == Code::tooLarge);
    CHECK(openWith(keyOf(1), "", big + std::string(40, 'x')).error().code == Code::tooLarge);
}
