#include <cstdio>
#include <fstream>

#include "kiosk/cli/Commands.h"
#include "plugin/base/StopSignal.h"
#include "plugin/crypto/PrivateFile.h"
#include "plugin/host/TapMemory.h"
#include "plugin/ledger/Ledger.h"
#include "plugin/ledger/Outbox.h"
#include "plugin/wire/JsonWriter.h"
#include "sync/protocol/Approval.h"
#include "sync/protocol/HashText.h"

namespace souffleur::cli {
int failed(const Error& error) {
    (void) std::fprintf(stderr, "souffleur: %s\n", error.text().c_str());
    return 1;
}

namespace {

void sayPending(const protocol::Device& device) {
    const auto fingerprint = device.fingerprint();
    (void) std::fprintf(stderr,
                        "souffleur: %s waits until head office answers and approves it (%s), "
                        "fingerprint %s\n",
                        device.name.c_str(), device.hubUrl.c_str(),
                        fingerprint ? protocol::inGroups(*fingerprint).c_str() : "unreadable");
}

/// What listens where, beside the page.
void sayDoors(const terminal::Terminal& terminal, const terminal::TerminalOptions& options) {
    const auto say = [](const std::string& line) {
        (void) std::fprintf(stderr, "souffleur: %s\n", line.c_str());
    };
    say("the ticketing system connects at " + terminal.hostSocket());
    if (terminal.tapPort() != 0) {
        const auto host = options.tap.listen.substr(0, options.tap.listen.rfind(':'));
        say("tills print at " + host + ":" + std::to_string(terminal.tapPort()) +
            (options.tap.peers.empty() ? " (this machine only)" : "") + "; it goes on to " +
            options.printer);
    }
    if (!options.tap.serial.empty())
        say("a till with a serial printer prints at " + options.tap.serial + "; it goes on to " +
            options.printer);
    if (!options.display.empty())
        say("the customer's display is " + options.display + " (" + options.displayCommands + ")");
    if (!options.scanner.empty()) say("the scanner is " + options.scanner);
}

/// The ledger is opened before, so that a till that still runs notices nothing, and after, so that
/// it is known at once what goes out under the new id.
Result<protocol::Device> enrolAgain(const Context& context,
                                    const protocol::Invitation& invitation) {
    auto before = openLedger(context);
    if (!before && before.error().code != Code::notFound) return passOn(before);
    auto device = protocol::Device::enrolAgain(context.data, invitation, context.random);
    if (!device || !before) return device;
    before->reset();
    const auto after = openLedger(context);
    if (!after) return passOn(after);
    const auto pending = (*after)->outbox().pending();
    if (!pending) return passOn(pending);
    (void) std::fprintf(stderr, "souffleur: %llu answers go to head office under the new id\n",
                        static_cast<unsigned long long>(*pending));
    return device;
}

} // namespace

int enrol(const Context& context, const std::filesystem::path& invitationFile, bool again) {
    const auto text = crypto::readPrivateFile(invitationFile);
    if (!text) return failed(text.error());
    const auto invitation = protocol::decodeInvitation(text->view());
    if (!invitation) return failed(invitation.error());
    const auto device = again ? enrolAgain(context, *invitation)
                              : protocol::Device::enrol(context.data, *invitation, context.random);
    if (!device) return failed(device.error());
    const auto fingerprint = device->fingerprint();
    if (!fingerprint) return failed(fingerprint.error());
    (void) std::printf("%s\n", protocol::inGroups(*fingerprint).c_str());
    (void) std::fprintf(
        stderr,
        "souffleur: %s waits for approval: compare the fingerprint above with head office's\n",
        device->name.c_str());
    return 0;
}

int runTerminal(const Context& context, const RunOptions& options) {
    host::TapMemory::refuseDumps(); // customers stand in this memory, with the tap or without
    StopSignal stop(options.withParent);
    const auto device = protocol::Device::load(context.data);
    if (!device) return failed(device.error());
    TimeMs sayAt = 0;
    const auto wait = [&](TimeMs waitMs) {
        if (const TimeMs now = context.clock.monotonicMs(); now >= sayAt) {
            sayAt = now + kMinuteMs;
            sayPending(*device);
        }
        return !stop.wait(waitMs);
    };
    const auto welcome = protocol::awaitWelcome(*device, context.clock, context.random, wait);
    if (!welcome) return failed(welcome.error());
    auto settings = options.terminal;
    settings.wait = [&](TimeMs waitMs) { return !stop.wait(waitMs); };
    auto terminal = terminal::Terminal::open(*device, settings, context.clock, context.random);
    if (!terminal) return failed(terminal.error());
    (*terminal)->start();
    if (!options.portsFile.empty()) {
        wire::JsonWriter ports;
        ports.beginObject()
            .field("api", (*terminal)->apiPort())
            .field("panel", (*terminal)->panelUrl())
            .field("screen", (*terminal)->screenUrl())
            .field("tap", (*terminal)->tapPort())
            .endObject();
        if (auto written = crypto::writePrivateFile(options.portsFile, ports.take()); !written) {
            return failed(written.error());
        }
    }
    (void) std::fprintf(stderr, "souffleur: %s at %s\n", device->name.c_str(),
                        (*terminal)->panelUrl().c_str());
    const auto launch = options.terminal.launchFile.empty() ? device->folder / "panel.launch"
                                                            : options.terminal.launchFile;
    (void) std::fprintf(stderr,
                        "souffleur: open the page with the line in %s: its token works once, and a "
                        "fresh one follows\n",
                        launch.c_str());
    if (const std::string screen = (*terminal)->screenUrl(); !screen.empty()) {
        const auto file = options.terminal.screenLaunchFile.empty()
                              ? device->folder / "screen.launch"
                              : options.terminal.screenLaunchFile;
        (void) std::fprintf(stderr, "souffleur: the customer's screen at %s, opened as %s says\n",
                            screen.c_str(), file.c_str());
    }
    sayDoors(**terminal, options.terminal);
    (void) stop.wait(-1);
    (*terminal)->stop();
    return 0;
}

} // namespace souffleur::cli
