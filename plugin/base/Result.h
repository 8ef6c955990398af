// Outcomes a user can meet are values. A function that can fail in such a way returns Result<T>;
// exceptions are for bugs and a broken environment (STYLE, "Errors").
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace souffleur {

/// What went wrong, in classes that callers act on. The text form (`codeName`) is stable: it is the
/// `type` of a problem+json answer and appears in logs.
enum class Code {
    invalid,     ///< the input breaks a rule; asking again unchanged is useless
    notFound,    ///< the thing named does not exist
    conflict,    ///< the state does not allow it (duplicate, stale, already done)
    refused,     ///< not allowed: not signed in, wrong role, policy forbids it
    locked,      ///< too many attempts, or another process owns the resource
    tooLarge,    ///< over a documented limit
    unavailable, ///< a device, network or peer is away; a later attempt may succeed
    storage,     ///< disk full, read-only or failing
    corrupt,     ///< stored or received bytes do not verify
    unsupported, ///< a version or feature this build does not have
    internal,    ///< a bug; the message carries no personal data all the same
};

/// The stable kebab-case name of a code ("not-found").
std::string_view codeName(Code code) noexcept;

/// One failure. `message` says what happened, to what, and what to do next, and never holds
/// personal data; `where` names a place: a file and line, a JSON pointer, a key. Value type.
struct Error {
    Code code = Code::internal;
    std::string message;
    std::string where;

    /// "message (where)", or the message alone.
    [[nodiscard]] std::string text() const;
    bool operator==(const Error&) const = default;
};

template <typename T>
using Result = tl::expected<T, Error>;

/// `return fail(Code::invalid, "…", "line 3");` for any Result<T>.
inline tl::unexpected<Error> fail(Code code, std::string message, std::string where = {}) {
    return tl::make_unexpected(Error{code, std::move(message), std::move(where)});
}

/// Passes an error on: `if (!r) return passOn(r);`
template <typename T>
tl::unexpected<Error> passOn(const Result<T>& failed) {
    return tl::make_unexpected(failed.error());
}

} // namespace souffleur
