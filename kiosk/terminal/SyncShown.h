// The link to head office as the cashier's page tells it.
#pragma once

#include "plugin/api/Views.h"
#include "sync/protocol/SyncLoop.h"

namespace souffleur::terminal {

/// `leaseUntil`: UTC ms; 0 = no lease is known.
api::SyncView syncView(const protocol::SyncStatus& status, TimeMs leaseUntil);

} // namespace souffleur::terminal
