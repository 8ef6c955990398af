#include "sync/hub/WelcomeNumber.h"

#include <algorithm>
#include <sstream>

namespace souffleur::hub {
namespace {

constexpr const char* kServed = "welcome";
/// No house goes longer without another welcome: its programs are older than that by then.
constexpr TimeMs kLeapMaxMs = 10 * 365 * kDayMs;
constexpr TimeMs kRoom = 1'000'000;

} // namespace

Result<protocol::Welcome> numbered(store::Store& store, protocol::Welcome welcome, TimeMs now) {
    welcome.number = 0;
    const std::string tag = protocol::welcomeTag(welcome);
    const auto held = store.setting(kServed);
    if (!held && held.error().code != Code::notFound) return passOn(held);
    std::int64_t last = 0;
    std::string served;
    if (held) std::istringstream(*held) >> last >> served;
    if (served == tag && last > 0) {
        welcome.number = last;
        return welcome;
    }
    // A clock that is years ahead for once would leave a number that a restored hub stays below for
    // as long; and there is room for later ones below what can be said at all.
    const bool leaps = last > 0 && now - last > kLeapMaxMs;
    const TimeMs byClock = std::clamp<TimeMs>(leaps ? 0 : now, 0, kMaxTime - kRoom);
    welcome.number = std::min(std::max(last + 1, byClock), kMaxTime);
    auto kept = store.putSetting(kServed, std::to_string(welcome.number) + ' ' + tag);
    if (!kept) return passOn(kept);
    return welcome;
}

} // namespace souffleur::hub
