#include "plugin/crypto/Aead.h"

#include "plugin/crypto/OpenSsl.h"

namespace souffleur::crypto {
namespace {

constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kNonceBytes = std::tuple_size_v<Nonce>;

using CipherPtr = std::unique_ptr<EVP_CIPHER_CTX, Freer<EVP_CIPHER_CTX_free>>;

const unsigned char* in(std::string_view bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* out(std::string& bytes) {
    return reinterpret_cast<unsigned char*>(bytes.data());
}
int sizeOf(std::string_view bytes) {
    return static_cast<int>(bytes.size()); // bounded by kAeadMaxBytes
}

} // namespace

Result<std::string> sealWith(const Hash& key, const Nonce& nonce, std::string_view about,
                             std::string_view plain) {
    if (plain.size() > kAeadMaxBytes || about.size() > kAeadMaxBytes)
        return fail(Code::tooLarge, "too much to be sealed in one piece");
    const CipherPtr cipher(EVP_CIPHER_CTX_new());
    std::string hidden(plain.size(), '\0');
    std::string tag(kTagBytes, '\0');
    int done = 0;
    const bool sealed =
        cipher &&
        EVP_EncryptInit_ex2(cipher.get(), EVP_aes_256_gcm(), key.data(), nonce.data(), nullptr) ==
            1 &&
        EVP_EncryptUpdate(cipher.get(), nullptr, &done, in(about), sizeOf(about)) == 1 &&
        EVP_EncryptUpdate(cipher.get(), out(hidden), &done, in(plain), sizeOf(plain)) == 1 &&
        EVP_EncryptFinal_ex(cipher.get(), nullptr, &done) == 1 &&
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, tag.data()) == 1;
    ERR_clear_error();
    if (!sealed) return fail(Code::internal, "the bytes could not be sealed");
    return std::string(bytesOf(nonce)) + hidden + tag;
}

Result<Secret> openWith(const Hash& key, std::string_view about, std::string_view sealed) {
    if (sealed.size() > kAeadMaxBytes + kNonceBytes + kTagBytes || about.size() > kAeadMaxBytes)
        return fail(Code::tooLarge, "too much to be opened in one piece");
    const auto corrupt = fail(Code::corrupt, "the sealed bytes cannot be opened");
    if (sealed.size() < kNonceBytes + kTagBytes) return corrupt;
    const std::string_view nonce = sealed.substr(0, kNonceBytes);
    std::string tag(sealed.substr(sealed.size() - kTagBytes));
    const std::string_view hidden =
        sealed.substr(kNonceBytes, sealed.size() - kNonceBytes - kTagBytes);
    const CipherPtr cipher(EVP_CIPHER_CTX_new());
    std::string plain(hidden.size(), '\0');
    int done = 0;
    const bool opened =
        cipher &&
        EVP_DecryptInit_ex2(cipher.get(), EVP_aes_256_gcm(), key.data(), in(nonce), nullptr) == 1 &&
        EVP_DecryptUpdate(cipher.get(), nullptr, &done, in(about), sizeOf(about)) == 1 &&
        EVP_DecryptUpdate(cipher.get(), out(plain), &done, in(hidden), sizeOf(hidden)) == 1 &&
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1 &&
        EVP_DecryptFinal_ex(cipher.get(), nullptr, &done) == 1;
    ERR_clear_error();
    Secret secret(std::move(plain)); // wiped where it is not to be believed
    if (!opened) return corrupt;
    return secret;
}

} // namespace souffleur::crypto
