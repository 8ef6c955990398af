// How a message leaves the house: SMTP, or a maildir to look at.
#pragma once

#include <memory>
#include <string>

#include "plugin/base/Result.h"

namespace souffleur::mail {

/// A whole message for one recipient.
struct Outgoing {
    std::string from; ///< canonical address
    std::string to;   ///< canonical address; personal data
    std::string id;   ///< names the message: 1..64 letters, digits and hyphens
    std::string text; ///< headers and body, lines ended by CR LF, ASCII
};

/// What came of it. `why` is for the administrator and holds no address.
struct Delivery {
    enum class Outcome {
        accepted,
        noSuchAddress, ///< refused for good, because of the recipient
        refused,       ///< refused for good, because of the message
        later,         ///< refused for now, because of the recipient or the message
        maybe,         ///< it broke once the message had begun: the server may have it
        unreachable,   ///< no server, no login, garbage: nothing about this message
    };
    Outcome outcome = Outcome::unreachable;
    std::string why;
};

class Transport {
public:
    virtual ~Transport() = default;
    /// Blocks, for a bounded time. One thread at a time.
    virtual Delivery send(const Outgoing& message) = 0;
    /// From any thread: ends a send() that runs, and every later one at once.
    virtual void cancel() noexcept {}
};

struct Settings;
/// The one that the settings name. Errors: invalid, refused (password file), notFound, storage.
Result<std::unique_ptr<Transport>> makeTransport(const Settings& settings);

} // namespace souffleur::mail
