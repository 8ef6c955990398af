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
    policy::House house = policy::sampleHouse(welcome.packName);
    if (!welcome.houseToml.empty()) {
        auto parsed = policy::parseHouse(welcome.houseToml);
        if (!parsed) return passOn(parsed);
        house = std::move(*parsed);
    }
    auto policy = policy::PackLoader(std::move(house)).builtIn(welcome.packName);
    if (!policy) return passOn(policy);
    return std::make_shared<const consent::Policy>(std::move(*policy));
}

Result<protocol::Welcome>
awaitWelcome(const Device& device, const Clock& clock, Random& random,
             const std::function<bool(TimeMs waitMs)>& waitUnlessStopped) {
    auto known = device.welcome();
    if (known || known.error().code != Code::notFound) return known;
    agent::HttpHub hub(device.hubUrl, device.tls(), clock, {});
    TimeMs ceiling = kAskAgainMinMs;
    while (true) {
        auto welcome = hub.welcome();
        if (welcome) {
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
