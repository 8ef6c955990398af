// Hashes as they stand on the wire: 64 characters of lower-case hex.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "plugin/base/Result.h"
#include "plugin/crypto/Encoding.h"
#include "plugin/crypto/Hash.h"

namespace souffleur::protocol {

inline std::string hashText(const crypto::Hash& hash) {
    return crypto::toHex(crypto::bytesOf(hash));
}

/// A fingerprint as people compare it: in groups of four, the same wherever it is shown.
inline std::string inGroups(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (i > 0 && i % 4 == 0) out += ' ';
        out += text[i];
    }
    return out;
}

/// Errors: invalid.
inline Result<crypto::Hash> parseHash(std::string_view hex) {
    const auto bytes = crypto::fromHex(hex);
    crypto::Hash hash{};
    if (!bytes || bytes->size() != hash.size()) return fail(Code::invalid, "not a hash");
    std::copy(bytes->begin(), bytes->end(), hash.begin());
    return hash;
}

} // namespace souffleur::protocol
