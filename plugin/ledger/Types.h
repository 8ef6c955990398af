// What goes into the ledger and what comes out, as values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "plugin/base/Clock.h"
#include "plugin/base/Id.h"
#include "plugin/consent/Event.h"
#include "plugin/crypto/Hash.h"
#include "plugin/wire/Card.h"
#include "plugin/wire/Payload.h"

namespace souffleur::ledger {

/// One event to be recorded on this device. The ledger gives it id, origin, position and (unless
/// `when` says otherwise) the clock's reading.
struct Draft {
    SubjectId subject; ///< none for clock and policy
    consent::Body body;
    wire::PersonData person;     ///< empty = the event carries no payload
    std::optional<Reading> when; ///< for answers that were given earlier (paper, import)
};

struct Appended {
    EventId id;
    std::uint64_t seq = 0; ///< position in this device's chain, from 1
    bool repeated = false; ///< the idempotency key was used before: nothing was written now
};

/// What an idempotency key stands for.
struct Earlier {
    std::vector<Appended> events; ///< as they were written, each `repeated`
    std::string request;          ///< what append() was given with them
};

/// An event made elsewhere, as pulled.
struct Foreign {
    OriginId origin;       ///< who vouches for the position; must be the header's own
    std::uint64_t seq = 0; ///< position in its origin's chain; 0 = an advance copy
    std::string header;    ///< verbatim
    std::string payload;   ///< mostly empty: a till gets cards
    /// The envelope's words, for an event that cannot be read: whom it suppresses.
    SubjectId subject;
    bool negative = false;
};

struct Applied {
    std::size_t placed = 0;
    std::size_t duplicates = 0;
    std::size_t quarantined = 0; ///< kept raw; a quarantined event suppresses its subject
    std::size_t cards = 0;       ///< newer than what was held
};

/// A contact point as a screen may show it.
struct ContactView {
    consent::Token channel;
    std::string masked; ///< "a•••@example.org"
    std::string key;    ///< keyed hash, hex
    consent::ContactStatus status = consent::ContactStatus::unverified;

    bool operator==(const ContactView&) const = default;
};

/// A person as the panel shows them.
struct PersonView {
    SubjectId subject;               ///< as asked
    std::vector<SubjectId> subjects; ///< the linked ones, ordered; the first one names the person
    std::string displayName;
    std::string language;
    int birthYear = 0; ///< 0 = unknown
    int orders = 0;
    TimeMs customerSince = 0;
    bool restricted = false;
    bool minor = false;
    bool erased = false;
    std::vector<ContactView> contacts;
    TimeMs asOf = 0; ///< when this device was last in step with the hub; 0 = never
};

/// One event of a person, with its bytes.
struct EventView {
    consent::Event event;
    std::string commitment; ///< hex
    std::string header;     ///< verbatim
    bool own = false;       ///< made on this device
    bool payload = false;   ///< personal data are held here
};

struct SearchHit {
    SubjectId subject;
    std::string displayName;
    std::string language;
    std::vector<ContactView> contacts;
    int typos = 0;      ///< edits between query and name; 0 = literal
    bool exact = false; ///< found by a slip's code, a whole e-mail address, number or card
};

struct SearchResult {
    std::vector<SearchHit> hits; ///< best first
    bool more = false;           ///< the limit cut something off
    bool takenBack = false;      ///< found by a slip's code, whose act was taken back
};

/// Whom a slip was given to.
struct SlipHolder {
    SubjectId subject;
    bool takenBack = false; ///< its act was undone: the slip counts for nothing any more
};

/// Acts of this device's counter that nobody has put their name to.
struct Unattributed {
    std::vector<EventId> acts;          ///< oldest first, as many as asked for
    std::vector<std::string> customers; ///< whose each is, by name; empty: without one
    std::uint64_t total = 0;            ///< of all
};

struct Stats {
    std::uint64_t events = 0;
    std::uint64_t ownEvents = 0; ///< length of this device's chain
    std::uint64_t pending = 0;   ///< own events the hub has not acknowledged
    std::uint64_t subjects = 0;
    std::uint64_t persons = 0;
    std::uint64_t quarantined = 0;
    std::uint64_t fileBytes = 0;
    TimeMs oldestPendingAt = 0; ///< 0 = none pending
};

} // namespace souffleur::ledger
