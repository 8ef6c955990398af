// SIGINT and SIGTERM, and the end of standard input when a parent holds it, as one thing to wait
// for.
#pragma once

#include "plugin/base/Clock.h"

namespace souffleur {

/// Make it before any thread starts, so that all of them inherit the blocked signals.
class StopSignal {
public:
    /// `withParent`: the end of standard input stops us, too.
    explicit StopSignal(bool withParent);
    /// Waits for a stop, at most `timeoutMs` (-1: for ever). True: stop.
    bool wait(TimeMs timeoutMs);

private:
    bool _withParent;
    int _signals = -1;
    bool _stopped = false;
};

} // namespace souffleur
