// SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104). Bytes travel as std::string_view throughout
// this room.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace souffleur::crypto {

using Hash = std::array<std::uint8_t, 32>;

/// The bytes of an array as a view; the array must outlive it.
template <std::size_t N>
std::string_view bytesOf(const std::array<std::uint8_t, N>& array) noexcept {
    return {reinterpret_cast<const char*>(array.data()), N};
}

/// Incremental SHA-256. A value: a copy continues from the same point. No allocation.
class Sha256 {
public:
    Sha256() noexcept;
    Sha256& update(std::string_view bytes) noexcept;
    /// The digest of everything so far; the object starts afresh.
    Hash finish() noexcept;

private:
    alignas(8) std::array<std::uint8_t, 112> _state;
};

/// SHA-256 of one piece.
Hash sha256(std::string_view bytes) noexcept;
/// SHA-256(prefix ‖ bytes): a ledger leaf is sha256('\0', header).
Hash sha256(char prefix, std::string_view bytes) noexcept;
/// HMAC-SHA-256; any key length.
Hash hmacSha256(std::string_view key, std::string_view bytes) noexcept;
/// True when both hold the same bytes; the time depends on the lengths alone.
bool equalConstantTime(std::string_view a, std::string_view b) noexcept;

} // namespace souffleur::crypto
