// One connected host as the selection loop sees it: its frames in, acknowledgements and flags out.
// POSIX only.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "plugin/base/Clock.h"
#include "plugin/host/HostSocket.h"
#include "plugin/host/SelectionServer.h"

struct souffleur_message;

namespace souffleur::host {

using Frame = std::vector<std::uint8_t>;

/// A frame of `message`; empty when it breaks a bound.
Frame encodeFrame(const souffleur_message& message);
/// The REFUSED frame for a souffleur_refusal_t.
Frame refusalFrame(std::uint32_t reason);
/// Copies a decoded SELECTED or NEXT.
Selection selectionOf(const souffleur_message& message, std::uint64_t client);
/// Copies a decoded COMPLETED.
Completed completedOf(const souffleur_message& message);

/// The last orders of the last hosts, so that one resent after a reconnect is recognised. Bounded:
/// the host that was silent longest is forgotten first. Not thread-safe.
class OrderMemory {
public:
    /// Whether this order is new; remembers it.
    bool isNew(std::uint64_t session, std::uint64_t serial);

private:
    std::vector<std::pair<std::uint64_t, std::uint64_t>>
        _lastSerials; ///< the latest used at the back
};

/// How many frames a host may still send: a token bucket over the monotonic clock. Not thread-safe.
class FrameAllowance {
public:
    FrameAllowance(std::uint32_t perSecond, std::uint32_t burst, TimeMs now)
        : _perSecond(perSecond), _burst(burst), _left(burst), _at(now) {}
    /// Whole frames allowed now.
    std::uint32_t left(TimeMs now);
    void take() { --_left; }
    /// Milliseconds until the next one, at least 1.
    [[nodiscard]] TimeMs pauseMs() const { return kSecondMs / _perSecond + 1; }

private:
    std::uint32_t _perSecond;
    std::uint32_t _burst;
    std::uint32_t _left;
    TimeMs _at;
};

/// The connection's own state; the loop's thread alone uses it.
struct HostClient {
    HostClient(std::uint64_t number, Descriptor guest, const SelectionServerLimits& limits,
               TimeMs now)
        : id(number), fd(std::move(guest)),
          allowance(limits.framesPerSecond, limits.burstFrames, now), connectedAt(now) {}

    std::uint64_t id;
    Descriptor fd;
    FrameAllowance allowance;
    TimeMs connectedAt;
    bool greeted = false;
    bool throttled = false;
    bool gone = false;
    std::uint64_t session = 0;
    std::uint32_t lastSeq = 0;
    std::uint32_t ackedSeq = 0;
    std::uint32_t selection = 0; ///< 0: nobody selected
    bool welcomeDue = false;
    std::optional<Selection> pending; ///< read, not handed on: a later one may be right behind it
    Frame flag;                       ///< to be sent
    bool blocked = false;             ///< the host does not read: wait for POLLOUT

    /// What came of one read.
    enum class Read { frame, nothing, ended };
    /// Reads one frame into `buffer`, setting its size; a size over the buffer's is an oversized
    /// frame, cut.
    Read read(std::span<std::uint8_t> buffer, std::size_t& size) const;
    /// Sends what is due, as far as the host reads it.
    void write();

private:
    [[nodiscard]] bool send(const Frame& frame);
};

} // namespace souffleur::host
