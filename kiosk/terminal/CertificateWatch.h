// The certificate of this till, renewed before it ends, and after (a till that slept all summer).
#pragma once

#include "kiosk/terminal/Device.h"
#include "plugin/base/Clock.h"

namespace souffleur::agent {
class HttpHub;
}
namespace souffleur::ledger {
class Ledger;
}

namespace souffleur::terminal {

/// Looks from time to time, and asks head office for the next certificate where the present one is
/// near its end by this till's clock, or over by head office's. The key stays: it is what an admin
/// approved. What fails is tried again; told once (standard error, the ledger's audit trail). One
/// thread: the sync loop's.
class CertificateWatch {
public:
    struct Parts {
        agent::HttpHub& hub;
        ledger::Ledger& ledger;
        const Clock& clock;
    };
    /// Borrows the parts.
    CertificateWatch(const Device& device, Parts parts);
    /// After a round. `expired`: head office just refused this till for its certificate's end.
    void check(bool expired);

private:
    Result<void> renew();

    Device _device;
    Parts _parts;
    TimeMs _nextAt = 0;
    bool _told = false;
};

} // namespace souffleur::terminal
