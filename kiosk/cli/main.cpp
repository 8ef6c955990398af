// souffleur: the till's program.
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "kiosk/cli/Commands.h"
#include "plugin/base/Program.h"

namespace cli = souffleur::cli;

namespace {

/// Options live as long as the parser.
struct Options {
    std::string data = "souffleur-data";
    std::string file;
    std::string key;
    std::string payload;
    std::string name;
    cli::NewOperator staff;
    bool remove = false;
    bool again = false;
    bool personal = false;
    bool lenient = false;
    bool accept = false;
    int syncIntervalS = 15;
    cli::RunOptions run;
    cli::KioskOptions kiosk;
    int kioskIntervalS = 15;
    int idleFirstS = 25;
    int idleTypingS = 90;
    int idleWarnS = 20;
    cli::EmulatorOptions emulator;
    cli::WatchOptions watch;
    cli::DemoOptions demo;
    cli::ProvisionOptions provision;
    cli::PrinterOptions printer;
};

template <typename With>
void addTerminal(CLI::App& app, Options& o, const With& with) {
    auto* terminal = app.add_subcommand("terminal", "a till")->require_subcommand(1);
    auto* cmd = terminal->add_subcommand("enrol", "apply to head office with an invitation");
    cmd->add_option("INVITATION", o.file, "the file that `souffleur-hub invite` made")->required();
    cmd->add_flag("--again", o.again,
                  "this till is frozen or revoked: give it a new id, keep all it holds");
    cmd->callback(with([&](const auto& context) { return cli::enrol(context, o.file, o.again); }));
    cmd = terminal->add_subcommand("run", "serve the cashier until told to stop");
    cmd->add_option("--api-port", o.run.terminal.apiPort, "loopback, 0 = any")
        ->capture_default_str();
    cmd->add_option("--host-socket", o.run.terminal.hostSocket,
                    "where the ticketing system connects");
    cmd->add_option("--printer", o.run.terminal.printer,
                    "tcp://host:9100, usb://04b8:0202, serial:///dev/ttyUSB0 or file:///path");
    cmd->add_option("--printer-profile", o.run.terminal.printerProfile,
                    "firmware-config/profiles; else the one of the model that the printer says it "
                    "is, or generic-80mm");
    cmd->add_option("--language", o.run.terminal.language,
                    "of the till: nl ca es ru en de fr; else the house's own");
    cmd->add_option("--launch-file", o.run.terminal.launchFile,
                    "0600 file for the panel's one-time token");
    cmd->add_option("--pretix", o.run.terminal.pretix,
                    "pretix.toml: follow this shop (plugin/host/README.md)");
    auto& keys = o.run.terminal.hotKeys;
    cmd->add_option("--hot-key-panel", keys.panel, "\"ctrl+alt+s\" brings the panel forward");
    cmd->add_option("--hot-key-rush", keys.rush, "rush mode on and off");
    cmd->add_option("--hot-key-number", keys.number, "takes the customer number just copied");
    cmd->add_option("--hot-key-system", o.run.terminal.hotKeySystem, "whose numbers those are")
        ->capture_default_str();
    auto& tap = o.run.terminal.tap;
    cmd->add_option("--tap", tap.listen,
                    "\"127.0.0.1:9100\": receipts printed there pass to --printer and tell whose "
                    "sale it is (plugin/host/README.md)");
    cmd->add_option("--tap-peer", tap.peers, "address of a till that may print there, repeatable");
    cmd->add_option("--tap-user", tap.users,
                    "user of this machine whose receipts may select customers, repeatable; this "
                    "one, root and lp always may");
    cmd->add_option("--tap-serial", tap.serial,
                    "the same for a till with a serial printer: a path");
    cmd->add_option("--tap-patterns", tap.patterns, "generic, pretix, or a path with a / in it")
        ->capture_default_str();
    cmd->add_option("--scanner", o.run.terminal.scanner,
                    "serial:///dev/ttyACM0, hid://0c2e:0b61, keyboard://05e0:1200 or "
                    "keyboard:///dev/input/by-id/… (drivers/scanner/README.md)");
    cmd->add_option("--scan-patterns", o.run.terminal.scanPatterns,
                    "which codes are customers, orders and badges: generic, or a path with a /")
        ->capture_default_str();
    cmd->add_option("--display", o.run.terminal.display,
                    "the customer's two lines: serial:///dev/ttyUSB1, usb://04b8:0202 or tcp://…");
    cmd->add_option("--display-commands", o.run.terminal.displayCommands,
                    "escpos, cd5220 or dsp800")
        ->capture_default_str();
    cmd->add_option("--display-page", o.run.terminal.displayPage,
                    "its code page, as cp858 (escpos only); else letters without accents");
    cmd->add_option("--display-brightness", o.run.terminal.displayBrightness,
                    "1 to 4; 0 = as it is")
        ->capture_default_str();
    cmd->add_option("--screen-port", o.run.terminal.screenPort,
                    "opens the customer's own screen on this loopback port, 0 = any");
    cmd->add_option("--screen-launch-file", o.run.terminal.screenLaunchFile,
                    "0600 file for that screen's one-time token");
    cmd->add_option("--ui-dir", o.run.terminal.uiDir, "serve the panel from this folder");
    cmd->add_option("--screen-ui-dir", o.run.terminal.screenUiDir,
                    "serve the customer's screen from this folder");
    cmd->add_option("--ports-file", o.run.portsFile,
                    "write the ports here once everything listens");
    cmd->add_option("--sync-interval", o.syncIntervalS, "seconds")
        ->check(CLI::Range(1, 3600))
        ->capture_default_str();
    cmd->add_flag("--with-parent", o.run.withParent, "stop at the end of standard input");
    cmd->callback(with([&](const auto& context) {
        o.run.terminal.syncIntervalMs = o.syncIntervalS * souffleur::kSecondMs;
        return cli::runTerminal(context, o.run);
    }));
    auto* staff = app.add_subcommand("operator", "who may sign in at this till; close it first")
                      ->require_subcommand(1);
    staff->add_subcommand("list", "who may sign in, and how")
        ->callback(with([](const auto& context) { return cli::listOperators(context); }));
    cmd = staff->add_subcommand("remove", "let somebody sign in no more; what they recorded stays");
    cmd->add_option("--name", o.staff.name)->required();
    cmd->callback(
        with([&](const auto& context) { return cli::removeOperator(context, o.staff.name); }));
    cmd = staff->add_subcommand("pin", "give somebody another PIN");
    cmd->add_option("--name", o.staff.name)->required();
    cmd->add_option("--pin-file", o.staff.pinFile, "a 0600 file with six digits")->required();
    cmd->callback(with(
        [&](const auto& context) { return cli::setPin(context, o.staff.name, o.staff.pinFile); }));
    cmd = staff->add_subcommand("add", "add somebody while the till is closed");
    cmd->add_option("--name", o.staff.name)->required();
    cmd->add_option("--role", o.staff.role)
        ->check(CLI::IsMember({"cashier", "supervisor"}))
        ->capture_default_str();
    cmd->add_option("--pin-file", o.staff.pinFile, "a 0600 file with six digits");
    cmd->add_flag("--badge", o.staff.badge, "read a badge's code from standard input");
    cmd->callback(with([&](const auto& context) { return cli::addOperator(context, o.staff); }));
    cmd = staff->add_subcommand("badge", "give somebody another badge while the till is closed");
    cmd->add_option("--name", o.name)->required();
    cmd->add_flag("--remove", o.remove, "none any more: it was lost");
    cmd->callback(
        with([&](const auto& context) { return cli::setBadge(context, o.name, o.remove); }));
    cmd = staff->add_subcommand("unlock", "end every lock-out while the till is closed");
    cmd->callback(with([](const auto& context) { return cli::unlockOperators(context); }));
}

template <typename With>
void addKiosk(CLI::App& app, Options& o, const With& with) {
    auto* kiosk = app.add_subcommand("kiosk", "the screen in the lobby")->require_subcommand(1);
    auto* cmd = kiosk->add_subcommand("enrol", "apply to head office with an invitation");
    cmd->add_option("INVITATION", o.file, "that `souffleur-hub invite --kind kiosk` made")
        ->required();
    cmd->add_flag("--again", o.again, "this kiosk is revoked: give it a new id");
    cmd->callback(
        with([&](const auto& context) { return cli::enrolKiosk(context, o.file, o.again); }));
    kiosk->add_subcommand("status", "what waits for head office; close the kiosk first")
        ->callback(with([](const auto& context) { return cli::kioskStatus(context); }));
    cmd = kiosk->add_subcommand("pin", "set the PIN of the staff menu; close the kiosk first");
    cmd->add_option("--pin-file", o.staff.pinFile, "a 0600 file with four to sixteen digits")
        ->required();
    cmd->callback(
        with([&](const auto& context) { return cli::setKioskPin(context, o.staff.pinFile); }));
    cmd = kiosk->add_subcommand("run", "serve visitors until told to stop");
    auto& run = o.kiosk;
    cmd->add_option("--api-port", run.lobby.port, "loopback, 0 = any")->capture_default_str();
    cmd->add_option("--printer", run.printer, "as of terminal run; without it no slips on paper");
    cmd->add_option("--printer-profile", run.printerProfile, "as of terminal run");
    cmd->add_option("--launch-file", run.lobby.launchFile,
                    "0600 file for the page's one-time token");
    cmd->add_option("--ui-dir", run.lobby.uiDir, "serve the page from this folder");
    cmd->add_option("--ports-file", run.portsFile, "write the ports here once everything listens");
    cmd->add_option("--sync-interval", o.kioskIntervalS, "seconds")
        ->check(CLI::Range(1, 3600))
        ->capture_default_str();
    const auto seconds = [&](const char* name, int& value, const char* what) {
        cmd->add_option(name, value, what)->check(CLI::Range(1, 600))->capture_default_str();
    };
    cmd->add_option("--sign-ups-a-minute", run.lobby.signUpsAMinute,
                    "more than that is a bored child; fifteen times as many in an hour")
        ->check(CLI::Range(1, 10'000))
        ->capture_default_str();
    seconds("--idle-first", o.idleFirstS, "seconds of quiet before anything was typed");
    seconds("--idle-typing", o.idleTypingS, "seconds of quiet once typing has begun");
    seconds("--idle-warn", o.idleWarnS, "seconds of warning before the wipe");
    cmd->add_flag("--with-parent", run.withParent, "stop at the end of standard input");
    cmd->callback(with([&](const auto& context) {
        run.lobby.syncIntervalMs = o.kioskIntervalS * souffleur::kSecondMs;
        run.lobby.signUpsAnHour = 15 * run.lobby.signUpsAMinute;
        run.lobby.idle = {o.idleFirstS * souffleur::kSecondMs, o.idleTypingS * souffleur::kSecondMs,
                          o.idleWarnS * souffleur::kSecondMs};
        return cli::runKiosk(context, run);
    }));
}

template <typename With>
void addScanner(CLI::App& app, Options& o, const With& with) {
    auto* scanner = app.add_subcommand("scanner", "bar code scanners")->require_subcommand(1);
    auto* cmd = scanner->add_subcommand("watch", "print each code that comes, until told to stop");
    cmd->add_option("ADDRESS", o.watch.address, "as --scanner of terminal run")->required();
    cmd->add_option(
        "--ours", o.watch.ours,
        "of a keyboard scanner: how codes begin that are ours, repeatable; the others are "
        "typed on. Without it all are ours");
    cmd->add_option("--count", o.watch.count, "stop after so many codes; 0 = never")
        ->capture_default_str();
    cmd->add_flag("--with-parent", o.watch.withParent, "stop at the end of standard input");
    cmd->callback(with([&](const auto&) { return cli::watchScanner(o.watch); }));
}

template <typename With>
void addPrinter(CLI::App& app, Options& o, const With& with) {
    auto* printer = app.add_subcommand("printer", "receipt printers")->require_subcommand(1);
    printer->add_subcommand("list", "those on USB: address, model, profile, may this user open it")
        ->callback(with([](const auto&) { return cli::listPrinters(); }));
    auto* const cmd = printer->add_subcommand(
        "test", "print a slip in the letters of every till language, and wait for its end");
    cmd->add_option("DEVICE", o.printer.device, "as --printer of terminal run")->required();
    cmd->add_option("--profile", o.printer.profile,
                    "firmware-config/profiles; else what the printer says it is");
    cmd->callback(with([&](const auto& c) { return cli::testPrinter(c, o.printer); }));
}

template <typename With>
void addProof(CLI::App& app, Options& o, const With& with) {
    auto* ledger = app.add_subcommand("ledger", "the proof at this till; close it first")
                       ->require_subcommand(1);
    ledger->add_subcommand("verify", "check every hash and rebuild every projection")
        ->callback(with([](const auto& context) { return cli::ledgerVerify(context); }));
    ledger->add_subcommand("stats", "counts as JSON")->callback(with([](const auto& context) {
        return cli::ledgerStats(context);
    }));
    auto* log = ledger->add_subcommand(
        "log", "head office's log as this till saw it; 1 while it is not the same any more");
    log->add_flag("--accept", o.accept, "it is known why: follow the log of now");
    log->callback(with([&](const auto& context) { return cli::ledgerLog(context, o.accept); }));
    auto* cmd = ledger->add_subcommand("export", "every event as NDJSON on standard output");
    cmd->add_flag("--personal", o.personal, "with personal data");
    cmd->callback(
        with([&](const auto& context) { return cli::ledgerExport(context, o.personal); }));
    cmd = ledger->add_subcommand("replay", "states that follow from a file of events");
    cmd->add_option("FILE", o.file, "NDJSON")->required();
    cmd->add_flag("--lenient", o.lenient, "pass over what cannot be read");
    cmd->callback(
        with([&](const auto& context) { return cli::ledgerReplay(context, o.file, o.lenient); }));
    auto* proof = app.add_subcommand("proof", "proofs of head office")->require_subcommand(1);
    cmd = proof->add_subcommand("verify", "check, offline, a proof that the console handed out");
    cmd->add_option("FILE", o.file, "proof-….json")->required();
    cmd->add_option("--key", o.key, "file with what `souffleur-hub key` prints")->required();
    cmd->add_option("--payload", o.payload, "the personal data it commits to");
    cmd->callback(with([&](const auto&) { return cli::proofVerify(o.file, o.key, o.payload); }));
    cmd = app.add_subcommand("key", "print this till's public key, which checks its receipts");
    cmd->callback(with([](const auto& context) { return cli::printKey(context); }));
    auto* receipt = app.add_subcommand("receipt", "consent receipts")->require_subcommand(1);
    cmd = receipt->add_subcommand("verify",
                                  "check, offline, a receipt of a till or a proof of head office");
    cmd->add_option("FILE", o.file)->required();
    cmd->add_option("--key", o.key,
                    "file with what `souffleur key` prints at the till, or `souffleur-hub key`")
        ->required();
    cmd->add_option("--payload", o.payload, "the personal data it commits to");
    cmd->callback(with([&](const auto&) { return cli::receiptVerify(o.file, o.key, o.payload); }));
}

template <typename With>
void addProvision(CLI::App& app, Options& o, const With& with) {
    auto* printers =
        app.add_subcommand("provision", "settings and logos of a receipt printer; nothing is "
                                        "written unless asked for")
            ->require_subcommand(1);
    const auto add = [&](const char* name, const char* what) {
        auto* const cmd = printers->add_subcommand(name, what);
        cmd->add_option("DEVICE", o.provision.device,
                        "usb://04b8:0202, tcp://host:9100 or serial:///dev/ttyUSB0?baud=9600")
            ->required();
        cmd->add_flag("--json", o.provision.json, "for programs");
        cmd->add_option("--serial", o.provision.serial,
                        "serial number from the label, for a printer that does not tell it");
        return cmd;
    };
    const auto settings = [&](CLI::App* cmd) {
        cmd->add_option("--settings", o.provision.settings,
                        "TOML file (firmware-config/provision/README.md)")
            ->required();
    };
    const auto replace = [&](CLI::App* cmd) {
        cmd->add_flag("--replace-unknown", o.provision.replaceUnknown,
                      "end pictures in the printer that nobody could bring back");
    };
    auto* cmd = add("plan", "what differs: exit 0 nothing, 2 something, 1 failed");
    settings(cmd);
    cmd->add_option("--preview", o.provision.preview, "write the logos as dots to this PNG");
    cmd->callback(with([&](const auto& c) { return cli::provisionPlan(c, o.provision); }));
    cmd = add("verify", "is it as declared? exit 0 yes, 2 no, 1 failed");
    settings(cmd);
    cmd->callback(with([&](const auto& c) { return cli::provisionPlan(c, o.provision); }));
    cmd = add("apply", "back up, write what differs, read it back; close the till first");
    settings(cmd);
    replace(cmd);
    cmd->callback(with([&](const auto& c) { return cli::provisionApply(c, o.provision); }));
    cmd = add("backup", "save what the printer holds");
    cmd->add_option("--model", o.provision.model, "a profile, where the printer names none");
    cmd->callback(with([&](const auto& c) { return cli::provisionBackup(c, o.provision); }));
    cmd = add("restore", "bring a backup back; close the till first");
    cmd->add_option("BACKUP", o.provision.backup, "backup-….json")->required();
    replace(cmd);
    cmd->callback(with([&](const auto& c) { return cli::provisionRestore(c, o.provision); }));
}

template <typename With>
void addDemo(CLI::App& app, Options& o, const With& with) {
    auto* cmd = app.add_subcommand("emulator",
                                   "a virtual receipt printer with a page that shows its paper");
    cmd->add_option("--port", o.emulator.port, "loopback, 0 = any")->capture_default_str();
    cmd->add_option("--page-port", o.emulator.pagePort)->capture_default_str();
    cmd->add_option("--profile", o.emulator.profile)->capture_default_str();
    cmd->add_option("--folder", o.emulator.folder, "keep receipts here as PNG and text");
    cmd->add_option("--ports-file", o.emulator.portsFile);
    cmd->add_flag("--with-parent", o.emulator.withParent);
    cmd->callback(with([&](const auto&) { return cli::runEmulator(o.emulator); }));
    cmd = app.add_subcommand("demo", "a whole house on this machine");
    cmd->add_option("--folder", o.demo.folder, "made anew")->capture_default_str();
    cmd->add_option("--people", o.demo.people)
        ->check(CLI::Range(50, 1'000'000))
        ->capture_default_str();
    cmd->add_option("--language", o.demo.language, "of the tills: nl ca es ru en de fr")
        ->capture_default_str();
    cmd->add_flag("--headless", o.demo.headless,
                  "without the sample box office; addresses also in demo.json");
    cmd->add_flag("--with-parent", o.demo.withParent);
    cmd->callback(with([&](const auto& context) { return cli::runDemo(context, o.demo); }));
}

/// Standard error says what was not understood.
int misuse(const CLI::App& app, const CLI::ParseError& error) {
    const bool lacks = dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
    (void) std::fprintf(stderr, "%s\n",
                        souffleur::misuseLine("souffleur", app, error.what(), lacks).c_str());
    // Where 2 already says that a printer differs, misuse is a failure like others.
    return app.got_subcommand("provision") ? 1 : souffleur::kMisuse;
}

int run(int argc, char** argv) {
    CLI::App app{"Souffleur whispers to the cashier: this customer was never asked"};
    app.require_subcommand(1);
    app.set_version_flag("--version", "souffleur 0.1.0");
    Options options;
    app.add_option("--data", options.data, "this device's folder")->capture_default_str();
    souffleur::SystemClock clock;
    souffleur::SystemRandom random;
    int code = 0;
    const auto with = [&](auto command) {
        return [&, command] { code = command(cli::Context{options.data, clock, random}); };
    };
    addTerminal(app, options, with);
    addKiosk(app, options, with);
    addScanner(app, options, with);
    addPrinter(app, options, with);
    addProof(app, options, with);
    addProvision(app, options, with);
    addDemo(app, options, with);
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& asked) { // help, version
        return app.exit(asked);
    } catch (const CLI::ParseError& error) {
        return misuse(app, error);
    }
    return code;
}

} // namespace

int main(int argc, char** argv) {
    ::umask(077); // whatever we or a library of ours makes is nobody else's to read
    return souffleur::guardedMain("souffleur", [&] { return run(argc, argv); });
}
