#include "sync/hub/WelcomeNumber.h"

#include <algorithm>
#include <sstream>

namespace souffleur::hub {
namespace {

constexpr const char* kServed = "welcome";

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
    welcome.number = std::max(last + 1, now);
    auto kept = store.putSetting(kServed, std::to_string(welcome.number) + ' ' + tag);
    if (!kept) return passOn(kept);
    return welcome;
}

} // namespace souffleur::hub
