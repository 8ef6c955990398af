// The thread behind SelectionServer: one poll(2) over the listener and all hosts.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "plugin/abi/frame.h"
#include "plugin/host/HostClient.h"

struct pollfd;

namespace souffleur::host {

/// Runs from construction to destruction. Owns the socket and the thread, borrows events and clock.
/// publishFlag and stats: any thread; all else happens on its own.
class SelectionLoop {
public:
    SelectionLoop(HostSocket socket, HostEvents& events, const Clock& clock,
                  SelectionServerLimits limits);
    ~SelectionLoop();
    SelectionLoop(const SelectionLoop&) = delete;
    SelectionLoop& operator=(const SelectionLoop&) = delete;

    void publishFlag(const FlagView& view);
    [[nodiscard]] SelectionServerStats stats() const;

private:
    /// What publishFlag needs to know of a client, and leaves for it.
    struct Slot {
        std::string hostName;
        std::uint32_t selection = 0;
        Frame flag;
    };

    void run();
    [[nodiscard]] int fillPolls(std::vector<pollfd>& polls);
    void wake() const;
    void acceptGuests();
    void serve(HostClient& client);
    bool takeFrame(HostClient& client, std::size_t size);
    bool takeMessage(HostClient& client, const souffleur_message_t& message);
    bool greet(HostClient& client, const souffleur_message_t& message);
    void keepPending(HostClient& client, Selection selection);
    void handOn(HostClient& client);
    void refuse(HostClient& client, std::uint32_t reason);
    void fetchFlag(HostClient& client);
    void removeGone();
    void setSelection(HostClient& client, std::uint32_t selection);

    template <typename Change>
    void count(Change change) {
        const std::scoped_lock lock(_mutex);
        change(_stats);
    }

    HostSocket _socket;
    HostEvents& _events;
    const Clock& _clock;
    const SelectionServerLimits _limits;
    Descriptor _wakeup;
    std::atomic<bool> _stopping = false;

    mutable std::mutex
        _mutex; ///< guards _slots and _stats; never held during an event or a system call
    std::map<std::uint64_t, Slot> _slots;
    SelectionServerStats _stats;

    // The thread's own.
    std::vector<std::unique_ptr<HostClient>> _clients;
    std::uint64_t _lastClient = 0;
    OrderMemory _orders;
    TimeMs _acceptAgainAt = 0;
    std::vector<std::uint8_t> _buffer = std::vector<std::uint8_t>(SOUFFLEUR_FRAME_MAX);
    std::thread _thread; ///< last: starts when all else is there
};

} // namespace souffleur::host
