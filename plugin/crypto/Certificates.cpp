#include "plugin/crypto/Certificates.h"

#include <openssl/ec.h>

#include "plugin/crypto/Encoding.h"
#include "plugin/crypto/OpenSsl.h"

namespace souffleur::crypto {

namespace {

constexpr std::size_t kPemMaxBytes = 64 * 1024;

std::string commonNameOf(X509_NAME* name) {
    const int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
    if (at < 0) return {};
    unsigned char* text = nullptr;
    const int size =
        ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    if (size < 0) return {};
    std::string out(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
    OPENSSL_free(text);
    return out;
}

TimeMs timeOf(const ASN1_TIME* time) {
    const TimePtr epoch(ASN1_TIME_set(nullptr, 0));
    int days = 0;
    int seconds = 0;
    if (ASN1_TIME_diff(&days, &seconds, epoch.get(), time) != 1) return 0;
    return days * kDayMs + seconds * kSecondMs;
}

std::string addressText(const ASN1_OCTET_STRING* address) {
    const unsigned char* bytes = ASN1_STRING_get0_data(address);
    std::string text;
    if (ASN1_STRING_length(address) == 4) {
        for (int i = 0; i < 4; ++i) text += (i > 0 ? "." : "") + std::to_string(bytes[i]);
    } else {
        text = toHex({reinterpret_cast<const char*>(bytes),
                      static_cast<std::size_t>(ASN1_STRING_length(address))});
    }
    return text;
}

std::vector<std::string> namesOf(const X509* cert) {
    std::vector<std::string> out;
    auto* names =
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(cert, NID_subject_alt_name, nullptr, nullptr));
    for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
        if (name->type == GEN_DNS) {
            out.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
                             static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
        } else if (name->type == GEN_IPADD) {
            out.push_back(addressText(name->d.iPAddress));
        }
    }
    GENERAL_NAMES_free(names);
    return out;
}

std::string serialOf(const X509* cert) {
    const BignumPtr number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(cert), nullptr));
    std::string bytes(static_cast<std::size_t>(BN_num_bytes(number.get())), '\0');
    BN_bn2bin(number.get(), reinterpret_cast<unsigned char*>(bytes.data()));
    return toHex(bytes);
}

Hash spkiHash(EVP_PKEY* key) {
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(key, &der);
    if (size <= 0) return {};
    const Hash hash = sha256({reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)});
    OPENSSL_free(der);
    return hash;
}

Result<CertificateInfo> describe(X509* cert) {
    EVP_PKEY* key = cert == nullptr ? nullptr : X509_get0_pubkey(cert);
    ERR_clear_error();
    if (key == nullptr) return fail(Code::corrupt, "this is no readable certificate");
    CertificateInfo info;
    info.commonName = commonNameOf(X509_get_subject_name(cert));
    info.issuer = commonNameOf(X509_get_issuer_name(cert));
    info.serial = serialOf(cert);
    info.names = namesOf(cert);
    info.fingerprint = spkiHash(key);
    info.notBefore = timeOf(X509_get0_notBefore(cert));
    info.notAfter = timeOf(X509_get0_notAfter(cert));
    info.authority = X509_check_ca(cert) == 1;
    ERR_clear_error();
    return info;
}

} // namespace

Result<CertificateInfo> readCertificate(std::string_view pem) {
    if (pem.size() > kPemMaxBytes) return fail(Code::corrupt, "this is no readable certificate");
    return describe(certificateOf(pem).get());
}

Result<CertificateInfo> readCertificateDer(std::string_view der) {
    if (der.size() > kPemMaxBytes) return fail(Code::corrupt, "this is no readable certificate");
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    return describe(CertificatePtr(d2i_X509(nullptr, &at, static_cast<long>(der.size()))).get());
}

Secret newTlsKey() {
    const PkeyPtr key(EVP_EC_gen("P-256"));
    const BioPtr bio(BIO_new(BIO_s_secmem()));
    if (!key || !bio ||
        PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) !=
            1) {
        throw std::runtime_error("P-256: key generation failed");
    }
    return Secret(contentOf(bio.get()));
}

Result<std::string> makeRequest(std::string_view keyPem, std::string_view commonName) {
    const PkeyPtr key = privateKeyOf(keyPem);
    if (!key) return fail(Code::corrupt, "this is no readable private key");
    const RequestPtr request(X509_REQ_new());
    const BioPtr bio(BIO_new(BIO_s_mem()));
    X509_NAME* name = X509_REQ_get_subject_name(request.get());
    const bool good =
        X509_REQ_set_version(request.get(), 0) == 1 &&
        X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
                                   reinterpret_cast<const unsigned char*>(commonName.data()),
                                   static_cast<int>(commonName.size()), -1, 0) == 1 &&
        X509_REQ_set_pubkey(request.get(), key.get()) == 1 &&
        X509_REQ_sign(request.get(), key.get(), EVP_sha256()) > 0 &&
        PEM_write_bio_X509_REQ(bio.get(), request.get()) == 1;
    ERR_clear_error();
    if (!good) return fail(Code::invalid, "a common name has 1 to 64 characters");
    return contentOf(bio.get());
}

Result<Hash> publicKeyFingerprint(std::string_view pem) {
    if (pem.size() <= kPemMaxBytes) {
        if (const CertificatePtr cert = certificateOf(pem)) {
            if (EVP_PKEY* key = X509_get0_pubkey(cert.get())) return spkiHash(key);
        }
        const RequestPtr request(
            PEM_read_bio_X509_REQ(readingBio(pem).get(), nullptr, nullptr, nullptr));
        if (request && X509_REQ_get0_pubkey(request.get()) != nullptr) {
            return spkiHash(X509_REQ_get0_pubkey(request.get()));
        }
        const PkeyPtr open(PEM_read_bio_PUBKEY(readingBio(pem).get(), nullptr, nullptr, nullptr));
        if (open) return spkiHash(open.get());
        if (const PkeyPtr key = privateKeyOf(pem)) return spkiHash(key.get());
    }
    ERR_clear_error();
    return fail(Code::corrupt, "this is no readable key, request or certificate");
}

} // namespace souffleur::crypto
