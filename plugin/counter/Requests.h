// What is asked of the counter.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plugin/consent/Flag.h"
#include "plugin/counter/Desk.h"

namespace souffleur::counter {

/// A customer that the ticketing system has on its screen. Everything but system and id is a hint
/// of a stranger, cleaned and parsed here; what does not parse is left out.
struct HostCustomer {
    std::string system; ///< "pretix"; kebab-case token
    std::string id;
    std::string name;
    std::string email;
    std::string phone;
    std::string card;
    std::string language;
    std::optional<consent::Situation> situation;
    consent::Basket basket;
    /// Read off a receipt: nobody says when they have gone. Counter::othersReceipt.
    bool fromPaper = false;
    /// The ticketing system itself says so: what it leaves out is not so. A receipt, a scan or a
    /// hot key that names the customer of the desk once more leaves what it said.
    bool bySystem = true;
};

struct NewContact {
    ContactKind kind = ContactKind::email;
    std::string value;      ///< post: lines separated by '\n', the last one code and city
    bool confirmed = false; ///< keep it as typed though it looks mistyped
    Uuid replaces;          ///< the contact this corrects
};

struct NewPerson {
    Uuid idempotencyKey;
    std::string given;
    std::string family;
    std::string language;
    std::vector<NewContact> contacts; ///< at most 3
};

enum class ActOutcome : std::uint8_t { save, refuse, notNow, unclear, stopEverything };
std::string_view name(ActOutcome outcome) noexcept;
std::optional<ActOutcome> actOutcomeFrom(std::string_view text) noexcept;

struct Answer {
    consent::Token purpose;
    consent::Token channel;
    consent::Choice choice = consent::Choice::deferred; ///< given, refused or deferred
    bool operator==(const Answer&) const = default;
};

struct ActRequest {
    Uuid idempotencyKey;
    Uuid questionSet; ///< Desk::questionSet as shown; none only for stopEverything
    SubjectId subject;
    ActOutcome outcome = ActOutcome::save;
    std::vector<Answer> answers; ///< for save: at least one, each from the set; else empty
    consent::Method method = consent::Method::spoken; ///< spoken, screen, paper, phone
    std::string language;                             ///< of the wording shown
    std::vector<NewContact> contacts;                 ///< at most 3
};

struct Found {
    SubjectId subject;
    std::string displayName;
    std::vector<std::string> contacts; ///< masked
    consent::FlagKind kind = consent::FlagKind::unknown;
    int orders = 0;
    TimeMs since = 0;
};

/// Why a slip's code that was searched for found nobody, or one whose slip does not count.
enum class SlipSearch : std::uint8_t {
    none,      ///< it found somebody, or no code was searched for
    unknown,   ///< a whole code, of an act that is not on file here
    mistyped,  ///< its check symbol does not fit
    takenBack, ///< it found whom it was given to; its act was undone
};
std::string_view name(SlipSearch slip) noexcept;

struct FoundList {
    std::vector<Found> people; ///< best first
    SlipSearch slip = SlipSearch::none;
    bool typos = false; ///< the forgiving step found them
    bool more = false;
};

struct ActPage {
    std::vector<ActSummary> acts; ///< newest first
    std::string next;             ///< for the page after; empty = the end
};

/// What a host (a strip beside the ticketing screen) shows of the flag.
struct HostFlag {
    consent::FlagKind kind = consent::FlagKind::unknown;
    std::string script; ///< the line to say; empty = nothing
    std::string scriptLanguage;
    TimeMs asOf = 0;
    bool quiet = false; ///< rush mode, locked, or nobody at the till: show nothing
};

} // namespace souffleur::counter
