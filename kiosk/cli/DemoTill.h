// A till (or the kiosk) of the demo house. Internal to this room.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "kiosk/cli/ChildProcess.h"
#include "plugin/base/Result.h"
#include "plugin/wire/JsonWriter.h"

namespace souffleur::cli {

struct Till {
    std::filesystem::path data;
    std::string name;
    std::string place;
    std::string cashier;
    std::string pin;
    std::string socket;
    std::string panel;            ///< its address with a one-time token in the fragment
    std::filesystem::path launch; ///< the file that always holds a fresh one
    std::string screen;           ///< the customer's own, likewise; empty: there is none
    std::filesystem::path screenLaunch;
    std::unique_ptr<ChildProcess> process;
};

/// Fills in the addresses that its launch files hold. Errors: of the files.
Result<void> readLaunch(Till& till);
/// One object of the demo's summary.
void describe(wire::JsonWriter& out, const Till& till);

} // namespace souffleur::cli
