#include "sync/hub/HubOrigin.h"

#include <algorithm>

#include "plugin/base/Limits.h"
#include "plugin/crypto/Encoding.h"
#include "plugin/wire/Header.h"
#include "sync/hub/OwnClock.h"

namespace souffleur::hub {
namespace {

/// To be the next at the end of the chain, where others write there too.
constexpr int kAttemptsMax = 8;

} // namespace

/// An erasure takes what lies before its time. One that is too early would leave personal data
/// behind and look done; a till whose clock runs ahead makes such.
Result<void> HubOrigin::checkErasure(const consent::Event& event) const {
    if (!std::holds_alternative<consent::Erase>(event.body)) return {};
    const auto newest = _home.store().newestPayload(event.subject);
    if (!newest) return passOn(newest);
    if (*newest <= event.at) return {};
    return fail(Code::conflict,
                "personal data of a later time is on file: erase up to that time, or it would stay",
                std::to_string(*newest));
}

/// At the end of the chain, wherever that is: another process of this head office may write to the
/// same one. What was stored although nobody heard so is known by its ids when it comes again.
Result<store::Placed> HubOrigin::placeLast(std::span<const store::Incoming> events, TimeMs now) {
    for (int attempts = 1;; ++attempts) {
        const auto origin = _home.store().origin(_home.origin());
        if (!origin) return passOn(origin);
        auto placed =
            _home.store().place(_home.origin(), origin->seq + 1, origin->head, events, now);
        const bool again = !placed && (placed.error().code == Code::conflict ||
                                       placed.error().code == Code::unavailable);
        if (!again || attempts == kAttemptsMax) return placed;
    }
}

Result<std::vector<EventId>> HubOrigin::appendChunk(std::span<const people::NewEvent> events) {
    const Reading now = _clock.now();
    if (auto sane = checkOwnClock(now.at); !sane) return passOn(sane);
    std::vector<EventId> ids;
    std::vector<store::Incoming> incoming;
    for (const people::NewEvent& own : events) {
        consent::Event event;
        event.id = EventId{Uuid::timed(now.at, _random)};
        event.origin = _home.origin();
        event.subject = own.subject;
        event.at = own.at == 0 ? now.at : own.at;
        event.unc = own.unc;
        event.offsetMin = now.offsetMin;
        event.body = own.body;
        if (auto whole = checkErasure(event); !whole) return passOn(whole);
        store::Incoming one;
        one.subject = own.subject;
        one.negative = wire::isNegative(event);
        std::string commitment;
        if (!own.person.empty()) {
            wire::Salt salt{};
            _random.fill(std::as_writable_bytes(std::span{salt}));
            auto payload = wire::encodePayload(salt, own.person);
            if (!payload) return passOn(payload);
            commitment = crypto::toHex(crypto::bytesOf(crypto::sha256(*payload)));
            one.payload = std::move(*payload);
        }
        auto header = wire::encodeHeader(event, commitment);
        if (!header) return passOn(header);
        one.header = std::move(*header);
        incoming.push_back(std::move(one));
        ids.push_back(event.id);
    }
    const auto placed = placeLast(incoming, now.at);
    if (!placed) return passOn(placed);
    if (!placed->quarantined.empty()) {
        return fail(Code::internal,
                    "the hub could not read its own event: " + placed->quarantined.front().reason);
    }
    return ids;
}

Result<std::vector<EventId>> HubOrigin::append(std::span<const people::NewEvent> events) {
    const std::lock_guard lock(_mutex);
    std::vector<EventId> all;
    while (!events.empty()) {
        const std::size_t count = std::min(events.size(), limits::kBatchMaxEvents);
        auto ids = appendChunk(events.first(count));
        if (!ids) return ids;
        all.insert(all.end(), ids->begin(), ids->end());
        events = events.subspan(count);
    }
    return all;
}

} // namespace souffleur::hub
