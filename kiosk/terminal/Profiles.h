// The printer profiles (firmware-config/profiles), which travel inside the program.
#pragma once

#include <vector>

#include "drivers/printer/Model.h"
#include "plugin/base/Result.h"

namespace souffleur::terminal {

/// All of them, by id. Errors: invalid (a build with a broken profile).
[[nodiscard]] Result<std::vector<printer::Model>> printerModels();

} // namespace souffleur::terminal
