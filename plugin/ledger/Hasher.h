// The house's keyed hashes: what makes an address findable without being readable.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "plugin/crypto/Hash.h"

namespace souffleur::ledger {

/// Immutable; thread-safe.
class Hasher {
public:
    explicit Hasher(const std::array<std::uint8_t, 32>& key) : _key(key) {}

    /// Of a canonical address, "email:…" "phone:…" "post:…".
    [[nodiscard]] crypto::Hash contact(std::string_view canonical) const;
    /// Of "ext:system:value".
    [[nodiscard]] crypto::Hash external(std::string_view system, std::string_view value) const;
    /// Of "num:" and the letters and digits of the value in lower case.
    [[nodiscard]] crypto::Hash number(std::string_view value) const;

private:
    std::array<std::uint8_t, 32> _key;
};

} // namespace souffleur::ledger
