// `souffleur kiosk`: the machine in the lobby.
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "kiosk/cli/Commands.h"
#include "kiosk/cli/WipedMemory.h"
#include "kiosk/lobby/SealedStore.h"
#include "kiosk/lobby/Staff.h"
#include "kiosk/terminal/Profiles.h"
#include "plugin/base/StopSignal.h"
#include "plugin/crypto/PrivateFile.h"
#include "plugin/host/TapMemory.h"
#include "plugin/wire/JsonWriter.h"
#include "sync/protocol/Approval.h"
#include "sync/protocol/HashText.h"

namespace souffleur::cli {
namespace {

constexpr const char* kVersion = "0.1.0";

/// The slip printer, without a queue on the disk: what was not printed is the visitor's no more.
Result<std::unique_ptr<printer::Printer>>
makePrinter(const KioskOptions& options, const Context& context, printer::Listener& listener) {
    const bool named = !options.printerProfile.empty();
    auto model = terminal::printerModel(named ? options.printerProfile : terminal::kAnyPrinter);
    if (!model) return passOn(model);
    printer::Choice choice{.model = *model};
    if (!named) {
        auto others = terminal::printerModels();
        if (!others) return passOn(others);
        choice.others = std::move(*others);
    }
    auto line = transport::fromAddress(options.printer);
    if (!line) return fail(Code::invalid, line.error().message, "--printer");
    return std::make_unique<printer::Printer>(
        std::move(choice), std::move(*line),
        [&clock = context.clock] { return clock.monotonicMs(); }, listener);
}

Result<void> writePorts(const KioskOptions& options, const lobby::Lobby& lobby) {
    if (options.portsFile.empty()) return {};
    wire::JsonWriter ports;
    ports.beginObject().field("api", lobby.port()).field("page", lobby.url()).endObject();
    return crypto::writePrivateFile(options.portsFile, ports.take());
}

/// What waits goes under the id that it was signed under, after the kiosk got another.
Result<void> readyAgain(const Context& context) {
    const auto device = protocol::Device::load(context.data);
    if (!device) return passOn(device);
    const auto store = lobby::SealedStore::open(context.data); // locked: the kiosk runs
    if (!store) return passOn(store);
    if (device->former.empty()) {
        if (auto known = (*store)->signedBy(device->origin); !known) return known;
    }
    const auto pending = (*store)->pending();
    if (!pending) return passOn(pending);
    if (*pending != 0)
        (void) std::fprintf(stderr,
                            "souffleur: %llu sealed items wait here and stay: they are sent after "
                            "the approval, and head office takes them or keeps them for somebody "
                            "to decide (souffleur-hub kept)\n",
                            static_cast<unsigned long long>(*pending));
    return {};
}

} // namespace

int enrolKiosk(const Context& context, const std::filesystem::path& invitationFile, bool again) {
    const auto text = crypto::readPrivateFile(invitationFile);
    if (!text) return failed(text.error());
    const auto invitation = protocol::decodeInvitation(text->view());
    if (!invitation) return failed(invitation.error());
    if (again) {
        if (auto ready = readyAgain(context); !ready) return failed(ready.error());
    }
    const auto device =
        again ? protocol::Device::enrolAgain(context.data, *invitation, context.random)
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

int setKioskPin(const Context& context, const std::filesystem::path& pinFile) {
    const auto device = protocol::Device::load(context.data);
    if (!device) return failed(device.error());
    const auto text = crypto::readPrivateFile(pinFile);
    if (!text) return failed(text.error());
    std::string_view pin = text->view();
    while (!pin.empty() && (pin.back() == '\n' || pin.back() == '\r')) pin.remove_suffix(1);
    auto set = lobby::Staff::setPin(context.data, device->pepper, pin, context.random);
    return set ? 0 : failed(set.error());
}

int kioskStatus(const Context& context) {
    const auto device = protocol::Device::load(context.data);
    if (!device) return failed(device.error());
    const auto store = lobby::SealedStore::open(context.data);
    if (!store) return failed(store.error());
    const auto pending = (*store)->pending();
    if (!pending) return failed(pending.error());
    const auto refused = (*store)->refused();
    if (!refused) return failed(refused.error());
    const TimeMs told = (*store)->note("told-at").value_or(0);
    const TimeMs last = (*store)->note("last-sign-up").value_or(0);
    (void) std::printf("%s (%s): %llu sealed items wait for head office\nlast sign-up %s\nlast "
                       "contact %s\n",
                       device->name.c_str(), device->place.c_str(),
                       static_cast<unsigned long long>(*pending),
                       last == 0 ? "never" : formatTime(last).c_str(),
                       told == 0 ? "never" : formatTime(told).c_str());
    if (*refused != 0)
        (void) std::printf("%llu were refused: they are not signed by this kiosk as head office "
                           "knows it, and stay here\n",
                           static_cast<unsigned long long>(*refused));
    return 0;
}

int runKiosk(const Context& context, const KioskOptions& options) {
    host::TapMemory::refuseDumps(); // visitors stand in this memory
    wipeFreedMemory();
    StopSignal stop(options.withParent);
    const auto device = protocol::Device::load(context.data);
    if (!device) return failed(device.error());
    TimeMs sayAt = 0;
    const auto wait = [&](TimeMs waitMs) {
        if (const TimeMs now = context.clock.monotonicMs(); now >= sayAt) {
            sayAt = now + kMinuteMs;
            (void) std::fprintf(stderr,
                                "souffleur: %s waits until head office answers and approves it\n",
                                device->name.c_str());
        }
        return !stop.wait(waitMs);
    };
    const auto welcome = protocol::awaitWelcome(*device, context.clock, context.random, wait);
    if (!welcome) return failed(welcome.error());
    lobby::LobbyOptions settings = options.lobby;
    settings.version = kVersion;
    // Ends the wait below, as a signal from outside would.
    settings.onClose = [] { (void) ::kill(::getpid(), SIGTERM); };
    if (!options.printer.empty()) {
        settings.makePrinter = [&](printer::Listener& listener) {
            return makePrinter(options, context, listener);
        };
    }
    auto lobby = lobby::Lobby::open(*device, std::move(settings), context.clock, context.random);
    if (!lobby) return failed(lobby.error());
    (*lobby)->start();
    if (auto written = writePorts(options, **lobby); !written) return failed(written.error());
    const auto launch = options.lobby.launchFile.empty() ? device->folder / "kiosk.launch"
                                                         : options.lobby.launchFile;
    (void) std::fprintf(stderr,
                        "souffleur: %s at %s\nsouffleur: open the page with the line in %s: its "
                        "token works once, and a fresh one follows\n",
                        device->name.c_str(), (*lobby)->url().c_str(), launch.c_str());
    (void) stop.wait(-1);
    (*lobby)->stop();
    return 0;
}

} // namespace souffleur::cli
