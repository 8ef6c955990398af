// The certificate of this device, renewed before it ends, and after (a till that slept all summer).
#pragma once

#include <functional>

#include "plugin/base/Clock.h"
#include "sync/protocol/Device.h"

namespace souffleur::protocol {

class HubLink;

/// Looks from time to time, and asks head office for the next certificate where the present one is
/// near its end by this device's clock, or over by head office's. The key stays: it is what an
/// admin approved. What fails is tried again; told once (standard error, Parts::note). One thread:
/// the sync loop's.
class CertificateWatch {
public:
    struct Parts {
        HubLink& hub;
        const Clock& clock;
        /// Told what is for an audit trail: "certificate.renewed", "certificate.not-renewed".
        std::function<void(const char* action)> note;
    };
    /// Borrows the parts.
    CertificateWatch(const Device& device, Parts parts);
    /// After a round. `expired`: head office just refused this device for its certificate's end.
    void check(bool expired);

private:
    Result<void> renew();

    Device _device;
    Parts _parts;
    TimeMs _nextAt = 0;
    bool _told = false;
};

} // namespace souffleur::protocol
