// Which local user owns the other end of a loopback connection (POSIX; Linux /proc/net/tcp and
// tcp6).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace souffleur::http {

struct Endpoint {
    std::string address; ///< "127.0.0.1", "::1" or "::ffff:127.0.0.1"
    std::uint16_t port = 0;
};

/// Looks the peer's socket up. Nothing: no such socket (gone, or not on this machine).
std::optional<unsigned> peerUser(const Endpoint& peer, const Endpoint& ours);
/// The same in a table already read, for tests; lines that are not understood are skipped.
std::optional<unsigned> findSocketOwner(std::string_view table, const Endpoint& local,
                                        const Endpoint& remote);

} // namespace souffleur::http
