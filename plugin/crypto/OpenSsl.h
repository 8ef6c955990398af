// Owning pointers for OpenSSL objects. Only for .cpp files of this room and of plugin/http.
#pragma once

#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <string_view>

namespace souffleur::crypto {

template <auto Free>
struct Freer {
    template <typename T>
    void operator()(T* object) const noexcept {
        Free(object);
    }
};

using PkeyPtr = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using PkeyContextPtr = std::unique_ptr<EVP_PKEY_CTX, Freer<EVP_PKEY_CTX_free>>;
using DigestContextPtr = std::unique_ptr<EVP_MD_CTX, Freer<EVP_MD_CTX_free>>;
using BioPtr = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using CertificatePtr = std::unique_ptr<X509, Freer<X509_free>>;
using RequestPtr = std::unique_ptr<X509_REQ, Freer<X509_REQ_free>>;
using NamePtr = std::unique_ptr<X509_NAME, Freer<X509_NAME_free>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION_free>>;
using CmsPtr = std::unique_ptr<CMS_ContentInfo, Freer<CMS_ContentInfo_free>>;
using BignumPtr = std::unique_ptr<BIGNUM, Freer<BN_free>>;
using TimePtr = std::unique_ptr<ASN1_TIME, Freer<ASN1_TIME_free>>;

/// A read-only BIO over bytes that outlive it.
inline BioPtr readingBio(std::string_view bytes) {
    return BioPtr(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

/// What a memory BIO holds.
inline std::string contentOf(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

/// Reads an unencrypted private key; null when it is none. Never asks a terminal for a passphrase.
inline PkeyPtr privateKeyOf(std::string_view pem) {
    const auto noPassphrase = [](char*, int, int, void*) { return -1; };
    PkeyPtr key(PEM_read_bio_PrivateKey(readingBio(pem).get(), nullptr, noPassphrase, nullptr));
    ERR_clear_error();
    return key;
}

inline CertificatePtr certificateOf(std::string_view pem) {
    CertificatePtr cert(PEM_read_bio_X509(readingBio(pem).get(), nullptr, nullptr, nullptr));
    ERR_clear_error();
    return cert;
}

} // namespace souffleur::crypto
