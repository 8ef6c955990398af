#include <cstdio>
#include <fstream>

#include "kiosk/cli/Commands.h"
#include "plugin/base/StopSignal.h"
#include "plugin/crypto/Pin.h"
#include "plugin/crypto/PrivateFile.h"
#include "plugin/ledger/Ledger.h"
#include "plugin/ledger/Operators.h"
#include "plugin/wire/JsonWriter.h"

namespace souffleur::cli {
namespace {

constexpr std::size_t kPinDigits = 6;

/// Opens the device's ledger while no terminal has it.
Result<std::unique_ptr<ledger::Ledger>> openLedger(const Context& context,
                                                   const terminal::Device& device,
                                                   const protocol::Welcome& welcome) {
    ledger::LedgerOptions options;
    options.folder = device.folder / "ledger";
    options.origin = device.origin;
    options.contactKey = welcome.houseKey;
    return ledger::Ledger::open(options, context.clock, context.random);
}

Result<crypto::Secret> readPin(const std::filesystem::path& file) {
    auto text = crypto::readPrivateFile(file);
    if (!text) return text;
    std::string pin(text->view());
    while (!pin.empty() && (pin.back() == '\n' || pin.back() == '\r')) pin.pop_back();
    const bool digits = pin.find_first_not_of("0123456789") == std::string::npos;
    if (pin.size() != kPinDigits || !digits)
        return fail(Code::invalid, "a PIN has six digits", file.filename());
    return crypto::Secret(std::move(pin));
}

} // namespace

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

int addOperator(const Context& context, const std::string& name, const std::string& role,
                const std::filesystem::path& pinFile) {
    const auto device = terminal::Device::load(context.data);
    if (!device) return failed(device.error());
    const auto pin = readPin(pinFile);
    if (!pin) return failed(pin.error());
    const auto welcome = terminal::awaitWelcome(*device, context.clock, context.random,
                                                [](TimeMs) { return false; });
    if (!welcome) return failed(welcome.error());
    auto ledger = openLedger(context, *device, *welcome);
    if (!ledger) return failed(ledger.error());
    const crypto::PinHasher hasher(crypto::Secret(std::string(crypto::bytesOf(device->pepper))));
    auto hash = hasher.hash(pin->view(), context.random);
    if (!hash) return failed(hash.error());
    const auto put = (*ledger)->operators().put(
        {OperatorId::random(context.random), name, role, *hash, 0, 0, true});
    return put ? 0 : failed(put.error());
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
            .endObject();
        if (auto written = crypto::writePublicFile(options.portsFile, ports.take()); !written) {
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
