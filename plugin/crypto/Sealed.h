// Sealed envelopes: CMS AuthEnvelopedData (RFC 5083) with AES-256-GCM (RFC 5084) for one recipient
// with a P-256 certificate (ephemeral-static ECDH, RFC 5753). X25519 recipients come only with
// later OpenSSL. The envelope hides and protects, it does not say who made it: sign the sealed
// bytes, check before opening.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "plugin/base/Result.h"
#include "plugin/crypto/Secret.h"

namespace souffleur::crypto {

inline constexpr std::size_t kSealMaxBytes = 256 * 1024; ///< plain text of one envelope

/// Seals for the holder of the certificate's key; the result is DER. Errors: tooLarge, invalid (the
/// certificate cannot be a recipient).
Result<std::string> seal(std::string_view recipientCertPem, std::string_view plain);

/// Opens what seal() made. Anything else (other cipher, more recipients, a shortened tag, one
/// changed bit) is Code::corrupt without more detail. Errors: corrupt, tooLarge, invalid (key or
/// certificate unreadable).
Result<Secret> openSealed(std::string_view keyPem, std::string_view certPem, std::string_view der);

} // namespace souffleur::crypto
