// The platform's part of a TCP line: for the transport room, and for who takes the other end of one
// (the print tap).
#pragma once

namespace souffleur::transport {

/// Half-open peers: an idle connection to a printer (or of a till) that was switched off ends
/// within 30 s, not in two hours. TCP_USER_TIMEOUT would be quicker, but it also ends connections
/// to a printer that is alive and only waits for paper.
void noticeDeadPeer(int socket);

/// The far end has confirmed every byte that was sent, and did not break off.
[[nodiscard]] bool confirmedAll(int socket) noexcept;

} // namespace souffleur::transport
