// The loopback API: plugin/api/openapi.yaml in front of the counter. It translates and decides
// nothing.
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "plugin/api/Views.h"
#include "plugin/http/Message.h"

namespace souffleur::counter {
class Counter;
}
namespace souffleur::http {
class Router;
class Sessions;
} // namespace souffleur::http

namespace souffleur::api {

class Feed;

/// All borrowed; must outlive the API. `feed` must be the counter's CounterEvents, or hear all that
/// they hear.
struct ApiParts {
    counter::Counter& counter;
    http::Sessions& sessions;
    Feed& feed;
    const Clock& clock;
    std::function<LedgerView()> ledger = {}; ///< called at GET /status, from any thread
};

/// Thread-safe after addTo(). Handlers block on the counter only.
class Api {
public:
    Api(ApiParts parts, ApiSettings settings);
    ~Api();
    Api(const Api&) = delete;
    Api& operator=(const Api&) = delete;

    /// Adds every operation of the contract below /api/v1. The router borrows this object.
    void addTo(http::Router& router);

    struct Operation {
        http::Method method = http::Method::get;
        std::string_view path;  ///< below /api/v1: "/acts/{actId}/undo"
        std::string_view stage; ///< "none" "launched" "capture" "operator"
    };
    static std::vector<Operation> operations();

    /// The link to head office changed; told to the pages at most once a second.
    void setSync(SyncView sync);
    /// The ticketing system came or went.
    void setHost(HostView host);
    /// Called after a launch token was used, on the request's thread. Set before addTo().
    void onLaunched(std::function<void()> hook);

private:
    std::unique_ptr<class Operations> _operations;
};

} // namespace souffleur::api
