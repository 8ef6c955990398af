#include "plugin/base/StopSignal.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <csignal>

namespace souffleur {

StopSignal::StopSignal(bool withParent) : _withParent(withParent) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    (void) pthread_sigmask(SIG_BLOCK, &set, nullptr);
    (void) std::signal(SIGPIPE, SIG_IGN);
    _signals = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

bool StopSignal::wait(TimeMs timeoutMs) {
    std::array<pollfd, 2> ends{
        {{_signals, POLLIN, 0}, {_withParent ? STDIN_FILENO : -1, POLLIN, 0}}};
    const int timeout = timeoutMs < 0 ? -1 : static_cast<int>(std::min<TimeMs>(timeoutMs, INT_MAX));
    while (!_stopped) {
        const int ready = ::poll(ends.data(), ends.size(), timeout);
        if (ready <= 0) return _stopped;
        if ((ends[0].revents & POLLIN) != 0) _stopped = true;
        if ((ends[1].revents & (POLLIN | POLLHUP)) != 0) {
            std::array<char, 64> ignored{};
            if (::read(STDIN_FILENO, ignored.data(), ignored.size()) == 0) _stopped = true;
        }
    }
    return true;
}

} // namespace souffleur
