// A hub of server-sent events: publish once, every page gets it; a page that lost its connection
// gets what it missed, or the word that it must load afresh.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "plugin/base/Random.h"
#include "plugin/http/Message.h"

namespace souffleur::http {

struct EventStreamConfig {
    std::size_t maxSubscribers = 32;
    std::size_t queueMax = 256; ///< events waiting for one page; more: dropped with `resync`
    std::size_t ringMax = 256;  ///< events kept for Last-Event-ID
    int heartbeatMs = 2000;     ///< a gone page is seen only on write
    int retryMs = 1000;         ///< told to the page
};

/// Thread-safe. publish() never blocks on a peer. Events: `resync` (data {}) means "load your state
/// again": after a gap, a slow page, or an id from another run of the program.
class EventStream {
public:
    EventStream(EventStreamConfig config, Random& random);
    ~EventStream();

    /// `event`: a name of letters, digits, '-' and '.'; `json`: one line or more. Returns the
    /// event's number.
    std::uint64_t publish(std::string_view event, std::string_view json);
    /// The response of a GET: it streams until the peer goes, stop(), or the server stops. `wanted`
    /// (optional) chooses by event name. Errors: unavailable (too many subscribers).
    Result<Response> subscribe(const Request& request,
                               std::function<bool(std::string_view event)> wanted = {});
    /// Ends all streams; later subscriptions are refused.
    void stop();
    [[nodiscard]] std::size_t subscribers() const;

private:
    struct State;
    std::shared_ptr<State> _state;
};

} // namespace souffleur::http
