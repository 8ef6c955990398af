// What is copied to a till's system as it stands: rules, service files, Chromium's policy. Checked
// by the programs that will read them where they are installed, and against lists where not.
#include <Paths.h>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <sstream>
#include <sys/wait.h>

#include "tests/support/TemporaryFolder.h"

using namespace souffleur;
namespace fs = std::filesystem;

namespace {

const fs::path kData = fs::path(kSourceDir) / "firmware-config";

std::string read(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    REQUIRE_MESSAGE(in.good(), file.string());
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

std::vector<fs::path> files(const char* folder, const char* extension) {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(kData / folder)) {
        if (entry.path().extension() == extension) found.push_back(entry.path());
    }
    REQUIRE_FALSE(found.empty());
    return found;
}

bool installed(const char* program) {
    return fs::exists(fs::path("/usr/bin") / program);
}

/// What a program came to: its exit code and all that it said.
struct Outcome {
    int code = -1;
    std::string said;
};

Outcome run(const std::string& command) {
    FILE* const pipe = ::popen((command + " 2>&1").c_str(), "re");
    REQUIRE(pipe != nullptr);
    std::string said;
    std::array<char, 4096> buffer{};
    while (const auto count = std::fread(buffer.data(), 1, buffer.size(), pipe))
        said.append(buffer.data(), count);
    const int status = ::pclose(pipe);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, said};
}

/// A unit's settings: "Section.Key" to its values.
std::multimap<std::string, std::string> settings(const std::string& unit) {
    std::multimap<std::string, std::string> found;
    std::istringstream lines(unit);
    std::string line;
    std::string section;
    while (std::getline(lines, line)) {
        if (line.empty() || line[0] == '#') continue;
        if (line[0] == '[') {
            section = line.substr(1, line.size() - 2);
            continue;
        }
        const auto equals = line.find('=');
        REQUIRE_MESSAGE(equals != std::string::npos, line);
        found.emplace(section + "." + line.substr(0, equals), line.substr(equals + 1));
    }
    return found;
}

} // namespace

TEST_CASE("udev rules are of udev's form, and give nothing to everybody") {
    const std::regex part(
        R"re(\s*(ACTION|SUBSYSTEM|KERNEL|ENV\{[A-Z_]+\}|ATTRS?\{[A-Za-z]+\}|GROUP|MODE|TAG|OWNER|GOTO|LABEL|SYMLINK|OPTIONS)(==|!=|\+=|=)"[^"]*"\s*)re");
    for (const auto& file : files("udev", ".rules")) {
        CAPTURE(file.string());
        // After 73 the tag `uaccess` is not seen any more.
        CHECK(file.filename().string().substr(0, 2) < "73");
        std::istringstream lines(read(file));
        std::string line;
        std::set<std::string> labels;
        std::set<std::string> gone;
        while (std::getline(lines, line)) {
            if (line.empty() || line[0] == '#') continue;
            CAPTURE(line);
            std::size_t at = 0;
            while (at < line.size()) {
                const auto comma = line.find(',', at);
                const auto one = line.substr(at, comma - at);
                CHECK(std::regex_match(one, part));
                const auto quoted =
                    one.substr(one.find('"') + 1, one.rfind('"') - one.find('"') - 1);
                if (one.find("LABEL") != std::string::npos) labels.insert(quoted);
                if (one.find("GOTO") != std::string::npos) gone.insert(quoted);
                if (one.find("MODE") != std::string::npos) CHECK(quoted.back() == '0');
                at = comma == std::string::npos ? line.size() : comma + 1;
            }
        }
        CHECK(labels == gone);
    }
    if (!installed("udevadm") || run("udevadm verify --help").code != 0) {
        MESSAGE("this udevadm knows no `verify`");
        return;
    }
    for (const auto& file : files("udev", ".rules")) {
        const Outcome outcome = run("udevadm verify --resolve-names=never " + file.string());
        CHECK_MESSAGE(outcome.code == 0, outcome.said);
    }
}

TEST_CASE("the service files are understood by systemd") {
    if (!installed("systemd-analyze")) {
        MESSAGE("systemd-analyze is not installed");
        return;
    }
    const test::TemporaryFolder folder;
    for (const auto& file : files("systemd", ".service")) {
        CAPTURE(file.string());
        // The programs are not installed here; a template needs an instance.
        const auto text = std::regex_replace(
            read(file), std::regex("/usr/bin/(souffleur-hub|souffleur-panel|souffleur|cage)\\b"),
            "/bin/true");
        const auto name =
            std::regex_replace(file.filename().string(), std::regex("@\\."), "@tty1.");
        std::ofstream(folder.path() / name) << text;
        const bool user =
            name.find("terminal") != std::string::npos || name.find("kiosk") != std::string::npos;
        const Outcome outcome = run("XDG_RUNTIME_DIR=" + folder.text() + " systemd-analyze " +
                                    (user ? "--user" : "--system") + " verify '" +
                                    (folder.path() / name).string() + "'");
        CHECK_MESSAGE(outcome.code == 0, outcome.said);
        CHECK_MESSAGE(outcome.said.find(name) == std::string::npos, outcome.said);
    }
}

TEST_CASE("the service files give up what they can, and hold no secrets") {
    const auto holds = [](const char* name, const std::set<std::string>& wanted) {
        const auto found = settings(read(kData / "systemd" / name));
        for (const auto& one : wanted) {
            CAPTURE(one);
            const auto equals = one.find('=');
            const auto [from, to] = found.equal_range("Service." + one.substr(0, equals));
            CHECK(std::any_of(from, to, [&](const auto& entry) {
                return entry.second == one.substr(equals + 1);
            }));
        }
        for (const auto& setting : found)
            CHECK_MESSAGE(!std::regex_search(setting.second, std::regex("(password|secret|token)=",
                                                                        std::regex::icase)),
                          setting.first);
    };
    const std::set<std::string> all = {"UMask=0077", "LimitCORE=0", "LockPersonality=yes",
                                       "RestrictRealtime=yes"};
    auto screen = all;
    screen.insert("MemorySwapMax=0");
    holds("souffleur-cage@.service", screen);
    holds("souffleur-kiosk.service", screen);
    auto more = all;
    more.insert({"NoNewPrivileges=yes", "MemoryDenyWriteExecute=yes", "RestrictNamespaces=yes",
                 "RestrictSUIDSGID=yes", "SystemCallArchitectures=native",
                 "SystemCallFilter=@system-service"});
    holds("souffleur-terminal.service", more);
    holds("souffleur-kiosk.service", more);
    more.insert({"ProtectSystem=strict", "ProtectHome=yes", "PrivateTmp=yes", "PrivateDevices=yes",
                 "CapabilityBoundingSet=", "ProtectKernelTunables=yes", "ProtectKernelModules=yes",
                 "ProtectControlGroups=yes", "ProtectProc=invisible", "StateDirectoryMode=0700"});
    more.insert("ExecStart=/usr/bin/souffleur-hub --data /var/lib/souffleur-hub/office serve "
                "--house /etc/souffleur/house.toml $SOUFFLEUR_OPTIONS");
    holds("souffleur-hub.service", more);
}

TEST_CASE("Chromium knows every key of the policy, and only the till's page may be opened") {
    const auto policy =
        nlohmann::json::parse(read(kData / "chromium" / "souffleur-kiosk.json"), nullptr, false);
    REQUIRE(policy.is_object());
    CHECK(policy["URLBlocklist"] == nlohmann::json{"*"});
    CHECK(policy["URLAllowlist"] == nlohmann::json{"http://127.0.0.1"});
    CHECK(policy["DownloadRestrictions"] == 3);
    CHECK(policy["DeveloperToolsAvailability"] == 2);
    CHECK(policy["PrintingEnabled"] == false);
    CHECK(policy["ExtensionInstallBlocklist"] == nlohmann::json{"*"});
    const fs::path chromium = "/usr/lib/chromium/chromium";
    if (!fs::exists(chromium)) {
        MESSAGE("Chromium is not installed");
        return;
    }
    // Its names of policies stand in the program, each as a text of its own.
    std::set<std::string> unknown;
    for (const auto& [key, value] : policy.items()) unknown.insert(key);
    std::ifstream in(chromium, std::ios::binary);
    constexpr std::size_t kPiece = 4 << 20;
    constexpr std::size_t kOverlap = 128;
    std::string window;
    while (in && !unknown.empty()) {
        const auto kept = std::min(window.size(), kOverlap);
        window.erase(0, window.size() - kept);
        window.resize(kept + kPiece);
        in.read(window.data() + kept, kPiece);
        window.resize(kept + static_cast<std::size_t>(in.gcount()));
        std::erase_if(unknown, [&](const std::string& key) {
            const std::string whole = '\0' + key + '\0';
            return ::memmem(window.data(), window.size(), whole.data(), whole.size()) != nullptr;
        });
    }
    for (const auto& key : unknown) FAIL_CHECK(key);
}

TEST_CASE("the page's starter hands the token over unseen") {
    const test::TemporaryFolder folder;
    const auto browser = folder.path() / "browser";
    std::ofstream(browser) << "#!/bin/sh\nprintf '%s\\n' \"$@\" > '" << folder.text()
                           << "/arguments'\n";
    fs::permissions(browser, fs::perms::owner_all);
    const auto start = [&](const std::string& launch, const std::string& option = "") {
        std::ofstream(folder.path() / "panel.launch") << launch;
        return run("XDG_RUNTIME_DIR='" + folder.text() + "' SOUFFLEUR_BROWSER='" +
                   browser.string() + "' sh '" + (kData / "chromium/souffleur-panel").string() +
                   "' " + option + " '" + folder.text() + "/panel.launch'");
    };
    const Outcome outcome = start("http://127.0.0.1:8601/#launch=Ab-_9\n");
    CHECK_MESSAGE(outcome.code == 0, outcome.said);
    CHECK(read(folder.path() / "arguments").find("launch") == std::string::npos);
    const auto preferences = folder.path() / "souffleur-panel" / "Default" / "Preferences";
    const auto wanted = nlohmann::json::parse(read(preferences));
    CHECK(wanted["session"]["startup_urls"][0] == "http://127.0.0.1:8601/#launch=Ab-_9");
    CHECK(fs::status(preferences).permissions() ==
          (fs::perms::owner_read | fs::perms::owner_write));
    // In the lobby the page is told that it may end its browser, and one that ends at once is not
    // begun for ever.
    const Outcome lobby = start("http://127.0.0.1:8605/#launch=Ab-_9\n", "--lobby");
    CHECK_MESSAGE(lobby.code == 1, lobby.said);
    CHECK(lobby.said.find("ended at once") != std::string::npos);
    CHECK(nlohmann::json::parse(read(preferences))["session"]["startup_urls"][0] ==
          "http://127.0.0.1:8605/#launch=Ab-_9&alone");
    CHECK(start("https://example.org/\n").code == 1);
    CHECK(start("http://127.0.0.1:8601/\"],\"x\":[\"\n").code == 1);
}

TEST_CASE("the customer's screen opens on the second monitor, in a profile of its own") {
    const test::TemporaryFolder folder;
    const auto browser = folder.path() / "browser";
    std::ofstream(browser) << "#!/bin/sh\nprintf '%s\\n' \"$@\" > '" << folder.text()
                           << "/arguments'\n";
    fs::permissions(browser, fs::perms::owner_all);
    fs::create_symlink(kData / "chromium/souffleur-panel", folder.path() / "souffleur-panel");
    std::ofstream(folder.path() / "screen.launch") << "http://127.0.0.1:8603/#launch=Ab-_9\n";
    const auto start = [&](const std::string& place) {
        return run("XDG_RUNTIME_DIR='" + folder.text() + "/run' SOUFFLEUR_ONCE=1 PATH='" +
                   folder.text() + "':/usr/bin:/bin SOUFFLEUR_BROWSER='" + browser.string() +
                   "' sh '" + (kData / "chromium/souffleur-screen").string() + "' '" + place +
                   "' '" + folder.text() + "/screen.launch'");
    };
    const Outcome outcome = start("1920,0");
    CHECK_MESSAGE(outcome.code == 0, outcome.said);
    const auto arguments = read(folder.path() / "arguments");
    CHECK(arguments.find("--window-position=1920,0") != std::string::npos);
    CHECK(arguments.find("launch") == std::string::npos);
    CHECK(fs::exists(folder.path() / "run" / "souffleur-screen" / "Default" / "Preferences"));
    for (const char* place : {"1920", "1920,0,0", "--gpu", "1;2", ""}) {
        CAPTURE(place);
        CHECK(start(place).code != 0);
    }
}
