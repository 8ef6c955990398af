// So many in a while: against a bored child at the screen.
#pragma once

#include <deque>
#include <mutex>

#include "plugin/base/Clock.h"

namespace souffleur::lobby {

/// Thread-safe. Counts what was let through.
class Rate {
public:
    Rate(std::size_t most, TimeMs withinMs) : _most(most), _withinMs(withinMs) {}
    /// 0 = let through and counted; else so many ms until the next one would be.
    TimeMs ask(TimeMs nowMono) {
        const std::lock_guard lock(_mutex);
        while (!_let.empty() && nowMono - _let.front() >= _withinMs) _let.pop_front();
        if (_let.size() >= _most) return _withinMs - (nowMono - _let.front());
        _let.push_back(nowMono);
        return 0;
    }

private:
    std::size_t _most;
    TimeMs _withinMs;
    std::mutex _mutex;
    std::deque<TimeMs> _let;
};

} // namespace souffleur::lobby
