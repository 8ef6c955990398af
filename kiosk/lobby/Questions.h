// What this house asks a visitor: from the pack in force, the same for every visitor.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "plugin/base/Clock.h"
#include "plugin/policy/InForce.h"
#include "plugin/policy/Questionnaire.h"

namespace souffleur::lobby {

struct Question {
    consent::Token purpose;
    consent::Token channel;
    std::string contact;  ///< "email" "phone" "post"; empty = none
    consent::Token needs; ///< the purpose without whose yes this one is none; empty = none
    bool confirm = false;
};

/// The address that a channel needs; empty = none.
std::string contactOf(std::string_view channel);

/// Every purpose that a pack lets a kiosk ask for (no partner's: there is no basket here), with
/// those that others need first. And those that a questionnaire asks for, where one is asked beside
/// a sign-up (null: none): without a yes to them its answers are not kept.
std::vector<Question> questionsOf(const consent::Policy& policy, TimeMs at,
                                  const policy::Questionnaire* survey = nullptr);
/// Whoever is younger is not asked; 0 = no age.
int ageOf(const consent::Policy& policy, const std::vector<Question>& questions, TimeMs at);
/// Two letters, of the pack's jurisdiction.
std::string countryOf(const consent::Policy& policy);
/// Of the house, those that the page speaks.
std::vector<std::string> languagesOf(const consent::Policy& policy);

struct Theme {
    std::string accent = "#8a1538";
    std::string onAccent = "#ffffff";
    std::string paper = "#fffaf3";
    std::string ink = "#1d1a16";
    std::string logo; ///< data: address; empty = none
};
/// theme.json and logo.svg or logo.png of the folder; without them the defaults. Errors: invalid
/// (a colour that is none, too little contrast), tooLarge.
Result<Theme> readTheme(const std::filesystem::path& folder);

struct Idle {
    TimeMs firstMs = 25 * kSecondMs;
    TimeMs typingMs = 90 * kSecondMs;
    TimeMs warnMs = 20 * kSecondMs;
};

struct HouseView {
    const policy::InForce& inForce;
    const std::vector<Question>& questions;
    const policy::Questionnaire* anonymous; ///< asked now, without a name; null = none
    const policy::Questionnaire* beside;    ///< asked now beside a sign-up; null = none
    const Theme& theme;
    Idle idle;
    bool printer = false;
    bool staffMenu = false;
    TimeMs at = 0;
};
/// The contract's House, without `revision`: it is the SHA-256 of this text.
std::string houseJson(const HouseView& view);

} // namespace souffleur::lobby
