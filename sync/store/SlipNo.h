// A no by the code of a slip that a kiosk took (plugin/doc/adr/0013).
#pragma once

#include <cstdint>
#include <string_view>

#include "plugin/base/Clock.h"
#include "plugin/base/Id.h"
#include "plugin/base/Result.h"
#include "plugin/consent/Terms.h"
#include "plugin/crypto/Handle.h"

namespace souffleur::store {

struct Incoming;

/// Noes of a device whose acts have not come yet.
inline constexpr std::uint64_t kEarlyMax = 10'000;

/// A no by the code of a slip, as a kiosk took it.
struct SlipNo {
    crypto::Handle code{};
    EventId event; ///< of the withdrawal to be made
    TimeMs at = 0;
    TimeMs unc = 0;
    int offsetMin = 0;
    TimeMs clockOff = 0; ///< how far the kiosk's clock was off when it sent this
};

/// The withdrawal of what a slip stands for. `act`: the header of the act that it was printed for.
/// A no that seems older than its act was said by a wrong clock: it is then of no known time, so
/// that no yes outdoes it by the clock. Errors: invalid (no act).
Result<Incoming> withdrawalOf(const SlipNo& no, std::string_view act, const OriginId& kiosk,
                              const consent::Token& place);

} // namespace souffleur::store
