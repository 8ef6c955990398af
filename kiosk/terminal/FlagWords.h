// The flag in the words of the till's language, for hosts that show it beside their own screen.
#pragma once

#include <string>
#include <string_view>

#include "plugin/consent/Flag.h"

namespace souffleur::terminal {

/// "Never asked" in `language` (nl ca es ru en de fr; anything else reads English).
std::string flagWords(consent::FlagKind kind, std::string_view language);
/// The panel's icon id for the flag.
std::string_view flagIcon(consent::FlagKind kind) noexcept;

} // namespace souffleur::terminal
