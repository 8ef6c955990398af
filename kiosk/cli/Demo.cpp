// A box office on one machine: hub, two terminals, a virtual printer, a sample ticketing system, as
// processes on the loopback. What it does not do is weaken anything: mutual TLS, sign-in, one-time
// tokens as in a real house.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "kiosk/cli/ChildProcess.h"
#include "kiosk/cli/Commands.h"
#include "kiosk/cli/DemoTill.h"
#include "kiosk/cli/SampleHouse.h"
#include "plugin/base/StopSignal.h"
#include "plugin/crypto/Handle.h"
#include "plugin/crypto/PrivateFile.h"
#include "plugin/wire/Json.h"
#include "plugin/wire/JsonWriter.h"

namespace souffleur::cli {
namespace {

namespace fs = std::filesystem;

constexpr TimeMs kReadyMs = 60 * kSecondMs;
constexpr const char* kSystem = "boxoffice";
constexpr const char* kStaff = "iris";
/// What would be mailed lies in a folder, and its links lead to this machine's own door.
constexpr const char* kMail = "transport = \"maildir\"\nfolder = \"mail\"\n"
                              "from = \"no-reply@example.org\"\nsettle-seconds = 5\n"
                              "public-url = \"http://127.0.0.1:0\"\n";
constexpr const char* kLock = "demo.lock"; ///< in the demo's folder; stays when it is cleared

struct Ports {
    std::uint16_t sync = 0;
    std::uint16_t console = 0;
    std::uint16_t customers = 0;
    std::uint16_t printer = 0;
    std::uint16_t page = 0;
};

/// Started in order, stopped in reverse.
class Demo {
public:
    Demo(const Context& context, DemoOptions options)
        : _context(context), _options(std::move(options)), _folder(fs::absolute(_options.folder)),
          _bin(fs::read_symlink("/proc/self/exe").parent_path()) {}
    ~Demo() {
        if (_lock >= 0) (void) ::close(_lock);
    }
    Demo(const Demo&) = delete;
    Demo& operator=(const Demo&) = delete;

    Result<void> start();
    Result<void> startBoxOffice();
    void printWelcome() const;
    [[nodiscard]] Result<void> writeSummary() const;
    [[nodiscard]] Result<void> allRunning() const;
    void stop();

private:
    Result<void> takeFolder();
    Result<void> prepareFolder();
    Result<void> importHouse();
    Result<void> startHub();
    Result<void> startPrinter();
    /// Enrols with `kind`'s command, and approves as head office.
    Result<void> enrolDevice(const char* kind, const Till& device);
    Result<void> enrolTill(Till& till);
    Result<void> startKiosk();
    Result<void> startTill(Till& till);
    [[nodiscard]] std::vector<std::string> hubArguments(std::vector<std::string> more) const;
    [[nodiscard]] fs::path log(const std::string& name) const {
        return _folder / "log" / (name + ".log");
    }
    std::string randomPin();
    void step(const char* what) const {
        if (!_options.headless) (void) std::fprintf(stderr, "  %s\n", what);
    }

    const Context& _context;
    DemoOptions _options;
    fs::path _folder;
    fs::path _bin;
    Ports _ports;
    std::string _password;
    SampleHouse _house;
    std::unique_ptr<ChildProcess> _hub;
    std::unique_ptr<ChildProcess> _printer;
    std::vector<Till> _tills;
    Till _kiosk; ///< its `panel` is the visitor's page
    std::unique_ptr<ChildProcess> _boxOffice;
    int _lock = -1;
};

Result<std::uint16_t> portFrom(const std::string& json, std::string_view key) {
    wire::JsonReader in(wire::Json::parse(json));
    const auto port = in.integer(key, 1, 65535);
    if (auto ok = in.done(); !ok) return passOn(ok);
    return static_cast<std::uint16_t>(port);
}

std::vector<std::string> Demo::hubArguments(std::vector<std::string> more) const {
    std::vector<std::string> arguments{"--data", (_folder / "hub").string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
}

std::string Demo::randomPin() {
    std::string pin;
    while (trivialPin(pin)) {
        pin.clear();
        for (int i = 0; i < 6; ++i) pin += static_cast<char>('0' + _context.random.below(10));
    }
    return pin;
}

/// Held for as long as the demo lives: who comes second must not clear the folder of the first.
Result<void> Demo::takeFolder() {
    _lock = ::open((_folder / kLock).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (_lock < 0)
        return fail(Code::storage, "the demo's folder cannot be locked", _folder.string());
    if (::flock(_lock, LOCK_EX | LOCK_NB) == 0) return {};
    return fail(Code::locked,
                "a demo is open in this folder: close it first, or name another one with --folder",
                _folder.string());
}

Result<void> Demo::prepareFolder() {
    std::error_code failed;
    // Only ever a folder that an earlier demo made is cleared.
    const bool ours = fs::exists(_folder / "demo.json", failed) ||
                      fs::exists(_folder / kLock, failed) || !fs::exists(_folder, failed) ||
                      fs::is_empty(_folder, failed);
    if (!ours || failed) {
        return fail(Code::conflict, "this folder is not a demo's: name another one with --folder",
                    _folder.string());
    }
    fs::create_directories(_folder, failed);
    if (failed) return fail(Code::storage, "the demo's folder cannot be made", _folder.string());
    fs::permissions(_folder, fs::perms::owner_all, failed);
    if (auto taken = takeFolder(); !taken) return taken;
    std::vector<fs::path> old;
    for (const fs::directory_entry& entry : fs::directory_iterator(_folder, failed)) {
        if (entry.path().filename() != kLock) old.push_back(entry.path());
    }
    for (const fs::path& path : old) fs::remove_all(path, failed);
    fs::create_directories(_folder / "log", failed);
    if (failed) return fail(Code::storage, "the demo's folder cannot be made", _folder.string());
    return crypto::writePrivateFile(_folder / "demo.json", "{}");
}

Result<void> Demo::importHouse() {
    const fs::path csv = _folder / "customers.csv";
    {
        std::ofstream out(csv, std::ios::binary);
        SampleOptions options;
        options.people = _options.people;
        options.now = _context.clock.now().at;
        _house = writeSampleHouse(out, options);
        out.close();
        if (!out) return fail(Code::storage, "the sample house cannot be written");
    }
    if (auto made =
            ChildProcess::run(_bin / "souffleur-hub", hubArguments({"init"}), log("import"));
        !made) {
        return made;
    }
    return ChildProcess::run(
        _bin / "souffleur-hub",
        hubArguments({"import", csv.string(), "--system", kSystem, "--sample-house"}),
        log("import"));
}

Result<void> Demo::startHub() {
    _password = crypto::randomToken(_context.random, 16);
    const fs::path file = _folder / "password";
    if (auto written = crypto::writePrivateFile(file, _password); !written) return written;
    if (auto added = ChildProcess::run(_bin / "souffleur-hub",
                                       hubArguments({"staff", "add", "--name", kStaff, "--role",
                                                     "admin", "--password-file", file.string()}),
                                       log("staff"));
        !added) {
        return added;
    }
    const fs::path mail = _folder / "mail.toml";
    if (auto written = crypto::writePrivateFile(mail, kMail); !written) return written;
    const fs::path ports = _folder / "hub-ports.json";
    auto hub = ChildProcess::start(
        _bin / "souffleur-hub",
        hubArguments({"serve", "--sample-house", "--with-parent", "--sync-port", "0",
                      "--console-port", "0", "--ports-file", ports.string(), "--mail",
                      mail.string(), "--public-port", "0"}),
        log("hub"));
    if (!hub) return passOn(hub);
    _hub = std::move(*hub);
    const auto text = awaitFile(ports, *_hub, kReadyMs);
    if (!text) return passOn(text);
    const auto sync = portFrom(*text, "sync");
    const auto console = portFrom(*text, "console");
    const auto customers = portFrom(*text, "public");
    if (!sync) return passOn(sync);
    if (!console) return passOn(console);
    if (!customers) return passOn(customers);
    _ports.customers = *customers;
    _ports.sync = *sync;
    _ports.console = *console;
    return {};
}

Result<void> Demo::startPrinter() {
    const fs::path ports = _folder / "printer-ports.json";
    auto printer = ChildProcess::start(_bin / "souffleur",
                                       {"emulator", "--profile", "epson-tm-t20iii", "--with-parent",
                                        "--port", "0", "--page-port", "0", "--ports-file",
                                        ports.string(), "--folder", (_folder / "paper").string()},
                                       log("printer"));
    if (!printer) return passOn(printer);
    _printer = std::move(*printer);
    const auto text = awaitFile(ports, *_printer, kReadyMs);
    if (!text) return passOn(text);
    const auto line = portFrom(*text, "printer");
    const auto page = portFrom(*text, "page");
    if (!line) return passOn(line);
    if (!page) return passOn(page);
    _ports.printer = *line;
    _ports.page = *page;
    return {};
}

Result<void> Demo::enrolDevice(const char* kind, const Till& till) {
    const fs::path invitation = _folder / (till.place + ".invitation");
    const std::string url = "https://127.0.0.1:" + std::to_string(_ports.sync);
    if (auto made = ChildProcess::run(
            _bin / "souffleur-hub",
            hubArguments({"invite", "--kind", kind, "--name", till.name, "--place", till.place,
                          "--url", url, "--out", invitation.string()}),
            log("hub-commands"));
        !made) {
        return made;
    }
    if (auto asked = ChildProcess::run(
            _bin / "souffleur", {"--data", till.data.string(), kind, "enrol", invitation.string()},
            log(till.place));
        !asked) {
        return asked;
    }
    std::error_code ignored;
    fs::remove(invitation, ignored);
    // The demo is both the till and head office: it approves the very key that the till made.
    const auto device = protocol::Device::load(till.data);
    if (!device) return passOn(device);
    const auto fingerprint = device->fingerprint();
    if (!fingerprint) return passOn(fingerprint);
    return ChildProcess::run(_bin / "souffleur-hub", hubArguments({"approve", *fingerprint}),
                             log("hub-commands"));
}

Result<void> Demo::enrolTill(Till& till) {
    if (auto enrolled = enrolDevice("terminal", till); !enrolled) return enrolled;
    const fs::path pinFile = _folder / (till.place + ".pin");
    if (auto written = crypto::writePrivateFile(pinFile, till.pin); !written) return written;
    return ChildProcess::run(_bin / "souffleur",
                             {"--data", till.data.string(), "operator", "add", "--name",
                              till.cashier, "--role", "cashier", "--pin-file", pinFile.string()},
                             log(till.place));
}

Result<void> Demo::startKiosk() {
    _kiosk.name = "Foyer";
    _kiosk.place = "foyer";
    _kiosk.data = _folder / _kiosk.place;
    _kiosk.pin = randomPin();
    _kiosk.launch = _folder / "foyer.launch";
    if (auto enrolled = enrolDevice("kiosk", _kiosk); !enrolled) return enrolled;
    const fs::path pinFile = _folder / "foyer.pin";
    if (auto written = crypto::writePrivateFile(pinFile, _kiosk.pin); !written) return written;
    const auto data = _kiosk.data.string();
    if (auto set = ChildProcess::run(
            _bin / "souffleur", {"--data", data, "kiosk", "pin", "--pin-file", pinFile.string()},
            log(_kiosk.place));
        !set) {
        return set;
    }
    const fs::path ports = _folder / "foyer-ports.json";
    auto process = ChildProcess::start(
        _bin / "souffleur",
        {"--data", data, "kiosk", "run", "--with-parent", "--api-port", "0", "--ports-file",
         ports.string(), "--printer", "tcp://127.0.0.1:" + std::to_string(_ports.printer),
         "--launch-file", _kiosk.launch.string(), "--sync-interval", "2"},
        log(_kiosk.place));
    if (!process) return passOn(process);
    _kiosk.process = std::move(*process);
    if (const auto text = awaitFile(ports, *_kiosk.process, kReadyMs); !text) return passOn(text);
    return readLaunch(_kiosk);
}

Result<void> Demo::startTill(Till& till) {
    const fs::path ports = _folder / (till.place + "-ports.json");
    till.socket = (_folder / (till.place + "-host") / "host.sock").string();
    till.launch = _folder / (till.place + ".launch");
    till.screenLaunch = _folder / (till.place + "-screen.launch");
    auto process = ChildProcess::start(_bin / "souffleur",
                                       {"--data",
                                        till.data.string(),
                                        "terminal",
                                        "run",
                                        "--with-parent",
                                        "--api-port",
                                        "0",
                                        "--ports-file",
                                        ports.string(),
                                        "--host-socket",
                                        till.socket,
                                        "--printer",
                                        "tcp://127.0.0.1:" + std::to_string(_ports.printer),
                                        "--launch-file",
                                        till.launch.string(),
                                        "--screen-port",
                                        "0",
                                        "--screen-launch-file",
                                        till.screenLaunch.string(),
                                        "--language",
                                        _options.language,
                                        "--sync-interval",
                                        "2"},
                                       log(till.place));
    if (!process) return passOn(process);
    till.process = std::move(*process);
    const auto text = awaitFile(ports, *till.process, kReadyMs);
    if (!text) return passOn(text);
    return readLaunch(till);
}

Result<void> Demo::start() {
    if (auto ready = prepareFolder(); !ready) return ready;
    step("a house of invented customers is being imported");
    if (auto imported = importHouse(); !imported) return imported;
    step("head office opens");
    if (auto started = startHub(); !started) return started;
    if (auto started = startPrinter(); !started) return started;
    step("two tills enrol, load the customers and open");
    for (const auto& [name, place, cashier] :
         {std::tuple{"Till 1", "till-1", "Noor"}, std::tuple{"Till 2", "till-2", "Jordi"}}) {
        Till till;
        till.name = name;
        till.place = place;
        till.cashier = cashier;
        till.data = _folder / place;
        till.pin = randomPin();
        if (auto enrolled = enrolTill(till); !enrolled) return enrolled;
        if (auto started = startTill(till); !started) return started;
        _tills.push_back(std::move(till));
    }
    step("a kiosk opens in the lobby");
    if (auto started = startKiosk(); !started) return started;
    return writeSummary();
}

Result<void> Demo::startBoxOffice() {
    const fs::path script = _folder / "sale.txt";
    {
        std::ofstream out(script);
        out << "wait-terminal 30000\n";
        for (const SamplePerson& person : _house.examples) {
            out << "select " << person.customer
                << "\nsell theatre 2\npause 12000\nclear\npause 1500\n";
        }
    }
    auto process =
        ChildProcess::start(_bin / "souffleur-boxoffice",
                            {"--socket", _tills.front().socket, "--system", kSystem, "--library",
                             (_bin.parent_path() / "lib" / "libsouffleur_host.so").string(),
                             "--script", script.string(), "--loop"},
                            log("boxoffice"));
    if (!process) return passOn(process);
    _boxOffice = std::move(*process);
    return {};
}

Result<void> Demo::writeSummary() const {
    wire::JsonWriter out;
    out.beginObject()
        .field("folder", _folder.string())
        .field("console", "http://127.0.0.1:" + std::to_string(_ports.console) + "/");
    out.field("staff", kStaff).field("password", _password);
    out.field("customers", "http://127.0.0.1:" + std::to_string(_ports.customers) + "/")
        .field("mailFolder", (_folder / "mail" / "new").string());
    out.field("paper", "http://127.0.0.1:" + std::to_string(_ports.page) + "/");
    out.field("paperFolder", (_folder / "paper").string()).field("system", kSystem);
    out.field("hubPid", _hub->pid())
        .field("library", (_bin.parent_path() / "lib" / "libsouffleur_host.so").string());
    out.key("tills").beginArray();
    for (const Till& till : _tills) describe(out, till);
    out.endArray().key("kiosk").beginObject();
    out.field("name", _kiosk.name)
        .field("page", _kiosk.panel)
        .field("launchFile", _kiosk.launch.string())
        .field("pin", _kiosk.pin);
    out.field("data", _kiosk.data.string()).field("pid", _kiosk.process->pid()).endObject();
    out.key("examples").beginArray();
    for (const SamplePerson& person : _house.examples) {
        out.beginObject()
            .field("customer", person.customer)
            .field("name", person.name)
            .field("flag", person.flag);
        out.endObject();
    }
    out.endArray().endObject();
    return crypto::writePrivateFile(_folder / "demo.json", out.take());
}

void Demo::printWelcome() const {
    (void) std::printf("\nThe box office is open.\n\n");
    for (const Till& till : _tills) {
        (void) std::printf("  %s        %s\n                sign in as %s, PIN %s\n"
                           "                its customer's screen: %s\n",
                           till.name.c_str(), till.panel.c_str(), till.cashier.c_str(),
                           till.pin.c_str(), till.screen.c_str());
    }
    (void) std::printf("  Lobby         %s\n                staff menu: PIN %s\n",
                       _kiosk.panel.c_str(), _kiosk.pin.c_str());
    (void) std::printf(
        "  Head office   http://127.0.0.1:%u/\n                sign in as %s, password in %s\n",
        static_cast<unsigned>(_ports.console), kStaff, (_folder / "password").c_str());
    (void) std::printf("  Paper         http://127.0.0.1:%u/\n"
                       "                the virtual printer is at tcp://127.0.0.1:%u\n\n",
                       static_cast<unsigned>(_ports.page), static_cast<unsigned>(_ports.printer));
    (void) std::printf(
        "  Customers     http://127.0.0.1:%u/w\n                what would be mailed "
        "to them is in %s\n\n",
        static_cast<unsigned>(_ports.customers), (_folder / "mail" / "new").c_str());
    (void) std::printf("%sBy hand, at Till 2:\n"
                       "%s --socket %s --system %s --customers %s\nCtrl-C closes the house.\n",
                       _options.headless
                           ? ""
                           : "A sample box office selects a customer at Till 1 every few seconds. ",
                       (_bin / "souffleur-boxoffice").c_str(), _tills.back().socket.c_str(),
                       kSystem, (_folder / "customers.csv").c_str());
    (void) std::fflush(stdout);
}

Result<void> Demo::allRunning() const {
    // Who sells is no part of the house: it may end the sample box office and sell by hand. The
    // kiosk may be closed by its staff menu.
    std::vector<const ChildProcess*> all{_hub.get(), _printer.get()};
    for (const Till& till : _tills) all.push_back(till.process.get());
    for (const ChildProcess* child : all) {
        if (child != nullptr && !child->running()) {
            return fail(Code::unavailable, child->name() + " ended: see the logs",
                        (_folder / "log").string());
        }
    }
    return {};
}

void Demo::stop() {
    _boxOffice.reset();
    _kiosk.process.reset();
    while (!_tills.empty()) _tills.pop_back();
    _printer.reset();
    _hub.reset();
}

} // namespace

int runDemo(const Context& context, const DemoOptions& options) {
    StopSignal stop(options.withParent);
    Demo demo(context, options);
    if (!options.headless) (void) std::fprintf(stderr, "Opening the demo house:\n");
    if (auto started = demo.start(); !started) return failed(started.error());
    if (!options.headless) {
        if (auto started = demo.startBoxOffice(); !started) return failed(started.error());
    }
    demo.printWelcome();
    int code = 0;
    while (code == 0 && !stop.wait(kSecondMs)) {
        if (auto running = demo.allRunning(); !running) code = failed(running.error());
    }
    demo.stop();
    if (!options.headless && code == 0)
        (void) std::fprintf(stderr,
                            "The house is closed. What it printed and logged stays in %s "
                            "until the next demo there.\n",
                            fs::absolute(options.folder).c_str());
    return code;
}

} // namespace souffleur::cli
