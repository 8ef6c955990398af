#include "plugin/crypto/Secret.h"

#include <openssl/crypto.h>

namespace souffleur::crypto {

void wipe(void* data, std::size_t size) noexcept {
    OPENSSL_cleanse(data, size);
}

void wipe(std::string& text) noexcept {
    text.resize(text.capacity()); // never reallocates: the whole buffer becomes addressable
    OPENSSL_cleanse(text.data(), text.size());
    text.clear();
}

// Swapped, not moved: a short string's bytes stay behind in the source, where wipe() finds them.
Secret::Secret(std::string bytes) noexcept {
    _bytes.swap(bytes);
    wipe(bytes);
}

Secret::Secret(Secret&& other) noexcept {
    _bytes.swap(other._bytes);
    wipe(other._bytes);
}

Secret& Secret::operator=(Secret&& other) noexcept {
    if (this != &other) {
        wipe(_bytes);
        _bytes.swap(other._bytes);
    }
    return *this;
}

Secret::~Secret() {
    wipe(_bytes);
}

} // namespace souffleur::crypto
