// How a device becomes one of the house: a one-time code that carries the hub's pin, keys made on
// the device, a person who approves the fingerprint (DESIGN 6).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "plugin/base/Clock.h"
#include "plugin/base/Id.h"
#include "plugin/base/Result.h"
#include "plugin/crypto/Hash.h"
#include "plugin/crypto/SigningKey.h"

namespace souffleur::protocol {

/// What the invitation says. Its text form is one line for a file or a paste; it is never printed.
struct Invitation {
    std::string url;    ///< "https://127.0.0.1:8443"
    std::string secret; ///< 16 random bytes
    crypto::Hash pin{}; ///< SHA-256 of the hub's TLS public key

    bool operator==(const Invitation&) const = default;
};
std::string encodeInvitation(const Invitation& invitation);
Result<Invitation> decodeInvitation(std::string_view text);

/// The device's application, posted to /sync/v1/enrol without a client certificate.
struct EnrolRequest {
    std::string secret; ///< of the invitation
    OriginId origin;
    crypto::PublicKey publicKey{}; ///< signs batches
    std::string csrPem;            ///< for the TLS certificate, common name = origin

    bool operator==(const EnrolRequest&) const = default;
};
std::string encodeEnrolRequest(const EnrolRequest& request);
Result<EnrolRequest> decodeEnrolRequest(std::string_view json);

/// The hub's answer: the certificate works at once for asking /sync/v1/welcome; the rest after
/// approval.
struct EnrolAnswer {
    std::string certificatePem;
    std::string authorityPem;
    std::string name;  ///< "Till 2"
    std::string place; ///< "till-2"

    bool operator==(const EnrolAnswer&) const = default;
};
std::string encodeEnrolAnswer(const EnrolAnswer& answer);
Result<EnrolAnswer> decodeEnrolAnswer(std::string_view json);

/// A device asks /sync/v1/renew for the next certificate of the key that it shows: while it is one
/// of the house also after its certificate ended (DESIGN 6). The answer is the certificate.
struct Renewal {
    std::string csrPem;

    bool operator==(const Renewal&) const = default;
};
std::string encodeRenewal(const Renewal& renewal);
Result<Renewal> decodeRenewal(std::string_view json);
std::string encodeRenewed(const std::string& certificatePem);
Result<std::string> decodeRenewed(std::string_view json);
/// Where a refusal says that it is for the certificate's end alone.
inline constexpr const char* kExpired = "expired";
/// A device asks this long before its certificate ends; the hub gives none earlier.
inline constexpr TimeMs kRenewBeforeMs = 30 * kDayMs;

/// What an approved device gets: the house's key for keyed hashes, and the policy in force.
struct Welcome {
    crypto::Hash houseKey{};
    std::string packName; ///< "nl"
    std::string packToml; ///< empty: use the built-in pack of that name
    std::string houseToml;
    /// Head office's public key, which signs its log; none where it is too old to have one.
    std::optional<crypto::PublicKey> logKey = {};
    /// Larger for a later one: a device takes none with a smaller number than it has (a hub that
    /// was restored from a backup). 0 = of a hub that does not count.
    std::int64_t number = 0;

    bool operator==(const Welcome&) const = default;
};
std::string encodeWelcome(const Welcome& welcome);
Result<Welcome> decodeWelcome(std::string_view json);
/// Names a welcome: equal for equal ones. The hub answers 304 to who has this one already.
std::string welcomeTag(const Welcome& welcome);

} // namespace souffleur::protocol
