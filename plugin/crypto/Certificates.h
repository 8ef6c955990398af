// X.509 as far as the house needs it: device keys, signing requests, and a tiny certificate
// authority for the hub's own devices and the demo. Certificates are P-256 with SHA-256; times are
// UTC milliseconds.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/base/Clock.h"
#include "plugin/base/Result.h"
#include "plugin/crypto/Hash.h"
#include "plugin/crypto/Secret.h"

namespace souffleur::crypto {

/// What a certificate says. Value type.
struct CertificateInfo {
    std::string commonName;
    std::string issuer;             ///< the issuer's common name
    std::string serial;             ///< lower-case hex
    std::vector<std::string> names; ///< DNS names and IP addresses of the subjectAltName
    Hash
        fingerprint{}; ///< SHA-256 of the SubjectPublicKeyInfo: the same after renewal with one key
    TimeMs notBefore = 0;
    TimeMs notAfter = 0;
    bool authority = false;
};

/// Errors: corrupt.
Result<CertificateInfo> readCertificate(std::string_view pem);
/// The same from DER, as a TLS peer shows it.
Result<CertificateInfo> readCertificateDer(std::string_view der);

/// A new P-256 private key as PKCS #8 PEM.
Secret newTlsKey();
/// A PKCS #10 request that proves possession of the key. Errors: corrupt (key), invalid (name).
Result<std::string> makeRequest(std::string_view keyPem, std::string_view commonName);
/// SHA-256 of the SubjectPublicKeyInfo of a request, a public key, a private key or a certificate
/// in PEM.
Result<Hash> publicKeyFingerprint(std::string_view pem);

/// Issues certificates. Not thread-safe. The private key stays inside.
class Authority {
public:
    Authority(Authority&&) noexcept;
    Authority& operator=(Authority&&) noexcept;
    ~Authority();

    /// A fresh self-signed authority, path length 0. Errors: invalid (name).
    static Result<Authority> make(std::string_view commonName, TimeMs from, TimeMs to);
    /// From and to `ca.key.pem` (0600) and `ca.cert.pem` in a folder.
    static Result<Authority> load(const std::filesystem::path& folder);
    [[nodiscard]] Result<void> save(const std::filesystem::path& folder) const;

    [[nodiscard]] const std::string& certificatePem() const noexcept;

    /// For a TLS server. `names`: DNS names or IP addresses; the first is the common name too.
    /// `requestPem`: a CERTIFICATE REQUEST (its own signature is checked) or a PUBLIC KEY; nothing
    /// in it but the key is taken over. Errors: corrupt, invalid.
    [[nodiscard]] Result<std::string> issueServer(std::string_view requestPem,
                                                  const std::vector<std::string>& names,
                                                  TimeMs from, TimeMs to) const;
    /// For a TLS client; the common name is the origin's UUID.
    [[nodiscard]] Result<std::string> issueClient(std::string_view requestPem,
                                                  std::string_view commonName, TimeMs from,
                                                  TimeMs to) const;
    /// For a recipient of sealed envelopes (key agreement only).
    [[nodiscard]] Result<std::string> issueRecipient(std::string_view requestPem,
                                                     std::string_view commonName, TimeMs from,
                                                     TimeMs to) const;

private:
    struct State;
    explicit Authority(std::unique_ptr<State> state);
    std::unique_ptr<State> _state;
};

} // namespace souffleur::crypto
