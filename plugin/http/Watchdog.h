// Ends connections whose time is up. POCO's timeouts are per read, so that a peer which sends a
// byte now and then holds a thread for ever; this gives a whole request one deadline (POSIX).
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <thread>

#include <chrono>

namespace souffleur::http {

/// Thread-safe. Holds a duplicate of each descriptor, so that a number used again is never cut by
/// mistake.
class Watchdog {
public:
    using Ticket = std::uint64_t;

    Watchdog();
    ~Watchdog();
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;

    /// Watches a socket, unarmed. The caller keeps its descriptor and calls release().
    Ticket watch(int fd);
    /// Cuts the connection (shutdown of both ways) after so long, unless armed anew, disarmed or
    /// released.
    void arm(Ticket ticket, int timeoutMs);
    void disarm(Ticket ticket);
    /// True when the connection was cut.
    bool release(Ticket ticket);
    void cut(Ticket ticket);
    void cutAll();

private:
    using Clock = std::chrono::steady_clock;
    struct Entry {
        int fd = -1;
        Clock::time_point deadline = Clock::time_point::max();
        bool cut = false;
    };
    static void cutEntry(Entry& entry);
    void run();

    std::mutex _mutex;
    std::condition_variable _changed;
    std::map<Ticket, Entry> _entries;
    Ticket _last = 0;
    Clock::time_point _wakesAt = Clock::time_point::max();
    bool _stop = false;
    std::thread _thread;
};

} // namespace souffleur::http
