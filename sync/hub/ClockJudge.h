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
    /// How far the device's clock had surely come with what was acknowledged (store::Origin), kept
    /// by the store; 0 = nothing is known.
    TimeMs reached = 0;
};

/// The judgements to make before the events are placed; none where `known` says as much already.
/// An event of a time that has not come (beyond its own uncertainty and the margin of the merge
/// rule) makes the clock suspect for its place; a clock that is further off than its events say
/// makes them as uncertain as it is off. Where time runs back along the positions, beyond what both
/// events say they may be off, one of the two is wrong and nobody can tell which: both, and what
/// lies between, are suspect. What an earlier push brought keeps its word: the clock ran back
/// since. Pure.
std::vector<consent::ClockJudgement> judgeClock(const ClockEvidence& evidence,
                                                std::span<const store::Incoming> events,
                                                const consent::Clocks& known);

} // namespace souffleur::hub
