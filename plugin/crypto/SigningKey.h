// Ed25519 (RFC 8032) keys and signatures.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "plugin/base/Random.h"
#include "plugin/base/Result.h"
#include "plugin/crypto/Secret.h"

namespace souffleur::crypto {

using PublicKey = std::array<std::uint8_t, 32>;
using Signature = std::array<std::uint8_t, 64>;

/// A private key. Move only; sign() may be called from several threads at once.
class SigningKey {
public:
    SigningKey(SigningKey&&) noexcept;
    SigningKey& operator=(SigningKey&&) noexcept;
    ~SigningKey();

    static SigningKey generate(Random& random);
    /// The 32 bytes that RFC 8032 calls the private key. Errors: invalid (another length).
    static Result<SigningKey> fromSeed(std::string_view seed);
    /// PKCS #8 PEM. Errors: corrupt, unsupported (not Ed25519).
    static Result<SigningKey> fromPem(std::string_view pem);
    /// From a file as readPrivateFile() demands it.
    static Result<SigningKey> load(const std::filesystem::path& path);

    [[nodiscard]] Secret pem() const;
    /// writePrivateFile() of the PEM.
    [[nodiscard]] Result<void> save(const std::filesystem::path& path) const;
    [[nodiscard]] const PublicKey& publicKey() const noexcept { return _public; }
    [[nodiscard]] Signature sign(std::string_view message) const;

private:
    struct Key;
    explicit SigningKey(std::unique_ptr<Key> key);

    std::unique_ptr<Key> _key;
    PublicKey _public{};
};

/// True when `signature` was made over `message` by the owner of `key`.
[[nodiscard]] bool verify(const PublicKey& key, std::string_view message,
                          const Signature& signature);

/// Lower-case hex of the 32 bytes, and back.
std::string publicKeyText(const PublicKey& key);
Result<PublicKey> parsePublicKey(std::string_view text);
/// Base64url of the 64 bytes, and back.
std::string signatureText(const Signature& signature);
Result<Signature> parseSignature(std::string_view text);

} // namespace souffleur::crypto
