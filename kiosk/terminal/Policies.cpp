#include "kiosk/terminal/Terminal.h"
#include "plugin/policy/PackLoader.h"
#include "sync/agent/HttpHub.h"

namespace souffleur::terminal {
namespace {

constexpr TimeMs kAskAgainMinMs = 300;
constexpr TimeMs kAskAgainMaxMs = 10 * kSecondMs;

} // namespace

Result<std::shared_ptr<const consent::Policy>> policyFrom(const protocol::Welcome& welcome) {
    if (!welcome.packToml.empty()) {
        return fail(Code::unsupported,
                    "head office has a pack of its own in force, which this version cannot check: "
                    "update it");
    }
    // Never in the name of an invented house: an answer names who may write.
    if (welcome.houseToml.empty()) {
        return fail(Code::notFound, "head office does not say whose it is: start it with its house "
                                    "file (`souffleur-hub serve --house house.toml`)");
    }
    auto house = policy::parseHouse(welcome.houseToml);
    if (!house) return passOn(house);
    auto policy = policy::PackLoader(std::move(*house)).builtIn(welcome.packName);
    if (!policy) return passOn(policy);
    return std::make_shared<const consent::Policy>(std::move(*policy));
}

Result<protocol::Welcome>
awaitWelcome(const Device& device, const Clock& clock, Random& random,
             const std::function<bool(TimeMs waitMs)>& waitUnlessStopped) {
    auto known = device.welcome();
    if (!known && known.error().code != Code::notFound) return known;
    // One without a house is of a head office that served none of its own: it is asked anew.
    if (known && !known->houseToml.empty()) return known;
    agent::HttpHub hub(device.hubUrl, device.tls(), clock, {});
    TimeMs ceiling = kAskAgainMinMs;
    while (true) {
        auto welcome = hub.welcome();
        if (welcome) {
            if (known && known->houseKey != welcome->houseKey)
                return fail(Code::conflict, "head office has another key for addresses: this till "
                                            "must be enrolled anew in a new folder");
            if (auto kept = device.keepWelcome(*welcome); !kept) return passOn(kept);
            return welcome;
        }
        const auto wait =
            static_cast<TimeMs>(random.below(static_cast<std::uint64_t>(ceiling))) + 1;
        if (!waitUnlessStopped(wait)) return welcome;
        ceiling = std::min(ceiling * 2, kAskAgainMaxMs);
    }
}

} // namespace souffleur::terminal
