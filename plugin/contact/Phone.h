// Telephone numbers through libphonenumber (E.164).
#pragma once

#include <string>
#include <string_view>

#include "plugin/base/Result.h"

namespace souffleur::contact {

enum class PhoneKind {
    unknown, ///< possible by its length, in no range known to be in use (fictional numbers, new
             ///< ranges)
    mobile,
    fixed,
    either, ///< the country does not tell mobile from fixed
    other,  ///< free-phone, premium, pager…: not for sms
};

/// Value type; only `parse` makes a sound one.
struct Phone {
    std::string e164;    ///< "+31600000012": for matching and sending
    std::string display; ///< "+31 6 00000012", as the country groups it
    PhoneKind kind = PhoneKind::unknown;
    std::string region; ///< ISO 3166 alpha-2 of the number, "" when it has none

    /// `region`: ISO 3166 alpha-2 that a national number ("06 00 00 00 12") is read in. Accepts the
    /// notations people use: 00 prefixes, (0), dots, slashes, dashes, Arabic digits; letters are
    /// refused. Errors: invalid, without the number in the text. Thread-safe.
    static Result<Phone> parse(std::string_view text, std::string_view region = "NL");

    /// Whether a text message can arrive: mobile, either or unknown.
    [[nodiscard]] bool takesSms() const noexcept;
    /// Input for the suppression HMAC: "phone:" + e164. Stable for ever.
    [[nodiscard]] std::string canonicalKey() const;

    bool operator==(const Phone&) const = default;
};

} // namespace souffleur::contact
