// What a policy pack says, as values. Parsed and frozen by plugin/policy; asked by flag and
// eligibility.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "plugin/base/Clock.h"
#include "plugin/consent/Event.h"
#include "plugin/consent/StateOf.h"

namespace souffleur::consent {

/// One wording in one language. `line` is read out by the cashier, `text` is the full wording.
struct Notice {
    NoticeRef ref;
    std::string label;  ///< "Newsletter"
    std::string detail; ///< "by e-mail, once a month"
    std::string line;   ///< the question, to be spoken
    std::string text;   ///< names organisation, purpose and how to withdraw
    // ref.sha256 covers all four as shown (plugin/policy/Wordings.h).
};

/// A purpose as the house offers it.
struct Purpose {
    Token id;
    std::string dpv;             ///< DPV purpose class, "dpv:DirectMarketing"
    std::vector<Token> channels; ///< in the order in which they are asked
    Token partner;               ///< set: asked only when the basket holds this partner
    bool askedAtCounter = true;
    int priority = 0; ///< smaller is asked first
    /// notices[channel][language]; channel kAny is the fallback.
    std::map<Token, std::map<std::string, Notice>> notices;
};

/// The rule of a jurisdiction for one channel (and, where a pack needs it, one purpose).
struct ChannelRule {
    Token channel;
    Token purpose = Token(kAny);
    std::set<Basis> basis{Basis::consent};
    bool doubleOptIn = false;      ///< an opt-in must be confirmed
    bool confirmNewAddress = true; ///< a newly typed address must be confirmed
    /// Is nobody written to before the address is known to be theirs?
    [[nodiscard]] bool wantsVerified() const noexcept { return doubleOptIn || confirmNewAddress; }
    /// A consent that must stand beside this one (RU: the separate consent to processing personal
    /// data): the purpose, by its first channel; empty = none. Without it nobody is written to.
    Token needs;
    bool separateDocument =
        false; ///< a spoken yes is no consent: needs a signed document (method paper or screen)
    int minAge = 0;       ///< years; below it a guardian decides: not asked here
    int expiryMonths = 0; ///< of a given consent; 0 = does not lapse
    int softMonths =
        0; ///< soft opt-in lapses this long after the last purchase; 0 = as long as the pack stands
    int legacyMonths = 0;    ///< legacy permission lapses this long after its import
    int retentionMonths = 0; ///< of the proof after the end; 0 = the pack's default
    std::set<Method> evidence{Method::spoken, Method::screen, Method::paper,
                              Method::phone,  Method::kiosk,  Method::web};
    std::set<Method> liftEvidence{Method::screen, Method::paper, Method::kiosk, Method::web};
    TimeMs validFrom = 0;
    TimeMs validTo = kForever;
    std::string source; ///< the law article
};

/// When a person may be asked again, in days; 0 = at once, -1 = never by us.
struct ReaskRule {
    /// One visit, in hours: whoever answered anything is asked nothing more for this long, at no
    /// till. 1..72.
    int visitHours = 12;
    int refusedDays = 365;
    int withdrawnDays = -1;
    int deferredDays = 30;
    int refreshBeforeDays = 60; ///< a given consent is due this long before it lapses
    int unconfirmedDays = 14;   ///< a request that was never confirmed is asked again after this
};

struct SituationRule {
    bool ask = true;
    bool print = true;              ///< phone prints nothing
    bool contactPersonOnly = false; ///< group
    bool storePeople = true;        ///< school stores no pupils
};

struct ControllerInfo {
    Token id;
    std::string name, address, email, phone, privacyUrl, withdrawUrl;
};

struct Policy {
    Token id; ///< "nl"
    std::uint32_t version = 0;
    std::string sha256;       ///< of the pack's bytes
    std::string jurisdiction; ///< "NL", "ES-CT"
    std::string region;       ///< data must stay here; empty = anywhere
    ControllerInfo controller;
    std::vector<std::string> languages; ///< first is the house's own
    std::vector<Purpose> purposes;
    std::vector<ChannelRule> rules;
    ReaskRule reask;
    std::map<Situation, SituationRule> situations;
    int questionsPerSale = 3;
    /// The ticketing system knows that its addresses reach the customer (house.toml,
    /// `addresses-verified`). Else a yes on one waits for its confirmation like one on a typed
    /// address.
    bool hostAddressesVerified = false;
    /// Whoever is signed in at a till may open its cash drawer without a sale (house.toml,
    /// `drawer`).
    bool opensDrawer = false;
    /// By language: a line that the print tap may put on a till's receipt before the cut, for those
    /// who were never asked or are due again. Empty: receipts stay as they are (the default).
    std::map<std::string, std::string> receiptHint;
    int retentionMonths = 84;
    TimeMs validFrom = 0;
    TimeMs validTo = kForever;

    /// The rule for (purpose, channel) valid at `at`: the purpose's own before kAny; nullptr = the
    /// channel is not allowed at all.
    [[nodiscard]] const ChannelRule* rule(const Token& purpose, const Token& channel,
                                          TimeMs at) const;
    [[nodiscard]] const Purpose* purpose(const Token& wanted) const;
    /// The consent that an opt-in for (purpose, channel) needs beside it at `at`, as (purpose,
    /// channel); nothing = none. One that the pack does not offer can never be there.
    [[nodiscard]] std::optional<std::pair<Token, Token>>
    prerequisite(const Token& purpose, const Token& channel, TimeMs at) const;
    /// The notice in `language`, else in the house's first language; nullptr if none.
    [[nodiscard]] const Notice* notice(const Token& purpose, const Token& channel,
                                       const std::string& language) const;
    [[nodiscard]] const Notice* notice(const Purpose& wanted, const Token& channel,
                                       const std::string& language) const;
    /// What an opt-in captured now must carry: fills confirm, validUntil, basis and notice of
    /// `item`. `newAddress`: the contact point was typed just now; `lifting`: a withdrawal or
    /// objection stands.
    void freeze(ChoiceItem& item, Method method, TimeMs now, bool newAddress, bool lifting,
                const std::string& language) const;
    /// What the pack says about deciding states at `at`: lift evidence and profiling purposes.
    [[nodiscard]] StateRules stateRules(TimeMs at) const;
};

} // namespace souffleur::consent
