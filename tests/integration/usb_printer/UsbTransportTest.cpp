// USB printers through the real libusb and udev, against whatever shows them (UsbBed.h).
#include "drivers/transport/UsbTransport.h"

#include <chrono>
#include <filesystem>
#include <numeric>
#include <thread>

#include "Paths.h"
#include "tests/integration/usb_printer/UsbTill.h"
#include "tests/support/Property.h"

using namespace souffleur;
using test::PlayedPrinter;
using transport::Fault;
using transport::Milliseconds;
using transport::UsbTransport;

namespace {

using test::bytes;
using test::Bytes;
using test::kLong;
using test::kShort;
using test::openSoon;
using Till = test::UsbTill;

} // namespace

TEST_CASE("printers are found by class, vendor-class ones by their numbers, others not at all") {
    test::UsbBed bed;
    const auto printer = std::make_shared<PlayedPrinter>();
    const auto vendorClass = std::make_shared<PlayedPrinter>();
    vendorClass->vendor = 0x0519;
    vendorClass->product = 0x0003;
    vendorClass->interfaceClass = 0xFF;
    vendorClass->serial = "";
    vendorClass->deviceId = "";
    const auto scanner = std::make_shared<PlayedPrinter>();
    scanner->product = 0x0303;
    scanner->interfaceClass = 3;
    const auto place = bed.plug(printer, 2);
    const auto vendorPlace = bed.plug(vendorClass, 3);
    bed.plug(scanner, 4);

    const auto found = transport::listUsbPrinters({}, kLong).value();
    REQUIRE(found.size() == 1);
    CHECK(found[0].id == transport::UsbId{0x04b8, 0x0202});
    CHECK(found[0].port == place.port);
    CHECK(found[0].device == place.device);
    CHECK(found[0].readable);
    CHECK(found[0].serial == "J6KF000001");
    CHECK(found[0].deviceId.manufacturer == "EPSON");
    CHECK(found[0].deviceId.model == "TM-T20III");
    CHECK(found[0].address().text() == "usb://04b8:0202?serial=J6KF000001");

    const std::array<transport::UsbId, 1> listed{{{0x0519, 0x0003}}};
    const auto both = transport::listUsbPrinters(listed, kLong).value();
    REQUIRE(both.size() == 2);
    const auto& second = both[0].id == listed[0] ? both[0] : both[1];
    CHECK(second.vendorClass);
    CHECK(second.address().text() == "usb://0519:0003?port=" + vendorPlace.port);

    // Its address names it, so that it needs no list.
    const auto line = Till::at("0519:0003");
    CHECK(bed.driverOf(vendorClass).empty()); // looking claimed nothing
    const auto opened = line->open(kLong);
    REQUIRE_MESSAGE(opened.has_value(), opened.error().message);
    CHECK_FALSE(line->write(bytes(10), kLong).error.has_value());
    CHECK(vendorClass->takenUpTo(10) == bytes(10));
    CHECK(bed.driverOf(vendorClass) == "usbfs");
    line->close();
    CHECK(bed.driverOf(vendorClass).empty());
}

TEST_CASE("the interface is taken from the kernel's driver and given back") {
    Till till;
    till.bed.plug(till.printer, 2);
    CHECK(till.bed.driverOf(till.printer) == "usblp");
    REQUIRE(till.line->open(kLong).has_value());
    CHECK(till.bed.driverOf(till.printer) == "usbfs");
    const Bytes slip = bytes(40'000);
    const auto written = till.line->write(slip, kLong);
    CHECK(written.count == slip.size());
    CHECK_FALSE(written.error.has_value());
    till.line->close();
    CHECK(till.bed.driverOf(till.printer) == "usblp");
    CHECK(till.printer->takenUpTo(slip.size()) == slip);
    REQUIRE(till.line->open(kLong).has_value());
    CHECK(till.bed.driverOf(till.printer) == "usbfs");
    till.line->close();
    CHECK(till.bed.driverOf(till.printer) == "usblp");
}

TEST_CASE("an interface that another program claimed is busy, and says so") {
    Till till;
    till.bed.plug(till.printer, 2);
    till.bed.claimElsewhere(till.printer, true);
    const auto opened = till.line->open(kLong);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().fault == Fault::busy);
    CHECK(opened.error().message.find("another program") != std::string::npos);
    till.bed.claimElsewhere(till.printer, false);
    CHECK(till.line->open(kLong).has_value());
}

TEST_CASE("without permission the message names the node and the rule") {
    Till till;
    const auto place = till.bed.plug(till.printer, 2);
    till.bed.setMode(till.printer, 0000);
    {
        const test::OrdinaryUser user;
        const auto opened = till.line->open(kLong);
        REQUIRE_FALSE(opened);
        CHECK(opened.error().fault == Fault::denied);
        CHECK(opened.error().message.find(place.node) != std::string::npos);
        const std::string rule = "firmware-config/udev/70-souffleur-printers.rules";
        CHECK(opened.error().message.find(rule) != std::string::npos);
        CHECK(std::filesystem::exists(std::filesystem::path(kSourceDir) / rule));
        const auto found = transport::listUsbPrinters({}, kLong).value();
        REQUIRE(found.size() == 1);
        CHECK_FALSE(found[0].permitted);
    }
    till.bed.setMode(till.printer, 0660);
    CHECK(till.line->open(kLong).has_value());
}

TEST_CASE("status bytes are read, silence is no error, and nothing is lost in between") {
    Till till;
    till.open();
    Bytes buffer(16);
    CHECK(till.line->read(buffer, kShort) == 0U);
    till.printer->say(Bytes{0x14, 0x00, 0x00, 0x0F});
    CHECK(till.readAll(4) == Bytes{0x14, 0x00, 0x00, 0x0F});
    // Said while we write, heard afterwards, byte by byte.
    till.printer->with([](PlayedPrinter& self) {
        self.answer = [](std::span<const std::uint8_t> piece) {
            return Bytes{0x37, 0x22, piece.front()};
        };
    });
    CHECK_FALSE(till.line->write(bytes(3), kLong).error.has_value());
    Bytes one(1);
    for (const int expected : {0x37, 0x22, 0x00}) {
        CHECK(till.line->read(one, kLong) == 1U);
        CHECK(one[0] == expected);
    }
    CHECK(till.line->read(std::span<std::uint8_t>(), kLong) == 0U);
}

TEST_CASE("port status and device id are asked for") {
    Till till;
    till.open();
    CHECK(till.line->printer().deviceId.commandSet == "ESC/POS");
    CHECK(till.line->portStatus(kLong) == transport::PortStatus{false, true, false});
    till.printer->with([](PlayedPrinter& self) { self.portStatus = 0x20; });
    CHECK(till.line->portStatus(kLong) == transport::PortStatus{true, false, true});
}

TEST_CASE("a halt in mid-job is cleared and reported with what was taken") {
    Till till;
    till.printer->haltAfter = 40 * PlayedPrinter::kPacket;
    till.open();
    const Bytes slip = bytes(50'000);
    const auto written = till.line->write(slip, kLong);
    REQUIRE(written.error);
    CHECK(written.error->fault == Fault::stalled);
    CHECK(written.count == 40 * PlayedPrinter::kPacket);
    // The line is still open, and takes the rest.
    const auto rest = std::span(slip).subspan(written.count);
    CHECK(till.line->write(rest, kLong).count == rest.size());
    CHECK(till.printer->takenUpTo(slip.size()) == slip);
}

TEST_CASE("a halt that somebody else left is passed over, once") {
    Till till;
    till.printer->outHalted = true;
    till.printer->inHalted = true;
    till.open();
    CHECK_FALSE(till.line->write(bytes(100), kLong).error.has_value());
    till.printer->say(Bytes{0x16});
    CHECK(till.readAll(1) == Bytes{0x16});
}

TEST_CASE("a device that only ever halts is told so, not asked for ever") {
    Till till;
    till.printer->alwaysHalts = true;
    till.open();
    const auto written = till.line->write(bytes(10), kLong);
    REQUIRE(written.error);
    CHECK(written.error->fault == Fault::stalled);
    CHECK(written.count == 0);
}

TEST_CASE("a printer that stops draining times out with what it took, and can go on") {
    Till till;
    till.printer->drainUpTo = 40 * PlayedPrinter::kPacket;
    till.open();
    const Bytes slip = bytes(65'536);
    const auto written = till.line->write(slip, kShort);
    REQUIRE(written.error);
    CHECK(written.error->fault == Fault::timedOut);
    // The bus may be slow today: what matters is that the count is true.
    CHECK(written.count <= 40 * PlayedPrinter::kPacket);
    CHECK(till.printer->takenUpTo(written.count).size() == written.count);
    till.printer->with([](PlayedPrinter& self) { self.drainUpTo = PlayedPrinter::kNever; });
    const auto rest = std::span(slip).subspan(written.count);
    CHECK(till.line->write(rest, kLong).count == rest.size());
    CHECK(till.printer->takenUpTo(slip.size()) == slip);
}

TEST_CASE("unplugged in mid-job: gone, with a partial count") {
    Till till;
    till.printer->unplugAfter = 60 * PlayedPrinter::kPacket;
    till.open();
    const auto written = till.line->write(bytes(65'536), kLong);
    REQUIRE(written.error);
    CHECK(written.error->fault == Fault::gone);
    CHECK(written.count == 60 * PlayedPrinter::kPacket);
    CHECK(written.error->message.find("cable") != std::string::npos);
    CHECK(till.line->write(bytes(1), kLong).error->fault == Fault::closed);
}

TEST_CASE("unplugged while idle: gone before a byte goes out") {
    Till till;
    till.open();
    till.bed.unplug(till.printer);
    const auto written = till.line->write(bytes(10), kLong);
    REQUIRE(written.error);
    CHECK(written.error->fault == Fault::gone);
    CHECK(written.count == 0);
    const auto opened = till.line->open(kLong);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().fault == Fault::unreachable);
}

TEST_CASE("unplugged while a read waits: gone, long before its deadline") {
    Till till;
    till.open();
    std::thread hand([&] { till.bed.unplug(till.printer); });
    Bytes buffer(16);
    const auto got = till.line->read(buffer, Milliseconds{3'600'000});
    hand.join();
    REQUIRE_FALSE(got);
    CHECK(got.error().fault == Fault::gone);
}

TEST_CASE("replugged: found again at another address and port, and claimed anew") {
    Till till;
    const auto before = till.open();
    till.bed.unplug(till.printer);
    CHECK(till.line->write(bytes(10), kLong).error->fault == Fault::gone);
    const auto place = till.bed.plug(till.printer, 3);
    CHECK(place.node != before.node);
    const auto opened = openSoon(*till.line);
    REQUIRE_MESSAGE(opened.has_value(), opened.error().message);
    CHECK(till.line->printer().device == place.device);
    CHECK(till.line->printer().port == place.port);
    CHECK(till.bed.driverOf(till.printer) == "usbfs");
    CHECK_FALSE(till.line->write(bytes(10), kLong).error.has_value());
    CHECK(till.printer->takenUpTo(10) == bytes(10));
}

TEST_CASE("a twin in its place is not mistaken for it") {
    Till till;
    till.open();
    till.bed.unplug(till.printer);
    CHECK(till.line->write(bytes(10), kLong).error->fault == Fault::gone);
    const auto twin = std::make_shared<PlayedPrinter>();
    twin->serial = "J6KF000002";
    till.bed.plug(twin, 2);
    // A line of its own sees it, so it is there; ours waits for ours.
    CHECK(openSoon(*Till::at("04b8:0202?serial=J6KF000002")).has_value());
    std::string message;
    const auto end = std::chrono::steady_clock::now() + kLong;
    while (message.find("another of its kind") == std::string::npos &&
           std::chrono::steady_clock::now() < end) {
        const auto opened = till.line->open(kLong);
        REQUIRE_FALSE(opened);
        CHECK(opened.error().fault == Fault::unreachable);
        message = opened.error().message;
    }
    CHECK(message.find("another of its kind") != std::string::npos);
    till.bed.plug(till.printer, 4);
    REQUIRE(openSoon(*till.line).has_value());
    CHECK(till.line->printer().serial == "J6KF000001");
    CHECK(twin->taken().empty());
}

TEST_CASE("two that fit: the message says how to tell them apart, and so it is done") {
    Till till("printer");
    const auto twin = std::make_shared<PlayedPrinter>();
    twin->serial = "J6KF000002";
    const auto place = till.bed.plug(till.printer, 2);
    const auto twinPlace = till.bed.plug(twin, 3);
    const auto opened = till.line->open(kLong);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().fault == Fault::unreachable);
    CHECK(opened.error().message.find("?serial=") != std::string::npos);
    const auto bySerial = Till::at("04b8:0202?serial=J6KF000002");
    REQUIRE(bySerial->open(kLong).has_value());
    CHECK(bySerial->printer().port == twinPlace.port);
    const auto byPort = Till::at("printer?port=" + place.port);
    REQUIRE(byPort->open(kLong).has_value());
    CHECK(byPort->printer().serial == "J6KF000001");
    CHECK(Till::at("04b8:0202?serial=X")->open(kLong).error().fault == Fault::unreachable);
}

TEST_CASE("without a serial number it is known by its port once it had a twin") {
    test::UsbBed bed;
    const auto one = std::make_shared<PlayedPrinter>();
    const auto other = std::make_shared<PlayedPrinter>();
    one->serial = other->serial = "";
    bed.plug(one, 2);
    const auto line = Till::at("04b8:0202");
    REQUIRE(line->open(kLong).has_value());
    line->close();
    bed.unplug(one);
    const auto place = bed.plug(one, 4); // alone so far: any port will do
    REQUIRE(openSoon(*line).has_value());
    CHECK(line->printer().port == place.port);
    line->close();
    bed.plug(other, 3);
    do { // until the twin was seen
        line->close();
        REQUIRE(openSoon(*line).has_value());
        CHECK(line->printer().port == place.port);
    } while (transport::listUsbPrinters({}, kLong).value().size() != 2 || line->seesAlone());
    line->close();
    bed.unplug(one);
    std::string message;
    const auto end = std::chrono::steady_clock::now() + kLong;
    while (message.find("another of its kind") == std::string::npos &&
           std::chrono::steady_clock::now() < end) {
        const auto opened = line->open(kLong);
        REQUIRE_FALSE(opened);
        message = opened.error().message;
    }
    CHECK(message.find("another of its kind") != std::string::npos);
    CHECK(other->taken().empty());
}

TEST_CASE("cancel ends a read and a write from another thread, with what went out") {
    Till till;
    till.printer->drainUpTo = 2 * PlayedPrinter::kPacket;
    till.open();
    Bytes buffer(16);
    std::thread first([&] { till.line->cancel(); });
    CHECK(till.line->read(buffer, Milliseconds{3'600'000}).error().fault == Fault::cancelled);
    first.join();
    std::thread second([&] {
        (void) till.printer->waitUntil(
            [](PlayedPrinter& self) { return self.takenCount() == 2 * PlayedPrinter::kPacket; });
        till.line->cancel();
    });
    const auto written = till.line->write(bytes(5'000), Milliseconds{3'600'000});
    second.join();
    REQUIRE(written.error);
    CHECK(written.error->fault == Fault::cancelled);
    CHECK(written.count == 2 * PlayedPrinter::kPacket);
    CHECK(till.line->read(buffer, kShort) == 0U);
}

TEST_CASE("a device that floods fills a bounded box, stays in order, and still prints") {
    Till till;
    till.open();
    const Bytes flood = bytes(300'000);
    till.printer->say(flood);
    const Bytes slip = bytes(40'000);
    CHECK(till.line->write(slip, kLong).count == slip.size());
    CHECK(till.printer->takenUpTo(slip.size()) == slip);
    CHECK(till.readAll(flood.size()) == flood);
}

TEST_CASE("a device that answers 'nothing' at once is heard all the same") {
    Till till;
    till.printer->emptyReads = true;
    till.open();
    Bytes buffer(16);
    CHECK(till.line->read(buffer, kShort) == 0U);
    till.printer->say(Bytes{0x12});
    CHECK(till.readAll(1) == Bytes{0x12});
    CHECK_FALSE(till.line->write(bytes(10), kLong).error.has_value());
}

TEST_CASE("nothing plugged in, nothing open") {
    const test::UsbBed bed;
    const auto line = Till::at("printer");
    const auto opened = line->open(kLong);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().fault == Fault::unreachable);
    CHECK(opened.error().message.find("plugged in") != std::string::npos);
    Bytes buffer(1);
    CHECK(line->write(buffer, kShort).error->fault == Fault::closed);
    CHECK(line->read(buffer, kShort).error().fault == Fault::closed);
    CHECK(line->portStatus(kShort).error().fault == Fault::closed);
}
