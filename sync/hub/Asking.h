// Who asks, and what its requests show of its clock: for everything that devices ask of the hub.
#pragma once

#include <span>

#include "plugin/base/Clock.h"
#include "plugin/http/Message.h"
#include "sync/hub/Home.h"

namespace souffleur::hub {

/// An active device may read; one that only sends may be expired or frozen too.
enum class May : std::uint8_t { read, send };
/// The device behind the request's certificate. Errors: refused (`where`: its status, "unknown" or
/// "expired").
Result<store::Origin> deviceAsking(const Home& home, const http::Request& request, May may,
                                   TimeMs now);

/// How far the device's clock is off, as its request shows; 0: it does not say.
TimeMs clockOff(const http::Request& request, TimeMs now);

/// Rule 9: writes down what these events, which are to be placed from `firstSeq` on, show of their
/// device's clock: nothing of them can count by a clock that is not believed. Before placing.
Result<void> judgeAsking(const Home& home, const http::Request& request,
                         const store::Origin& device, std::uint64_t firstSeq,
                         std::span<const store::Incoming> events, TimeMs now);

} // namespace souffleur::hub
