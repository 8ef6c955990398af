// What makes this machine one of the house's devices: keys made here, a certificate from the hub,
// and what the hub told it after approval. Everything in one 0700 folder, keys 0600.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "plugin/base/Random.h"
#include "plugin/base/Result.h"
#include "plugin/crypto/SigningKey.h"
#include "plugin/http/Tls.h"
#include "sync/protocol/Enrolment.h"

namespace souffleur::protocol {

inline constexpr std::size_t kFormerMax = 64;

/// Value; reload after a change.
struct Device {
    std::filesystem::path folder;
    OriginId origin;
    std::string hubUrl;
    std::string name;             ///< "Till 2"
    std::string place;            ///< "till-2"
    crypto::Hash pepper{};        ///< of the PINs at this till
    std::string keys;             ///< subfolder of its keys; empty: the folder itself
    std::vector<OriginId> former; ///< ids that it had before it enrolled anew, oldest first

    /// Files of the device's certificate and of the authority it trusts.
    [[nodiscard]] http::ClientTls tls() const;
    [[nodiscard]] Result<crypto::SigningKey> signingKey() const;
    /// What the hub said after approval, kept for starts without a network. Errors: notFound.
    [[nodiscard]] Result<Welcome> welcome() const;
    [[nodiscard]] Result<void> keepWelcome(const Welcome& welcome) const;

    /// Makes keys, asks the hub that the invitation names, stores the certificate. Errors: conflict
    /// (enrolled already), refused, unavailable, storage.
    static Result<Device> enrol(const std::filesystem::path& folder, const Invitation& invitation,
                                Random& random);
    /// A device whose history forked, or that was revoked, becomes one of the house again: a new id
    /// and new keys beside the old ones, which stay. The till must be closed. Its ledger is taken
    /// over when it is opened next (LedgerOptions::formerly). Errors: as enrol(); notFound (never
    /// enrolled), conflict (the invitation is of another house), tooLarge (kFormerMax times).
    static Result<Device> enrolAgain(const std::filesystem::path& folder,
                                     const Invitation& invitation, Random& random);
    /// Errors: notFound (not enrolled), corrupt.
    static Result<Device> load(const std::filesystem::path& folder);
    /// Until when head office takes the certificate as good. Errors: notFound, corrupt, storage.
    [[nodiscard]] Result<TimeMs> certificateEnds() const;
    /// From when it is good. Errors: as above.
    [[nodiscard]] Result<TimeMs> certificateBegins() const;
    /// A signing request for the key that the device has.
    [[nodiscard]] Result<std::string> renewalRequest() const;
    /// Takes the place of the certificate on disk. Errors: corrupt (it is not of this device's key
    /// and id, or ends no later than the one that is there, which is good `now`), storage.
    [[nodiscard]] Result<void> keepCertificate(const std::string& pem, TimeMs now) const;
    /// The SHA-256 of the device's key, hex: what an admin compares before approval.
    [[nodiscard]] Result<std::string> fingerprint() const;

private:
    [[nodiscard]] std::filesystem::path keyFile(const char* file) const;
    /// Fresh keys, the hub's certificate for them, and last the file that says who this is.
    static Result<Device> apply(Device device, const Invitation& invitation, Random& random,
                                const std::string& authority);
};

} // namespace souffleur::protocol
