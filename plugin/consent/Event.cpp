#include "plugin/consent/Event.h"

#include <array>

namespace souffleur::consent {

std::string_view kindName(const Body& body) noexcept {
    static constexpr std::array<std::string_view, std::variant_size_v<Body>> kNames{
        "act",     "confirmed", "retract", "link",  "unlink", "erase",
        "contact", "order",     "fact",    "clock", "policy"};
    return body.valueless_by_exception() ? std::string_view{} : kNames[body.index()];
}

} // namespace souffleur::consent
