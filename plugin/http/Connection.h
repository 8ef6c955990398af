// One connection of a Server: POCO's HTTP parsing with our deadlines, rules and answers. Only for
// this room.
#pragma once

#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/TCPServerConnectionFactory.h>

#include <atomic>
#include <vector>

#include "plugin/http/Server.h"
#include "plugin/http/Watchdog.h"

namespace souffleur::http {

/// What all connections of a server share. Set before the first connection; thread-safe from then
/// on.
struct Serving {
    const Router* router = nullptr;
    std::vector<Gate*> gates;
    int keepAliveMs = 0;
    int readTimeoutMs = 0;
    int writeTimeoutMs = 0;
    bool findPeerUser = false;
    bool acceptExpired = false;
    /// With more connections than this none is kept behind its answer: an idle one holds a thread.
    int crowdedAbove = 0;
    std::atomic<int> connections{0}; ///< that have a thread
    std::atomic<bool> stopping{false};
    Watchdog watchdog;
};

class ConnectionFactory final : public Poco::Net::TCPServerConnectionFactory {
public:
    ConnectionFactory(Serving& serving, Poco::Net::HTTPServerParams::Ptr params);
    Poco::Net::TCPServerConnection*
    createConnection(const Poco::Net::StreamSocket& socket) override;

private:
    Serving& _serving;
    Poco::Net::HTTPServerParams::Ptr _params;
};

} // namespace souffleur::http
