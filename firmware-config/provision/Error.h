// What provisioning answers when it cannot do what it was asked. The floors below plugin/ stand
// alone, so this is their own type and not the product's.
#pragma once

#include <string>
#include <tl/expected.hpp>

namespace souffleur::provision {

enum class Fault {
    settings,    ///< the file, the address or the backup is wrong; the message says where
    line,        ///< the printer cannot be reached, is held by another program, or went away
    silent,      ///< it takes bytes and answers nothing within the time it has
    garbled,     ///< it answered something that no printer answers
    wrongModel,  ///< it is another model, or another printer than the backup's
    notReady,    ///< cover, paper, error: somebody must go there first
    unknown,     ///< a picture would be lost that nobody could bring back
    noRoom,      ///< the pictures do not fit its memory
    budget,      ///< its memory was rewritten often enough today
    interrupted, ///< another apply is unfinished
    notTaken,    ///< it was told and did not do it
    storage,     ///< our own files
};

/// One failure: what happened, and what to do next.
struct Error {
    Fault fault = Fault::storage;
    std::string message;
    bool operator==(const Error&) const = default;
};

template <typename T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(Fault fault, std::string message) {
    return tl::make_unexpected(Error{fault, std::move(message)});
}

template <typename T>
tl::unexpected<Error> passOn(const Result<T>& failed) {
    return tl::make_unexpected(failed.error());
}

} // namespace souffleur::provision
