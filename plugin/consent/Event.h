// What the ledger holds, without its personal payload: the header of an event as typed values. The
// exact bytes (compact JSON) live in plugin/wire; this room reasons over these structs only.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "plugin/base/Clock.h"
#include "plugin/base/Id.h"
#include "plugin/consent/Terms.h"

namespace souffleur::consent {

/// Never expires.
inline constexpr TimeMs kForever = kMaxTime;

/// Which wording was shown or read out: frozen once used. Empty id = none (allowed for negatives,
/// imports and unidentified capture only).
struct NoticeRef {
    std::string id; ///< "newsletter-email"
    std::uint32_t version = 0;
    std::string language; ///< BCP 47, "nl"
    std::string sha256;   ///< lower-case hex of the exact wording (64 characters)

    bool operator==(const NoticeRef&) const = default;
};

/// One choice of an act. `confirm` and `validUntil` are frozen from the pack at the moment of
/// capture.
struct ChoiceItem {
    Token purpose; ///< kAny only in negatives
    Token channel; ///< kAny only in negatives
    Choice choice = Choice::deferred;
    Basis basis = Basis::consent; ///< meaningful for `given`
    bool confirm = false;         ///< counts only once a `confirmed` event targets it
    TimeMs validUntil = kForever; ///< UTC ms; kForever = does not lapse
    NoticeRef notice;

    bool operator==(const ChoiceItem&) const = default;
};

/// What one person said at one moment.
struct Act {
    Token controller;
    std::vector<ChoiceItem> choices; ///< 1..limits::kChoicesMax
    std::vector<EventId> seen; ///< negatives on file that were shown when these choices were made
    Method method = Method::spoken;
    OperatorId by; ///< none = unidentified, or the person alone (kiosk, web)
    Token place;   ///< "till-2", "foyer"
    std::string
        source; ///< where a soft opt-in, legacy or imported choice came from; no personal data
    /// Lower-case hex SHA-256 of the 16 random bytes on the slip that withdraw this act (DESIGN 8);
    /// empty = no handle was made. The handle itself is never stored.
    std::string withdrawHandleHash;

    bool operator==(const Act&) const = default;
};

/// A confirmation (the link in the mail). Inherits its target's time and `seen`; never an opt-in
/// itself.
struct Confirmed {
    EventId target;         ///< the act
    Token channel;          ///< the contact point's channel
    std::string contactKey; ///< keyed hash of the confirmed canonical address, hex

    bool operator==(const Confirmed&) const = default;
};

/// Undo. Holds iff same origin, subject and operator as its target, later position, at most
/// kRetractMaxMs later.
struct Retract {
    EventId target;
    OperatorId by;

    bool operator==(const Retract&) const = default;
};
inline constexpr TimeMs kRetractMaxMs = 5 * kMinuteMs;

/// The event's subject and `other` are one person.
struct Link {
    SubjectId other;
    std::string reason; ///< "same-email-and-name", "operator", "confirmed"

    bool operator==(const Link&) const = default;
};

/// Ends the link made by event `target` between the event's subject and `other`; `copied` are the
/// negatives that from now on bind both sides.
struct Unlink {
    EventId target;
    SubjectId other;
    std::vector<EventId> copied;

    bool operator==(const Unlink&) const = default;
};

/// Erases the subject's payloads up to this event's time (GDPR 17).
struct Erase {
    bool operator==(const Erase&) const = default;
};

/// A contact point came, changed or went; the address itself is in the payload.
enum class ContactStatus : std::uint8_t { unverified, verified, bounced, removed };
struct Contact {
    Token channel;          ///< email sms phone post messaging
    std::string contactKey; ///< keyed hash of the canonical address, hex
    ContactStatus status = ContactStatus::unverified;

    bool operator==(const Contact&) const = default;
};

/// A purchase as provenance; details are in the payload. Never live.
struct Order {
    Token source; ///< "pretix", "import"
    std::vector<Token> genres;
    std::int64_t amountCents = 0;

    bool operator==(const Order&) const = default;
};

/// A fact about the person that rules look at. Known names: "restricted" (yes|no), "minor"
/// (yes|no), "language" (BCP 47), "customer-since" (date), "preference:<genre>" (yes|no),
/// "frequency".
struct Fact {
    Token fact;
    std::string value; ///< at most 64 characters, never free text

    bool operator==(const Fact&) const = default;
};

/// The hub's judgement of a device's clock over a range of positions (inclusive). Only ever
/// tightens.
struct ClockJudgement {
    OriginId about;
    std::uint64_t from = 0;
    std::uint64_t to = ~std::uint64_t{0};
    TimeMs unc = 0; ///< effective uncertainty is the larger of this and the event's own
    bool suspect = false;

    bool operator==(const ClockJudgement&) const = default;
};

/// A pack came into force on the origin.
struct PolicyInForce {
    Token pack;
    std::uint32_t version = 0;
    std::string sha256;

    bool operator==(const PolicyInForce&) const = default;
};

using Body = std::variant<Act, Confirmed, Retract, Link, Unlink, Erase, Contact, Order, Fact,
                          ClockJudgement, PolicyInForce>;
/// "act confirmed retract link unlink erase contact order fact clock policy", in Body's order.
std::string_view kindName(const Body& body) noexcept;

/// One event. `position` counts from 1 within its origin; 0 = not placed yet.
struct Event {
    EventId id;
    OriginId origin;
    std::uint64_t position = 0;
    SubjectId subject; ///< none for clock and policy
    TimeMs at = 0;
    TimeMs unc = kUncInfinite;
    int offsetMin = 0;
    Body body;
    /// When the hub received it, by the hub's clock; kMaxTime = not known (a till's ledger never
    /// knows). Not part of the header.
    TimeMs received = kMaxTime;

    bool operator==(const Event&) const = default;
};

} // namespace souffleur::consent
