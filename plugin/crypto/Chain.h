// The chain over an origin's events and the leaves that the hub's trees stand on (DESIGN 5).
#pragma once

#include "plugin/crypto/Hash.h"

namespace souffleur::crypto {

/// Leaf of a header: SHA-256(0x00 ‖ header bytes).
inline Hash leafHash(std::string_view header) noexcept {
    return sha256('\0', header);
}

/// The head after one more leaf: SHA-256(0x01 ‖ head ‖ leaf). The head of nothing is 32 zero bytes.
inline Hash chainNext(const Hash& head, const Hash& leaf) noexcept {
    Sha256 sum;
    sum.update(std::string_view("\1", 1)).update(bytesOf(head)).update(bytesOf(leaf));
    return sum.finish();
}

} // namespace souffleur::crypto
