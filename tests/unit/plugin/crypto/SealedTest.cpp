#include "plugin/crypto/Sealed.h"

#include "plugin/crypto/Certificates.h"
#include "plugin/crypto/Encoding.h"
#include "plugin/crypto/OpenSsl.h"
#include "tests/support/Property.h"

using namespace souffleur;
using namespace souffleur::crypto;

namespace {

struct Recipient {
    Secret key = newTlsKey();
    std::string cert;
    Recipient() {
        const auto ca = Authority::make("Test", 0, 100 * 365 * kDayMs).value();
        const auto request = makeRequest(key.view(), "hub").value();
        cert = ca.issueRecipient(request, "hub", 0, 100 * 365 * kDayMs).value();
    }
};

std::string opened(const Recipient& who, std::string_view der) {
    const auto plain = openSealed(who.key.view(), who.cert, der);
    return plain ? std::string(plain->view())
                 : "error: " + std::string(codeName(plain.error().code));
}

/// An envelope as OpenSSL makes it with these parameters.
std::string foreign(const Recipient& who, const EVP_CIPHER* cipher, int recipients) {
    const CertificatePtr cert = certificateOf(who.cert);
    STACK_OF(X509)* to = sk_X509_new_null();
    for (int i = 0; i < recipients; ++i) sk_X509_push(to, cert.get());
    const CmsPtr cms(CMS_encrypt(to, readingBio("hello").get(), cipher, CMS_BINARY));
    sk_X509_free(to);
    const BioPtr out(BIO_new(BIO_s_mem()));
    REQUIRE(i2d_CMS_bio(out.get(), cms.get()) == 1);
    return contentOf(out.get());
}

} // namespace

TEST_CASE("an envelope opens for its recipient alone") {
    const Recipient hub;
    const Recipient other;
    const std::string der = seal(hub.cert, "Anna Example, anna@example.org").value();
    CHECK(der.find("example") == std::string::npos);
    CHECK(opened(hub, der) == "Anna Example, anna@example.org");
    CHECK(opened(other, der) == "error: corrupt");
    CHECK(openSealed(other.key.view(), hub.cert, der).error().code == Code::invalid);
    CHECK(seal(hub.cert, "x").value() != seal(hub.cert, "x").value());
    CHECK(opened(hub, seal(hub.cert, "").value()).empty());
}

TEST_CASE("every changed byte of an envelope is noticed") {
    const Recipient hub;
    const std::string der = seal(hub.cert, "hello").value();
    int same = 0;
    for (std::size_t i = 0; i < der.size(); ++i) {
        std::string changed = der;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        same += opened(hub, changed) == "hello" ? 1 : 0;
    }
    // Bits that carry no meaning for the recipient (the issuer's spelling in the key identifier)
    // may differ; here the recipient is named by its key id, so that nothing is free.
    CHECK(same == 0);
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{1}, der.size() / 2, der.size() - 1}) {
        CHECK(opened(hub, std::string_view(der).substr(0, size)) == "error: corrupt");
    }
    CHECK(opened(hub, der + "x") == "error: corrupt");
}

TEST_CASE("other ciphers and more recipients are refused") {
    const Recipient hub;
    CHECK(opened(hub, foreign(hub, EVP_aes_256_cbc(), 1)) == "error: corrupt");
    CHECK(opened(hub, foreign(hub, EVP_aes_128_gcm(), 1)) == "error: corrupt");
    CHECK(opened(hub, foreign(hub, EVP_aes_256_gcm(), 2)) == "error: corrupt");
    CHECK(opened(hub, foreign(hub, EVP_aes_256_gcm(), 1)) == "hello");
}

TEST_CASE("sizes are bounded and certificates must fit") {
    const Recipient hub;
    CHECK(seal(hub.cert, std::string(kSealMaxBytes + 1, 'x')).error().code == Code::tooLarge);
    CHECK(openSealed(hub.key.view(), hub.cert, std::string(1 << 20, 'x')).error().code ==
          Code::tooLarge);
    CHECK(seal("no certificate", "x").error().code == Code::invalid);
    CHECK(openSealed("no key", hub.cert, "x").error().code == Code::invalid);
}

TEST_CASE("any bytes come back") {
    const Recipient hub;
    CHECK(rc::check([&](const std::string& plain) {
        RC_ASSERT(opened(hub, seal(hub.cert, plain).value()) == plain);
    }));
    const std::string most(kSealMaxBytes, '\0');
    CHECK(opened(hub, seal(hub.cert, most).value()) == most);
}

TEST_CASE("random bytes never open") {
    const Recipient hub;
    CHECK(rc::check(
        [&](const std::string& bytes) { RC_ASSERT(opened(hub, bytes) == "error: corrupt"); }));
}
