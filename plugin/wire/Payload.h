// The payload of an event: the personal data of a person as captured, with the salt that keeps its
// commitment from being guessed. Bytes: 32 bytes of salt, then canonical JSON (FORMAT.md). The
// commitment in the header is SHA-256 over exactly these bytes; callers compute it with
// plugin/crypto.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/base/Clock.h"
#include "plugin/base/Result.h"
#include "plugin/consent/Terms.h"
#include "plugin/contact/PersonName.h"
#include "plugin/contact/PostalAddress.h"

namespace souffleur::wire {

inline constexpr std::size_t kSaltBytes = 32;
using Salt = std::array<std::uint8_t, kSaltBytes>;

/// How a person can be reached. `canonical` is the `canonicalKey()` of contact::Email, Phone or
/// PostalAddress ("email:a@example.org", "phone:+3160…", "post:…"): the input of the keyed hash.
struct ContactPoint {
    consent::Token channel; ///< email sms phone post messaging social
    std::string typed;      ///< as typed or shown, cleaned
    std::string canonical;

    bool operator==(const ContactPoint&) const = default;
};

/// The person's number in another system: ("pretix", "customer:ABC12"), ("card", "4711").
struct ExternalId {
    consent::Token system;
    std::string value;

    auto operator<=>(const ExternalId&) const = default;
};

/// A purchase. All optional.
struct OrderDetails {
    std::string number;
    TimeMs at = 0;
    std::vector<std::string> items; ///< titles, at most 32
    std::int64_t amountCents = 0;
    std::string currency; ///< ISO 4217

    bool operator==(const OrderDetails&) const = default;
};

/// What one event tells about a person; every part may be empty. Neutral: import, counter, kiosk
/// and connectors all speak it.
struct PersonData {
    contact::PersonName name;
    std::string displayName; ///< how the person is shown; empty = name.display()
    std::string language;    ///< BCP 47
    int birthYear = 0;       ///< 0 = unknown
    std::vector<ContactPoint> contacts;
    contact::PostalAddress address; ///< no lines = none
    std::vector<ExternalId> externalIds;
    std::map<std::string, std::string>
        preferences; ///< "genre:jazz" -> "yes", "frequency" -> "monthly"
    OrderDetails order;

    [[nodiscard]] bool empty() const;
    bool operator==(const PersonData&) const = default;
};

/// Salt, then canonical JSON. Errors: invalid (not UTF-8, a control character, a bad token),
/// tooLarge (over limits::kEventMaxBytes or a list over its bound: 16 contacts, 32 external ids, 64
/// preferences).
Result<std::string> encodePayload(const Salt& salt, const PersonData& person);
/// Errors: invalid, tooLarge, unsupported (a later version). Unknown members are passed over.
Result<PersonData> decodePayload(std::string_view payload);

/// Only the JSON, without salt: for subject access and exports.
std::string personJson(const PersonData& person);
/// Reads personJson's form. Errors as decodePayload.
Result<PersonData> parsePersonJson(std::string_view json);

} // namespace souffleur::wire
