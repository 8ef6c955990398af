// What the counter tells those who show it.
#pragma once

#include <cstdint>

#include "plugin/counter/Desk.h"

namespace souffleur::counter {

/// Calls come one at a time, in the order in which things happened, on the thread that made them
/// happen (a request's, the host's, the printer's, the timer's), with no lock of the counter held:
/// every function of Counter may be called from inside. They must not block for long nor throw.
class CounterEvents {
public:
    virtual ~CounterEvents() = default;
    /// Anything on the desk changed; ask Counter::desk. `selected`: is a customer there?
    virtual void deskChanged(std::uint64_t revision, bool selected) = 0;
    virtual void jobChanged(const PrintJob& job) = 0;
    virtual void printerChanged(const PrinterView& printer) = 0;
    virtual void sessionChanged(const Session& session) = 0;
    virtual void rushChanged(const Rush& rush) = 0;
    /// The printer was asked to open the drawer and then did not.
    virtual void drawerStayedShut() {}
};

} // namespace souffleur::counter
