// A host's addresses, without ever waiting longer than the caller wants. Inside the transport room
// only.
#pragma once

#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "drivers/transport/Patience.h"

namespace souffleur::transport {

/// The system's look-up cannot be stopped, so it runs on a thread that may outlive the call, and
/// this object; never more than one for each.
class Resolver {
public:
    explicit Resolver(std::string host);
    ~Resolver();
    Resolver(const Resolver&) = delete;
    Resolver& operator=(const Resolver&) = delete;

    /// Numeric addresses, IPv4 first; empty: there is no such host. Errors: timedOut (the next call
    /// goes on with the same look-up), cancelled.
    [[nodiscard]] tl::expected<std::vector<std::string>, Fault> addresses(Patience& patience);

private:
    struct LookUp;
    std::string _host;
    std::shared_ptr<LookUp> _lookUp; ///< under way; null otherwise
};

} // namespace souffleur::transport
