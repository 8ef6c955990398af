#include <openssl/rand.h>

#include <stdexcept>

#include "plugin/crypto/Certificates.h"
#include "plugin/crypto/OpenSsl.h"
#include "plugin/crypto/PrivateFile.h"

namespace souffleur::crypto {

namespace {

constexpr std::size_t kSerialBytes = 16;
constexpr std::size_t kNameMaxBytes = 64; // ub-common-name
constexpr std::size_t kNamesMax = 32;
constexpr const char* kKeyFile = "ca.key.pem";
constexpr const char* kCertFile = "ca.cert.pem";

struct Extension {
    int nid;
    std::string value;
};

bool plainName(std::string_view name) {
    if (name.empty() || name.size() > kNameMaxBytes) return false;
    for (const char c : name) {
        // A comma or a line end would start another entry in OpenSSL's extension syntax.
        if (static_cast<unsigned char>(c) < 0x20 || c == ',' || c == 0x7f) return false;
    }
    return true;
}

bool isAddress(const std::string& name) {
    ASN1_OCTET_STRING* address = a2i_IPADDRESS(name.c_str());
    ASN1_OCTET_STRING_free(address);
    ERR_clear_error();
    return address != nullptr;
}

bool setSerial(X509* cert) {
    unsigned char bytes[kSerialBytes] = {};
    if (RAND_bytes(bytes, sizeof bytes) != 1) return false;
    bytes[0] = static_cast<unsigned char>((bytes[0] & 0x7fU) | 0x40U); // positive, full length
    const BignumPtr number(BN_bin2bn(bytes, sizeof bytes, nullptr));
    return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(cert)) != nullptr;
}

bool setTimes(X509* cert, TimeMs from, TimeMs to) {
    return ASN1_TIME_set(X509_getm_notBefore(cert), from / kSecondMs) != nullptr &&
           ASN1_TIME_set(X509_getm_notAfter(cert), to / kSecondMs) != nullptr;
}

bool setName(X509* cert, std::string_view commonName) {
    X509_NAME* name = X509_get_subject_name(cert);
    return X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
                                      reinterpret_cast<const unsigned char*>(commonName.data()),
                                      static_cast<int>(commonName.size()), -1, 0) == 1;
}

bool addExtensions(X509* cert, X509* issuer, const std::vector<Extension>& extensions) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, cert, nullptr, nullptr, 0);
    for (const Extension& wanted : extensions) {
        const ExtensionPtr extension(
            X509V3_EXT_conf_nid(nullptr, &context, wanted.nid, wanted.value.c_str()));
        if (!extension || X509_add_ext(cert, extension.get(), -1) != 1) return false;
    }
    return true;
}

/// The public key of a request that proves possession, or of a plain public key.
PkeyPtr subjectKey(std::string_view pem) {
    const RequestPtr request(
        PEM_read_bio_X509_REQ(readingBio(pem).get(), nullptr, nullptr, nullptr));
    if (!request) {
        return PkeyPtr(PEM_read_bio_PUBKEY(readingBio(pem).get(), nullptr, nullptr, nullptr));
    }
    PkeyPtr key(X509_REQ_get_pubkey(request.get()));
    if (!key || X509_REQ_verify(request.get(), key.get()) != 1) return nullptr;
    return key;
}

std::string pemOf(X509* cert) {
    const BioPtr bio(BIO_new(BIO_s_mem()));
    if (!bio || PEM_write_bio_X509(bio.get(), cert) != 1) return {};
    return contentOf(bio.get());
}

} // namespace

struct Authority::State {
    PkeyPtr key;
    CertificatePtr cert;
    std::string pem;

    [[nodiscard]] Result<std::string> issue(std::string_view requestPem,
                                            std::string_view commonName, TimeMs from, TimeMs to,
                                            const std::vector<Extension>& extensions) const;
};

Result<std::string> Authority::State::issue(std::string_view requestPem,
                                            std::string_view commonName, TimeMs from, TimeMs to,
                                            const std::vector<Extension>& extensions) const {
    if (!plainName(commonName)) return fail(Code::invalid, "a common name has 1 to 64 characters");
    if (to <= from) return fail(Code::invalid, "a certificate must end after it begins");
    if (requestPem.size() > kPrivateFileMaxBytes) return fail(Code::corrupt, "too long a request");
    const PkeyPtr subject = subjectKey(requestPem);
    if (!subject) {
        ERR_clear_error();
        return fail(Code::corrupt, "the request is unreadable or its signature is wrong");
    }
    const CertificatePtr made(X509_new());
    const bool good = made && X509_set_version(made.get(), X509_VERSION_3) == 1 &&
                      setSerial(made.get()) && setTimes(made.get(), from, to) &&
                      setName(made.get(), commonName) &&
                      X509_set_issuer_name(made.get(), X509_get_subject_name(cert.get())) == 1 &&
                      X509_set_pubkey(made.get(), subject.get()) == 1 &&
                      addExtensions(made.get(), cert.get(), extensions) &&
                      X509_sign(made.get(), key.get(), EVP_sha256()) > 0;
    ERR_clear_error();
    if (!good) return fail(Code::invalid, "no certificate can be made of these names and times");
    return pemOf(made.get());
}

Authority::Authority(std::unique_ptr<State> state) : _state(std::move(state)) {}
Authority::Authority(Authority&&) noexcept = default;
Authority& Authority::operator=(Authority&&) noexcept = default;
Authority::~Authority() = default;

Result<Authority> Authority::make(std::string_view commonName, TimeMs from, TimeMs to) {
    if (!plainName(commonName)) return fail(Code::invalid, "a common name has 1 to 64 characters");
    if (to <= from) return fail(Code::invalid, "a certificate must end after it begins");
    auto state = std::make_unique<State>();
    state->key.reset(EVP_EC_gen("P-256"));
    state->cert.reset(X509_new());
    X509* cert = state->cert.get();
    const bool good = state->key && cert != nullptr &&
                      X509_set_version(cert, X509_VERSION_3) == 1 && setSerial(cert) &&
                      setTimes(cert, from, to) && setName(cert, commonName) &&
                      X509_set_issuer_name(cert, X509_get_subject_name(cert)) == 1 &&
                      X509_set_pubkey(cert, state->key.get()) == 1 &&
                      addExtensions(cert, cert,
                                    {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
                                     {NID_key_usage, "critical,keyCertSign,cRLSign"},
                                     {NID_subject_key_identifier, "hash"}}) &&
                      X509_sign(cert, state->key.get(), EVP_sha256()) > 0;
    ERR_clear_error();
    if (!good) throw std::runtime_error("X.509: the authority cannot be made");
    state->pem = pemOf(cert);
    return Authority(std::move(state));
}

Result<Authority> Authority::load(const std::filesystem::path& folder) {
    const auto key = readPrivateFile(folder / kKeyFile);
    if (!key) return passOn(key);
    auto state = std::make_unique<State>();
    const BioPtr file(BIO_new_file((folder / kCertFile).c_str(), "r"));
    if (file) state->cert.reset(PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr));
    state->key = privateKeyOf(key->view());
    const bool good = state->cert && state->key && X509_check_ca(state->cert.get()) == 1 &&
                      X509_check_private_key(state->cert.get(), state->key.get()) == 1;
    ERR_clear_error();
    if (!good) {
        return fail(Code::corrupt, "key and certificate do not make an authority", folder.string());
    }
    state->pem = pemOf(state->cert.get());
    return Authority(std::move(state));
}

Result<void> Authority::save(const std::filesystem::path& folder) const {
    const BioPtr bio(BIO_new(BIO_s_secmem()));
    if (!bio || PEM_write_bio_PrivateKey(bio.get(), _state->key.get(), nullptr, nullptr, 0, nullptr,
                                         nullptr) != 1) {
        throw std::runtime_error("X.509: the authority's key cannot be written");
    }
    const Secret key(contentOf(bio.get()));
    auto written = writePrivateFile(folder / kKeyFile, key.view());
    if (!written) return written;
    return writePrivateFile(folder / kCertFile, _state->pem);
}

const std::string& Authority::certificatePem() const noexcept {
    return _state->pem;
}

Result<std::string> Authority::issueServer(std::string_view requestPem,
                                           const std::vector<std::string>& names, TimeMs from,
                                           TimeMs to) const {
    if (names.empty() || names.size() > kNamesMax) {
        return fail(Code::invalid, "a server certificate has 1 to 32 names");
    }
    std::string alternatives;
    for (const std::string& name : names) {
        if (!plainName(name)) return fail(Code::invalid, "a server name is malformed");
        alternatives += (alternatives.empty() ? "" : ",");
        alternatives += (isAddress(name) ? "IP:" : "DNS:") + name;
    }
    return _state->issue(requestPem, names.front(), from, to,
                         {{NID_basic_constraints, "critical,CA:FALSE"},
                          {NID_key_usage, "critical,digitalSignature"},
                          {NID_ext_key_usage, "serverAuth"},
                          {NID_subject_alt_name, alternatives},
                          {NID_subject_key_identifier, "hash"},
                          {NID_authority_key_identifier, "keyid"}});
}

Result<std::string> Authority::issueClient(std::string_view requestPem, std::string_view commonName,
                                           TimeMs from, TimeMs to) const {
    return _state->issue(requestPem, commonName, from, to,
                         {{NID_basic_constraints, "critical,CA:FALSE"},
                          {NID_key_usage, "critical,digitalSignature"},
                          {NID_ext_key_usage, "clientAuth"},
                          {NID_subject_key_identifier, "hash"},
                          {NID_authority_key_identifier, "keyid"}});
}

Result<std::string> Authority::issueRecipient(std::string_view requestPem,
                                              std::string_view commonName, TimeMs from,
                                              TimeMs to) const {
    return _state->issue(requestPem, commonName, from, to,
                         {{NID_basic_constraints, "critical,CA:FALSE"},
                          {NID_key_usage, "critical,keyAgreement"},
                          {NID_subject_key_identifier, "hash"},
                          {NID_authority_key_identifier, "keyid"}});
}

} // namespace souffleur::crypto
