// Where this room's events go: the hub's own chain.
#pragma once

#include <span>
#include <vector>

#include "plugin/base/Result.h"
#include "plugin/consent/Event.h"
#include "plugin/wire/Payload.h"

namespace souffleur::people {

/// An event to be made; the chain gives it id, origin and position.
struct NewEvent {
    SubjectId subject;
    consent::Body body;
    wire::PersonData person; ///< empty = no payload
    TimeMs at = 0;           ///< 0 = now
    TimeMs unc = kSecondMs;  ///< of `at`; imports know the day at best
};

class EventSink {
public:
    virtual ~EventSink() = default;
    /// Durable when it returns; the ids in order. Errors: invalid, storage.
    virtual Result<std::vector<EventId>> append(std::span<const NewEvent> events) = 0;
};

} // namespace souffleur::people
