// souffleur-hub: head office's program.
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "plugin/base/Program.h"
#include "sync/hub/Commands.h"

namespace hub = souffleur::hub;

namespace {

/// Standard error says what was not understood.
int misuse(const CLI::App& app, const CLI::ParseError& error) {
    const bool lacks = dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
    (void) std::fprintf(stderr, "%s\n",
                        souffleur::misuseLine("souffleur-hub", app, error.what(), lacks).c_str());
    return souffleur::kMisuse;
}

void addHouse(CLI::App& command, hub::HouseWanted& wanted) {
    auto* file = command.add_option("--house", wanted.file,
                                    "house.toml (default: the one that `serve` was last given)");
    command
        .add_flag("--sample-house", wanted.sample,
                  "an invented house instead, to try the product in a folder of its own")
        ->excludes(file);
}

int run(int argc, char** argv) {
    CLI::App app{"Souffleur for head office: one provable picture of who may be written to"};
    app.require_subcommand(1);
    app.set_version_flag("--version", "souffleur-hub 0.1.0");
    std::string data = "souffleur-hub-data";
    auto* folder = app.add_option("--data", data, "the hub's data folder")->capture_default_str();
    souffleur::SystemClock clock;
    souffleur::SystemRandom random;
    int code = 0;
    const auto with = [&](auto command) {
        return [&, command] { code = command(hub::Context{data, clock, random}); };
    };

    auto* cmd = app.add_subcommand("init", "make a head office in a new folder");
    hub::InitOptions init;
    cmd->add_option(
        "--store", init.store,
        "a PostgreSQL database for it, without a password (default: SQLite in the folder)");
    cmd->add_option("--store-password-file", init.passwordFile,
                    "a 0600 file with its password (default: ~/.pgpass)");
    cmd->callback(with([&](const auto& context) { return hub::init(context, init); }));

    hub::ServeOptions serve;
    cmd = app.add_subcommand("serve", "serve devices and the console until told to stop");
    cmd->add_option("--address", serve.address, "where devices connect")->capture_default_str();
    cmd->add_option("--name", serve.names,
                    "how devices call this machine: put in its certificate beside localhost");
    cmd->add_option("--sync-port", serve.syncPort, "for devices, 0 = any")->capture_default_str();
    cmd->add_option("--console-port", serve.consolePort, "for staff, loopback, 0 = any")
        ->capture_default_str();
    addHouse(*cmd, serve.house);
    cmd->add_option("--ports-file", serve.portsFile, "write the ports here once they listen");
    cmd->add_flag("--with-parent", serve.withParent, "stop at the end of standard input");
    cmd->add_option("--ui-dir", serve.uiDir, "serve the console's page from this folder");
    cmd->add_option("--mail", serve.mail, "a 0600 TOML file: how confirmations are mailed");
    cmd->add_option("--public-address", serve.publicAddress,
                    "where the house's web server reaches the page for customers")
        ->capture_default_str();
    cmd->add_option("--public-port", serve.publicPort,
                    "for customers, 0 = any (default: 8445 with --mail, else no such page)");
    cmd->callback(with([&, folder](const auto& context) {
        serve.found = folder->count() > 0;
        return hub::serve(context, serve);
    }));

    hub::ImportOptions import;
    cmd = app.add_subcommand("import", "take a ticketing export (CSV or XLSX)");
    cmd->add_option("FILE", import.file)->required();
    cmd->add_option("--mapping", import.mapping, "mapping file (default: guess from the headings)");
    cmd->add_option("--rejects", import.rejects,
                    "where rejected rows go (default: FILE.rejects.csv; of a dry run: nowhere)");
    cmd->add_option("--system", import.system, "name of the ticketing system")
        ->capture_default_str();
    addHouse(*cmd, import.house);
    cmd->add_flag("--dry-run", import.dryRun,
                  "count, write nothing but what --rejects names a file for");
    cmd->callback(with([&](const auto& context) { return hub::importFile(context, import); }));

    hub::InviteOptions invite;
    cmd = app.add_subcommand("invite", "make a one-time invitation for a device (ten minutes)");
    cmd->add_option("--name", invite.name, "\"Till 2\"")->required();
    cmd->add_option("--place", invite.place, "\"till-2\"")->required();
    cmd->add_option("--kind", invite.kind)
        ->check(CLI::IsMember({"terminal", "kiosk"}))
        ->capture_default_str();
    cmd->add_option("--url", invite.url, "how the device reaches this hub")->required();
    cmd->add_option("--out", invite.out, "file for the invitation (0600)")->required();
    cmd->callback(with([&](const auto& context) { return hub::invite(context, invite); }));

    hub::MailTestOptions mailTest;
    auto* mail = app.add_subcommand("mail", "confirmations by mail")->require_subcommand(1);
    cmd = mail->add_subcommand("test", "send one message, to see whether mail works");
    cmd->add_option("--mail", mailTest.mail, "the mail file")->required();
    cmd->add_option("--to-file", mailTest.to, "a 0600 file with the address")->required();
    cmd->callback([&] { code = hub::testMail(mailTest, clock, random); });

    std::string device;
    cmd = app.add_subcommand("approve", "let a device take part, after comparing its fingerprint");
    cmd->add_option("DEVICE", device, "origin id, fingerprint, or `pending` for all that wait")
        ->required();
    cmd->callback(with([&](const auto& context) { return hub::approve(context, device); }));
    cmd = app.add_subcommand("revoke", "shut a device out at once");
    cmd->add_option("DEVICE", device, "origin id or fingerprint")->required();
    cmd->callback(with([&](const auto& context) { return hub::revoke(context, device); }));
    cmd = app.add_subcommand("devices", "list devices");
    cmd->callback(with([](const auto& context) { return hub::devices(context); }));

    std::string take;
    cmd = app.add_subcommand("kept", "what kiosks sent and could not be taken in, and why");
    cmd->add_option("--take", take,
                    "a revoked kiosk, by origin id or fingerprint: what it sent is honest, take it "
                    "in");
    cmd->callback(with([&](const auto& context) { return hub::keptSealed(context, take); }));

    std::string name;
    std::string role;
    std::string passwordFile;
    auto* staff = app.add_subcommand("staff", "who works at head office")->require_subcommand(1);
    cmd = staff->add_subcommand("add", "add somebody, or change role and password");
    cmd->add_option("--name", name)->required();
    cmd->add_option("--role", role)
        ->required()
        ->check(CLI::IsMember({"marketing", "privacy", "it", "admin"}));
    cmd->add_option("--password-file", passwordFile, "a 0600 file")->required();
    cmd->callback(with(
        [&](const auto& context) { return hub::addStaff(context, name, role, passwordFile); }));

    cmd = staff->add_subcommand("unlock", "end every lock-out of the sign-in");
    cmd->callback(with([](const auto& context) { return hub::unlockStaff(context); }));

    cmd = app.add_subcommand("key", "print head office's public key, which checks its proofs");
    cmd->callback(with([](const auto& context) { return hub::printKey(context); }));

    auto* ledger = app.add_subcommand("ledger", "the proof")->require_subcommand(1);
    ledger->add_subcommand("verify", "check every hash and rebuild every projection")
        ->callback(with([](const auto& context) { return hub::verifyLedger(context); }));
    hub::ProveOptions prove;
    cmd = ledger->add_subcommand("prove", "write what shows an act, and that the log holds it");
    cmd->add_option("ACT", prove.event, "its id")->required();
    cmd->add_option("--out", prove.out, "file (default: proof-ACT.json here)");
    cmd->callback(with([&](const auto& context) { return hub::proveAct(context, prove); }));
    ledger->add_subcommand("stats", "counts as JSON")->callback(with([](const auto& context) {
        return hub::stats(context);
    }));

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
    return souffleur::guardedMain("souffleur-hub", [&] { return run(argc, argv); });
}
