// Between the tills and their hub: everything but TLS itself. Requests and answers get lost, cut,
// late and doubled; what arrives goes through the hub's own routes.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "plugin/http/Client.h"
#include "plugin/http/Message.h"
#include "tests/sim/Time.h"
#include "tests/sim/Weather.h"

namespace souffleur::sim {

/// One who sends.
struct Sender {
    std::size_t number = 0;
    crypto::Hash fingerprint{}; ///< of its certificate
    bool parted = false;        ///< its network is away
};

class Network {
public:
    /// Nothing: the hub is down, or went down with it.
    using Hub = std::function<std::optional<http::Response>(const http::Request&)>;
    /// Called while a request is under way.
    using Meanwhile = std::function<void()>;

    Network(TrueTime& time, Random& random, const Weather& weather, const Switches& switches,
            Hub hub, Meanwhile meanwhile)
        : _time(time), _random(random), _weather(weather), _switches(switches),
          _hub(std::move(hub)), _meanwhile(std::move(meanwhile)) {}

    Result<http::ClientResponse> send(const Sender& from, const http::ClientRequest& request);
    /// One of the requests that are late arrives; nobody waits for its answer.
    void deliverLate();
    [[nodiscard]] bool anyLate() const { return !_late.empty(); }

private:
    Result<http::ClientResponse> answered(http::Request request);
    std::optional<http::Response> forged(const http::Request& request);
    void falsify(http::Response& response, const http::Request& request);
    [[nodiscard]] tl::unexpected<Error> silence();

    TrueTime& _time;
    Random& _random;
    const Weather& _weather;
    const Switches& _switches;
    Hub _hub;
    Meanwhile _meanwhile;
    std::vector<http::Request> _late;
};

/// One till's way through it.
class Wire final : public http::Carrier {
public:
    /// `alive`: does the machine still run?
    Wire(Network& network, const Sender& from, std::function<bool()> alive)
        : _network(network), _from(from), _alive(std::move(alive)) {}
    Result<http::ClientResponse> send(const http::ClientRequest& request) override {
        if (!_alive()) return fail(Code::unavailable, "the machine is off");
        return _network.send(_from, request);
    }
    void cancel() override {}

private:
    Network& _network;
    const Sender& _from;
    std::function<bool()> _alive;
};

} // namespace souffleur::sim
