#include "kiosk/cli/DemoTill.h"

#include "plugin/crypto/PrivateFile.h"

namespace souffleur::cli {
namespace {

Result<std::string> addressIn(const std::filesystem::path& launch) {
    const auto line = crypto::readPrivateFile(launch);
    if (!line) return passOn(line);
    std::string address(line->view());
    while (!address.empty() && address.back() == '\n') address.pop_back();
    return address;
}

} // namespace

Result<void> readLaunch(Till& till) {
    auto panel = addressIn(till.launch);
    if (!panel) return passOn(panel);
    till.panel = std::move(*panel);
    if (till.screenLaunch.empty()) return {};
    auto screen = addressIn(till.screenLaunch);
    if (!screen) return passOn(screen);
    till.screen = std::move(*screen);
    return {};
}

void describe(wire::JsonWriter& out, const Till& till) {
    out.beginObject()
        .field("name", till.name)
        .field("panel", till.panel)
        .field("screen", till.screen)
        .field("socket", till.socket)
        .field("launchFile", till.launch.string())
        .field("screenLaunchFile", till.screenLaunch.string())
        .field("cashier", till.cashier)
        .field("pin", till.pin)
        .field("data", till.data.string())
        .field("pid", till.process->pid())
        .endObject();
}

} // namespace souffleur::cli
