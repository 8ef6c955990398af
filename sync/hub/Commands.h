// What `souffleur-hub` does at the command line. Each gives an exit code: 0 done, 1 failed (one
// line on standard error says what to do), 2 misuse (from the parser).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "plugin/base/Clock.h"
#include "plugin/base/Random.h"
#include "sync/hub/HouseFile.h"

namespace souffleur::hub {

/// What every command needs.
struct Context {
    std::filesystem::path data; ///< the hub's folder
    SystemClock& clock;
    Random& random;
};

struct InitOptions {
    std::string store;                  ///< a PostgreSQL database; empty: SQLite in the folder
    std::filesystem::path passwordFile; ///< empty: ~/.pgpass
};

struct ServeOptions {
    std::string address = "127.0.0.1";
    std::uint16_t syncPort = 8443;
    std::uint16_t consolePort = 8444;
    HouseWanted house;               ///< none: the kept one
    std::filesystem::path portsFile; ///< gets {"sync":…,"console":…} once both listen
    bool withParent = false;         ///< stop at the end of standard input
    std::filesystem::path uiDir;     ///< serve the console's page from here
    std::vector<std::string> names;  ///< host names and IPv4 addresses for the certificate
    bool found = false;              ///< the folder was named: a new one becomes a head office
    std::filesystem::path mail;      ///< how confirmations are mailed; empty: they wait
    std::string publicAddress = "127.0.0.1"; ///< of the door for customers
    std::optional<std::uint16_t> publicPort; ///< none: with `mail` 8445, else no door
};

struct ImportOptions {
    std::filesystem::path file;
    std::filesystem::path mapping; ///< empty: guess from the headings
    std::filesystem::path rejects; ///< empty: FILE.rejects.csv; of a dry run: none
    HouseWanted house;             ///< none: the kept one
    std::string system = "import"; ///< name of the source
    bool dryRun = false;
};

struct InviteOptions {
    std::string name;
    std::string place;
    std::string kind = "terminal";
    std::string url;           ///< how devices reach the hub
    std::filesystem::path out; ///< 0600 file for the invitation; never printed
};

struct MailTestOptions {
    std::filesystem::path mail; ///< the mail file
    std::filesystem::path to;   ///< a 0600 file with the address that gets the test
};

struct ProveOptions {
    std::string event;         ///< id of the act
    std::filesystem::path out; ///< empty: proof-ID.json here
};

/// Founds a head office in a new or empty folder; one that stands is left as it is.
int init(const Context& context, const InitOptions& options = {});
int serve(const Context& context, const ServeOptions& options);
int importFile(const Context& context, const ImportOptions& options);
int invite(const Context& context, const InviteOptions& options);
/// Approves or revokes by the origin's id or the whole fingerprint; "pending" approves all that
/// wait.
int approve(const Context& context, const std::string& device);
int revoke(const Context& context, const std::string& device);
int devices(const Context& context);
/// What kiosks sent and could not be placed: how many of each, and why. `take`: a kiosk's id or
/// fingerprint, whose sign-ups are placed although it was revoked.
int keptSealed(const Context& context, const std::string& take);
int addStaff(const Context& context, const std::string& name, const std::string& role,
             const std::filesystem::path& passwordFile);
/// Ends every lock-out of the console's sign-in; the hub may be serving meanwhile.
int unlockStaff(const Context& context);
/// Prints the public key that checks what head office signs: hand it to whoever is to check.
int printKey(const Context& context);
int verifyLedger(const Context& context);
/// Writes one 0600 file that `souffleur receipt verify` checks offline.
int proveAct(const Context& context, const ProveOptions& options);
int stats(const Context& context);
/// Sends one message that says nothing but that mail works.
int testMail(const MailTestOptions& options, const Clock& clock, Random& random);

} // namespace souffleur::hub
