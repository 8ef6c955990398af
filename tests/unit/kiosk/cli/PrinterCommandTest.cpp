// `souffleur printer …` and `souffleur emulator` on a taken port.
#include <algorithm>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <fstream>
#include <unistd.h>

#include "drivers/emulator/Server.h"
#include "kiosk/cli/Commands.h"
#include "kiosk/cli/PrinterWords.h"
#include "kiosk/terminal/Profiles.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/Told.h"

using namespace souffleur;

namespace {

struct House {
    test::TemporaryFolder folder;
    SystemClock clock;
    SystemRandom random;
    cli::Context context{folder.path() / "data", clock, random};
    emulator::VirtualPrinter printer{terminal::printerProfile("epson-tm-t88v").value()};
    emulator::PrinterServer server{printer, 0};
    cli::PrinterOptions options;

    House() { options.device = "tcp://127.0.0.1:" + std::to_string(server.port()); }
};

transport::UsbPrinter epson() {
    transport::UsbPrinter found;
    found.id = {0x04b8, 0x0202};
    found.bus = 1;
    found.device = 5;
    found.port = "1-4.2";
    found.readable = true;
    found.permitted = true;
    found.serial = "J6KF000001";
    found.deviceId.manufacturer = "EPSON";
    found.deviceId.model = "TM-T20III";
    return found;
}

} // namespace

TEST_CASE("a test slip comes out in every till language, in the printer's own profile") {
    House house;
    CHECK(cli::testPrinter(house.context, house.options) == 0);
    REQUIRE(house.printer.printed() == 1);
    const auto text = house.printer.receipt(1)->text;
    for (const char* words : {"Größe", "¿mañana?", "què és això", "подъезд", "garçon"}) {
        CAPTURE(words);
        CHECK(text.find(words) != std::string::npos);
    }
    CHECK_FALSE(std::filesystem::exists(house.context.data));
    CHECK_FALSE(house.printer.faults().drawerOpen); // only who may at a till opens one
}

TEST_CASE("what cannot be printed is a failure in words") {
    House house;
    house.options.waitMs = 300;
    house.printer.setFaults({.paperOut = true});
    CHECK(cli::testPrinter(house.context, house.options) == 1);
    house.printer.setFaults({});
    house.options.profile = "epson-tm-nothing";
    CHECK(cli::testPrinter(house.context, house.options) == 1);
    house.options.profile = "star-tsp100";
    CHECK(cli::testPrinter(house.context, house.options) == 1);
    house.options.profile.clear();
    house.options.device = "nowhere";
    CHECK(cli::testPrinter(house.context, house.options) == 1);
    CHECK(house.printer.printed() == 0);
}

TEST_CASE("a printer on USB is told with its address, its profile and who may open it") {
    const auto models = terminal::printerModels().value();
    const auto words = cli::printerWords(epson(), models);
    CHECK(words == "usb://04b8:0202?serial=J6KF000001\n"
                   "  maker and model:  EPSON TM-T20III\n"
                   "  serial number:    J6KF000001\n"
                   "  USB:              04b8:0202 at port 1-4.2, printer class\n"
                   "  profile:          epson-tm-t20iii\n"
                   "  this user:        may open it\n");
    auto closed = epson();
    closed.permitted = false;
    closed.vendorClass = true;
    closed.serial.clear();
    closed.deviceId = {};
    const auto refused = cli::printerWords(closed, models);
    CHECK(refused.starts_with("usb://04b8:0202?port=1-4.2\n"));
    CHECK(refused.find("not known by its USB data alone") != std::string::npos);
    CHECK(refused.find("may not open /dev/bus/usb/001/005: copy "
                       "firmware-config/udev/70-souffleur-printers.rules") != std::string::npos);
    auto star = epson();
    star.id = {0x0519, 0x0003};
    star.deviceId = {};
    CHECK(cli::printerWords(star, models).find("raster language only") != std::string::npos);
    const auto listed = cli::listedIds(models);
    CHECK(std::find(listed.begin(), listed.end(), transport::UsbId{0x04b8, 0x0202}) !=
          listed.end());
}

TEST_CASE("a list of printers is trouble where this user may not open one of them") {
    auto closed = epson();
    closed.permitted = false;
    CHECK(cli::listTrouble({}).empty());
    CHECK(cli::listTrouble({epson(), epson()}).empty());
    CHECK(cli::listTrouble({epson(), closed}).starts_with("1 of 2 printers cannot be opened"));
}

TEST_CASE("a virtual printer on a taken port says which one, and what to do") {
    House house;
    const auto log = house.folder.path() / "log";
    const int keep = ::dup(STDERR_FILENO);
    const int file = ::open(log.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    (void) ::dup2(file, STDERR_FILENO);
    cli::EmulatorOptions options;
    options.port = house.server.port();
    options.pagePort = 0;
    const int taken = cli::runEmulator(options);
    options.port = 0;
    options.pagePort = house.server.port();
    const int page = cli::runEmulator(options);
    (void) ::dup2(keep, STDERR_FILENO);
    ::close(keep);
    ::close(file);
    CHECK(taken == 1);
    CHECK(page == 1);
    std::ifstream in(log);
    const std::string said{std::istreambuf_iterator<char>(in), {}};
    CHECK(said.find("port " + std::to_string(house.server.port())) != std::string::npos);
    CHECK(said.find("--port") != std::string::npos);
    CHECK(said.find("--page-port") != std::string::npos);
}
