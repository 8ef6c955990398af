#include "plugin/crypto/SigningKey.h"

#include "plugin/crypto/Certificates.h"
#include "plugin/crypto/Encoding.h"
#include "tests/support/Folder.h"
#include "tests/support/Property.h"

using namespace souffleur;
using namespace souffleur::crypto;

namespace {
std::string bytes(std::string_view hex) {
    return fromHex(hex).value();
}
} // namespace

TEST_CASE("Ed25519 gives the signatures of RFC 8032") {
    struct Vector {
        const char *seed, *key, *message, *signature;
    };
    const Vector vectors[] = {
        {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
         "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
         "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701"
         "cf9b4"
         "6bd25bf5f0595bbe24655141438e7a100b"},
        {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
         "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
         "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d"
         "0f11d"
         "8c387b2eaeb4302aeeb00d291612bb0c00"},
        {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
         "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
         "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f7609"
         "84dc6"
         "594a7c15e9716ed28dc027beceea1ec40a"}};
    for (const Vector& vector : vectors) {
        const auto key = SigningKey::fromSeed(bytes(vector.seed)).value();
        CHECK(publicKeyText(key.publicKey()) == vector.key);
        const Signature signature = key.sign(bytes(vector.message));
        CHECK(toHex(bytesOf(signature)) == vector.signature);
        CHECK(verify(key.publicKey(), bytes(vector.message), signature));
    }
}

PROPERTY("a changed message, signature or key does not verify",
         [](std::uint64_t seed, const std::string& message) {
             SeededRandom random(seed);
             const auto key = SigningKey::generate(random);
             Signature signature = key.sign(message);
             RC_ASSERT(verify(key.publicKey(), message, signature));
             RC_ASSERT(!verify(key.publicKey(), message + "x", signature));
             RC_ASSERT(!verify(SigningKey::generate(random).publicKey(), message, signature));
             const auto bit = *rc::gen::inRange<std::size_t>(0, signature.size() * 8);
             signature[bit / 8] = static_cast<std::uint8_t>(signature[bit / 8] ^ 1U << bit % 8);
             RC_ASSERT(!verify(key.publicKey(), message, signature));
         })

PROPERTY("texts and PEM come back", [](std::uint64_t seed) {
    SeededRandom random(seed);
    const auto key = SigningKey::generate(random);
    RC_ASSERT(parsePublicKey(publicKeyText(key.publicKey())).value() == key.publicKey());
    const Signature signature = key.sign("x");
    RC_ASSERT(parseSignature(signatureText(signature)).value() == signature);
    const auto pem = key.pem();
    RC_ASSERT(SigningKey::fromPem(pem.view()).value().publicKey() == key.publicKey());
})

TEST_CASE("a key is kept in a private file") {
    const Folder folder;
    SystemRandom random;
    const auto key = SigningKey::generate(random);
    const auto path = folder.path() / "device.pem";
    REQUIRE(key.save(path).has_value());
    CHECK((std::filesystem::status(path).permissions() & std::filesystem::perms::mask) ==
          (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
    CHECK(SigningKey::load(path).value().publicKey() == key.publicKey());
}

TEST_CASE("what is no Ed25519 key is refused") {
    CHECK(SigningKey::fromSeed("short").error().code == Code::invalid);
    CHECK(SigningKey::fromPem("").error().code == Code::corrupt);
    CHECK(SigningKey::fromPem("-----BEGIN PRIVATE KEY-----\nAAAA\n").error().code == Code::corrupt);
    CHECK(SigningKey::fromPem(newTlsKey().view()).error().code == Code::unsupported);
    CHECK_FALSE(parsePublicKey(std::string(63, 'a')).has_value());
    CHECK_FALSE(parsePublicKey(std::string(64, 'g')).has_value());
    CHECK_FALSE(parseSignature(std::string(86, '.')).has_value());
}
