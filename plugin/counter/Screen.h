// The customer's own screen at the counter: what the cashier hands over, what stands on it, and
// what the customer does there with their own hand. Values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/base/Clock.h"
#include "plugin/base/Id.h"
#include "plugin/consent/Policy.h"
#include "plugin/counter/Desk.h"
#include "plugin/counter/Requests.h"

namespace souffleur::counter {

/// Without a touch for this long a hand-over ends by itself. The page warns and wipes earlier; this
/// is for a page that has died.
inline constexpr TimeMs kScreenIdleMs = 100 * kSecondMs;

/// The cashier lets the customer answer.
struct HandOver {
    Uuid questionSet;         ///< Desk::questionSet as the cashier sees it
    std::vector<Uuid> marked; ///< rows to show beside those that are asked; at most kQuestionsMax
    /// Masked addresses on file too: the cashier has made sure who stands there.
    bool showContacts = false;
};

/// One question on the screen. Borrows nothing.
struct ScreenQuestion {
    consent::Token purpose;
    consent::Token channel;
    consent::Notice words; ///< in the customer's language, else the house's: what will be stored
    std::optional<ContactKind> kind; ///< of the address that a yes leads to
};

/// An address that a yes would lead to.
struct ScreenContact {
    ContactKind kind = ContactKind::email;
    bool lacking = false; ///< none on file that works: it is typed
    std::string masked;   ///< empty: not shown
};

/// What the screen shows now. Of the customer nothing but their questions and what the cashier
/// chose to show: no name, no answer on file, no id that lasts.
struct ScreenView {
    std::string house;
    std::string houseLanguage;
    Uuid handOver; ///< of this customer, these questions, this language; none: nobody is asked
    std::string language;
    std::vector<std::string> languages; ///< to choose from
    std::vector<ScreenQuestion> questions;
    std::vector<ScreenContact> contacts;
};

/// An address as the customer typed it.
struct ScreenAddress {
    ContactKind kind = ContactKind::email;
    std::string value;      ///< as NewContact::value
    bool confirmed = false; ///< keep it as typed though it looks mistyped
    bool corrects = false;  ///< in the place of the one that was shown
};

/// "That is right": the customer's own word.
struct ScreenAnswer {
    Uuid handOver;
    Uuid idempotencyKey;
    std::vector<Answer> answers; ///< at least one, each of a question that was shown
    std::vector<ScreenAddress> contacts;
};

} // namespace souffleur::counter
