#include "kiosk/terminal/Terminal.h"
#include "plugin/policy/InForce.h"

namespace souffleur::terminal {

Result<std::shared_ptr<const consent::Policy>> policyFrom(const protocol::Welcome& welcome) {
    auto found = policy::inForce(welcome.packName, welcome.packToml, welcome.houseToml);
    if (!found) return passOn(found);
    return std::make_shared<const consent::Policy>(std::move(found->policy));
}

} // namespace souffleur::terminal
