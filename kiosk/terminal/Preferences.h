// What the house offers a customer to choose from: genres, how often, languages; worded in the
// till's language.
#pragma once

#include <string_view>

#include "plugin/consent/Policy.h"
#include "plugin/counter/Desk.h"

namespace souffleur::terminal {

/// `language`: nl ca es ru en de fr; anything else reads English.
counter::PreferenceOptions preferenceOptions(const consent::Policy& policy,
                                             std::string_view language);

} // namespace souffleur::terminal
