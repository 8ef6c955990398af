// Whose connections the tap believes: on the machine itself an address says nothing of who prints.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "plugin/base/Result.h"

namespace souffleur::host {

/// One end of a TCP connection over IPv4, both in network byte order.
struct TapEnd {
    std::uint32_t address = 0;
    std::uint16_t port = 0;
};

/// The user whose program holds `far`, the other end of a connection between two programs of this
/// machine (proc(5), /proc/net/tcp and tcp6). None: it has hung up already, or cannot be told.
[[nodiscard]] std::optional<std::uint32_t> userBehind(TapEnd far, TapEnd near);

/// Users whose receipts select customers: this program's own, root, CUPS's (lp), and those named.
class TapUsers {
public:
    /// Errors: invalid, for a name that this machine does not know.
    [[nodiscard]] static Result<TapUsers> of(const std::vector<std::string>& names);
    [[nodiscard]] bool believes(std::optional<std::uint32_t> user) const;

private:
    std::vector<std::uint32_t> _users;
};

} // namespace souffleur::host
