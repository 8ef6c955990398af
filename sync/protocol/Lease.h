// What head office grants a till that asks from time to time (DESIGN 6; plugin/doc/adr/0010): to
// show whom it holds for so long, and the key of what it sealed.
#pragma once

#include <string>
#include <string_view>

#include "plugin/base/Clock.h"
#include "plugin/base/Result.h"
#include "plugin/crypto/Hash.h"

namespace souffleur::protocol {

/// What a house has that says nothing else.
inline constexpr TimeMs kLeaseMs = 14 * kDayMs;
inline constexpr TimeMs kLeaseMaxMs = 366 * kDayMs;

struct Lease {
    TimeMs at = 0; ///< by head office's clock
    /// From then on; 0: nothing new (a device that may send and not read).
    TimeMs lengthMs = 0;
    crypto::Hash key{};

    bool operator==(const Lease&) const = default;
};
std::string encodeLease(const Lease& lease);
/// Errors: invalid.
Result<Lease> decodeLease(std::string_view json);

} // namespace souffleur::protocol
