#include "drivers/transport/Resolver.h"

#include <Poco/Exception.h>
#include <Poco/Net/DNS.h>
#include <Poco/Net/HostEntry.h>
#include <Poco/Net/IPAddress.h>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace souffleur::transport {

struct Resolver::LookUp {
    std::mutex mutex;
    std::condition_variable changed;
    bool done = false;
    std::vector<std::string> found;

    void run(const std::string& host) {
        std::vector<std::string> addresses;
        try {
            const Poco::Net::HostEntry entry = Poco::Net::DNS::hostByName(host);
            for (const auto family : {Poco::Net::IPAddress::IPv4, Poco::Net::IPAddress::IPv6}) {
                for (const auto& address : entry.addresses())
                    if (address.family() == family) addresses.push_back(address.toString());
            }
        } catch (const Poco::Exception&) {
            addresses.clear(); // not known here, or nobody to ask
        }
        const std::scoped_lock lock(mutex);
        found = std::move(addresses);
        done = true;
        changed.notify_all();
    }
};

Resolver::Resolver(std::string host) : _host(std::move(host)) {}
Resolver::~Resolver() = default;

tl::expected<std::vector<std::string>, Fault> Resolver::addresses(Patience& patience) {
    Poco::Net::IPAddress numeric;
    if (Poco::Net::IPAddress::tryParse(_host, numeric))
        return std::vector<std::string>{numeric.toString()};
    if (!_lookUp) {
        _lookUp = std::make_shared<LookUp>();
        std::thread([lookUp = _lookUp, host = _host] { lookUp->run(host); }).detach();
    }
    std::unique_lock lock(_lookUp->mutex);
    while (!_lookUp->done) {
        if (!patience.next()) return tl::make_unexpected(patience.ended());
        (void) _lookUp->changed.wait_for(lock, patience.slice());
    }
    auto found = std::move(_lookUp->found);
    lock.unlock();
    _lookUp.reset();
    return found;
}

} // namespace souffleur::transport
