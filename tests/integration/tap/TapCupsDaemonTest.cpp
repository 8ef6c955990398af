// A real cupsd (packages cups-daemon, cups-client) prints through our backend and the tap. It runs
// with folders and settings of its own, listens on a socket file only, and ends with the test.
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "Paths.h"
#include "tests/integration/tap/TapRig.h"
#include "tests/support/Folder.h"
#include "tests/support/Property.h"

using namespace souffleur;
using namespace souffleur::test;
namespace fs = std::filesystem;

namespace {

constexpr const char* kCupsd = "/usr/sbin/cupsd";

bool installed() {
    for (const char* program : {kCupsd, "/usr/sbin/lpadmin", "/usr/bin/lp"}) {
        if (fs::exists(program)) continue;
        std::printf("SKIPPED: no %s: packages cups-daemon and cups-client are not installed\n",
                    program);
        return false;
    }
    return true;
}

class Cups {
public:
    Cups() {
        // It drops to the user lp for backends, who must be able to come here.
        fs::permissions(_folder.path(), fs::perms(0711));
        for (const char* name : {"root", "bin/backend", "bin/filter", "bin/daemon", "state",
                                 "cache", "spool", "temp", "log", "data/mime"}) {
            fs::create_directories(at(name));
        }
        // What it starts everything with.
        fs::create_symlink("/usr/lib/cups/daemon/cups-exec", at("bin/daemon/cups-exec"));
        write("data/mime/mime.types", "application/octet-stream\napplication/vnd.cups-raw\n");
        const fs::path own = at("bin/backend/souffleur");
        fs::copy_file(fs::path(kBinaryDir) / "bin/souffleur-cups-backend", own);
        fs::permissions(own, fs::perms(0755));
        for (const char* part : {"", "bin", "bin/backend", "bin/daemon"})
            fs::permissions(at(part), fs::perms(0755));
        write("cupsd.conf", "Listen " + socket() +
                                "\nLogLevel warn\nBrowsing Off\nWebInterface No\n"
                                "PreserveJobFiles No\nPreserveJobHistory Yes\n"
                                "DefaultAuthType None\n<Location />\n  Allow all\n</Location>\n"
                                "<Policy default>\n  <Limit All>\n    Order deny,allow\n"
                                "  </Limit>\n</Policy>\n");
        write("cups-files.conf", "ServerRoot " + at("root") + "\nServerBin " + at("bin") +
                                     "\nStateDir " + at("state") + "\nCacheDir " + at("cache") +
                                     "\nRequestRoot " + at("spool") + "\nTempDir " + at("temp") +
                                     "\nDataDir " + at("data") + "\nAccessLog " + at("log/access") +
                                     "\nErrorLog " + at("log/error") + "\nPageLog " +
                                     at("log/page") + "\nSandboxing relaxed\n");
        _daemon = ::fork();
        REQUIRE(_daemon >= 0);
        if (_daemon == 0) {
            (void) ::prctl(PR_SET_PDEATHSIG, SIGTERM);
            const std::string out = at("log/out");
            const int log = ::open(out.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
            if (::dup2(log, 1) < 0 || ::dup2(log, 2) < 0) ::_exit(126);
            ::execl(kCupsd, kCupsd, "-f", "-c", at("cupsd.conf").c_str(), "-s",
                    at("cups-files.conf").c_str(), nullptr);
            ::_exit(127);
        }
        _up = test::eventually([&] { return run("lpstat -r | grep -q 'is running'") == 0; });
    }
    ~Cups() {
        ::kill(_daemon, SIGTERM);
        ::waitpid(_daemon, nullptr, 0);
    }
    Cups(const Cups&) = delete;
    Cups& operator=(const Cups&) = delete;

    [[nodiscard]] bool up() const { return _up; }
    [[nodiscard]] std::string at(const std::string& name) const {
        return (_folder.path() / name).string();
    }
    /// A client's exit code.
    [[nodiscard]] int run(const std::string& client) const {
        const std::string command = "export PATH=/usr/sbin:/usr/bin:/bin CUPS_SERVER='" + socket() +
                                    "'; { " + client + "; } >'" + at("log/client") +
                                    "' 2>&1 </dev/null";
        const int status = std::system(command.c_str());
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
    void write(const std::string& name, const std::string& text) const {
        std::ofstream(at(name), std::ios::binary) << text;
    }
    /// What it says of itself, for a test that failed.
    [[nodiscard]] std::string log() const {
        std::string all;
        for (const char* name : {"log/error", "log/out", "log/client"}) {
            std::ifstream in(at(name));
            all += std::string(std::istreambuf_iterator<char>(in), {});
        }
        return all;
    }

private:
    [[nodiscard]] std::string socket() const { return at("cups.sock"); }

    Folder _folder;
    pid_t _daemon = -1;
    bool _up = false;
};

/// Names of the spooled documents that are left ("d00001-001").
std::vector<std::string> spooled(const Cups& cups) {
    std::vector<std::string> out;
    for (const auto& entry : fs::directory_iterator(cups.at("spool"))) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with("d")) out.push_back(name);
    }
    return out;
}

} // namespace

TEST_CASE("a CUPS daemon prints through our backend and the tap, byte for byte") {
    if (!installed()) return;
    Recorder printer;
    Heard heard;
    const auto tap = host::Tap::start(tapSettings(), printer.line(), heard).value();
    const Cups cups;
    INFO(cups.log());
    REQUIRE(cups.up());
    const std::string uri = "souffleur://127.0.0.1:" + std::to_string(tap->port()) +
                            "/?printer=tcp://127.0.0.1:" + std::to_string(printer.port());
    REQUIRE_MESSAGE(cups.run("lpadmin -p receipts -E -m raw -v '" + uri + "'") == 0, cups.log());
    std::string all;
    for (const char* number : {"4711081", "4711082"}) {
        // Bytes that a filter would have changed, and a picture's.
        std::string document = receipt(number);
        document.insert(2, std::string("\x1Dv0\0\x02\0\x02\0\xFF\x04\0\x1A", 12) + "\r\n\f");
        cups.write("document", document);
        REQUIRE_MESSAGE(cups.run("lp -d receipts -o raw '" + cups.at("document") + "'") == 0,
                        cups.log());
        CHECK(heard.waitFor(number[6] == '1' ? 0 : 1) == "boxoffice order:" + std::string(number));
        all += document;
        CHECK(printer.waitFor(0, all.size()) == all);
    }
    REQUIRE(printer.device().waitForReceipts(2, kPatienceMs));
    CHECK(printer.device().receipts(false)[1].text.find("Order no. 4711082") != std::string::npos);
    CHECK(test::eventually([&] { return spooled(cups).empty(); })); // PreserveJobFiles No
}

TEST_CASE("the CUPS daemon prints straight to the printer once the tap is gone") {
    if (!installed()) return;
    Recorder printer;
    const Cups cups;
    REQUIRE_MESSAGE(cups.up(), cups.log());
    const std::string uri =
        "souffleur://127.0.0.1:1/?printer=tcp://127.0.0.1:" + std::to_string(printer.port());
    REQUIRE_MESSAGE(cups.run("lpadmin -p receipts -E -m raw -v '" + uri + "'") == 0, cups.log());
    cups.write("document", receipt("4711083"));
    REQUIRE_MESSAGE(cups.run("lp -d receipts -n 2 -o raw '" + cups.at("document") + "'") == 0,
                    cups.log());
    const std::string twice = receipt("4711083") + receipt("4711083");
    CHECK(printer.waitFor(0, twice.size()) == twice);
}
