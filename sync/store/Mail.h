// What the store knows of mails that ask for the confirmation of an answer, or tell of one
// (plugin/doc/adr/0012). Values; made by Store.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plugin/base/Clock.h"
#include "plugin/base/Id.h"
#include "plugin/consent/Policy.h"
#include "plugin/crypto/Hash.h"

namespace souffleur::store {

/// How often and how soon mails may go out; ms unless said otherwise.
struct MailRules {
    /// After the hub received the answer: an undo must have come by then.
    TimeMs settleMs = 5 * kMinuteMs;
    /// Between two confirmations to one address, and between two notices to one person.
    TimeMs betweenMs = 7 * kDayMs;
    /// How long nothing is asked of an address that said "this was not me".
    TimeMs stopMs = 365 * kDayMs;
    std::uint64_t kioskPerHour = 30; ///< messages for sign-ups at one kiosk
    std::uint64_t kioskPerDay = 200;
    /// Who fails to send within this looks again (a claim).
    TimeMs leaseMs = 2 * kMinuteMs;
};

enum class MailKind : std::uint8_t {
    confirm, ///< the answer counts once its mail is answered
    notice,  ///< it counts already; only "this was not me" is offered
};
std::string_view name(MailKind) noexcept; ///< "confirm" "notice"

/// A message to be sent now, claimed for this sender until MailRules::leaseMs is over.
struct MailJob {
    SubjectId subject;
    MailKind kind = MailKind::confirm;
    std::string message;              ///< names it; bytes, 16
    std::string key;                  ///< of the address, hex
    std::string address;              ///< personal data: as it is on file
    std::string language;             ///< of the person; empty = not known
    TimeMs expires = 0;               ///< of its link
    TimeMs since = 0;                 ///< when the first of its answers came
    int attempts = 1;                 ///< this one included
    int maybes = 0;                   ///< those before that may have arrived
    std::vector<std::string> headers; ///< of the acts that it is about, at least one
};

/// What a link in a mail leads to while it can be answered.
struct MailLink {
    SubjectId subject;
    MailKind kind = MailKind::confirm;
    std::string key;
    std::string address;  ///< personal data
    std::string language; ///< of the person
    TimeMs expires = 0;
    std::vector<std::string> headers;
    /// It was answered "this was not me": that can be said once more, and nothing else, since what
    /// follows from it may not have been written down.
    bool notMe = false;
    bool removed = false; ///< the address is off the person
};

/// One answer's mail, for staff.
struct MailRow {
    EventId act;
    MailKind kind = MailKind::confirm;
    /// "" (to be sent), "sent", "confirmed", "not-me", "bounced", "refused" (by the mail server,
    /// for good), "gave-up", "disposable", "expired", or why it was not sent: "settled" (nothing to
    /// confirm any more), "stopped" (that address said "not me"), "erased", "restricted",
    /// "objected", "suppressed", "minor", "unread", "no-address".
    std::string outcome;
    TimeMs foundAt = 0;
    TimeMs due = 0;     ///< of one to be sent
    TimeMs triedAt = 0; ///< 0 = never
    TimeMs expires = 0;
};

/// Mails found since a time, by outcome.
using MailCounts = std::vector<std::pair<std::string, std::uint64_t>>;

} // namespace souffleur::store
