// What kiosks ask of the hub: the key to seal for, and to take in what they sealed (DESIGN 8). The
// signature of each item is checked before anything of it is parsed.
#pragma once

#include <map>
#include <mutex>
#include <variant>
#include <vector>

#include "plugin/base/Clock.h"
#include "plugin/http/Router.h"
#include "sync/hub/Asking.h"
#include "sync/hub/IntakeKeys.h"
#include "sync/protocol/Sealed.h"

namespace souffleur::hub {

class SealedRoutes {
public:
    struct Tried {
        std::uint64_t placed = 0;
        std::uint64_t kept = 0; ///< still
    };
    /// Borrows all.
    SealedRoutes(Home& home, IntakeKeys& keys, const Clock& clock)
        : _home(home), _keys(keys), _clock(clock) {}
    void addTo(http::Router& router);

    /// What is kept, once more: another build or another key may read it. Of `decided` also what a
    /// revoked kiosk said, for somebody said so. Errors: the store's.
    Result<Tried> tryKept(const OriginId& decided);
    /// Now and then: tryKept() at the start, and after the keys of the intake changed.
    Result<void> tidy();

private:
    Result<store::Origin> kiosk(const http::Request& request, May may);
    Result<http::Response> intake(const http::Request& request);
    Result<http::Response> take(const http::Request& request);
    /// Whose signature the item bears; errors: notFound (no kiosk of this house).
    Result<store::Origin> signerOf(const store::Origin& kiosk, const OriginId& id) const;
    Result<bool> lacks(const store::Origin& kiosk,
                       const std::vector<protocol::SealedTold>& told) const;
    /// Errors: those that pass by, unsupported, and why it may not be placed.
    Result<store::SealedResult> place(const http::Request& request, const store::Origin& signer,
                                      const protocol::SealedItem& item, const store::SealedKey& key,
                                      bool decided);
    Result<protocol::SealedFate> later(const OriginId& kiosk);
    /// Errors are those that pass by; whatever is wrong with the item is its fate.
    Result<protocol::SealedFate> takeOne(const http::Request& request, const store::Origin& kiosk,
                                         const protocol::SealedItem& item);
    /// What an item says: answers, or the code of a slip.
    using Said = std::variant<std::vector<store::Incoming>, store::SlipNo>;
    Result<Said> saidBy(const protocol::SealedItem& item, const store::Origin& kiosk) const;
    /// Judges the kiosk's clock for these and places them, where its chain then ends.
    Result<store::SealedResult> placeJudged(const http::Request& request, store::SealedKey key,
                                            const std::vector<store::Incoming>& events, TimeMs now,
                                            store::SealedOf of);
    Result<protocol::SealedFate> keep(const store::SealedKey& key, const protocol::SealedItem& item,
                                      const std::string& why);
    Result<void> tell(const char* what, const OriginId& kiosk);
    /// Once a day.
    Result<void> tellDaily(const char* what, const OriginId& kiosk);

    Home& _home;
    IntakeKeys& _keys;
    const Clock& _clock;
    std::mutex _placing;
    std::mutex _telling;
    std::map<std::pair<std::string, OriginId>, TimeMs> _told; ///< a few for each kiosk
    std::vector<std::uint64_t> _triedWith;                    ///< the keys that there were
    bool _tried = false;                                      ///< since the start
};

} // namespace souffleur::hub
