// A new till begins with head office's snapshot (plugin/doc/adr/0011); where that cannot be had it
// begins empty and pulls, as it goes on.
#pragma once

#include <functional>
#include <string>

#include "plugin/base/Clock.h"
#include "plugin/ledger/Ledger.h"
#include "sync/agent/SnapshotFetch.h"
#include "sync/protocol/Device.h"

namespace souffleur::terminal {

struct FirstLoadParts {
    agent::SnapshotSource& hub;
    const Clock& clock;
    Random& random;
    std::function<bool(TimeMs waitMs)> wait;          ///< false: stop
    std::function<void(const std::string& line)> say; ///< for whoever starts the till
};

/// Before the ledger is opened for work. Does nothing where anything was recorded or pulled
/// already. The ledger is as before, or holds all of the snapshot: never a part. True: it was
/// loaded. Nothing of a snapshot stays beside the ledger, but when it was told to stop. Errors: of
/// the ledger that is there, storage (it may not outlive a power cut); all else is said and is
/// none.
Result<bool> firstLoad(const protocol::Device& device, const protocol::Welcome& welcome,
                       const ledger::LedgerOptions& options, const FirstLoadParts& parts);
/// The same from the device's own hub, told on standard error. `wait` empty: sleeps.
Result<void> firstLoad(const protocol::Device& device, const protocol::Welcome& welcome,
                       const ledger::LedgerOptions& options, const Clock& clock, Random& random,
                       const std::function<bool(TimeMs waitMs)>& wait);

} // namespace souffleur::terminal
