#include "drivers/transport/UsbTransport.h"
#include "tests/support/Property.h"

using namespace souffleur;
using transport::Fault;
using transport::UsbAddress;
using transport::UsbId;

TEST_CASE("a USB address names numbers, serial and port") {
    CHECK(transport::parseUsbAddress("printer").value() == UsbAddress{});
    CHECK(transport::parseUsbAddress("04b8:0E15").value() ==
          UsbAddress{UsbId{0x04b8, 0x0e15}, "", ""});
    CHECK(transport::parseUsbAddress("04b8:0202?serial=J6KF&port=1-4.2").value() ==
          UsbAddress{UsbId{0x04b8, 0x0202}, "J6KF", "1-4.2"});
    const auto line = transport::fromAddress("usb://04b8:0202?serial=J6KF");
    REQUIRE(line.has_value());
    CHECK((*line)->describe() == "usb 04b8:0202 serial J6KF");
    CHECK((*line)->canRead());
}

TEST_CASE("wrong USB addresses are refused and say what is right") {
    for (const std::string wrong :
         {"", "04b8", "04b8:", ":0202", "4b8:202", "04b8:0202:1", "04g8:0202", "0x04:0202",
          "04b8:0202/1", "04b8:0202?port=x", "04b8:0202?port=12", "04b8:0202?bus=1",
          "04b8:0202?serial=", "04b8:0202?serial=a&serial=b", "04b8:0202?serial=%1b",
          "04b8:0202?serial=%zz", "Printer"}) {
        CAPTURE(wrong);
        const auto refused = transport::fromAddress("usb://" + wrong);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().fault == Fault::invalid);
        CHECK(refused.error().message.find(wrong.find('?') == std::string::npos
                                               ? "usb://"
                                               : "serial=") != std::string::npos);
    }
    CHECK_FALSE(
        transport::parseUsbAddress("04b8:0202?serial=" + std::string(300, 'x')).has_value());
}

PROPERTY("an address is read back as it was written", [](std::uint16_t vendor, bool named) {
    const auto serial =
        *rc::gen::resize(20, rc::gen::container<std::string>(rc::gen::inRange<char>(0x21, 0x7F)));
    UsbAddress address;
    if (named) address.id = UsbId{vendor, 0x00ff};
    address.serial = serial;
    if (!named) address.port = "2-1.4";
    const std::string text = address.text();
    RC_ASSERT(text.substr(0, 6) == "usb://");
    RC_ASSERT(transport::parseUsbAddress(text.substr(6)).value() == address);
})
