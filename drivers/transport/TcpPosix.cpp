// tcp(7), Linux; the Win32 twin will be a file of its own.
#include "drivers/transport/TcpPosix.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace souffleur::transport {

void noticeDeadPeer(int socket) {
    const auto set = [&](int level, int option, int value) {
        (void) ::setsockopt(socket, level, option, &value, sizeof value);
    };
    set(SOL_SOCKET, SO_KEEPALIVE, 1);
    set(IPPROTO_TCP, TCP_KEEPIDLE, 15);
    set(IPPROTO_TCP, TCP_KEEPINTVL, 5);
    set(IPPROTO_TCP, TCP_KEEPCNT, 3);
}

bool confirmedAll(int socket) noexcept {
    int left = 0;
    return ::ioctl(socket, TIOCOUTQ, &left) != 0 || left == 0; // TIOCOUTQ: SIOCOUTQ, tcp(7)
}

} // namespace souffleur::transport
