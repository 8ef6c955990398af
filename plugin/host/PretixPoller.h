// One round of following pretix, without a thread: what PretixFollower runs again and again.
// Internal to this room (and its tests).
#pragma once

#include <deque>
#include <functional>
#include <set>
#include <string>

#include "plugin/host/PretixFollower.h"

namespace souffleur::host {

/// Used from one thread. Borrows all but the settings.
class PretixPoller {
public:
    /// Waits that many ms; false = stop now.
    using Wait = std::function<bool(TimeMs)>;

    PretixPoller(PretixSettings settings, intake::PretixClient& client, FollowEvents& events,
                 CursorStore& cursors, const Clock& clock, Random& random, Wait wait);

    /// Asks once, hands on what is new and returns how long to wait before the next round, ms:
    /// pollMs after success, else backoff with full jitter, never sooner than the server asked.
    [[nodiscard]] TimeMs round();
    [[nodiscard]] const FollowStatus& status() const noexcept { return _status; }

private:
    using Order = intake::PretixOrder;
    using OrderPage = intake::PretixClient::OrderPage;

    Result<void> follow();
    Result<void> readCursor();
    Result<void> takePage(const OrderPage& page);
    Result<void> take(const Order& order, TimeMs serverNow);
    Result<void> takeAnswers(const Order& order, const Selection& person,
                             const intake::Record& record);
    Result<std::optional<intake::PretixCustomer>> customerOf(const Order& order);
    Result<void> sweep();
    Result<void> keepCursor(TimeMs at);
    bool gap() { return _wait(_settings.requestGapMs); }
    void remember(std::string mark, TimeMs modified);
    TimeMs backoff();

    const PretixSettings _settings;
    intake::PretixClient& _client;
    FollowEvents& _events;
    CursorStore& _cursors;
    const Clock& _clock;
    Random& _random;
    const Wait _wait;
    const std::string _cursorName;

    FollowStatus _status;
    TimeMs _since = 0;  ///< 0 = not known yet
    TimeMs _keptAt = 0; ///< the cursor as stored
    unsigned _failuresInRow = 0;
    TimeMs _sweepAt = 0; ///< monotonic
    std::string _sweepNext;
    /// Versions of orders handed on already: id and time of change.
    struct Mark {
        std::string text;
        TimeMs modified = 0;
    };
    std::deque<Mark> _marks;
    std::set<std::string, std::less<>> _seen;
    std::set<std::string, std::less<>> _announced; ///< orders shown on the till; the newest only
    std::deque<std::string> _announcedInOrder;
};

} // namespace souffleur::host
