#include "plugin/crypto/Secret.h"

#include <openssl/crypto.h>

#include <utility>

namespace souffleur::crypto {

void wipe(void* data, std::size_t size) noexcept {
    OPENSSL_cleanse(data, size);
}

void wipe(std::string& text) noexcept {
    text.resize(text.capacity()); // never reallocates: the whole buffer becomes addressable
    OPENSSL_cleanse(text.data(), text.size());
    text.clear();
}

Secret::Secret(std::string bytes) noexcept : _bytes(std::move(bytes)) {
    wipe(bytes);
}

Secret::Secret(Secret&& other) noexcept : _bytes(std::move(other._bytes)) {
    wipe(other._bytes);
}

Secret& Secret::operator=(Secret&& other) noexcept {
    if (this != &other) {
        wipe(_bytes);
        _bytes = std::move(other._bytes);
        wipe(other._bytes);
    }
    return *this;
}

Secret::~Secret() {
    wipe(_bytes);
}

} // namespace souffleur::crypto
