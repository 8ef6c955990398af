#include <cstdio>

#include "drivers/emulator/Server.h"
#include "kiosk/cli/Commands.h"
#include "kiosk/terminal/Profiles.h"
#include "plugin/base/StopSignal.h"
#include "plugin/crypto/PrivateFile.h"
#include "plugin/wire/JsonWriter.h"

namespace souffleur::cli {

int runEmulator(const EmulatorOptions& options) {
    StopSignal stop(options.withParent);
    auto profile = terminal::printerProfile(options.profile);
    if (!profile) return failed(profile.error());
    emulator::VirtualPrinter::Options paper;
    if (!options.folder.empty()) {
        std::error_code ignored;
        std::filesystem::create_directories(options.folder, ignored);
        std::filesystem::permissions(options.folder, std::filesystem::perms::owner_all, ignored);
        paper.folder = options.folder.string();
    }
    emulator::VirtualPrinter printer(*profile, paper);
    emulator::PrinterServer line(printer, options.port);
    emulator::PaperServer page(printer, options.pagePort);
    if (!options.portsFile.empty()) {
        wire::JsonWriter ports;
        ports.beginObject().field("printer", line.port()).field("page", page.port()).endObject();
        if (auto written = crypto::writePrivateFile(options.portsFile, ports.take()); !written) {
            return failed(written.error());
        }
    }
    (void) std::fprintf(
        stderr, "souffleur: a virtual printer on port %u, its paper at http://127.0.0.1:%u/\n",
        static_cast<unsigned>(line.port()), static_cast<unsigned>(page.port()));
    (void) stop.wait(-1);
    return 0;
}

} // namespace souffleur::cli
