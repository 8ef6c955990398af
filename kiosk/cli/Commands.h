// What `souffleur` does at the command line. Each gives an exit code: 0 done, 1 failed (one line on
// standard error says what to do), 2 misuse (from the parser).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "kiosk/lobby/Lobby.h"
#include "kiosk/terminal/Terminal.h"
#include "plugin/base/Clock.h"
#include "plugin/base/Random.h"

namespace souffleur::ledger {
class Ledger;
} // namespace souffleur::ledger

namespace souffleur::cli {

/// What every command needs.
struct Context {
    std::filesystem::path data; ///< the device's folder
    SystemClock& clock;
    Random& random;
};

struct RunOptions {
    terminal::TerminalOptions terminal;
    std::filesystem::path portsFile; ///< gets {"api":…} once everything listens
    bool withParent = false;         ///< stop at the end of standard input
};

struct KioskOptions {
    lobby::LobbyOptions lobby;
    std::string printer;             ///< as --printer of terminal run; empty: no slips
    std::string printerProfile;      ///< empty: the one that the printer's own word names
    std::filesystem::path portsFile; ///< gets {"api":…,"page":…} once everything listens
    bool withParent = false;         ///< stop at the end of standard input
};

struct NewOperator {
    std::string name;
    std::string role = "cashier";
    std::filesystem::path pinFile; ///< 0600, six digits; empty = signs in by badge only
    bool badge = false;            ///< read its code from standard input
};

struct EmulatorOptions {
    std::uint16_t port = 9100;
    std::uint16_t pagePort = 8602;
    std::string profile = "generic-80mm";
    std::filesystem::path folder;    ///< receipts as NNNN.png and NNNN.txt
    std::filesystem::path portsFile; ///< gets {"printer":…,"page":…}
    bool withParent = false;
};

struct ProvisionOptions {
    std::string device;             ///< usb://, tcp:// or serial://
    std::filesystem::path settings; ///< plan, verify, apply
    std::filesystem::path backup;   ///< restore
    std::filesystem::path preview;  ///< plan: the logos as PNG
    std::string model;              ///< backup: empty = what the printer says it is
    std::string serial;             ///< of a printer that does not tell it
    bool replaceUnknown = false;
    bool json = false;
};

struct PrinterOptions {
    std::string device;  ///< usb://, tcp://, serial:// or file://
    std::string profile; ///< empty = the one of the model that the printer says it is
    int waitMs = 30'000; ///< until it is on paper
};

struct WatchOptions {
    std::string address;           ///< of a scanner
    std::vector<std::string> ours; ///< beginnings; none = every code
    std::size_t count = 0;         ///< codes; 0 = until told to stop
    bool withParent = false;
};

struct DemoOptions {
    std::filesystem::path folder = "souffleur-demo";
    std::size_t people = 5000;
    std::string language = "en"; ///< of the tills; the house itself is Dutch, README is English
    bool headless = false; ///< no box office and no talk: for the smoke test, which reads demo.json
    bool withParent = false; ///< stop at the end of standard input
};

/// This device's ledger; the till must be closed. Errors: as Ledger::open().
Result<std::unique_ptr<ledger::Ledger>> openLedger(const Context& context);

// The terminal.
/// `again`: this device is enrolled and gets a new id; the till must be closed.
int enrol(const Context& context, const std::filesystem::path& invitationFile, bool again);
int runTerminal(const Context& context, const RunOptions& options);
// Who may sign in there, while it is closed.
int addOperator(const Context& context, const NewOperator& wanted);
/// Another badge for somebody, or none any more.
int setBadge(const Context& context, const std::string& name, bool remove);
/// 000000, 123456, 987654, 121212, 123123: one digit, a run, or something short over and over.
bool trivialPin(std::string_view pin);
int setPin(const Context& context, const std::string& name, const std::filesystem::path& pinFile);
/// They sign in no more; what they recorded stays.
int removeOperator(const Context& context, const std::string& name);
int listOperators(const Context& context);
/// Ends every lock-out of this till.
int unlockOperators(const Context& context);
// The kiosk in the lobby.
int enrolKiosk(const Context& context, const std::filesystem::path& invitationFile, bool again);
int runKiosk(const Context& context, const KioskOptions& options);
/// Prints what waits and when it was last heard; the kiosk must be closed.
int kioskStatus(const Context& context);
/// The PIN of the staff menu, from a 0600 file; counts from the next start.
int setKioskPin(const Context& context, const std::filesystem::path& pinFile);
// The proof.
int ledgerVerify(const Context& context);
int ledgerStats(const Context& context);
/// Prints what this till remembers of head office's log, with the evidence of an alarm; 1 while one
/// stands. `accept`: ends it, and the log of now is followed from the next time that the till runs.
int ledgerLog(const Context& context, bool accept);
int ledgerExport(const Context& context, bool personal);
int ledgerReplay(const Context& context, const std::filesystem::path& file, bool lenient);
int receiptVerify(const std::filesystem::path& receipt, const std::filesystem::path& publicKey,
                  const std::filesystem::path& payload);
/// Checks the proof that head office's console hands out; says what it proves and what not.
int proofVerify(const std::filesystem::path& proof, const std::filesystem::path& publicKey,
                const std::filesystem::path& payload);
/// Prints this till's public key, which checks the receipts that it made.
int printKey(const Context& context);
// Settings and logos of receipt printers (firmware-config/provision). Exit codes: 0 as declared, 2
// plan and verify found differences, 1 failed.
int provisionPlan(const Context& context, const ProvisionOptions& options);
/// While the till of this data folder is closed.
int provisionApply(const Context& context, const ProvisionOptions& options);
int provisionBackup(const Context& context, const ProvisionOptions& options);
int provisionRestore(const Context& context, const ProvisionOptions& options);
/// What is plugged in: ids, serial number, maker, profile, and may this user open it. None is no
/// failure: 0, nothing on standard output, what to try on standard error.
int listPrinters();
/// Prints a slip with nothing of anybody, waits until the printer confirms it.
int testPrinter(const Context& context, const PrinterOptions& options);
/// Prints each code as a line: time, source, symbology or -, text; what becomes of the scanner on
/// standard error.
int watchScanner(const WatchOptions& options);
// The demo and its virtual printer.
int runEmulator(const EmulatorOptions& options);
int runDemo(const Context& context, const DemoOptions& options);

/// "souffleur: …" on standard error; gives 1.
int failed(const Error& error);

} // namespace souffleur::cli
