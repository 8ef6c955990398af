#include "plugin/policy/InForce.h"

#include "plugin/policy/PackLoader.h"

namespace souffleur::policy {

Result<InForce> inForce(std::string_view packName, std::string_view packToml,
                        std::string_view houseToml) {
    if (!packToml.empty()) {
        return fail(Code::unsupported,
                    "head office has a pack of its own in force, which this version cannot check: "
                    "update it");
    }
    // Never in the name of an invented house: an answer names who may write.
    if (houseToml.empty()) {
        return fail(Code::notFound, "head office does not say whose it is: start it with its house "
                                    "file (`souffleur-hub serve --house house.toml`)");
    }
    auto house = parseHouse(houseToml);
    if (!house) return passOn(house);
    auto policy = PackLoader(*house).builtIn(packName);
    if (!policy) return passOn(policy);
    return InForce{std::move(*house), std::move(*policy)};
}

} // namespace souffleur::policy
