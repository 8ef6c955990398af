// The wait of a new device until head office approves it.
#pragma once

#include <functional>

#include "plugin/base/Clock.h"
#include "plugin/base/Random.h"
#include "plugin/base/Result.h"
#include "sync/protocol/Device.h"

namespace souffleur::protocol {

/// Asks the hub until this device is approved, then keeps what it says. Returns at once where it
/// was approved before. `waitUnlessStopped` false: stop. Errors: unavailable when it says so;
/// refused for good (revoked); conflict (head office has another key for addresses).
Result<Welcome> awaitWelcome(const Device& device, const Clock& clock, Random& random,
                             const std::function<bool(TimeMs waitMs)>& waitUnlessStopped);

} // namespace souffleur::protocol
