// The hub's own chain of events: what head office itself says (imports, links, judgements of
// clocks).
#pragma once

#include <mutex>
#include <span>
#include <vector>

#include "plugin/base/Random.h"
#include "plugin/consent/Event.h"
#include "plugin/wire/Payload.h"
#include "sync/hub/Home.h"
#include "sync/people/EventSink.h"

namespace souffleur::hub {

/// Appends to the hub's chain. Thread-safe; every call is durable when it returns. There is one in
/// a process, Home::chain(); the other hubs of a shared store append to the same chain.
class HubOrigin final : public people::EventSink {
public:
    /// All of them in chunks of at most limits::kBatchMaxEvents, each chunk whole or not at all;
    /// gives the ids. Errors: invalid, storage, conflict (an erasure of a time before the newest
    /// thing it would have to erase: `where` is that time in ms), unavailable (the clock cannot be
    /// right: checkOwnClock).
    Result<std::vector<EventId>> append(std::span<const people::NewEvent> events) override;

private:
    friend class Home;
    HubOrigin(Home& home, const Clock& clock, Random& random)
        : _home(home), _clock(clock), _random(random) {}
    [[nodiscard]] Result<void> checkErasure(const consent::Event& event) const;
    Result<store::Placed> placeLast(std::span<const store::Incoming> events, TimeMs now);
    Result<std::vector<EventId>> appendChunk(std::span<const people::NewEvent> events);

    Home& _home;
    const Clock& _clock;
    Random& _random;
    std::mutex _mutex;
};

} // namespace souffleur::hub
