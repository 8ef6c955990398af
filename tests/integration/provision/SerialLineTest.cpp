// A printer on a serial line whose own speed is among the settings: it is left at one speed and met
// at the other.
#include <atomic>
#include <cstdlib>
#include <fcntl.h>
#include <mutex>
#include <poll.h>
#include <termios.h>
#include <thread>
#include <unistd.h>

#include "tests/integration/provision/Bench.h"

using namespace souffleur;
using namespace souffleur::test;

namespace {

/// The virtual printer behind a pseudo-terminal. It hears only who speaks at its speed.
class SerialPrinter {
public:
    SerialPrinter() {
        REQUIRE(::grantpt(_master) == 0);
        REQUIRE(::unlockpt(_master) == 0);
        path = ::ptsname(_master);
        _slave = ::open(path.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC); // outlives who hangs up
        _thread = std::thread([this] { run(); });
    }
    ~SerialPrinter() {
        _stopping = true;
        _thread.join();
        ::close(_slave);
        ::close(_master);
    }
    SerialPrinter(const SerialPrinter&) = delete;
    SerialPrinter& operator=(const SerialPrinter&) = delete;

    emulator::VirtualPrinter printer{model("epson-tm-t88v").profile};
    std::string path;

private:
    /// What it was told counts from its reset on: when it left its setting mode.
    [[nodiscard]] speed_t own() const {
        return printer.memoryDump().find("serial 1 19200\n") != std::string::npos ? B19200 : B9600;
    }
    void run() {
        speed_t speed = own();
        std::array<std::uint8_t, 256> buffer{};
        const Bytes out{0x1D, '(', 'E', 4, 0, 2, 'O', 'U', 'T'};
        Bytes heard;
        while (!_stopping) {
            pollfd wait{_master, POLLIN, 0};
            if (::poll(&wait, 1, 5) > 0) {
                const auto got = ::read(_master, buffer.data(), buffer.size());
                if (got <= 0) continue;
                termios line{};
                const bool same = ::tcgetattr(_slave, &line) == 0 && ::cfgetospeed(&line) == speed;
                heard.assign(buffer.begin(), buffer.begin() + got);
                // The last word at the old speed may be read when the line has the new one already.
                const bool last =
                    std::search(heard.begin(), heard.end(), out.begin(), out.end()) != heard.end();
                if (!same && !last) continue; // noise to it
                printer.feed(heard);
                if (last) speed = own();
            }
            const auto said = printer.reply();
            if (!said.empty()) REQUIRE(::write(_master, said.data(), said.size()) > 0);
        }
    }

    int _master = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    int _slave = -1;
    std::atomic<bool> _stopping{false};
    std::thread _thread;
};

} // namespace

TEST_CASE("a printer on a serial line is met again at its new speed") {
    SerialPrinter serial;
    provision::Provisioner::Options options;
    options.timing = {5000, 5000, 1000, 5000, 0, 20000};
    const TemporaryFolder folder;
    const auto file = folder.path() / "settings.toml";
    std::ofstream(file) << "schema = 1\nmodel = \"epson-tm-t88v\"\n[serial]\nbaud = 19200\n";
    const auto settings = provision::readSettings(file, allModels()).value();
    options.folder = folder.path() / "kept";
    const auto at = [&](const std::string& query) {
        std::string address = "serial://";
        address.append(serial.path).append(query);
        return provision::Provisioner(
            allModels(), address, transport::fromAddress, [] { return kNoon; }, options);
    };
    const auto done = at("?flow=none").apply(settings);
    if (!done) FAIL(done.error().message);
    CHECK(done->changes.size() == 1);
    CHECK(serial.printer.memoryDump().find("serial 1 19200\n") != std::string::npos);
    options.timing.answerMs = 300;
    CHECK(at("?flow=none").plan(settings).error().fault == Fault::silent);
    options.timing.answerMs = 5000;
    const auto again = at("?flow=none&baud=19200").plan(settings);
    REQUIRE(again);
    CHECK(again->changes.empty());
}
