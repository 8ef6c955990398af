#include "plugin/crypto/SigningKey.h"

#include <algorithm>
#include <span>
#include <stdexcept>

#include "plugin/crypto/Encoding.h"
#include "plugin/crypto/Hash.h"
#include "plugin/crypto/OpenSsl.h"
#include "plugin/crypto/PrivateFile.h"

namespace souffleur::crypto {

namespace {

const unsigned char* raw(std::string_view bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

template <std::size_t N>
Result<std::array<std::uint8_t, N>> arrayOf(const Result<std::string>& bytes, const char* what) {
    std::array<std::uint8_t, N> out{};
    if (!bytes || bytes->size() != N) return fail(Code::invalid, what);
    std::copy(bytes->begin(), bytes->end(), out.begin());
    return out;
}

} // namespace

struct SigningKey::Key {
    PkeyPtr pkey;
};

SigningKey::SigningKey(std::unique_ptr<Key> key) : _key(std::move(key)) {
    std::size_t size = _public.size();
    if (EVP_PKEY_get_raw_public_key(_key->pkey.get(), _public.data(), &size) != 1) {
        throw std::runtime_error("Ed25519: no public key");
    }
}

SigningKey::SigningKey(SigningKey&&) noexcept = default;
SigningKey& SigningKey::operator=(SigningKey&&) noexcept = default;
SigningKey::~SigningKey() = default;

SigningKey SigningKey::generate(Random& random) {
    std::string seed(PublicKey{}.size(), '\0');
    random.fill(std::as_writable_bytes(std::span{seed}));
    auto key = fromSeed(seed);
    wipe(seed);
    if (!key) throw std::runtime_error("Ed25519: key generation failed");
    return std::move(*key);
}

Result<SigningKey> SigningKey::fromSeed(std::string_view seed) {
    if (seed.size() != PublicKey{}.size()) return fail(Code::invalid, "a seed has 32 bytes");
    PkeyPtr key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, raw(seed), seed.size()));
    if (!key) return fail(Code::internal, "Ed25519 is not available");
    return SigningKey(std::make_unique<Key>(Key{std::move(key)}));
}

Result<SigningKey> SigningKey::fromPem(std::string_view pem) {
    if (pem.size() > kPrivateFileMaxBytes) return fail(Code::corrupt, "the key file is too long");
    PkeyPtr key = privateKeyOf(pem);
    if (!key) return fail(Code::corrupt, "the file holds no private key in PEM form");
    if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_ED25519) {
        return fail(Code::unsupported, "the private key is not Ed25519");
    }
    return SigningKey(std::make_unique<Key>(Key{std::move(key)}));
}

Result<SigningKey> SigningKey::load(const std::filesystem::path& path) {
    const auto bytes = readPrivateFile(path);
    if (!bytes) return passOn(bytes);
    auto key = fromPem(bytes->view());
    if (!key) return fail(key.error().code, key.error().message, path.string());
    return key;
}

Secret SigningKey::pem() const {
    const BioPtr bio(BIO_new(BIO_s_secmem()));
    if (!bio || PEM_write_bio_PrivateKey(bio.get(), _key->pkey.get(), nullptr, nullptr, 0, nullptr,
                                         nullptr) != 1) {
        throw std::runtime_error("Ed25519: the key cannot be written");
    }
    return Secret(contentOf(bio.get()));
}

Result<void> SigningKey::save(const std::filesystem::path& path) const {
    return writePrivateFile(path, pem().view());
}

Signature SigningKey::sign(std::string_view message) const {
    const DigestContextPtr context(EVP_MD_CTX_new());
    Signature out{};
    std::size_t size = out.size();
    if (!context ||
        EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, _key->pkey.get()) != 1 ||
        EVP_DigestSign(context.get(), out.data(), &size, raw(message), message.size()) != 1) {
        throw std::runtime_error("Ed25519: signing failed");
    }
    return out;
}

bool verify(const PublicKey& key, std::string_view message, const Signature& signature) {
    const PkeyPtr pkey(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size()));
    const DigestContextPtr context(EVP_MD_CTX_new());
    const bool good =
        pkey && context &&
        EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, pkey.get()) == 1 &&
        EVP_DigestVerify(context.get(), signature.data(), signature.size(), raw(message),
                         message.size()) == 1;
    ERR_clear_error();
    return good;
}

std::string publicKeyText(const PublicKey& key) {
    return toHex(bytesOf(key));
}

Result<PublicKey> parsePublicKey(std::string_view text) {
    if (text.size() != 2 * PublicKey{}.size()) {
        return fail(Code::invalid, "a public key has 64 hex digits");
    }
    return arrayOf<PublicKey{}.size()>(fromHex(text), "a public key has 64 hex digits");
}

std::string signatureText(const Signature& signature) {
    return toBase64Url(bytesOf(signature));
}

Result<Signature> parseSignature(std::string_view text) {
    constexpr const char* kWhat = "a signature has 86 characters of base64url";
    if (text.size() != 86) return fail(Code::invalid, kWhat);
    return arrayOf<Signature{}.size()>(fromBase64Url(text), kWhat);
}

} // namespace souffleur::crypto
