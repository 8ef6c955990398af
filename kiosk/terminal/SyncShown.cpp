#include "kiosk/terminal/SyncShown.h"

#include "sync/agent/LeaseWatch.h"

namespace souffleur::terminal {

api::SyncView syncView(const protocol::SyncStatus& status, TimeMs leaseUntil) {
    using State = protocol::SyncStatus::State;
    api::SyncView view;
    view.lastAt = status.lastOkAt;
    view.pending = status.pending;
    view.leaseUntil = leaseUntil;
    switch (status.state) {
    case State::inStep:
        view.state = "synced";
        break;
    case State::behind:
        view.state = "behind";
        break;
    case State::never:
        view.state = "syncing";
        break;
    case State::offline:
        view.state = "offline";
        break;
    case State::refused:
        view.state = status.reason == agent::kLeaseWithdrawn ? "revoked"
                     : status.reason == "frozen"             ? "forked"
                                                             : "refused";
        break;
    case State::forked:
        view.state = "forked";
        break;
    }
    return view;
}

} // namespace souffleur::terminal
