// A device that makes events: header, payload, chain. For tests of what receives them.
#pragma once

#include <string>
#include <vector>

#include "plugin/base/Random.h"
#include "plugin/crypto/Chain.h"
#include "plugin/crypto/Encoding.h"
#include "plugin/wire/Header.h"
#include "plugin/wire/Payload.h"
#include "sync/store/Store.h"

namespace souffleur::test {

class TestOrigin {
public:
    explicit TestOrigin(std::uint64_t seed) : _random(seed), id(OriginId::random(_random)) {}

    /// Appends an event to the chain and returns it.
    consent::Event add(SubjectId subject, consent::Body body, TimeMs at,
                       const wire::PersonData* person = nullptr) {
        return addAs(EventId{Uuid::timed(at, _random)}, subject, std::move(body), at, person);
    }

    /// The same under an id of the caller's.
    consent::Event addAs(EventId eventId, SubjectId subject, consent::Body body, TimeMs at,
                         const wire::PersonData* person = nullptr) {
        consent::Event event;
        event.id = eventId;
        event.origin = id;
        event.position = events.size() + 1;
        event.subject = subject;
        event.at = at;
        event.unc = unc;
        event.body = std::move(body);
        store::Incoming incoming;
        incoming.subject = subject;
        incoming.negative = wire::isNegative(event);
        std::string commitment;
        if (person != nullptr) {
            wire::Salt salt{};
            _random.fill(std::as_writable_bytes(std::span{salt}));
            incoming.payload = wire::encodePayload(salt, *person).value();
            commitment = crypto::toHex(crypto::bytesOf(crypto::sha256(incoming.payload)));
        }
        incoming.header = wire::encodeHeader(event, commitment).value();
        heads.push_back(crypto::chainNext(heads.back(), crypto::leafHash(incoming.header)));
        events.push_back(std::move(incoming));
        return event;
    }

    [[nodiscard]] store::Origin enrolment() const {
        store::Origin origin;
        origin.id = id;
        origin.kind = kind;
        origin.name = "Till";
        origin.place = "till";
        origin.status = store::OriginStatus::active;
        return origin;
    }

    /// When a push comes unless the test says otherwise: an hour after the noon of our tests.
    static constexpr TimeMs kPushedAt = 1795521600000 + kHourMs;

    /// Pushes events first..last (1-based, inclusive) to the store, which receives them at `now`.
    Result<store::Placed> push(store::Store& store, std::size_t first, std::size_t last,
                               TimeMs now = kPushedAt) const {
        return store.place(id, first, heads[first - 1],
                           std::span(events).subspan(first - 1, last - first + 1), now);
    }

    SubjectId newSubject() { return SubjectId::random(_random); }

private:
    SeededRandom _random;

public:
    OriginId id;
    std::string kind = "terminal"; ///< "hub": head office's own chain
    TimeMs unc = 100;              ///< of what is added; an import's is a day at least
    std::vector<store::Incoming> events;
    std::vector<crypto::Hash> heads{crypto::Hash{}};
};

inline consent::Act act(consent::Choice choice, std::vector<EventId> seen = {},
                        consent::Method method = consent::Method::spoken,
                        const char* purpose = "newsletter", const char* channel = "email") {
    consent::Act act;
    act.controller = "house";
    act.place = "till-1";
    act.method = method;
    act.seen = std::move(seen);
    consent::ChoiceItem item;
    item.purpose = purpose;
    item.channel = channel;
    item.choice = choice;
    act.choices.push_back(item);
    return act;
}

} // namespace souffleur::test
