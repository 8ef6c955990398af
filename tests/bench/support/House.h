// A head office of many enrolled devices, served by the real souffleur-hub. Header only.
#pragma once

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "Paths.h"
#include "plugin/crypto/Certificates.h"
#include "plugin/crypto/Encoding.h"
#include "plugin/crypto/SigningKey.h"
#include "sync/hub/Home.h"
#include "sync/hub/StoreFile.h"
#include "sync/protocol/Batch.h"
#include "tests/bench/support/Fleet.h"
#include "tests/support/Eventually.h"
#include "tests/support/TemporaryFolder.h"

namespace souffleur::bench {

template <typename T>
T must(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().text());
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// What a device is known by.
struct Keys {
    OriginId origin;
    crypto::SigningKey signing;
    std::string certificate;
    crypto::Secret key;
};

/// A process of ours that ends with us.
class HubProcess {
public:
    HubProcess(const std::filesystem::path& folder, const std::filesystem::path& home) {
        const auto ports = home / "ports";
        std::filesystem::remove(ports);
        const std::string log = (home / "hub.log").string();
        std::vector<std::string> words{std::string(kBinaryDir) + "/bin/souffleur-hub",
                                       "--data",
                                       folder,
                                       "serve",
                                       "--sample-house",
                                       "--sync-port",
                                       "0",
                                       "--console-port",
                                       "0",
                                       "--ports-file",
                                       ports};
        std::vector<char*> argv;
        for (std::string& word : words) argv.push_back(word.data());
        argv.push_back(nullptr);
        _pid = ::fork();
        if (_pid < 0) throw std::runtime_error("no process for the hub");
        if (_pid == 0) {
            const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
            ::dup2(out, STDOUT_FILENO);
            ::dup2(out, STDERR_FILENO);
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            ::execv(argv[0], argv.data());
            ::_exit(120);
        }
        const bool up = test::eventually(
            [&] { return ::waitpid(_pid, nullptr, WNOHANG) != 0 || readPort(ports); });
        if (!up || port == 0) throw std::runtime_error("the hub does not start: see " + log);
    }
    ~HubProcess() { stop(); }
    HubProcess(const HubProcess&) = delete;
    HubProcess& operator=(const HubProcess&) = delete;

    void stop() {
        if (_pid <= 0) return;
        ::kill(_pid, SIGTERM);
        ::waitpid(_pid, nullptr, 0);
        _pid = -1;
    }
    /// MB; `field`: VmRSS is what it holds now, VmHWM the most that it held.
    [[nodiscard]] double memoryMb(const std::string& field = "VmRSS") const {
        std::ifstream file("/proc/" + std::to_string(_pid) + "/status");
        for (std::string line; std::getline(file, line);) {
            if (line.starts_with(field + ":"))
                return std::stod(line.substr(field.size() + 1)) / 1024;
        }
        return 0;
    }
    /// Seconds on a processor so far.
    [[nodiscard]] double cpuSeconds() const {
        std::ifstream file("/proc/" + std::to_string(_pid) + "/stat");
        std::stringstream text;
        text << file.rdbuf();
        std::istringstream rest(text.str().substr(text.str().rfind(')') + 2));
        std::string word;
        double ticks = 0;
        for (int field = 3; field <= 15 && rest >> word; ++field)
            if (field >= 14) ticks += std::stod(word);
        return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
    }

    std::uint16_t port = 0;

private:
    bool readPort(const std::filesystem::path& ports) {
        std::ifstream file(ports);
        std::string text;
        std::getline(file, text);
        constexpr std::string_view kName = "\"sync\":";
        const std::size_t at = text.find(kName);
        if (at == std::string::npos) return false;
        port = static_cast<std::uint16_t>(std::stoi(text.substr(at + kName.size())));
        return true;
    }

    pid_t _pid = -1;
};

/// Founds a head office with `devices` active terminals, in its own folder.
class House {
public:
    /// `store`: a PostgreSQL database; empty: SQLite.
    explicit House(std::size_t devices, const std::string& store = "") {
        std::filesystem::create_directories(folder());
        std::filesystem::permissions(folder(), std::filesystem::perms::owner_all);
        if (!store.empty()) must(hub::writeStoreFile(folder(), {store, {}}));
        const auto home = must(hub::Home::found(folder(), _clock, _random));
        const TimeMs now = _clock.now().at;
        for (std::size_t i = 0; i < devices; ++i) {
            Keys keys{OriginId::random(_random), crypto::SigningKey::generate(_random), "",
                      crypto::newTlsKey()};
            const auto request = must(crypto::makeRequest(keys.key.view(), keys.origin.text()));
            keys.certificate = must(home->authority().issueClient(
                request, keys.origin.text(), now - kHourMs, now + hub::kDeviceLifeMs));
            store::Origin origin;
            origin.id = keys.origin;
            origin.kind = "terminal";
            origin.name = "Till " + std::to_string(i + 1);
            origin.place = "till-" + std::to_string(i + 1);
            origin.publicKey = keys.signing.publicKey();
            origin.fingerprint = crypto::toHex(
                crypto::bytesOf(must(crypto::publicKeyFingerprint(keys.certificate))));
            origin.status = store::OriginStatus::active;
            origin.enrolledAt = now;
            must(home->store().enrol(origin));
            _devices.push_back(std::move(keys));
        }
    }
    [[nodiscard]] std::filesystem::path folder() const { return _folder.path() / "hub"; }
    [[nodiscard]] const std::vector<Keys>& devices() const { return _devices; }
    void serve() { _process.emplace(folder(), _folder.path()); }
    void stop() { _process.reset(); }
    [[nodiscard]] HubProcess& process() { return *_process; }
    /// All devices, in their order, towards the hub that runs.
    [[nodiscard]] std::unique_ptr<Fleet> fleet() {
        auto fleet = std::make_unique<Fleet>(_process->port, (folder() / "authority.pem").string());
        for (const Keys& each : _devices) fleet->add(each.certificate, each.key.view());
        return fleet;
    }

private:
    test::TemporaryFolder _folder;
    SystemClock _clock;
    SystemRandom _random;
    std::vector<Keys> _devices;
    std::optional<HubProcess> _process;
};

/// As a till says it; `body` with its coding.
inline std::string httpRequest(const char* method, const std::string& target, TimeMs now,
                               const std::string& body = "", const char* coding = "",
                               const std::string& more = "") {
    std::string text = std::string(method) + " " + target + " HTTP/1.1\r\n";
    text += "Host: 127.0.0.1\r\nConnection: Keep-Alive\r\nUser-Agent: souffleur\r\n";
    text += "X-Souffleur-Clock: " + std::to_string(now) + "\r\n" + more;
    if (std::string_view(method) == "POST") {
        text += "Content-Type: application/x-ndjson\r\n";
        if (*coding != 0) text += std::string("Content-Encoding: ") + coding + "\r\n";
        text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    }
    return text + "\r\n" + body;
}

inline double percentile(std::vector<double> values, double part) {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    const auto at = static_cast<std::size_t>(part * static_cast<double>(values.size() - 1));
    return values.at(at);
}

} // namespace souffleur::bench
