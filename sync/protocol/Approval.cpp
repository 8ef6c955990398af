#include "sync/protocol/Approval.h"

#include <algorithm>

#include "sync/protocol/HubLink.h"

namespace souffleur::protocol {
namespace {

constexpr TimeMs kAskAgainMinMs = 300;
constexpr TimeMs kAskAgainMaxMs = 10 * kSecondMs;

} // namespace

Result<Welcome> awaitWelcome(const Device& device, const Clock& clock, Random& random,
                             const std::function<bool(TimeMs waitMs)>& waitUnlessStopped) {
    auto known = device.welcome();
    if (!known && known.error().code != Code::notFound) return known;
    // One without a house is of a head office that served none of its own: it is asked anew.
    if (known && !known->houseToml.empty()) return known;
    HubLink hub(device.hubUrl, device.tls(), clock, {});
    TimeMs ceiling = kAskAgainMinMs;
    while (true) {
        auto welcome = hub.welcome();
        if (welcome) {
            if (known && known->houseKey != welcome->houseKey)
                return fail(Code::conflict,
                            "head office has another key for addresses: this device "
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

} // namespace souffleur::protocol
