// The printer profiles (firmware-config/profiles), which travel inside the program.
#pragma once

#include <vector>

#include "drivers/printer/Model.h"
#include "plugin/base/Result.h"

namespace souffleur::terminal {

/// All of them, by id. Errors: invalid (a build with a broken profile).
[[nodiscard]] Result<std::vector<printer::Model>> printerModels();

/// What a printer is taken for until it says what it is.
inline constexpr const char* kAnyPrinter = "generic-80mm";

/// One of them, that can be printed on. Errors: notFound; invalid (it speaks no ESC/POS: with the
/// way out).
[[nodiscard]] Result<printer::Model> printerModel(const std::string& id);
/// What of it the encoder and the emulator need.
[[nodiscard]] Result<escpos::Profile> printerProfile(const std::string& id);

} // namespace souffleur::terminal
