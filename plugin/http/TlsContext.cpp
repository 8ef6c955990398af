#include "plugin/http/TlsContext.h"

#include <openssl/ssl.h>

#include <fstream>
#include <iterator>

#include <Poco/Exception.h>

#include "plugin/crypto/Certificates.h"
#include "plugin/crypto/OpenSsl.h"
#include "plugin/crypto/PrivateFile.h"

namespace souffleur::http {

namespace {

using Poco::Net::Context;

constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr int kDepth = 4;

/// Checks by ourselves what POCO would load without looking: who can read the key, and that it
/// opens without a passphrase prompt.
Result<void> checkPair(const std::filesystem::path& certFile,
                       const std::filesystem::path& keyFile) {
    const auto key = crypto::readPrivateFile(keyFile);
    if (!key) return passOn(key);
    std::ifstream file(certFile, std::ios::binary);
    if (!file) return fail(Code::notFound, "there is no such certificate", certFile.string());
    const std::string pem{std::istreambuf_iterator<char>(file), {}};
    const auto pkey = crypto::privateKeyOf(key->view());
    const auto cert = crypto::certificateOf(pem);
    const bool fits = pkey && cert && X509_check_private_key(cert.get(), pkey.get()) == 1;
    ERR_clear_error();
    if (!fits)
        return fail(Code::corrupt, "key and certificate do not fit together", keyFile.string());
    return {};
}

Result<Context::Ptr> makeContext(Context::Usage usage, const Context::Params& params) {
    try {
        Context::Ptr context = new Context(usage, params);
        context->requireMinimumProtocol(Context::PROTO_TLSV1_2);
        return context;
    } catch (const Poco::Exception&) {
        ERR_clear_error();
        return fail(Code::corrupt, "the TLS files cannot be loaded", params.caLocation);
    }
}

/// A leaf that expired or has yet to begin passes, everything else about it must be right.
int allowUndatedLeaf(int good, X509_STORE_CTX* store) {
    if (good == 1) return 1;
    const int error = X509_STORE_CTX_get_error(store);
    const bool dates =
        error == X509_V_ERR_CERT_HAS_EXPIRED || error == X509_V_ERR_CERT_NOT_YET_VALID;
    if (dates && X509_STORE_CTX_get_error_depth(store) == 0) {
        X509_STORE_CTX_set_error(store, X509_V_OK);
        return 1;
    }
    return 0;
}

int standardVerdict(int good, X509_STORE_CTX*) {
    return good;
}

void freePin(void*, void* pin, CRYPTO_EX_DATA*, int, long, void*) {
    delete static_cast<crypto::Hash*>(pin);
}

int pinIndex() {
    static const int kIndex = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, freePin);
    return kIndex;
}

/// In place of the chain check: the server's own key is the one that was named to us.
int verifyPin(X509_STORE_CTX* store, void* pin) {
    X509* cert = X509_STORE_CTX_get0_cert(store);
    unsigned char* der = nullptr;
    const int size = cert == nullptr ? -1 : i2d_X509(cert, &der);
    bool good = false;
    if (size > 0) {
        const auto info = crypto::readCertificateDer(
            {reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)});
        good = info && info->fingerprint == *static_cast<const crypto::Hash*>(pin);
    }
    OPENSSL_free(der);
    X509_STORE_CTX_set_error(store, good ? X509_V_OK : X509_V_ERR_CERT_REJECTED);
    return good ? 1 : 0;
}

} // namespace

Result<Context::Ptr> makeServerContext(const ServerTls& tls) {
    if (auto good = checkPair(tls.certFile, tls.keyFile); !good) return passOn(good);
    Context::Params params;
    params.privateKeyFile = tls.keyFile.string();
    params.certificateFile = tls.certFile.string();
    params.caLocation = tls.caFile.string();
    params.verificationDepth = kDepth;
    params.cipherList = kCiphers;
    params.verificationMode = tls.caFile.empty()  ? Context::VERIFY_NONE
                              : tls.requireClient ? Context::VERIFY_STRICT
                                                  : Context::VERIFY_RELAXED;
    auto context = makeContext(Context::TLS_SERVER_USE, params);
    if (!context) return context;
    // Our own verdict instead of POCO's events through a process-wide SSLManager.
    SSL_CTX_set_verify((*context)->sslContext(), params.verificationMode,
                       tls.acceptExpired ? allowUndatedLeaf : standardVerdict);
    // The chain is checked all the same; this would compare a client's certificate with its network
    // address.
    (*context)->enableExtendedCertificateVerification(false);
    (*context)->enableSessionCache(true, "souffleur");
    (*context)->preferServerCiphers();
    return context;
}

Result<Context::Ptr> makeClientContext(const ClientTls& tls) {
    if (tls.caFile.empty() && !tls.pin) {
        return fail(Code::invalid, "TLS needs an authority to trust or a pin");
    }
    Context::Params params;
    params.caLocation = tls.caFile.string();
    params.verificationDepth = kDepth;
    params.cipherList = kCiphers;
    params.verificationMode = Context::VERIFY_STRICT;
    if (!tls.certFile.empty()) {
        if (auto good = checkPair(tls.certFile, tls.keyFile); !good) return passOn(good);
        params.privateKeyFile = tls.keyFile.string();
        params.certificateFile = tls.certFile.string();
    }
    auto context = makeContext(Context::TLS_CLIENT_USE, params);
    if (!context) return context;
    SSL_CTX* raw = (*context)->sslContext();
    SSL_CTX_set_verify(raw, params.verificationMode, standardVerdict);
    if (tls.pin) {
        auto pin = std::make_unique<crypto::Hash>(*tls.pin);
        SSL_CTX_set_cert_verify_callback(raw, verifyPin, pin.get());
        SSL_CTX_set_ex_data(raw, pinIndex(), pin.release());
    }
    (*context)->enableSessionCache(true);
    return context;
}

} // namespace souffleur::http
