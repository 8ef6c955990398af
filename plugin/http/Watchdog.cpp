#include "plugin/http/Watchdog.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

namespace souffleur::http {

Watchdog::Watchdog() : _thread([this] { run(); }) {}

Watchdog::~Watchdog() {
    {
        const std::lock_guard lock(_mutex);
        _stop = true;
    }
    _changed.notify_all();
    _thread.join();
    for (auto& [ticket, entry] : _entries) ::close(entry.fd);
}

Watchdog::Ticket Watchdog::watch(int fd) {
    const int copy = ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
    const std::lock_guard lock(_mutex);
    _entries[++_last].fd = copy;
    return _last;
}

void Watchdog::arm(Ticket ticket, int timeoutMs) {
    const std::lock_guard lock(_mutex);
    const auto found = _entries.find(ticket);
    if (found == _entries.end()) return;
    found->second.deadline = Clock::now() + std::chrono::milliseconds(timeoutMs);
    if (found->second.deadline < _wakesAt) _changed.notify_all();
}

void Watchdog::disarm(Ticket ticket) {
    const std::lock_guard lock(_mutex);
    const auto found = _entries.find(ticket);
    if (found != _entries.end()) found->second.deadline = Clock::time_point::max();
}

bool Watchdog::release(Ticket ticket) {
    const std::lock_guard lock(_mutex);
    const auto found = _entries.find(ticket);
    if (found == _entries.end()) return false;
    const bool wasCut = found->second.cut;
    ::close(found->second.fd);
    _entries.erase(found);
    return wasCut;
}

void Watchdog::cut(Ticket ticket) {
    const std::lock_guard lock(_mutex);
    const auto found = _entries.find(ticket);
    if (found != _entries.end()) cutEntry(found->second);
}

void Watchdog::cutAll() {
    const std::lock_guard lock(_mutex);
    for (auto& [ticket, entry] : _entries) cutEntry(entry);
}

void Watchdog::cutEntry(Entry& entry) {
    entry.cut = true;
    entry.deadline = Clock::time_point::max();
    ::shutdown(entry.fd, SHUT_RDWR);
}

void Watchdog::run() {
    std::unique_lock lock(_mutex);
    while (!_stop) {
        auto next = Clock::time_point::max();
        const auto now = Clock::now();
        for (auto& [ticket, entry] : _entries) {
            if (entry.deadline <= now) cutEntry(entry);
            next = std::min(next, entry.deadline);
        }
        _wakesAt = next;
        if (next == Clock::time_point::max()) {
            _changed.wait(lock);
        } else {
            _changed.wait_until(lock, next);
        }
    }
}

} // namespace souffleur::http
