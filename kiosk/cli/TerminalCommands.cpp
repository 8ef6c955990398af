#include <cstdio>
#include <fstream>

#include "kiosk/cli/Commands.h"
#include "plugin/base/StopSignal.h"
#include "plugin/crypto/PrivateFile.h"
#include "plugin/wire/JsonWriter.h"

namespace souffleur::cli {
int failed(const Error& error) {
    (void) std::fprintf(stderr, "souffleur: %s\n", error.text().c_str());
    return 1;
}

int enrol(const Context& context, const std::filesystem::path& invitationFile) {
    const auto text = crypto::readPrivateFile(invitationFile);
    if (!text) return failed(text.error());
    const auto invitation = protocol::decodeInvitation(text->view());
    if (!invitation) return failed(invitation.error());
    const auto device = terminal::Device::enrol(context.data, *invitation, context.random);
    if (!device) return failed(device.error());
    const auto fingerprint = device->fingerprint();
    if (!fingerprint) return failed(fingerprint.error());
    (void) std::printf("%s\n", fingerprint->c_str());
    (void) std::fprintf(
        stderr,
        "souffleur: %s waits for approval: compare the fingerprint above with head office's\n",
        device->name.c_str());
    return 0;
}

int runTerminal(const Context& context, const RunOptions& options) {
    StopSignal stop(options.withParent);
    const auto device = terminal::Device::load(context.data);
    if (!device) return failed(device.error());
    const auto welcome = terminal::awaitWelcome(*device, context.clock, context.random,
                                                [&](TimeMs waitMs) { return !stop.wait(waitMs); });
    if (!welcome) return failed(welcome.error());
    auto terminal =
        terminal::Terminal::open(*device, options.terminal, context.clock, context.random);
    if (!terminal) return failed(terminal.error());
    (*terminal)->start();
    if (!options.portsFile.empty()) {
        wire::JsonWriter ports;
        ports.beginObject()
            .field("api", (*terminal)->apiPort())
            .field("panel", (*terminal)->panelUrl())
            .field("tap", (*terminal)->tapPort())
            .endObject();
        if (auto written = crypto::writePrivateFile(options.portsFile, ports.take()); !written) {
            return failed(written.error());
        }
    }
    (void) std::fprintf(stderr, "souffleur: %s at %s\n", device->name.c_str(),
                        (*terminal)->panelUrl().c_str());
    (void) stop.wait(-1);
    (*terminal)->stop();
    return 0;
}

} // namespace souffleur::cli
