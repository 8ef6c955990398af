// Does head office have another pack or house file in force by now? Then this till takes it over.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "plugin/base/Clock.h"
#include "plugin/consent/Policy.h"
#include "sync/protocol/Device.h"

namespace souffleur::agent {
class HttpHub;
}
namespace souffleur::counter {
class Counter;
}
namespace souffleur::ledger {
class Ledger;
}

namespace souffleur::terminal {

/// Asks the hub from time to time, checks what it answers as at enrolment, keeps it on disk for the
/// next start and offers it to the counter, which changes over between two customers. What cannot
/// be used, or is older than what is in force here, changes nothing: it is told once (standard
/// error, the ledger's audit trail) until something else comes into force, and asked for again only
/// when the hub has something else. So nodes of one head office whose house files differ are told
/// of once, not at every turn. One thread: the sync loop's.
class PolicyWatch {
public:
    struct Parts {
        agent::HttpHub& hub;
        ledger::Ledger& ledger;
        counter::Counter& counter;
        const Clock& clock;
    };
    /// Borrows the parts. `inForce`: what the till started with.
    PolicyWatch(const protocol::Device& device, Parts parts, protocol::Welcome inForce,
                TimeMs everyMs);
    /// After a round in step with the hub. Does nothing before its time.
    void check();

private:
    Result<void> take(const protocol::Welcome& fresh);
    /// Was it not told of yet?
    bool news(const protocol::Welcome& fresh, bool changed, bool taken);

    protocol::Device _device;
    Parts _parts;
    protocol::Welcome _inForce;
    TimeMs _everyMs;
    TimeMs _nextAt = 0;
    std::string _asked;             ///< tag of the last welcome that was looked at
    std::set<std::string> _refused; ///< tags told of since the last that came into force
};

} // namespace souffleur::terminal
