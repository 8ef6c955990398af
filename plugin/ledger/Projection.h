// What follows from events and cards, computed without a database: the rows of people, contacts,
// names and states. Everything here is a function of the *set* of events; rebuilding gives the same
// rows. Internal to this room.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "plugin/consent/StateOf.h"
#include "plugin/contact/Folder.h"
#include "plugin/ledger/Hasher.h"
#include "plugin/ledger/Types.h"

namespace souffleur::ledger {

/// Bits of people.flags.
namespace flag {
inline constexpr std::int64_t kRestricted = 1;
inline constexpr std::int64_t kMinor = 2;
inline constexpr std::int64_t kErased = 4;
inline constexpr std::int64_t kKnown = 8;
inline constexpr std::int64_t kQuarantined = 16;
} // namespace flag

/// An event as stored, decoded.
struct StoredEvent {
    std::int64_t num = 0;
    consent::Event event;
    std::string payload; ///< as stored; empty = none
};

/// The events of one subject that this transaction made: not to be decoded again.
using KnownEvents = std::map<std::int64_t, consent::Event>;

/// All that is known of one subject.
struct SubjectInput {
    std::span<const StoredEvent> events; ///< of this subject, any order
    std::optional<wire::Card> card;
    bool quarantined = false;                ///< an unreadable negative
    const consent::Clocks* clocks = nullptr; ///< what the hub judged; none = nothing
};

struct ContactRow {
    consent::Token channel;
    crypto::Hash key{};
    std::string masked;
    consent::ContactStatus status = consent::ContactStatus::unverified;

    auto order() const { return std::tie(channel, key); }
    bool operator==(const ContactRow&) const = default;
};

/// The rows of one subject.
struct SubjectRows {
    std::string display;
    std::string language;
    int birthYear = 0;
    int orders = 0;
    TimeMs customerSince = 0;
    std::int64_t flags = 0;
    std::string folded;               ///< for the search; empty = nothing to find
    std::vector<ContactRow> contacts; ///< ordered by channel and key
    std::set<crypto::Hash> externalKeys;
    std::vector<std::int64_t> scrub;    ///< events whose payload must go
    std::vector<crypto::Hash> suppress; ///< keys that the scrubbed payloads held
    bool dropCard = false;

    bool operator==(const SubjectRows&) const = default;
};

/// One row of states. Wildcards and the objection mark (both tokens empty) included.
struct StateRow {
    consent::Key key;
    consent::StateView view;

    bool operator==(const StateRow&) const = default;
};

/// What may be shown of an address.
std::string maskedOf(const wire::ContactPoint& point, const wire::PersonData& person);
/// The key that an address is found by, also of one that was sealed away (Vault.h).
crypto::Hash keyOf(const Hasher& hasher, const wire::ContactPoint& point);
/// What stands for the address where only its key is left.
std::string sealedCanonical(const crypto::Hash& key);

/// Not thread-safe (it folds names).
class Projector {
public:
    explicit Projector(const Hasher& hasher) : _hasher(hasher) {}

    SubjectRows subject(const SubjectInput& input);
    /// The merged personal data of the payloads, the newest of each part.
    static wire::PersonData merged(std::span<const StoredEvent> events);

private:
    void addPayload(SubjectRows& rows, const wire::PersonData& person);
    void addCard(SubjectRows& rows, const wire::Card& card);
    /// The event's part in the rows; `gone` = covered by an erasure.
    void addEvent(SubjectRows& rows, const StoredEvent& stored, const wire::PersonData* person,
                  bool gone);

    const Hasher& _hasher;
    contact::Folder _folder;
};

/// The states of one person, ordered by key: every key on file, a row for each wildcard that a
/// negative used, one ("*", "social") that carries the strongest objection, and the mark ("", "")
/// for each controller whose objection stands.
std::vector<StateRow> statesOf(std::span<const consent::Event> events,
                               const std::set<SubjectId>& subjects, const consent::Clocks& clocks,
                               const consent::StateRules& rules);

/// The state of a key that no row names: what the wildcard rows say of it. Nothing = unknown.
const StateRow* coveredBy(std::span<const StateRow> rows, const consent::Key& key,
                          const consent::StateRules& rules);

/// A text of the rules that changes when they do.
std::string rulesText(const consent::StateRules& rules);

} // namespace souffleur::ledger
