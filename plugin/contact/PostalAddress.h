// Postal addresses, normalised as far as a till can without a street register.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plugin/base/Result.h"

namespace souffleur::contact {

class Folder;

/// ISO 3166 alpha-2 of a country named or coded in any of the house's languages ("Nederland",
/// "NLD", "Spanje", "Россия", "D"); "" when unknown. Thread-safe.
[[nodiscard]] std::string countryCode(std::string_view text);

/// The postal code as the country writes it: NL "1234 AB", BE DE ES FR RU digits (4, 5, 5, 5, 6),
/// GB "SW1A 1AA"; other countries: cleaned, upper case, at most 16 characters. Prefixes "D-", "NL-"
/// go, a zero that a spreadsheet ate comes back (DE, ES, FR). Errors: invalid (not a code of that
/// country). Idempotent. Thread-safe.
[[nodiscard]] Result<std::string> normalPostalCode(std::string_view text, std::string_view country);

/// Value type.
struct PostalAddress {
    static constexpr std::size_t kLinesMax = 4;

    std::vector<std::string> lines; ///< street and number first; at most kLinesMax, none empty
    std::string postalCode;
    std::string city;
    std::string country; ///< ISO 3166 alpha-2, "" when unknown

    /// Cleans every part, reads the country (`defaultCountry` when it is empty), normalises the
    /// code. Errors: invalid (nothing to deliver to: no line, or neither code nor city; a code that
    /// is none), tooLarge.
    static Result<PostalAddress> make(const std::vector<std::string>& lines,
                                      std::string_view postalCode, std::string_view city,
                                      std::string_view country,
                                      std::string_view defaultCountry = "NL");

    /// As on an envelope, lines joined by ", " ("Korte Straat 1, 1234 AB Delft").
    [[nodiscard]] std::string display() const;
    /// Input for the suppression HMAC: "post:nl:1234ab:korte straat 1". Stable for ever.
    [[nodiscard]] std::string canonicalKey(Folder& folder) const;

    bool operator==(const PostalAddress&) const = default;
};

} // namespace souffleur::contact
