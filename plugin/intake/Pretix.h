// What pretix (open-source ticketing, docs.pretix.eu, REST API v1) says, as values, and as the
// neutral record of this room. Parsing only; who fetches is PretixClient.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/base/Clock.h"
#include "plugin/base/Result.h"
#include "plugin/intake/Record.h"

namespace souffleur::intake {

inline constexpr std::size_t kPretixPageMax = 100; ///< orders or customers in a page; pretix: 50
inline constexpr std::size_t kPretixPositionsMax = 500; ///< tickets of one order
inline constexpr std::size_t kPretixAnswersMax = 100;   ///< answers of one ticket
inline constexpr std::size_t kPretixAnswerMaxBytes = 64 * 1024;

/// The answer to a question of the shop. `text` is what pretix stores: "True" or "False" for a
/// yes/no question.
struct PretixAnswer {
    std::int64_t position = 0; ///< number of the ticket within the order
    std::string question;      ///< the question's identifier ("newsletter-email")
    std::string text;

    bool operator==(const PretixAnswer&) const = default;
};

enum class PretixStatus : std::uint8_t { pending, paid, expired, cancelled };

struct PretixOrder {
    std::string event; ///< slug
    std::string code;
    PretixStatus status = PretixStatus::pending;
    bool test = false; ///< placed while the event was in test mode
    std::string email;
    std::string phone;
    std::string name;     ///< of the invoice address, else of the first ticket that has one
    std::string locale;   ///< "de-informal"
    std::string channel;  ///< sales channel: "web", "pretixpos"…
    std::string customer; ///< identifier of the customer account; empty = a guest
    TimeMs placed = 0;
    TimeMs modified = 0;
    std::int64_t totalCents = 0;
    std::vector<PretixAnswer> answers;

    /// "gala-AB1CD": unique within the organizer.
    [[nodiscard]] std::string id() const { return event + "-" + code; }
};

struct PretixCustomer {
    std::string identifier;
    std::string email;
    std::string phone;
    std::string name;
    std::string locale;
    bool active = true;

    /// What `POST …/anonymize/` leaves behind: nothing that names anybody.
    [[nodiscard]] bool anonymised() const {
        return !active && email.empty() && phone.empty() && name.empty();
    }
};

/// Which answer of the shop is which permission.
struct PretixQuestion {
    std::string identifier;
    std::string purpose; ///< "newsletter"
    std::string channel; ///< "email"
};

template <typename Item>
struct PretixPage {
    std::vector<Item> items;
    std::string next;          ///< URL of the next page as pretix gave it; empty = the last one
    TimeMs generated = 0;      ///< X-Page-Generated, else the answer's Date; 0 = neither was there
    std::uint64_t skipped = 0; ///< items without the members that name them; never silent
};

/// Read a page. A page that is no JSON object with `results` is an error as a whole; one item that
/// is malformed is skipped and counted, so that it does not stop all others. Unknown members are
/// passed over. Errors: corrupt (not JSON, HTML, wrong shape), tooLarge.
[[nodiscard]] Result<PretixPage<PretixOrder>> parsePretixOrders(std::string_view json);
[[nodiscard]] Result<PretixPage<PretixCustomer>> parsePretixCustomers(std::string_view json);
[[nodiscard]] Result<PretixCustomer> parsePretixCustomer(std::string_view json);

/// "True"/"False" (and true, yes, 1…) of a yes/no question; nothing for any other text: an answer
/// that is not clear is none.
[[nodiscard]] std::optional<bool> pretixYes(std::string_view text) noexcept;

/// The record of an order: the person, the purchase, and a permission for each answer to one of
/// `questions`, with source "pretix:question:<identifier>" and the date of the order. Several
/// tickets that answer one question differently make a refusal. Cancelled and expired orders keep
/// their refusals only. `customer`: of the order's account, may be null.
[[nodiscard]] Record recordOf(const PretixOrder& order, const PretixCustomer* customer,
                              const std::vector<PretixQuestion>& questions);

} // namespace souffleur::intake
