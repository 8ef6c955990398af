// Rule 9 of the domain: the hub trusts no till's word. What a push shows of its device's clock.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "plugin/consent/StateOf.h"
#include "sync/store/Store.h"

namespace souffleur::hub {

struct ClockEvidence {
    OriginId device;
    std::uint64_t firstSeq = 1;
    std::uint64_t acknowledged = 0;  ///< up to here the events were judged before
    TimeMs now = 0;                  ///< the hub's clock when the push came
    std::optional<TimeMs> deviceNow; ///< what the device's clock showed then; older ones do not say
};

/// The judgements to make before the events are placed; none where `known` says as much already.
/// An event of a time that has not come (beyond its own uncertainty and the margin of the merge
/// rule) makes the clock suspect for its place; a clock that is further off than its events say
/// makes them as uncertain as it is off. Pure.
std::vector<consent::ClockJudgement> judgeClock(const ClockEvidence& evidence,
                                                std::span<const store::Incoming> events,
                                                const consent::Clocks& known);

} // namespace souffleur::hub
