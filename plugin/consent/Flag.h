// What the cashier sees: one word with reasons, and the right questions (DESIGN 4).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "plugin/consent/Policy.h"
#include "plugin/consent/StateOf.h"

namespace souffleur::consent {

enum class FlagKind : std::uint8_t {
    ask,         ///< never asked, or only put off: something to ask
    refresh,     ///< a yes is about to lapse, or has
    unconfirmed, ///< said yes, the mail was not answered
    partial,     ///< answered some, others never asked
    consented,   ///< nothing to ask, may be written to
    soft,        ///< may be written to as a customer
    legacy,      ///< an old permission without proof
    resting,     ///< answered, or not to be asked here: nothing to ask now
    objected,    ///< wants nothing; never asked by us
    noAddress,   ///< said yes, but left no address for it
    bounced,     ///< the address on file does not work
    restricted,  ///< do not ask, no reason shown (GDPR 18)
    unknown,     ///< nothing is known of this customer
};
std::string_view name(FlagKind) noexcept; ///< "no-address"
std::optional<FlagKind> flagKindFrom(std::string_view) noexcept;

/// What is known of one channel's contact points of a person.
struct ContactFacts {
    bool present = false;
    bool verified = false;
    bool bounced = false; ///< the newest one bounced and no other works
    /// Of those that may work each was only told, typed at a till or a kiosk, and no mail
    /// confirmed it.
    bool waits = false;
};

/// All that the flag looks at; made by the ledger from its projections. `states` holds what
/// History::state gave (not yet asOf).
struct PersonFacts {
    bool known = false;
    bool restricted = false;
    bool minor = false;
    bool objected = false;
    std::map<std::pair<Token, Token>, StateView>
        states;                             ///< by (purpose, channel); absent = unknown
    std::map<Token, ContactFacts> contacts; ///< by channel
    std::string language;                   ///< of the person; empty = unknown
    int orders = 0;
    TimeMs customerSince = 0; ///< 0 = unknown
    TimeMs asOf = 0;          ///< when the data was last in step with the hub; 0 = never
    /// The last answer that moved no state (a yes that waits, a no said twice); 0 = none known.
    /// What moved one is seen in `states`.
    TimeMs answeredAt = 0;
};

/// A permission that stands, while its channel has no address but one that waits for its
/// confirmation, and the law wants it confirmed: nobody writes now (Eligibility:
/// "address-unconfirmed"). Pure.
bool awaitsAddress(const PersonFacts& person, const Policy& policy, const Token& purpose,
                   const Token& channel, TimeMs now);

/// Did the person answer anybody in this visit (ReaskRule::visitHours)? Clocks of tills differ: a
/// moment ahead counts too. Pure.
bool visiting(const PersonFacts& person, const ReaskRule& reask, TimeMs now);

/// The sale in hand.
struct Basket {
    std::vector<Token> partners;
    std::vector<Token> genres;
};

struct Question {
    Token purpose;
    Token channel;
    const Notice* notice = nullptr; ///< borrowed from the Policy
    State state = State::unknown;   ///< why it is open
    /// No working contact point for the channel; with state given or requested only the address is
    /// asked for, not the consent.
    bool needsAddress = false;
};

/// The last negative, for "said no on … at …". kAny: the same answer said no to more than one, or
/// all that the person has is objected to.
struct LastNo {
    State state = State::refused;
    TimeMs at = 0;
    Token place;
    Token purpose;
    Token channel;
};

struct Flag {
    FlagKind kind = FlagKind::unknown;
    /// Machine-readable reasons, translated by the page: "never-asked", "rest-is-over",
    /// "some-unasked", "lapses-soon", "lapsed", "mail-unanswered", "needs-own-hand" (a yes that
    /// rule 5 does not count yet), "all-given", "some-given", "said-no", "put-off",
    /// "nothing-to-ask", "customer", "old-permission", "wants-nothing", "no-address", "bounced",
    /// "not-on-file", "minor", "not-asked-here". None for `restricted`.
    std::vector<std::string> reasons;
    std::vector<Question> questions; ///< at most Policy::questionsPerSale purposes x their channels
    /// What to say: the notice of the first question about consent; nullptr = say nothing.
    const Notice* line = nullptr;
    std::optional<LastNo> lastNo;
    TimeMs asOf = 0;
    /// When what the flag tells of may be asked again: the last no, else what was put off or waits
    /// for its mail. 0 = never, or something is asked now.
    TimeMs againAt = 0;
};

/// Total: every combination of inputs gives a flag. Pure.
/// `language`: what to speak, else the person's, else the house's.
Flag flagOf(const PersonFacts& person, const Policy& policy, const Basket& basket,
            Situation situation, const std::string& language, TimeMs now);

} // namespace souffleur::consent
