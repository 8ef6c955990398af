// The EVP interface of OpenSSL 3 fetches and allocates per digest, which costs more than hashing a
// 300-byte ledger header; the block functions below it are the same code without that, as git and
// others use it.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "plugin/crypto/Hash.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <cstring>

namespace souffleur::crypto {

static_assert(sizeof(SHA256_CTX) <= 112 && alignof(SHA256_CTX) <= 8);
static_assert(std::tuple_size_v<Hash> == SHA256_DIGEST_LENGTH);

namespace {

constexpr std::size_t kBlockBytes = 64;

SHA256_CTX* context(std::array<std::uint8_t, 112>& state) {
    return reinterpret_cast<SHA256_CTX*>(state.data());
}

} // namespace

Sha256::Sha256() noexcept : _state() {
    SHA256_Init(context(_state));
}

Sha256& Sha256::update(std::string_view bytes) noexcept {
    SHA256_Update(context(_state), bytes.data(), bytes.size());
    return *this;
}

Hash Sha256::finish() noexcept {
    Hash out{};
    SHA256_Final(out.data(), context(_state));
    SHA256_Init(context(_state));
    return out;
}

Hash sha256(std::string_view bytes) noexcept {
    return Sha256().update(bytes).finish();
}

Hash sha256(char prefix, std::string_view bytes) noexcept {
    return Sha256().update({&prefix, 1}).update(bytes).finish();
}

Hash hmacSha256(std::string_view key, std::string_view bytes) noexcept {
    std::array<char, kBlockBytes> pad{};
    if (key.size() > pad.size()) {
        const Hash shorter = sha256(key);
        std::memcpy(pad.data(), shorter.data(), shorter.size());
    } else if (!key.empty()) {
        std::memcpy(pad.data(), key.data(), key.size());
    }
    for (char& c : pad) c = static_cast<char>(c ^ 0x36);
    const Hash inner = Sha256().update({pad.data(), pad.size()}).update(bytes).finish();
    for (char& c : pad) c = static_cast<char>(c ^ 0x36 ^ 0x5c);
    const Hash outer = Sha256().update({pad.data(), pad.size()}).update(bytesOf(inner)).finish();
    OPENSSL_cleanse(pad.data(), pad.size());
    return outer;
}

bool equalConstantTime(std::string_view a, std::string_view b) noexcept {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

} // namespace souffleur::crypto
