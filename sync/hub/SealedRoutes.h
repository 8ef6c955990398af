// What kiosks ask of the hub: the key to seal for, and to take in what they sealed (DESIGN 8). The
// signature of each item is checked before anything of it is parsed.
#pragma once

#include <mutex>

#include "plugin/base/Clock.h"
#include "plugin/http/Router.h"
#include "sync/hub/Asking.h"
#include "sync/hub/IntakeKeys.h"
#include "sync/protocol/Sealed.h"

namespace souffleur::hub {

class SealedRoutes {
public:
    /// Borrows all.
    SealedRoutes(Home& home, IntakeKeys& keys, const Clock& clock)
        : _home(home), _keys(keys), _clock(clock) {}
    void addTo(http::Router& router);

private:
    Result<store::Origin> kiosk(const http::Request& request, May may);
    Result<http::Response> intake(const http::Request& request);
    Result<http::Response> take(const http::Request& request);
    /// Errors are those that pass by; whatever is wrong with the item is its fate.
    Result<protocol::SealedFate> takeOne(const http::Request& request, const store::Origin& kiosk,
                                         const protocol::SealedItem& item);
    Result<std::vector<store::Incoming>> eventsOf(const protocol::SealedItem& item,
                                                  const store::Origin& kiosk) const;
    Result<protocol::SealedFate> keep(const store::SealedKey& key, const protocol::SealedItem& item,
                                      const std::string& why);
    Result<void> tell(const char* what, const OriginId& kiosk);

    Home& _home;
    IntakeKeys& _keys;
    const Clock& _clock;
    std::mutex _placing;
};

} // namespace souffleur::hub
