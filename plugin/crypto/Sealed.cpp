#include "plugin/crypto/Sealed.h"

#include <openssl/ec.h>

#include "plugin/crypto/OpenSsl.h"

namespace souffleur::crypto {

namespace {

constexpr std::size_t kEnvelopeOverheadMaxBytes = 8 * 1024;
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kNonceBytes = 12;
constexpr std::string_view kOidEnveloped("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17", 11);
constexpr std::string_view kOidData("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01", 9);
constexpr std::string_view kOidAes256Gcm("\x60\x86\x48\x01\x65\x03\x04\x01\x2e", 9);

/// KeyAgreeRecipientInfo: version 3, [0] [1] an ephemeral id-ecPublicKey of 65 bytes, uncompressed.
constexpr std::string_view kRecipientStart(
    "\x02\x01\x03\xa0\x51\xa1\x4f\x30\x09\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x03\x42\x00\x04", 22);

constexpr unsigned kSequence = 0x30;
constexpr unsigned kSet = 0x31;
constexpr unsigned kOid = 0x06;
constexpr unsigned kInteger = 0x02;
constexpr unsigned kOctets = 0x04;
constexpr unsigned kContext0 = 0xa0;
constexpr unsigned kContext1 = 0xa1;
constexpr unsigned kContext0Primitive = 0x80;

/// Reads definite-length DER elements one after another.
class Der {
public:
    explicit Der(std::string_view bytes) : _rest(bytes) {}

    [[nodiscard]] bool done() const { return _rest.empty(); }
    [[nodiscard]] bool good() const { return _good; }
    [[nodiscard]] bool next(unsigned tag) const {
        return !_rest.empty() && static_cast<unsigned char>(_rest[0]) == tag;
    }
    /// The content of the next element, which must have this tag; else empty and no longer good().
    std::string_view take(unsigned tag) {
        std::size_t size = 0;
        std::size_t head = 2;
        if (!next(tag) || _rest.size() < 2 || !readLength(head, size)) return refuse();
        if (size > _rest.size() - head) return refuse();
        const std::string_view content = _rest.substr(head, size);
        _rest.remove_prefix(head + size);
        return content;
    }

private:
    std::string_view refuse() {
        _good = false;
        _rest = {};
        return {};
    }
    bool readLength(std::size_t& head, std::size_t& size) const {
        size = static_cast<unsigned char>(_rest[1]);
        if (size < 0x80) return true;
        const std::size_t count = size & 0x7fU;
        if (count == 0 || count > 4 || _rest.size() < 2 + count) return false;
        size = 0;
        for (std::size_t i = 0; i < count; ++i) {
            size = size << 8U | static_cast<unsigned char>(_rest[2 + i]);
        }
        head = 2 + count;
        return true;
    }

    std::string_view _rest;
    bool _good = true;
};

/// OpenSSL opens other ciphers, shorter tags and several recipients as well, so the shape is
/// checked first: ContentInfo { authEnvelopedData, [0] { version, SET OF one RecipientInfo,
/// EncryptedContentInfo { data, aes256-GCM { nonce 12, icvLen 16 }, [0] content }, mac 16 } },
/// nothing before, between or after.
bool isOurShape(std::string_view der) {
    Der outer(der);
    Der info(outer.take(kSequence));
    bool fits = info.take(kOid) == kOidEnveloped;
    Der wrapped(info.take(kContext0));
    Der envelope(wrapped.take(kSequence));
    fits = envelope.take(kInteger) == std::string_view("\0", 1) && fits;
    Der recipients(envelope.take(kSet));
    fits = recipients.take(kContext1).starts_with(kRecipientStart) && fits;
    Der content(envelope.take(kSequence));
    fits = content.take(kOid) == kOidData && fits;
    Der algorithm(content.take(kSequence));
    fits = algorithm.take(kOid) == kOidAes256Gcm && fits;
    Der parameters(algorithm.take(kSequence));
    fits = parameters.take(kOctets).size() == kNonceBytes && fits;
    fits = parameters.take(kInteger) == std::string_view("\x10", 1) && fits;
    content.take(kContext0Primitive);
    fits = envelope.take(kOctets).size() == kTagBytes && fits;
    for (const Der* part :
         {&outer, &info, &wrapped, &envelope, &recipients, &content, &algorithm, &parameters}) {
        fits = fits && part->good() && part->done();
    }
    return fits;
}

/// The default key derivation of OpenSSL 3.0 is over SHA-1; the recipient is told the digest.
bool addRecipient(CMS_ContentInfo* cms, X509* cert) {
    CMS_RecipientInfo* info = CMS_add1_recipient_cert(cms, cert, CMS_KEY_PARAM);
    if (info == nullptr) return false;
    EVP_PKEY_CTX* context = CMS_RecipientInfo_get0_pkey_ctx(info);
    return context != nullptr && EVP_PKEY_CTX_set_ecdh_kdf_md(context, EVP_sha256()) == 1;
}

bool isP256(const EVP_PKEY* key) {
    char group[32] = {};
    std::size_t size = 0;
    return key != nullptr && EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
           EVP_PKEY_get_group_name(key, group, sizeof group, &size) == 1 &&
           std::string_view(group, size) == "prime256v1";
}

} // namespace

Result<std::string> seal(std::string_view recipientCertPem, std::string_view plain) {
    if (plain.size() > kSealMaxBytes) return fail(Code::tooLarge, "too much for one envelope");
    const CertificatePtr cert = certificateOf(recipientCertPem);
    if (!cert || !isP256(X509_get0_pubkey(cert.get()))) {
        return fail(Code::invalid, "the recipient's certificate has no P-256 key");
    }
    const CmsPtr cms(CMS_encrypt(nullptr, nullptr, EVP_aes_256_gcm(), CMS_BINARY | CMS_PARTIAL));
    const BioPtr in = readingBio(plain);
    const BioPtr out(BIO_new(BIO_s_mem()));
    const bool sealed = cms && in && out && addRecipient(cms.get(), cert.get()) &&
                        CMS_final(cms.get(), in.get(), nullptr, CMS_BINARY) == 1 &&
                        i2d_CMS_bio(out.get(), cms.get()) == 1;
    ERR_clear_error();
    if (!sealed) return fail(Code::invalid, "the recipient's certificate cannot receive envelopes");
    std::string der = contentOf(out.get());
    if (!isOurShape(der)) return fail(Code::internal, "the envelope came out in another shape");
    return der;
}

Result<Secret> openSealed(std::string_view keyPem, std::string_view certPem, std::string_view der) {
    if (der.size() > kSealMaxBytes + kEnvelopeOverheadMaxBytes) {
        return fail(Code::tooLarge, "the envelope is too large");
    }
    const PkeyPtr key = privateKeyOf(keyPem);
    const CertificatePtr cert = certificateOf(certPem);
    if (!key || !cert)
        return fail(Code::invalid, "the recipient's key or certificate is unreadable");
    if (X509_check_private_key(cert.get(), key.get()) != 1) {
        ERR_clear_error();
        return fail(Code::invalid, "the recipient's key does not belong to the certificate");
    }
    const auto corrupt = fail(Code::corrupt, "the envelope cannot be opened");
    if (!isOurShape(der)) return corrupt;
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    const CmsPtr cms(d2i_CMS_ContentInfo(nullptr, &at, static_cast<long>(der.size())));
    const BioPtr out(BIO_new(BIO_s_secmem()));
    const bool opened =
        cms && out &&
        CMS_decrypt(cms.get(), key.get(), cert.get(), nullptr, out.get(), CMS_BINARY) == 1;
    ERR_clear_error();
    if (!opened) return corrupt;
    return Secret(contentOf(out.get()));
}

} // namespace souffleur::crypto
