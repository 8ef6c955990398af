#include <Poco/Exception.h>
#include <cstdio>

#include "drivers/emulator/Server.h"
#include "kiosk/cli/Commands.h"
#include "kiosk/terminal/Profiles.h"
#include "plugin/base/StopSignal.h"
#include "plugin/crypto/PrivateFile.h"
#include "plugin/wire/JsonWriter.h"

namespace souffleur::cli {
namespace {

/// A door of the virtual printer; none when its port is taken.
template <typename Door>
std::unique_ptr<Door> open(emulator::VirtualPrinter& printer, std::uint16_t port,
                           const char* option) {
    try {
        return std::make_unique<Door>(printer, port);
    } catch (const Poco::Exception&) {
        (void) failed(Error{Code::unavailable,
                            "port " + std::to_string(port) +
                                " of this machine cannot be had: another program listens there. "
                                "End that one, or name another port (0 = any)",
                            option});
        return nullptr;
    }
}

} // namespace

int runEmulator(const EmulatorOptions& options) {
    StopSignal stop(options.withParent);
    auto model = terminal::printerModel(options.profile);
    if (!model) return failed(model.error());
    if (const auto& says = model->identity; !says.names.empty()) { // to `GS I`
        model->profile.vendor = says.maker;
        model->profile.model = says.names.front();
    }
    emulator::VirtualPrinter::Options paper;
    if (!options.folder.empty()) {
        std::error_code ignored;
        std::filesystem::create_directories(options.folder, ignored);
        std::filesystem::permissions(options.folder, std::filesystem::perms::owner_all, ignored);
        paper.folder = options.folder.string();
    }
    emulator::VirtualPrinter printer(model->profile, paper);
    const auto line = open<emulator::PrinterServer>(printer, options.port, "--port");
    if (!line) return 1;
    const auto page = open<emulator::PaperServer>(printer, options.pagePort, "--page-port");
    if (!page) return 1;
    if (!options.portsFile.empty()) {
        wire::JsonWriter ports;
        ports.beginObject().field("printer", line->port()).field("page", page->port()).endObject();
        if (auto written = crypto::writePrivateFile(options.portsFile, ports.take()); !written) {
            return failed(written.error());
        }
    }
    (void) std::fprintf(
        stderr,
        "souffleur: a virtual %s %s at tcp://127.0.0.1:%u, its paper at http://127.0.0.1:%u/\n",
        model->profile.vendor.c_str(), model->profile.model.c_str(),
        static_cast<unsigned>(line->port()), static_cast<unsigned>(page->port()));
    (void) stop.wait(-1);
    return 0;
}

} // namespace souffleur::cli
