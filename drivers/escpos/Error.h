// What the language room answers when it cannot do what it was asked. drivers/ stands alone, so
// this is its own type and not the product's.
#pragma once

#include <string>
#include <tl/expected.hpp>

namespace souffleur::escpos {

enum class Fault {
    invalid,  ///< the document or profile breaks a rule; trying again unchanged is useless
    tooLarge, ///< over a documented bound
    internal, ///< a library we stand on failed
};

/// One failure: what happened and what to do next; never a printed text.
struct Error {
    Fault fault = Fault::internal;
    std::string message;
    bool operator==(const Error&) const = default;
};

template <typename T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(Fault fault, std::string message) {
    return tl::make_unexpected(Error{fault, std::move(message)});
}

} // namespace souffleur::escpos
