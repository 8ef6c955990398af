// rooms: drivers-transport
// USB without USB: the real libusb and udev against a kernel that the test plays (UsbBed).
#include "drivers/transport/UsbTransport.h"

#include "tests/integration/usb_printer/UsbBed.h"
#include "tests/support/Property.h"

using namespace souffleur;
using test::PlayedPrinter;
using transport::Fault;
using transport::Milliseconds;

namespace {
constexpr Milliseconds kLong{10'000};
}

TEST_CASE("a printer is found, claimed and written to") {
    test::UsbBed bed;
    const auto printer = std::make_shared<PlayedPrinter>();
    bed.plug(printer, 2, 5);
    const auto found = transport::listUsbPrinters({}, kLong).value();
    REQUIRE(found.size() == 1);
    CHECK(found[0].serial == "J6KF000001");
    CHECK(found[0].deviceId.model == "TM-T20III");
    transport::UsbTransport line(transport::parseUsbAddress("04b8:0202").value());
    const auto opened = line.open(kLong);
    REQUIRE_MESSAGE(opened.has_value(), opened.error().message);
    const std::vector<std::uint8_t> bytes(40'000, 'x');
    const auto written = line.write(bytes, kLong);
    CHECK(written.count == bytes.size());
    CHECK_FALSE(written.error.has_value());
    line.close();
    CHECK(printer->taken() == bytes);
}
