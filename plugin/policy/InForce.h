// What head office serves to its devices, as the values that they work with.
#pragma once

#include <string>
#include <string_view>

#include "plugin/base/Result.h"
#include "plugin/consent/Policy.h"
#include "plugin/policy/House.h"

namespace souffleur::policy {

struct InForce {
    House house;
    consent::Policy policy; ///< with the house's wordings
};

/// Errors: unsupported (`packToml`: a pack that is not in the program), notFound (no house, no such
/// pack), invalid, conflict.
Result<InForce> inForce(std::string_view packName, std::string_view packToml,
                        std::string_view houseToml);

} // namespace souffleur::policy
