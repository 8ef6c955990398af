// What every source of strangers' data is turned into, with where it came from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "plugin/base/Clock.h"
#include "plugin/contact/Email.h"
#include "plugin/contact/PersonName.h"
#include "plugin/contact/Phone.h"
#include "plugin/contact/PostalAddress.h"

namespace souffleur::intake {

enum class Answer {
    given,    ///< yes
    refused,  ///< no
    objected, ///< "never write to me again", Art. 21
    unclear,  ///< something stands there that is none of these: never a yes, and told in `warnings`
};

/// A permission as the source states it; whether it counts is the policy's business.
struct Permission {
    std::string purpose{}; ///< "newsletter", "brochure"…; "*" for all
    std::string channel{}; ///< "email", "sms", "phone", "post"…; "*" for all
    Answer answer = Answer::refused;
    std::optional<TimeMs> at{};      ///< missing: a yes is legacy at best
    std::optional<bool> confirmed{}; ///< double opt-in, where the source tells
    std::string source{};            ///< column and file or system it was read from

    bool operator==(const Permission&) const = default;
};

struct Order {
    std::string id{};
    std::optional<TimeMs> at{};
    std::string event{};
    std::string genre{};
    std::int64_t amountCents = 0; ///< of the house's currency; may be negative (refund)

    bool operator==(const Order&) const = default;
};

/// One person of the source. Everything is normalised; what could not be read is left out and said
/// in `warnings`.
struct Record {
    std::uint64_t row = 0;  ///< where it begins in the source, from 1
    std::string sourceId{}; ///< customer number there; may be empty
    std::string source{};   ///< name of the file or system
    contact::PersonName name{};
    std::string language{}; ///< two letters, "" when unknown
    std::vector<contact::Email> emails{};
    std::vector<contact::Phone> phones{};
    std::optional<contact::PostalAddress> address{};
    std::vector<Permission> permissions{};
    std::vector<Order> orders{};
    bool emailBounced = false; ///< the source could not deliver to the first e-mail address
    bool restricted = false;   ///< processing is restricted (Art. 18); shown without a reason
    std::vector<std::string>
        warnings; ///< without personal data: "the telephone number in column Mobiel …"
};

/// A row that became no record.
struct Reject {
    std::uint64_t row = 0;
    std::string reason{};             ///< without personal data
    std::vector<std::string> cells{}; ///< as they stood, for the rejects file
};

} // namespace souffleur::intake
