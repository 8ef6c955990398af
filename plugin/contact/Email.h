// E-mail addresses: RFC 5321 limits, RFC 6531 letters, IDNA 2008 domains.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "plugin/base/Result.h"

namespace souffleur::contact {

/// Value type; only `parse` makes a sound one.
struct Email {
    std::string display; ///< local part as written, "@", the domain in its own letters (U-labels)
    std::string
        canonical; ///< all lower case, the domain in ASCII (A-labels): for matching and sending

    /// Trims, takes the address out of "Name <a@example.org>" and "mailto:", drops a trailing dot
    /// or comma. At most 64 + 1 + 189 and 254 bytes in all; the domain needs a dot; address
    /// literals ([127.0.0.1]), comments and several addresses in one field are refused. Control
    /// characters and white space inside are refused, never removed. Errors: invalid, tooLarge; the
    /// text never holds the address. Thread-safe.
    static Result<Email> parse(std::string_view text);

    [[nodiscard]] std::string_view domain() const noexcept; ///< of canonical
    /// The address that was perhaps meant ("gmial.com" is "gmail.com"), for a question to the
    /// customer; never applied by itself. Empty when the domain looks fine.
    [[nodiscard]] std::optional<std::string> suggestion() const;
    /// Input for the suppression HMAC: "email:" + canonical. Stable for ever.
    [[nodiscard]] std::string canonicalKey() const;

    bool operator==(const Email&) const = default;
};

} // namespace souffleur::contact
