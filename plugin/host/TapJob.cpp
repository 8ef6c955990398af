#include "plugin/host/TapJob.h"

#include <algorithm>
#include <cstring>
#include <poll.h>
#include <sys/socket.h>

namespace souffleur::host {
namespace {

constexpr std::chrono::milliseconds kLastWord{2000};

} // namespace

void TapJobWords::start(int fd) {
    _fd = fd;
    say(JobWord::alive);
    tick();
}

void TapJobWords::say(JobWord word, std::span<const std::uint8_t> bytes) {
    if (_filled + 3 + bytes.size() > _out.size()) return;
    _out[_filled++] = static_cast<std::uint8_t>(word);
    _out[_filled++] = static_cast<std::uint8_t>(bytes.size());
    _out[_filled++] = static_cast<std::uint8_t>(bytes.size() >> 8);
    std::copy(bytes.begin(), bytes.end(), _out.begin() + static_cast<std::ptrdiff_t>(_filled));
    _filled += bytes.size();
    _saidAt = Clock::now();
}

void TapJobWords::flush() {
    if (_filled == 0) return;
    const auto sent = ::send(_fd, _out.data(), _filled, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent <= 0) return; // it does not listen now; if it has gone, its own side says so
    const auto count = static_cast<std::size_t>(sent);
    std::memmove(_out.data(), _out.data() + count, _filled - count);
    _filled -= count;
}

void TapJobWords::tick() {
    if (!started()) return;
    if (idle() && Clock::now() - _saidAt >= kJobAlive) say(JobWord::alive);
    flush();
}

void TapJobWords::last(JobWord word) {
    if (!started()) return;
    const auto until = Clock::now() + kLastWord;
    bool said = false;
    while (!said || !idle()) {
        if (!said && _filled + 3 <= _out.size()) {
            say(word);
            said = true;
        }
        flush();
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
        if ((said && idle()) || left <= 0) return;
        pollfd one{_fd, POLLOUT, 0};
        if (::poll(&one, 1, static_cast<int>(left)) <= 0 || (one.revents & POLLERR) != 0) return;
    }
}

void TapJobReader::feed(std::span<const std::uint8_t> bytes) {
    while (!bytes.empty()) {
        if (_headed < _head.size()) {
            _head[_headed++] = bytes.front();
            bytes = bytes.subspan(1);
            if (_headed < _head.size()) continue;
            _left = static_cast<std::size_t>(_head[1] | _head[2] << 8);
            if (_left > 0) continue;
            _headed = 0;
            _sink(static_cast<JobWord>(_head[0]), {});
            continue;
        }
        const std::size_t count = std::min(_left, bytes.size());
        _sink(static_cast<JobWord>(_head[0]), bytes.first(count));
        bytes = bytes.subspan(count);
        _left -= count;
        if (_left == 0) _headed = 0;
    }
}

} // namespace souffleur::host
